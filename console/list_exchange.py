"""Whole do-not-call lists, taken in and given out: by the command line and by the browser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from campaigns.pace import Pace
from campaigns.suppression_file import ListDefaults, ListProblem, read_list
from store.database import Database
from store.suppression_lists import ListedNumber, ListTaken, suppress_all
from store.suppression_queries import SuppressedNumber, listed_after

AT_ONCE: Final = 4000
"""Numbers of one transaction: a fraction of a second."""


@dataclass(frozen=True, slots=True)
class ListRead:
    """What became of a list."""

    taken: ListTaken
    problems: tuple[ListProblem, ...]


def take_list(
    database: Database,
    name: str,
    content: bytes,
    defaults: ListDefaults,
    source: str,
    now: datetime,
) -> ListRead:
    """Take a list in; each piece counts at once. Raises campaigns.tables.TableError."""
    problems: list[ListProblem] = []
    taken, pace = ListTaken(0, 0, 0), Pace()
    read = read_list(name, content, defaults, now)
    for number, some in enumerate(_pieces(read, problems)):
        if number:
            pace.let_others_in()
        with database.transaction() as session:
            more = suppress_all(session, some, source, now)
        taken = ListTaken(
            taken.new + more.new, taken.known + more.known, taken.closed + more.closed
        )
    return ListRead(taken, tuple(problems))


def everything(database: Database, merchant: str | None) -> Iterator[SuppressedNumber]:
    """Yield all entries, the oldest first; `merchant`: whose list, empty: the one of all."""
    after = 0
    while True:
        with database.reading() as session:
            some = listed_after(session, after, AT_ONCE, merchant)
        yield from some
        if not some:
            return
        after = some[-1].id


def _pieces(
    read: Iterable[ListedNumber | ListProblem], problems: list[ListProblem]
) -> Iterator[list[ListedNumber]]:
    some: list[ListedNumber] = []
    for each in read:
        if isinstance(each, ListProblem):
            problems.append(each)
            continue
        some.append(each)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some
