"""What is asked when the recogniser heard two things that both make sense."""

from __future__ import annotations

from datetime import timedelta

import pytest

from asr.hearing import Alternative, Utterance
from ivr.exchange import CallFacts, DialogOutcome, Said
from ivr.flow import Flow
from ivr.interpreter import Asked, Interpreter
from ivr.meaning import Address, HandOver, Intent, Meaning, Window


def heard(*readings: tuple[str, float]) -> Utterance:
    """Return an utterance with its readings, likeliest first."""
    text, sureness = readings[0]
    return Utterance(
        text, sureness, 1.0, 2.0, alternatives=tuple(Alternative(*r) for r in readings)
    )


@pytest.fixture
def at_three(now) -> Window:
    """Tomorrow at three."""
    start = now.replace(hour=15) + timedelta(days=1)
    return Window(start, start + timedelta(hours=1))


@pytest.fixture
def at_four(at_three) -> Window:
    """Tomorrow at four."""
    hour = timedelta(hours=1)
    return Window(at_three.start + hour, at_three.start + 2 * hour)


@pytest.fixture
def doubtful(talk, at_three, at_four):
    """A conversation in which three o'clock may have been four."""
    said = Meaning(Intent.RESCHEDULE, 0.6, {"window": at_three}, text="改到明天下午三点")
    other = Meaning(Intent.RESCHEDULE, 0.6, {"window": at_four}, text="改到明天下午四点")
    utterance = heard(("改到明天下午三点", 0.5), ("改到明天下午四点", 0.4))
    return talk.take(Said(said, utterance, False, other))


def test_two_times_that_were_heard_are_both_read_out(doubtful):
    assert doubtful.question == "which_window"
    assert doubtful.reply.startswith("您是说明天下午三点")
    assert "还是明天下午四点" in doubtful.reply


def test_the_hour_alone_says_which_of_them_was_meant(doubtful, at_four, now):
    today = Window(now.replace(hour=16), now.replace(hour=17))
    doubtful.says(Intent.TELL, "四点", window=today)
    assert doubtful.question == "confirm_window"
    doubtful.says(Intent.YES, "对")
    assert doubtful.result.new_window == at_four


@pytest.mark.parametrize(("key", "hour"), [("1", 15), ("2", 16)])
def test_a_key_says_which_of_them_was_meant(doubtful, key, hour):
    doubtful.presses(key)
    doubtful.presses("1")
    assert doubtful.result.outcome is DialogOutcome.RESCHEDULED
    assert doubtful.result.new_window.start.hour == hour


def test_a_third_time_is_taken_as_well(doubtful, now):
    start = now.replace(hour=18) + timedelta(days=1)
    doubtful.says(Intent.TELL, "明天晚上六点", window=Window(start, start + timedelta(hours=1)))
    doubtful.says(Intent.YES, "对")
    assert doubtful.result.new_window.start == start


def test_what_was_not_meant_reaches_nobody(doubtful):
    doubtful.presses("1").presses("1")
    assert not any("other" in name for name in doubtful.result.notes)


def test_two_places_that_were_heard_are_both_read_out(talk):
    said = Meaning(Intent.HAND_OVER, 0.6, {"hand_over": HandOver.STATION}, text="放驿站")
    other = Meaning(Intent.HAND_OVER, 0.6, {"hand_over": HandOver.PROPERTY_OFFICE}, text="放物业")
    talk.take(Said(said, heard(("放驿站", 0.5)), False, other))
    assert talk.reply == "您是说放在驿站,还是物业?"
    talk.says(Intent.HAND_OVER, "物业", hand_over=HandOver.PROPERTY_OFFICE).says(Intent.YES, "同意")
    assert talk.result.hand_over is HandOver.PROPERTY_OFFICE


def test_two_doors_that_were_heard_are_both_read_out(talk):
    one, two = (Address(f"和平路20号3单元{door}室", complete=True) for door in ("501", "701"))
    said = Meaning(Intent.CHANGE_ADDRESS, 0.6, {"address": one}, text="改到和平路")
    other = Meaning(Intent.CHANGE_ADDRESS, 0.6, {"address": two}, text="改到和平路")
    talk.take(Said(said, heard(("改到和平路", 0.5)), False, other))
    assert talk.question == "which_address"
    talk.says(Intent.TELL, "七零一", address=Address("701室", complete=False))
    talk.says(Intent.YES, "对")
    assert talk.result.new_address == two


def test_a_refusal_that_was_badly_heard_is_asked_again(talk):
    talk.says(Intent.REFUSE, "不要了").says(Intent.YES, "对", confidence=0.2)
    assert talk.question == "refuse_check"
    talk.says(Intent.YES, "对")
    assert talk.result.outcome is DialogOutcome.REFUSED


def test_a_refusal_that_stays_doubtful_goes_to_a_person(talk):
    talk.says(Intent.REFUSE, "不要了")
    talk.says(Intent.YES, "对", confidence=0.2).says(Intent.YES, "对", confidence=0.2)
    assert talk.result.needs_person == "是否拒收没有听清"


def test_the_second_time_nothing_is_understood_an_easier_question_is_asked(talk):
    talk.says(Intent.RESCHEDULE, "改时间")
    talk.says(Intent.NOTHING).says(Intent.NOTHING)
    assert "您只要说,明天上午,或者明天下午" in talk.reply
    assert "请按一" in talk.reply


def test_a_question_tells_the_recogniser_what_it_hopes_for(flow: Flow):
    question = flow.script.states["ask_window"].question
    assert question is not None
    assert "明天" in question.hopes


@pytest.mark.parametrize(
    ("readings", "asked"),
    [
        ([("改到明天下午三点", 0.5), ("改到明天下午四点", 0.4)], True),
        ([("改到明天下午三点", 0.9), ("改到明天下午四点", 0.1)], False),
        ([("改到明天下午三点", 0.5), ("改到明天下午三点的", 0.4)], False),
        ([("改到明天下午三点", 0.5), ("改了明天下午", 0.1), ("该到", 0.4)], False),
        ([("可以", 0.5), ("不可以", 0.5)], False),
    ],
)
def test_another_reading_matters_when_it_is_likely_and_settles_something_else(
    flow: Flow, facts: CallFacts, readings, asked
):
    interpreter = Interpreter(flow, facts, 0.0)
    asked_for = Asked((Intent.YES, Intent.NO, Intent.RESCHEDULE))
    said = interpreter.said(heard(*readings), asked_for)
    assert (said.rival is not None) is asked
