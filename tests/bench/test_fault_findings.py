"""What SIPp counted is held against the store: each thing that must not be is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.fault_callee import Invite
from bench.fault_findings import Finding, Line, judge
from bench.fault_kinds import REPORTED, Book
from bench.fault_world import Episode, Running
from store.types import ContactStatus, Disposition

BUSY = Line(
    attempt=1,
    contact=1,
    phone="+8613800000001",
    call_id="one@menling",
    engine="host-77-abcd",
    is_settled=True,
    disposition=Disposition.BUSY,
    is_asked=False,
    contact_status=ContactStatus.WAITING,
)
ASKED = replace(
    BUSY,
    disposition=Disposition.INTERRUPTED,
    is_asked=True,
    contact_status=ContactStatus.NEEDS_RECONCILIATION,
)
RUNG = Invite(BUSY.phone, BUSY.call_id, "branch")


class NoChild:
    """Stands for the process of an engine, which nobody looks at here."""


@pytest.fixture
def engine(tmp_path: Path) -> Running:
    child: Any = NoChild()
    return Running(Episode("any"), child, Book(tmp_path / "book"), slot=0, pid=77)


def found(engine: Running, lines: list[Line], *invites: Invite) -> Finding:
    return judge(lines, invites, [engine])[engine]


def test_a_call_that_ended_as_it_should_is_nothing_to_speak_of(engine: Running) -> None:
    finding = found(engine, [BUSY], RUNG)
    assert (finding.attempts, finding.invites) == (1, 1)
    assert [*finding.wrong, *finding.lost, *finding.open] == []


@pytest.mark.parametrize(
    ("lines", "invites"),
    [
        ([BUSY], [RUNG, replace(RUNG, branch="another")]),
        ([BUSY], [replace(RUNG, phone="+8613800000002")]),
        ([BUSY], [RUNG, replace(RUNG, call_id="of nobody")]),
        ([ASKED, replace(BUSY, attempt=2)], [RUNG]),
    ],
    ids=["two INVITEs", "another number", "a call of nobody", "redialled though unknown"],
)
def test_a_call_too_many_is_found(
    engine: Running, lines: list[Line], invites: list[Invite]
) -> None:
    if len(lines) == 2:
        lines = [replace(lines[0], call_id="zero@menling"), lines[1]]
    assert len(found(engine, lines, *invites).wrong) == 1


@pytest.mark.parametrize(
    "line",
    [
        replace(ASKED, is_asked=False),
        replace(ASKED, contact_status=ContactStatus.WAITING),
        replace(BUSY, disposition=Disposition.NO_ANSWER),
    ],
    ids=["nobody is asked", "called again", "another outcome"],
)
def test_an_outcome_that_is_lost_or_invented_is_found(engine: Running, line: Line) -> None:
    assert len(found(engine, [line], RUNG).lost) == 1


def test_a_report_that_came_and_is_not_there_is_found_unless_its_engine_died(
    engine: Running,
) -> None:
    engine.book.note(REPORTED, BUSY.attempt, 4711)
    assert len(found(engine, [ASKED], RUNG).lost) == 1
    engine.was_killed = True
    assert found(engine, [ASKED], RUNG).lost == []
    assert len(found(engine, [], RUNG).lost) == 1


def test_what_stays_open_is_found(engine: Running) -> None:
    unsettled = replace(BUSY, is_settled=False, disposition=None)
    assert len(found(engine, [unsettled], RUNG).open) == 1
    forgotten = replace(BUSY, contact_status=ContactStatus.IN_CALL)
    assert len(found(engine, [forgotten], RUNG).open) == 1
