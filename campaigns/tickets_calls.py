"""What a conversation asks of tickets and wishes, written with the end of its call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaigns.tickets import agree, propose
from campaigns.tickets_follow_up import ABOUT_THE_RESULT, heard_result
from campaigns.tickets_ledger import remark
from campaigns.tickets_machine import UNSETTLED, TicketError
from campaigns.tickets_matrix import OTHER, Money
from campaigns.tickets_offers import facts_within, fen_in
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import TicketRules
from ivr.exchange import DialogOutcome, DialogResult, TicketWish
from store.models import Delivery
from store.ticket_queries import TicketFilter, locked_ticket, ticket, tickets
from store.ticket_values import TicketFacts
from store.types import Outcome
from store.values import ClaimedCall
from store.wish_queries import add_wish

SOLUTION = "solution"
"""The slot of a conversation that holds the proposal the customer took."""

WHICH = "客户选了这个方案,请人工确认是哪张工单"

REQUEST = "request"
"""The cause of what is only written down: nobody rings back for it, unless the call says so."""


def open_from_call(
    session: Session,
    rules: TicketRules,
    call: ClaimedCall,
    result: DialogResult,
    outcome: Outcome,
    now: datetime,
) -> tuple[TicketFacts, ...]:
    """Write down the tickets and wishes of a conversation; return the tickets it touched.

    Nothing a conversation says makes this fail: what the taxonomy or the matrix doesn't know is
    kept for a person to look at.
    """
    asked = [(rules.matrix.taxonomy.sort(wish.kind)[0], wish) for wish in result.tickets]
    again = heard_result(session, rules, call.attempt_id, outcome, asked, now)
    numbers: dict[str, None] = {row.number: None for row in again}
    absorbed = ABOUT_THE_RESULT | {row.kind for row in again} if again else frozenset()
    for kind, wish in asked:
        if kind in absorbed:
            continue  # It is why the tickets were taken up again.
        if outcome is Outcome.SOLUTION_CHOSEN:
            wish = replace(wish, words="")  # They are the yes to a solution, and no complaint.
        if rules.matrix.taxonomy.sort(wish.kind)[1] == REQUEST and not _rings_back(result):
            wish = replace(wish, callback_by=None)
        complaint = _complaint(rules, call, wish, now)
        numbers[open_ticket(session, rules, complaint, _who(call), now).number] = None
    if outcome is Outcome.SOLUTION_CHOSEN and (choice := result.collected.get(SOLUTION)):
        numbers |= dict.fromkeys(_take_choice(session, rules, call, [*numbers], choice, now))
    for tag in result.wishes:
        add_wish(session, tag[:64], call.deliveries[0].id, call.attempt_id, "", now)
    return tuple(ticket(session, number) for number in numbers)


def _complaint(rules: TicketRules, call: ClaimedCall, wish: TicketWish, now: datetime) -> Complaint:
    parcel = call.deliveries[0]
    kind, cause = rules.matrix.taxonomy.sort(wish.kind)
    about = rules.matrix.taxonomy.kinds[kind]
    labels = about.causes.get(cause, about.labels)
    what = labels["zh-CN"] if (kind, cause) != (OTHER, "") else wish.kind
    return Complaint(
        kind=wish.kind,
        words=wish.words,
        urgent=wish.urgent,
        callback_by=wish.callback_by,
        waybill=parcel.waybill,
        delivery_id=parcel.id,
        contact_id=call.contact_id,
        attempt_id=call.attempt_id,
        language=call.language,
        record={
            "who": call.recipient,
            "what": f"{what} {parcel.item}".strip(),
            "when": f"{now.astimezone(ZoneInfo(call.time_zone)):%Y-%m-%d %H:%M}",
            "where": parcel.address,
            "how": f"{call.campaign.flow}, {_who(call)}",
        },
    )


def _rings_back(result: DialogResult) -> bool:
    return bool(result.needs_person) or result.outcome is DialogOutcome.CALLBACK_PROMISED


def _take_choice(
    session: Session,
    rules: TicketRules,
    call: ClaimedCall,
    numbers: list[str],
    choice: str,
    now: datetime,
) -> list[str]:
    """Note the solution that the customer took; return the tickets in which it is noted.

    It is agreed in the one that the call opened, else in the only unsettled one about the parcel;
    where there are several, a person must tell which one it solves.
    """
    parcel = call.deliveries[0]
    if not numbers:
        open_ones = tickets(session, TicketFilter(UNSETTLED, waybill=parcel.waybill))
        numbers = [each.number for each in open_ones]
    who = _who(call)
    if len(numbers) != 1:
        for number in numbers:
            remark(session, locked_ticket(session, number), who, now, f"{choice}: {WHICH}")
        return numbers
    (number,) = numbers
    proposal = rules.matrix.taxonomy.proposals.get(choice)
    fen = 0
    if proposal is not None and proposal.money is Money.COMPENSATION:
        fen = _promised_fen(rules, session.get_one(Delivery, parcel.id))
    try:
        propose(session, rules, number, choice, who, now, fen=fen)
        agree(session, rules, number, who, now)
    except TicketError as refused:
        remark(session, locked_ticket(session, number), who, now, f"{choice}: {refused}")
    return [number]


def _promised_fen(rules: TicketRules, parcel: Delivery) -> int:
    """Return the compensation that the call could name, in fen."""
    facts = facts_within(rules.matrix, parcel.facts, parcel.cod_fen)
    return fen_in(facts.get("compensation", ""))


def _who(call: ClaimedCall) -> str:
    return f"call {call.attempt_id}"
