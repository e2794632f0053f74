from __future__ import annotations

from collections.abc import Callable

import pytest

from ivr.exchange import CallFacts, DialogOutcome
from ivr.flow import Flow, flows, load_flow
from ivr.invented import facts_for
from ivr.rehearsing import TextCall, Typed, TypedError


@pytest.fixture
def call(flow: Flow, facts: CallFacts) -> TextCall:
    """A conversation by text that has just begun."""
    return TextCall(flow, facts)


@pytest.fixture
def type_(call: TextCall) -> Callable[..., str]:
    """Type lines; returns what Menling says to the last."""

    def type_lines(*lines: str) -> str:
        for line in lines:
            call.take(Typed.of(line))
        return "".join(each.text for each in call.now.says)

    return type_lines


def test_the_first_words_are_those_of_the_call(call: TextCall) -> None:
    assert "自动语音助手" in call.now.says[0].text
    assert not call.is_over


def test_what_is_typed_is_understood_like_speech(call: TextCall, type_) -> None:
    assert "改到明天下午三点以后" in type_("不在家,明天下午三点以后吧")
    assert "已经改到" in type_("对")
    assert call.is_over
    assert call.result.outcome is DialogOutcome.RESCHEDULED


def test_a_key_is_pressed(call: TextCall, type_) -> None:
    type_("#1")
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_an_empty_line_is_silence(call: TextCall, type_) -> None:
    assert "能听到吗" in type_("")
    type_("", "")
    assert call.result.outcome is DialogOutcome.UNFINISHED


def test_words_into_a_sentence_may_make_it_be_said_again(call: TextCall, type_) -> None:
    type_("!嗯")
    assert call.now.resumes


def test_a_machine_may_answer(call: TextCall, type_) -> None:
    assert "请留意快递员的电话" in type_("/voicemail")
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT


def test_time_may_be_up(call: TextCall, type_) -> None:
    assert "占用您这么久" in type_("/timeout")


def test_a_turn_can_be_taken_back(call: TextCall, type_) -> None:
    before = call.now
    type_("可以")
    assert call.undo()
    assert call.now is before
    assert not call.undo()


def test_the_time_of_the_call_is_estimated(call: TextCall, type_) -> None:
    opening = call.now.seconds
    type_("可以")
    assert 5 < opening < call.now.seconds < 25


def test_nothing_is_taken_after_the_end(call: TextCall, type_) -> None:
    type_("可以")
    with pytest.raises(TypedError, match="over"):
        type_("可以")


@pytest.mark.parametrize(
    ("line", "told"), [("#12", "no key"), ("#x", "no key"), ("/voice", "no command")]
)
def test_a_line_that_means_nothing_is_refused_with_advice(line: str, told: str) -> None:
    with pytest.raises(TypedError, match=told):
        Typed.of(line)


@pytest.mark.parametrize("line", ["#", "1", "可以 #1"])
def test_words_with_a_number_sign_are_words(line: str) -> None:
    assert Typed.of(line).words == line


def test_english_is_rehearsed_in_english(facts: CallFacts) -> None:
    call = TextCall(load_flow("pre-delivery", "en-US"), facts)
    call.take(Typed.of("yes that's fine"))
    assert call.result.outcome is DialogOutcome.CONFIRMED


@pytest.mark.parametrize("name", flows(), ids=" ".join)
def test_every_flow_that_ships_ends_when_nobody_says_anything(
    facts: CallFacts, name: tuple[str, str]
) -> None:
    flow = load_flow(*name)
    call = TextCall(flow, facts_for(flow, facts, {}))
    turns = 0
    while not call.is_over:
        call.take(Typed.of(""))
        turns += 1
        assert turns <= flow.limits.turn_limit + 1
