"""Which calls a supervisor sees first."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from console.web.supervise_view import call_of, talking_calls
from store.desk_types import AgentState, DeskLine, DeviceKind, TransferStatus
from store.desk_values import AgentFacts, Board, FlagRecord, LiveCallFacts, TransferFacts

LOW, HIGH = (FlagRecord("asked", priority, DeskLine.FIRST) for priority in (10, 70))
FLAGS = ((), (LOW,), (LOW, HIGH), (), ())


@pytest.fixture
def board(now: datetime) -> Board:
    """Five calls: the second is flagged, the third more so, the fourth's customer waits, the
    fifth still rings."""
    calls = tuple(
        LiveCallFacts(
            attempt_id=number, campaign_id=1, campaign="早班", flow="pre-delivery",
            language="zh-CN", contact_id=number, recipient="王芳", phone="+8613800138001",
            waybills=(), engine="here", stage="ringing" if number == 5 else "talking",
            began_at=now + timedelta(seconds=number), answered_at=now, state="", speaker="",
            words="", flags=flags, people=(), updated_at=now,
        )
        for number, flags in enumerate(FLAGS, start=1)
    )  # fmt: skip
    return Board(now, calls, (transfer(now),), (), ())


def transfer(now: datetime) -> TransferFacts:
    return TransferFacts(
        id=9, attempt_id=4, engine="here", rule="asked", label={}, priority=1,
        line=DeskLine.FIRST, language="zh-CN", brief={}, status=TransferStatus.OFFERED,
        requested_at=now, agent_id=7, passed_by=frozenset(), offered_at=now, accepted_at=None,
        joined_at=None, ended_at=None, ended_how="", form={}, form_at=None, form_applied=False,
    )  # fmt: skip


def test_who_waits_comes_first_then_what_is_flagged_then_what_is_old(board: Board) -> None:
    assert [each.attempt_id for each in talking_calls(board)] == [4, 3, 2, 1]


@pytest.mark.parametrize(("offered", "call"), [(9, 4), (8, None), (None, None)])
def test_an_agent_is_shown_with_the_call_in_front_of_them(
    board: Board, now: datetime, offered: int | None, call: int | None
) -> None:
    agent = AgentFacts(
        7, "李敏", DeviceKind.SIP, "6001", ("zh-CN",), (DeskLine.FIRST,), AgentState.OFFERED,
        now, now, offered, 0,
    )  # fmt: skip
    assert call_of(agent, board) == call
