"""Whatever dies, and wherever: nobody is called twice, and no outcome is lost.

SIPp, which answers, says who was called. `bench.faults` does the same for much longer.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bench.fault_findings import Finding
from bench.fault_kinds import FAULT
from bench.fault_world import Running
from campaigns.checkpoints import Point

pytestmark = [
    pytest.mark.sip,
    pytest.mark.vosk,
    pytest.mark.tts,
    pytest.mark.slow,
    # Twenty engines one after the other: half a minute, and more on a busy machine.
    pytest.mark.timeout(480),
]

Findings = Mapping[Running, Finding]


@pytest.fixture(params=["sqlite", "postgresql"])
def of_a_store(request: pytest.FixtureRequest, found: Mapping[str, Findings]) -> Findings:
    return found[request.param]


def test_a_process_died_at_every_named_point(of_a_store: Findings) -> None:
    points = [line[2] for engine in of_a_store for line in engine.book.lines(FAULT) if line[2:]]
    assert sorted(points) == sorted(point.value for point in Point)
    assert sum(each.faults for each in of_a_store.values()) >= len(Point) + 8


def test_sipp_counts_one_invite_per_attempt_and_none_that_the_store_does_not_know(
    of_a_store: Findings,
) -> None:
    assert sum(each.invites for each in of_a_store.values()) >= 30
    assert [wrong for each in of_a_store.values() for wrong in each.wrong] == []


def test_every_outcome_that_was_reported_is_written_or_asked_about(of_a_store: Findings) -> None:
    assert [lost for each in of_a_store.values() for lost in each.lost] == []
    assert any(each.reconciled for each in of_a_store.values())


def test_nothing_stays_open_for_ever(of_a_store: Findings) -> None:
    assert [left for each in of_a_store.values() for left in each.open] == []
