"""Calls on a map: the way that each one took, where it broke off, and what that adds up to."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from asr.hearing import Utterance
from console.flow_map_figures import (
    FlowFigures,
    StateFigures,
    busiest,
    figures_of,
    through,
    together,
)
from console.flow_map_trace import Visit, Whereabouts, way_of
from ivr.dialog import begin, step
from ivr.exchange import CallFacts, HangUp, Listen, NoInput, Pressed, Said, Say
from ivr.facts import samples_of
from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_chart import chart_of
from ivr.flow_model import Flow
from ivr.meaning import Intent, Meaning, Window
from store.flow_figures import CountedCall, TurnMark
from store.types import Disposition, TurnSpeaker

STATION = Path(__file__).parents[1] / "station-pickup.zh-CN.yaml"
MENLING, CALLEE = TurnSpeaker.MENLING, TurnSpeaker.CALLEE
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
CALL = CountedCall(
    attempt_id=1,
    flow="station-pickup",
    version="1 0123456789ab",
    language="zh-CN",
    disposition=Disposition.COMPLETED,
    needs_person=False,
    tickets=0,
    talk_seconds=20.0,
    open_question="",
)


@pytest.fixture(scope="module")
def flow() -> Flow:
    return load_flow_file(STATION)


def marks(*told: tuple[TurnSpeaker, str]) -> tuple[TurnMark, ...]:
    """Turns that begin every five seconds and last four."""
    return tuple(
        TurnMark(speaker, prompt, 5.0 * at, 5.0 * at + 4)
        for at, (speaker, prompt) in enumerate(told)
    )


OPENING = (
    (MENLING, "introduction"),
    (MENLING, "announcement"),
    (MENLING, "will_you_come"),
)
LATER = marks(
    *OPENING,
    (CALLEE, "opening"),
    (MENLING, "really"),
    (CALLEE, "really"),
    (MENLING, "tomorrow"),
    (CALLEE, "tomorrow"),
    (MENLING, "see_you"),
)


def states(flow: Flow, turns: tuple[TurnMark, ...]) -> list[str]:
    return [visit.state for visit in way_of(Whereabouts.of(flow.script), turns)]


def test_a_call_is_where_its_last_sentence_or_question_was(flow: Flow) -> None:
    assert states(flow, LATER) == ["opening", "really", "tomorrow", "see_you"]


def test_a_visit_lasts_until_the_next_one_begins(flow: Flow) -> None:
    first, *_, last = way_of(Whereabouts.of(flow.script), LATER)
    assert first == Visit("opening", 0.0, 20.0)
    assert last == Visit("see_you", 40.0, 44.0)


def test_who_hangs_up_during_the_announcement_was_in_the_opening(flow: Flow) -> None:
    assert states(flow, marks(*OPENING[:2])) == ["opening"]


def test_side_questions_and_reprompts_lead_nowhere(flow: Flow) -> None:
    turns = marks(
        *OPENING,
        (CALLEE, "opening"),
        (MENLING, "who"),
        (MENLING, "will_you_come"),
        (MENLING, "hello"),
        (MENLING, "sorry"),
        (MENLING, "announcement"),
    )
    assert states(flow, turns) == ["opening"]


def test_a_prompt_of_two_states_is_of_the_one_that_was_answered(flow: Flow) -> None:
    places = Whereabouts(frozenset({"a", "b"}), {"shared": ("a", "b")})
    answered = marks((MENLING, "shared"), (CALLEE, "b"))
    assert [visit.state for visit in way_of(places, answered)] == ["b"]
    assert [visit.state for visit in way_of(places, answered[:1])] == ["a"]


def test_a_call_without_turns_was_nowhere(flow: Flow) -> None:
    assert states(flow, ()) == []


@pytest.mark.parametrize(("flow_id", "language"), flows())
def test_the_way_that_is_read_from_turns_is_the_way_that_the_dialog_went(
    flow_id: str, language: str
) -> None:
    flow = load_flow(flow_id, language)
    known = samples_of(language, NOW)
    names = (*flow.script.needs_facts, *flow.script.may_use_facts)
    facts = CallFacts(
        now=NOW,
        company="顺达快递",
        recipient="王小明",
        waybill="SF1234567890123",
        window_start=NOW + timedelta(days=1),
        window_end=NOW + timedelta(days=1, hours=2),
        address="幸福路18号",
        more={name: known[name] for name in names},
    )
    dice = random.Random(20261122)
    places = Whereabouts.of(flow.script)
    for _ in range(20):
        went, turns = _talk(flow, facts, dice)
        visits = [visit.state for visit in way_of(places, turns)]
        read = [state for state in visits if not flow.script.states[state].branch]
        assert _by_words(flow, read) == _by_words(flow, went)


def _talk(
    flow: Flow, facts: CallFacts, dice: random.Random
) -> tuple[list[str], tuple[TurnMark, ...]]:
    """Hold a talk with somebody who says anything; return the states it asked in, and its turns."""
    dialog, actions = begin(flow, facts)
    went, told = [], []
    slots = {"window": Window(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2))}
    while True:
        told += [(MENLING, each.prompt) for each in actions if isinstance(each, Say)]
        if not went or went[-1] != dialog.state:
            went.append(dialog.state)
        if isinstance(actions[-1], HangUp) or len(told) > 60:
            return went, marks(*told)
        if isinstance(actions[-1], Listen) and dice.random() < 0.8:
            said = Meaning(dice.choice(list(Intent)), 0.9, slots if dice.random() < 0.5 else {})
            told.append((CALLEE, actions[-1].question))
            dialog, actions = step(flow, dialog, Said(said, Utterance("话", 0.9, 1.0, 2.0), False))
        elif dice.random() < 0.5:
            dialog, actions = step(flow, dialog, Pressed(dice.choice("0123456789*#")))
        else:
            dialog, actions = step(flow, dialog, NoInput())


def _by_words(flow: Flow, went: list[str]) -> list[tuple[str, ...]]:
    """Return what is said in each state: endings with the same words are the same to a listener.

    States in which nothing is said can't be heard at all.
    """
    words = []
    for name in went:
        state = flow.script.states[name]
        said = (*state.say, *((state.question.prompt,) if state.question else ()))
        if said and (not words or words[-1] != said):
            words.append(said)
    return words


def test_decisions_between_two_places_are_counted_with_them(flow: Flow) -> None:
    chart = chart_of(flow)
    assert through(chart, "opening", "really") == ("sure_to_come", "really")
    assert through(chart, "opening", "see_you") == ("see_you",)
    assert through(chart, "tomorrow", "opted_out") == ("opted_out",)


def test_a_flow_counts_its_own_calls_only(flow: Flow) -> None:
    calls = [CALL, replace(CALL, attempt_id=2, language="en-US"), replace(CALL, flow="survey")]
    assert figures_of(flow, calls, {}).calls == 1


def test_calls_are_dialled_reached_finished_or_broken_off(flow: Flow) -> None:
    ends = (
        Disposition.COMPLETED,
        Disposition.HUNG_UP_MIDWAY,
        Disposition.NO_CONVERSATION,
        Disposition.NO_ANSWER,
        Disposition.VOICEMAIL,
        Disposition.INTERRUPTED,
    )
    calls = [replace(CALL, attempt_id=at, disposition=end) for at, end in enumerate(ends)]
    found = figures_of(flow, calls, {})
    assert (found.calls, found.reached, found.finished, found.drop_offs) == (6, 3, 1, 2)
    assert found.mean_talk_seconds == 20
    assert found.drop_off_rate.share == pytest.approx(2 / 3)


def test_states_have_visits_time_and_drop_offs(flow: Flow) -> None:
    hung_up = replace(
        CALL,
        attempt_id=2,
        disposition=Disposition.HUNG_UP_MIDWAY,
        open_question="really",
        needs_person=True,
        tickets=2,
    )
    turns = {1: LATER, 2: LATER[:5]}
    found = figures_of(flow, [CALL, hung_up], turns)
    assert found.state("opening") == StateFigures("opening", 2, 2, 0, 40.0)
    assert found.state("really") == StateFigures("really", 2, 2, 1, 14.0)
    assert found.state("sure_to_come") == StateFigures("sure_to_come", 2, 2, 0, 0.0)
    assert found.state("ask_place") is None
    assert found.step("opening", "sure_to_come") == 2
    assert found.step("sure_to_come", "really") == 2
    assert found.step("really", "tomorrow") == 1
    assert found.step("opening", "really") == 0
    assert (found.needs_person, found.tickets) == (1, 2)
    assert found.versions == (("1 0123456789ab", 2),)


def test_a_call_that_broke_off_in_a_state_of_another_version_broke_off_where_it_was_last(
    flow: Flow,
) -> None:
    call = replace(CALL, disposition=Disposition.HUNG_UP_MIDWAY, open_question="of_old")
    found = figures_of(flow, [call], {1: LATER[:5]})
    assert [each.state for each in found.states if each.drop_offs] == ["really"]


def test_who_hangs_up_before_a_sentence_ended_was_at_the_open_question(flow: Flow) -> None:
    call = replace(CALL, disposition=Disposition.HUNG_UP_MIDWAY, open_question="opening")
    found = figures_of(flow, [call], {})
    assert found.states == (StateFigures("opening", 1, 1, 1, 0.0),)


def test_who_never_says_a_word_is_lost_at_the_last_question_and_not_at_the_goodbye(
    flow: Flow,
) -> None:
    silent = marks(*OPENING, (MENLING, "hello"), (MENLING, "gone_quiet"))
    call = replace(CALL, disposition=Disposition.NO_CONVERSATION, open_question="no_input")
    found = figures_of(flow, [call], {1: silent})
    assert [(each.state, each.drop_offs) for each in found.states] == [
        ("opening", 1),
        ("gone_quiet", 0),
    ]


def test_the_bottleneck_is_where_most_people_hang_up(flow: Flow) -> None:
    hung_up = replace(CALL, attempt_id=2, disposition=Disposition.HUNG_UP_MIDWAY)
    turns = {1: LATER, 2: LATER[:5]}
    assert figures_of(flow, [CALL, hung_up], turns).bottleneck == "really"


def test_where_nobody_hangs_up_it_is_the_question_that_takes_most_time(flow: Flow) -> None:
    assert figures_of(flow, [CALL], {1: LATER}).bottleneck == "opening"
    assert figures_of(flow, [], {}).bottleneck == ""


def test_languages_of_a_flow_are_added_up() -> None:
    chinese = FlowFigures("survey", "zh-CN", calls=3, reached=2, drop_offs=1, talk_seconds=40.0)
    english = FlowFigures("survey", "en-US", calls=1, reached=1, talk_seconds=20.0)
    both = together("survey", [chinese, english, FlowFigures("other", "zh-CN", calls=9)])
    assert (both.calls, both.reached, both.drop_offs) == (4, 3, 1)
    assert both.mean_talk_seconds == 20


def test_of_all_flows_the_one_that_loses_most_people_is_marked() -> None:
    found = [
        FlowFigures("a", "zh-CN", calls=9, reached=9, drop_offs=1, talk_seconds=900.0),
        FlowFigures("b", "zh-CN", calls=4, reached=4, drop_offs=1, talk_seconds=40.0),
        FlowFigures("b", "en-US", calls=4, reached=4, drop_offs=1, talk_seconds=40.0),
    ]
    assert busiest(found) == "b"
    assert busiest([FlowFigures("a", "zh-CN")]) == ""
