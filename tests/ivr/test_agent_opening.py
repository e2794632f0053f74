"""When an agent is called for at the beginning of a call, and how long is waited; in numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.agent_opening import (
    COMING_SECONDS,
    AgentCall,
    AgentOpening,
    Stage,
    WhenNoAgent,
    can_open,
    introduction,
    is_heeded,
)
from ivr.dialog import begin
from ivr.exchange import BargeIn, Listen, NoInput, Pressed, Say
from ivr.facts import samples_of
from ivr.flow import flows, load_flow
from ivr.flow_model import Flow

CALL = AgentCall(WhenNoAgent.MESSAGE)
SOUGHT = AgentOpening().person(10.0)


@pytest.mark.parametrize(
    ("at", "seconds", "coming", "due"),
    [
        (AgentOpening(), 60.0, False, False),
        (SOUGHT, 11.8, False, False),
        (SOUGHT, 11.9, False, True),
        (SOUGHT, 12.0 + COMING_SECONDS - 0.2, True, False),
        (SOUGHT, 12.0 + COMING_SECONDS, True, True),
        (AgentOpening().person(10.0, unattended=True), 10.1, False, True),
        (SOUGHT.over(), 60.0, False, False),
        (SOUGHT.machine(), 60.0, False, False),
    ],
)
def test_nobody_waits_for_an_agent_for_longer_than_that(at, seconds, coming, due):
    assert at.is_due(CALL, seconds, coming=coming) is due


@pytest.mark.parametrize(
    ("at", "seconds", "was"),
    [(SOUGHT, 11.9, False), (SOUGHT, 12.0, True), (SOUGHT.over(), 30.0, False)],
)
def test_who_hangs_up_was_abandoned_after_two_seconds_without_anybody(at, seconds, was):
    assert at.has_waited(CALL, seconds) is was


def test_a_person_behind_a_machine_is_looked_for_anew():
    assert SOUGHT.machine().stage is Stage.GREETING
    assert SOUGHT.over().machine().stage is Stage.OVER


@pytest.mark.parametrize("name", sorted(flows()), ids="-".join)
def test_every_flow_says_first_who_calls_and_leaves_the_rest_to_the_robot(name, facts):
    flow = load_flow(*name)
    _, opening = begin(flow, replace(facts, more=samples_of(flow.language, facts.now)))
    lead, rest = introduction(opening)
    assert can_open(flow)
    assert all(each.barge_in is BargeIn.NEVER for each in lead)
    assert isinstance(rest[-1], Listen)
    assert len(lead) + len(rest) == len(opening)


def test_the_notice_of_the_recording_is_part_of_who_calls(flow: Flow, facts):
    _, opening = begin(flow, replace(facts, recorded=True))
    lead, rest = introduction(opening)
    assert [each.prompt for each in lead] == ["introduction", "recorded"]
    assert next(each.prompt for each in rest if isinstance(each, Say)) == "announcement"


@pytest.mark.parametrize(
    ("event", "heeded"),
    [(Pressed("9"), True), (Pressed("1"), False), (Pressed("0"), False), (NoInput(), True)],
)
def test_only_a_wish_for_no_more_calls_is_answered_by_key(flow: Flow, event, heeded):
    assert is_heeded(event, flow) is heeded
