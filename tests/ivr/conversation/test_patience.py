"""What happens when nothing, or nothing understandable, is said; and how a call ends."""

from __future__ import annotations

import pytest

from dialer.leg import HangupCause
from dialer.loopback import AfterSilence, AfterStart, HangUp, Pause, Press, Step
from ivr.exchange import DialogOutcome
from ivr.transcript import Speaker

QUIET_LINE = AfterSilence(2.0)


def test_silence_is_met_with_a_hello_then_the_keypad_then_a_goodbye(hold):
    call = hold()
    prompts = [turn.prompt for turn in call.menling]
    assert prompts == [
        "introduction",
        "announcement",
        "can_receive",
        "hello",
        "can_receive",
        "can_receive",
        "can_receive",
        "gone_quiet",
        "gone_quiet",
    ]
    assert "请按一" in call.menling[6].text
    assert call.result.outcome is DialogOutcome.UNFINISHED
    assert not call.result.finished
    assert call.report.ended.cause is HangupCause.WE_HUNG_UP


def test_a_question_is_put_again_five_seconds_after_its_last_word(hold):
    call = hold()
    question, hello = call.only("到时候方便收吗"), call.only("能听到吗")
    assert hello.began - question.ended == pytest.approx(5.0, abs=0.05)


def test_noise_in_the_silence_does_not_keep_us_waiting(hold, callee):
    noises = [callee.makes_noise(QUIET_LINE)]
    noises += [callee.makes_noise(Pause(1.4)) for _ in range(30)]
    call = hold(*noises)
    question, hello = call.only("到时候方便收吗"), call.heard("能听到吗")[0]
    assert hello.began - question.ended < 6.5
    assert call.report.talk_seconds < 70


def test_who_is_not_understood_three_times_is_called_back_by_a_person(hold, callee):
    call = hold(*[callee.says("") for _ in range(3)])
    assert [turn.prompt for turn in call.menling if turn.prompt != "can_receive"] == [
        "introduction",
        "announcement",
        "sorry",
        "sorry",
        "not_understood",
        "not_understood",
    ]
    assert call.result.outcome is DialogOutcome.CALLBACK_PROMISED
    assert call.result.needs_person


def test_who_asks_us_to_wait_is_waited_for_and_then_asked_again(hold, callee):
    call = hold(
        callee.says("等一下"), callee.says("好了我回来了", Pause(12.0)), callee.says("可以")
    )
    waited = call.only("我等您")
    again = next(each for each in call.spoken if each.began > waited.ended)
    assert again.began - waited.ended > 10.0
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_who_does_not_come_back_is_let_go(hold, callee):
    call = hold(callee.says("等一下"))
    assert call.result.outcome is DialogOutcome.UNFINISHED
    assert 40 < call.leg.seconds - call.only("我等您").ended < 60


def test_two_answers_in_one_breath_are_both_taken(hold, callee):
    call = hold(callee.says("你是谁啊可以的"))
    assert "跟您确认送货时间" in call.only("跟您确认").text
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_a_pause_within_an_answer_does_not_end_it(hold, callee):
    call = hold(
        callee.says("我想改个时间"),
        callee.says("我看", seconds=0.8),
        callee.says("明天下午三点以后", Pause(0.3), seconds=0.8),
        callee.says("对"),
    )
    assert [turn.text for turn in call.callee] == ["我想改个时间", "我看明天下午三点以后", "对"]
    assert call.callee[1].ended_seconds - call.callee[1].began_seconds > 1.8
    assert call.result.outcome is DialogOutcome.RESCHEDULED


def test_a_call_has_a_time_limit_and_says_so(hold, callee, hasty_flow):
    call = hold(*[callee.says("再说一遍") for _ in range(30)], with_flow=hasty_flow)
    assert call.heard("占用您这么久")
    assert call.result.outcome is DialogOutcome.CALLBACK_PROMISED
    assert call.report.talk_seconds < 30 + 20


def test_who_hangs_up_midway_leaves_what_was_said_so_far(hold, callee):
    call = hold(callee.says("我想改个时间"), Step(AfterStart(0.5), HangUp()))
    assert call.report.ended.cause is HangupCause.THEY_HUNG_UP
    assert call.result.outcome is DialogOutcome.UNFINISHED
    assert not call.result.finished
    assert call.result.notes["open_question"] == "ask_window"
    assert call.report.turns[-1].text == "我想改个时间"


def test_who_hangs_up_into_the_goodbye_has_settled_it(hold, callee):
    call = hold(callee.says("可以的"), Step(AfterStart(0.5), HangUp()))
    assert call.result.outcome is DialogOutcome.CONFIRMED
    assert call.result.finished


def test_the_line_is_held_half_a_second_after_our_last_word_and_no_longer(hold, callee):
    call = hold(callee.says("可以的"))
    assert call.leg.seconds - call.last.ended == pytest.approx(0.5, abs=0.03)


def test_a_goodbye_in_return_prolongs_the_call_by_nothing_but_itself(hold, callee):
    call = hold(callee.says("可以的"), callee.says("再见", AfterSilence(0.2), seconds=0.6))
    reply = call.callee[-1]
    assert reply.text == "再见"
    assert call.leg.seconds - reply.ended_seconds < 0.7


def test_who_talks_on_after_the_goodbye_is_not_listened_to_for_ever(hold, callee):
    call = hold(callee.says("可以的"), callee.says("电视", AfterSilence(0.2), seconds=30.0))
    assert call.leg.seconds - call.last.ended == pytest.approx(4.0, abs=0.05)


def test_every_turn_is_written_down_in_order_with_its_times(hold, callee):
    call = hold(callee.says("再说一遍"), callee.says("可以的"))
    turns = call.report.turns
    assert [turn.began_seconds for turn in turns] == sorted(turn.began_seconds for turn in turns)
    assert all(turn.ended_seconds > turn.began_seconds for turn in turns)
    spoken = [turn.text for turn in turns if turn.speaker is Speaker.MENLING]
    assert spoken == [each.text for each in call.spoken]
    assert [(turn.text, turn.prompt, turn.intent) for turn in call.callee] == [
        ("再说一遍", "opening", "repeat"),
        ("可以的", "opening", "yes"),
    ]


def test_the_time_from_their_last_word_to_our_first_is_noted(hold, callee):
    call = hold(callee.says("再说一遍"), callee.says("可以的"))
    noted = [turn for turn in call.menling if turn.latency_seconds is not None]
    assert len(noted) == 2
    for answer, turn in zip(call.callee, noted, strict=True):
        heard = turn.began_seconds - answer.ended_seconds
        assert turn.latency_seconds == pytest.approx(heard, abs=0.05)
        assert turn.latency_seconds >= 0.24


def test_a_key_is_written_down_where_it_was_pressed(hold):
    call = hold(Step(AfterSilence(1.0), Press("1")))
    [turn] = call.callee
    assert (turn.key, turn.prompt, turn.text) == ("1", "opening", "")
    assert turn.began_seconds == pytest.approx(call.only("到时候方便收吗").ended + 1.0, abs=0.1)
