"""When an agent's page is drawn anew, and whom of the others it names."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from console.web.desk_view import DeskView
from store.desk_passing import PassingFacts
from store.desk_types import AgentState, DeskLine, DeviceKind
from store.desk_values import AgentFacts, LiveCallFacts, PersonInCall
from store.types import Disposition, Outcome
from store.values import LatestOutcome, Settled


@pytest.fixture
def call(now: datetime) -> LiveCallFacts:
    return LiveCallFacts(
        attempt_id=1, campaign_id=1, campaign="早班", flow="pre-delivery", language="zh-CN",
        contact_id=1, recipient="王芳", phone="+8613800138001", waybills=("SD1",), engine="here",
        stage="talking", began_at=now, answered_at=now, state="agent", speaker="", words="",
        flags=(), people=(PersonInCall(1, 7, "李", "agent", "talk"),), updated_at=now,
    )  # fmt: skip


@pytest.fixture
def view(call: LiveCallFacts) -> DeskView:
    return DeskView(None, None, call, (), waiting=0, latest=None, unfiled=(), passing=None)


def joined_by(view: DeskView, mode: str) -> DeskView:
    """Let a supervisor come in."""
    assert view.call is not None
    people = (*view.call.people, PersonInCall(2, 8, "王班长", "supervisor", mode))
    return replace(view, call=replace(view.call, people=people))


def test_an_agent_is_not_told_who_only_listens(view: DeskView) -> None:
    watched = joined_by(view, "listen")
    assert watched.company == ()
    assert watched.mark == view.mark


@pytest.mark.parametrize("mode", ["whisper", "barge"])
def test_an_agent_sees_who_speaks_to_them(view: DeskView, mode: str) -> None:
    helped = joined_by(view, mode)
    assert [each.name for each in helped.company] == ["王班长"]
    assert helped.mark != view.mark


def test_the_form_is_drawn_anew_once_the_call_has_come_to_something(
    view: DeskView, now: datetime
) -> None:
    after = replace(view, call=None)
    latest = LatestOutcome(
        1, Disposition.COMPLETED, Outcome.CONFIRMED, now, final=True, settled=Settled()
    )
    assert replace(after, latest=latest).mark != after.mark


@pytest.mark.parametrize(
    ("state", "third"),
    [("agent", ""), ("ringing", "ringing"), ("consulting", "consulting"), ("returned", "")],
)
def test_the_page_is_drawn_anew_as_a_transfer_to_a_third_comes_further(
    view: DeskView, call: LiveCallFacts, state: str, third: str
) -> None:
    moved = replace(view, call=replace(call, state=state))
    assert moved.third == third
    assert (moved.mark != view.mark) is bool(third)


def test_the_page_is_drawn_anew_when_a_third_can_not_be_had(view: DeskView) -> None:
    rung = replace(view, passing=PassingFacts(4, "6002", attended=True, refused={}))
    busy = replace(view, passing=PassingFacts(4, "6002", attended=True, refused={"zh": "忙"}))
    assert len({view.mark, rung.mark, busy.mark}) == 3


def test_the_page_is_drawn_anew_when_the_customer_hears_nothing(
    view: DeskView, call: LiveCallFacts, now: datetime
) -> None:
    agent = AgentFacts(
        7, "李", DeviceKind.BROWSER, "", ("zh-CN",), (DeskLine.FIRST,), AgentState.TALKING,
        now, now, 1, 0,
    )  # fmt: skip
    heard = replace(view, agent=agent)
    unheard = replace(heard, call=replace(call, people=(replace(call.people[0], unheard=True),)))
    assert heard.own is not None
    assert heard.mark != unheard.mark


def test_who_has_no_call_has_no_company(view: DeskView) -> None:
    assert replace(view, call=None).company == ()
