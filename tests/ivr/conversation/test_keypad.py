"""Every question can be answered on the keypad."""

from __future__ import annotations

import pytest

from dialer.loopback import AfterSilence, AfterStart, At, Pause, Press, Step
from ivr.exchange import DialogOutcome
from ivr.meaning import HandOver


def key(digit: str) -> Step:
    return Step(AfterSilence(0.5), Press(digit))


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ("1", DialogOutcome.CONFIRMED),
        ("211", DialogOutcome.RESCHEDULED),
        ("22211", DialogOutcome.RESCHEDULED),
        ("311", DialogOutcome.CONFIRMED),
        ("421", DialogOutcome.HAND_OVER_CHANGED),
        ("42251", DialogOutcome.HAND_OVER_CHANGED),
        ("41", DialogOutcome.CONFIRMED),
        ("0", DialogOutcome.CALLBACK_PROMISED),
        ("20", DialogOutcome.CALLBACK_PROMISED),
        ("9", DialogOutcome.OPTED_OUT),
        ("429", DialogOutcome.OPTED_OUT),
        ("*1", DialogOutcome.CONFIRMED),
        ("77#", DialogOutcome.CALLBACK_PROMISED),
    ],
)
def test_keys_lead_where_they_say(hold, keys, outcome):
    call = hold(*[key(digit) for digit in keys])
    assert call.result.outcome is outcome
    assert [turn.key for turn in call.callee] == list(keys)


def test_a_consent_by_key_says_which_key_it_was(hold):
    call = hold(key("4"), key("3"), key("1"))
    consent = call.result.consent
    assert consent is not None
    assert (consent.choice, consent.words) == (HandOver.LOCKER, "按键1")
    assert consent.at_seconds == pytest.approx(call.callee[-1].began_seconds)


def test_a_key_before_we_have_spoken_means_nothing(hold, callee):
    call = hold(Step(At(0.2), Press("9")), callee.says("可以的"))
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_words_said_while_a_key_is_pressed_are_no_answer_to_what_follows(hold, callee):
    # Playing both at once takes two mouths: the key comes 20 ms into the last word's silence.
    call = hold(
        callee.says("不对", seconds=0.5),
        Step(Pause(0.02), Press("4")),
        key("2"),
        key("1"),
    )
    assert [turn.text or turn.key for turn in call.callee][:2] == ["4", "不对"]
    assert call.result.hand_over is HandOver.STATION
    assert not call.heard("没听清")


def test_no_more_calls_is_honoured_also_while_a_key_is_pressed(hold, callee):
    call = hold(callee.says("别再打了", seconds=0.5), Step(Pause(0.02), Press("1")))
    assert call.result.outcome is DialogOutcome.OPTED_OUT


def test_keys_typed_ahead_of_the_questions_are_all_taken(hold):
    typed = [Step(AfterStart(0.3), Press("4")), *[Step(AfterStart(0.1), Press(d)) for d in "21"]]
    call = hold(*typed)
    assert call.result.hand_over is HandOver.STATION
