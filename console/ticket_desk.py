"""The desk at which tickets are worked on from the command line: store, rules, clock and name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from campaigns.tickets_figures import span_of
from campaigns.tickets_machine import TicketError
from campaigns.tickets_rules import TicketRules, ticket_rules_of
from console.running import open_store
from console.terminal import name_of_login, plain_errors, settings_from
from store.database import Database

_NUMBER = re.compile(r"[Tt]?(\d{8})-?(\d+)")


@dataclass(frozen=True, slots=True)
class Desk:
    """What every command about tickets needs."""

    database: Database
    rules: TicketRules
    now: datetime


Number = Annotated[str, typer.Argument(help="Number of the ticket: T20261122-0001, or 20261122-1.")]
By = Annotated[
    str | None, typer.Option("--by", help="Who does it, for the ledger; else your user name.")
]
Note = Annotated[str, typer.Option(help="A remark for the ledger.")]
First = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="First day; else six days before the last."),
]
Last = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; else today.")
]


@contextmanager
def desk(settings: Path | None) -> Iterator[Desk]:
    """Open the store at the desk; what an operator can put right ends as a sentence."""
    with plain_errors():
        chosen = settings_from(settings)
        rules = ticket_rules_of(chosen)
        database = open_store(chosen)
        try:
            yield Desk(database, rules, datetime.now(UTC))
        finally:
            database.close()


def spoken_number(text: str) -> str:
    """Return the number of a ticket as it is kept, from how somebody reads it out."""
    match = _NUMBER.fullmatch(text.strip().replace(" ", ""))
    if match is None:
        raise TicketError(f"{text} is no number of a ticket; write it like T20261122-0001.")
    return f"T{match[1]}-{int(match[2]):04}"


def name_of(by: str | None) -> str:
    """Return who works at the desk."""
    return by or name_of_login()


def days_between(
    at: Desk, first: datetime | None, last: datetime | None
) -> tuple[datetime, datetime]:
    """Return the midnights around the days that were asked for, in the zone of the desk."""
    end = at.now.astimezone(at.rules.zone).date() if last is None else last.date()
    begin = end - timedelta(days=6) if first is None else first.date()
    if begin > end:
        raise TicketError(f"{begin} comes after {end}; turn --from and --to round.")
    return span_of(begin, end, at.rules.zone)


def day_or_today(at: Desk, day: datetime | None) -> date:
    """Return a day that was asked for, else today, on the calendar of the desk."""
    return at.now.astimezone(at.rules.zone).date() if day is None else day.date()


def fen_of(yuan: float) -> int:
    """Return an amount of money in fen."""
    return round(yuan * 100)
