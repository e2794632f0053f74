"""The steps of a ticket from the command line: each one line in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Protocol

import typer
from sqlalchemy.orm import Session

from campaigns.tickets import (
    acknowledge,
    agree,
    called_back,
    close,
    decline,
    escalate,
    explain,
    propose,
    reopen,
    resolve,
    tell,
)
from campaigns.tickets_machine import TicketError
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import TicketRules
from console.screen import say
from console.terminal import SettingsFile
from console.ticket_desk import By, Desk, Note, Number, desk, fen_of, name_of, spoken_number
from console.ticket_words import STATUSES, line_of, local, masked
from store.ticket_queries import parcel_of
from store.ticket_values import TicketFacts
from store.types import TicketStatus


class Step(Protocol):
    """A step that needs nothing but who and why."""

    def __call__(
        self,
        session: Session,
        rules: TicketRules,
        number: str,
        who: str,
        now: datetime,
        note: str = "",
    ) -> TicketFacts:
        """Take it."""


PLAIN: tuple[tuple[str, Step, str, str], ...] = (
    ("ack", acknowledge, "Take a ticket on: this is the first response.", "--note 联系客户中"),
    ("called", called_back, "Note that the customer was rung back, as was promised.", "--by 王芳"),
    ("explain", explain, "Let a call explain it and offer what the matrix allows.", "--by 王芳"),
    ("agree", agree, "Note that the customer took the solution.", "--by 王芳"),
    ("decline", decline, "Note that the customer did not take it; offer another.", "--note 嫌少"),
    ("tell", tell, "Note that a person told the customer the result.", "--by 王芳"),
    ("close", close, "Put a resolved ticket away.", "--by 王芳"),
    ("reopen", reopen, "Take a resolved ticket up again, on the second line.", "--note 还是坏的"),
    ("escalate", escalate, "Hand a ticket to the next line now.", "--note 客户要找领导"),
)


def register_steps(app: typer.Typer) -> None:
    """Add the steps to the commands."""
    app.command("open", epilog="Example: menling tickets open damaged SD0001 --words 灯罩碎了")(
        open_one
    )
    app.command(
        "propose", epilog="Example: menling tickets propose T20261122-0001 compensate --yuan 20"
    )(propose_one)
    app.command(
        "resolve", epilog="Example: menling tickets resolve T20261122-0001 --why packaging"
    )(resolve_one)
    for name, step, what, example in PLAIN:
        app.command(name, epilog=f"Example: menling tickets {name} T20261122-0001 {example}")(
            _command(step, what)
        )


def open_one(
    kind: Annotated[str, typer.Argument(help="What is wrong: late, damaged, service/attitude…")],
    waybill: Annotated[str, typer.Argument(help="The parcel; none: about none of ours.")] = "",
    words: Annotated[str, typer.Option(help="What the customer said.")] = "",
    urgent: Annotated[bool, typer.Option("--urgent", help="Half the time for all.")] = False,
    by: By = None,
    settings: SettingsFile = None,
) -> None:
    """Open a ticket, or add to the one of its kind about the same parcel."""
    with desk(settings) as at, at.database.transaction() as session:
        taxonomy = at.rules.matrix.taxonomy
        sorted_as = taxonomy.sort(kind)
        if sorted_as == ("other", "") and kind != "other":
            known = ", ".join(
                name for each in taxonomy.kinds.values() for name in (each.id, *each.causes)
            )
            raise TicketError(f"There is no kind or cause {kind}; known: {known}.")
        parcel = parcel_of(session, waybill) if waybill else None
        if waybill and parcel is None:
            raise TicketError(
                f"No parcel {waybill} was ever imported; check it, or leave it out and say "
                "which one it is in --words."
            )
        complaint = Complaint(
            kind=kind,
            words=words,
            urgent=urgent,
            waybill=waybill,
            delivery_id=None if parcel is None else parcel.delivery_id,
            contact_id=None if parcel is None else parcel.contact_id,
            language="zh-CN" if parcel is None else parcel.language,
            record={
                "what": words,
                "when": f"{at.now.astimezone(at.rules.zone):%Y-%m-%d %H:%M}",
                "how": f"tickets open, {name_of(by)}",
            }
            | ({} if parcel is None else {"who": parcel.recipient, "where": parcel.address}),
        )
        _tell_of(at, open_ticket(session, at.rules, complaint, name_of(by), at.now))


def propose_one(
    number: Number,
    proposal: Annotated[str, typer.Argument(help="What: see `menling tickets show NUMBER`.")],
    yuan: Annotated[float, typer.Option(min=0, help="Money in it; a refund is all of it.")] = 0,
    value: Annotated[float, typer.Option(min=0, help="What the goods are worth, in yuan.")] = 0,
    note: Note = "",
    by: By = None,
    settings: SettingsFile = None,
) -> None:
    """Offer the customer a solution, within what the responsibility matrix allows."""
    with desk(settings) as at, at.database.transaction() as session:
        moved = propose(
            session,
            at.rules,
            spoken_number(number),
            proposal,
            name_of(by),
            at.now,
            fen=fen_of(yuan),
            value_fen=fen_of(value),
            note=note,
        )
        _tell_of(at, moved)


def resolve_one(
    number: Number,
    result: Annotated[
        str, typer.Option(help="What was done, as it is said to the customer; else the proposal.")
    ] = "",
    why: Annotated[str, typer.Option(help="Why it had happened: weather, packaging…")] = "",
    told: Annotated[
        bool, typer.Option("--told", help="The customer knows already; nobody is called.")
    ] = False,
    by: By = None,
    settings: SettingsFile = None,
) -> None:
    """Note that it is made good; a follow-up call tells the customer."""
    with desk(settings) as at, at.database.transaction() as session:
        moved = resolve(
            session,
            at.rules,
            spoken_number(number),
            name_of(by),
            at.now,
            result=result,
            why=why,
            told=told,
        )
        _tell_of(at, moved)
    if told:
        return
    if moved.status is TicketStatus.CLOSED:
        say("Nobody is called: the matrix wants no follow-up for this.")
    elif moved.follow_up_contact_id is None:
        say("No call can tell the customer; ring them, then: menling tickets tell NUMBER")
    else:
        campaign = at.rules.follow_up.campaign
        say(f"The customer is told by a call: menling run {campaign}")


def _command(step: Step, what: str) -> Callable[..., None]:
    def command(
        number: Number, note: Note = "", by: By = None, settings: SettingsFile = None
    ) -> None:
        with desk(settings) as at, at.database.transaction() as session:
            moved = step(session, at.rules, spoken_number(number), name_of(by), at.now, note)
            _tell_of(at, moved)
        if step is explain:
            say(f"The customer is called by: menling run {at.rules.explanation.campaign}")

    command.__doc__ = what
    return command


def _tell_of(at: Desk, moved: TicketFacts) -> None:
    who = line_of(moved, at.rules.matrix.taxonomy)
    limits = moved.times
    say(f"{moved.number}: {STATUSES[moved.status]}, {who}")
    if moved.status is TicketStatus.RESOLVED:
        say(masked(moved.resolution))
    elif not moved.status.is_settled:
        say(f"To be resolved by {local(limits.resolve_by, at.rules.zone)}.")
