"""The first seconds of a call that was answered: who is there?"""

from __future__ import annotations

import pytest

from asr.vad import WebRtcVoiceDetector
from audio.pcm import seconds
from audio.wav import read_wav
from audio_fixtures.clips import clip_path
from dialer.leg import Answered, HangupCause, Ringing
from dialer.loopback import AfterStart, At, Pause, Ring, Speak, StartEarlyMedia, Step
from ivr.exchange import DialogOutcome, Machine

VOICEMAIL = "您好我现在不方便接听电话请在提示音后留言"
GREETING = clip_path("carrier/voicemail")
BEEP = clip_path("sound/beep")


def test_somebody_who_says_nothing_is_greeted_within_0_8_s(hold, callee):
    call = hold(callee.says("可以的"))
    assert "顺达快递自动语音助手" in call.spoken[0].text
    assert call.spoken[0].began <= 0.8


def test_somebody_who_says_hello_is_not_talked_over(hold, callee):
    hello = callee.says("喂喂", At(0.3), sound=clip_path("chen/wei_wei"))
    answer = callee.says("可以的", sound=clip_path("lin/keyi_de"))
    call = hold(hello, answer, detector=WebRtcVoiceDetector())
    assert call.spoken[0].began > call.callee[0].ended_seconds
    assert call.only("自动语音助手").whole
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_noise_as_they_pick_up_delays_the_greeting_but_does_not_prevent_it(hold, callee):
    call = hold(callee.makes_noise(At(0.3)), callee.says("可以的"))
    assert call.spoken[0].began < 1.8
    assert call.result.outcome is DialogOutcome.CONFIRMED


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("别再打了", DialogOutcome.OPTED_OUT),
        ("我在开会等会再打", DialogOutcome.UNFINISHED),
    ],
)
def test_a_wish_said_instead_of_hello_needs_no_greeting_any_more(hold, callee, words, outcome):
    call = hold(callee.says(words, At(0.2)))
    assert not call.heard("自动语音助手")
    assert call.result.outcome is outcome
    assert "再见" in call.last.text


def test_what_the_network_says_while_it_rings_ends_the_call_with_its_kind(hold, callee):
    call = hold(
        Step(At(0.0), StartEarlyMedia()),
        callee.says("您拨打的电话已关机", Pause(0.5), seconds=2.0),
        callee.picks_up(Pause(20.0)),
    )
    assert call.report.announcement == "switched_off"
    assert call.report.ended.cause is HangupCause.CANCELLED
    assert (call.report.answered, call.report.result) == (False, None)
    assert [turn.intent for turn in call.callee] == ["switched_off"]


def test_the_last_words_of_the_ringback_are_not_the_callees(hold, callee):
    call = hold(
        Step(At(0.0), StartEarlyMedia()),
        callee.says("可以", Pause(0.5)),
        callee.picks_up(Pause(0.0)),
        callee.says("我不要了"),
        callee.says("对"),
    )
    assert call.only("自动语音助手").whole
    assert call.result.outcome is DialogOutcome.REFUSED


def test_a_network_that_answers_to_say_the_number_is_vacant_is_hung_up_on(hold, callee):
    call = hold(callee.says("您拨打的号码是空号请核对后再拨", At(0.2), seconds=3.0))
    assert call.report.machine is Machine.ANNOUNCEMENT
    assert call.report.announcement == "vacant_number"
    assert call.report.result is None
    assert call.spoken == ()


def test_a_voicemail_hears_the_message_after_its_beep_and_then_the_line_goes(hold, callee):
    call = hold(
        callee.says(VOICEMAIL, At(0.2), sound=GREETING),
        Step(Pause(1.2), Speak(BEEP)),
        detector=WebRtcVoiceDetector(),
    )
    assert call.report.machine is Machine.VOICEMAIL
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT
    beep_ended = 0.2 + seconds(read_wav(GREETING)) + 1.2 + 0.5
    assert beep_ended < call.spoken[0].began < beep_ended + 0.3
    assert all(spoken.whole for spoken in call.spoken)
    assert call.leg.seconds - call.last.ended < 0.6


def test_a_beep_right_after_the_voicemails_last_word_is_not_missed(hold, callee):
    call = hold(
        callee.says(VOICEMAIL, At(0.2), sound=GREETING),
        Step(Pause(0.0), Speak(BEEP)),
        detector=WebRtcVoiceDetector(),
    )
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT
    assert call.spoken[0].began - call.callee[0].ended_seconds < 1.5


def test_a_voicemail_that_does_not_beep_is_spoken_to_after_a_silence(hold, callee):
    call = hold(callee.says(VOICEMAIL, At(0.2), seconds=5.0))
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT
    assert call.spoken[0].began == pytest.approx(5.2 + 3.0, abs=0.1)


@pytest.mark.parametrize("gap_seconds", [0.0, 1.0])
def test_a_long_greeting_and_a_beep_are_a_voicemail_whatever_was_understood(
    hold, callee, gap_seconds
):
    call = hold(
        callee.says("嘟噜嘟噜", At(0.2), sound=GREETING),
        Step(Pause(gap_seconds), Speak(BEEP)),
        detector=WebRtcVoiceDetector(),
    )
    assert call.report.machine is Machine.VOICEMAIL
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT
    assert {turn.prompt for turn in call.menling if not turn.interrupted} == {"message"}


def test_a_beep_late_in_a_talk_is_no_voicemail(hold, callee):
    call = hold(
        callee.says("喂", At(0.2), sound=clip_path("lin/wei")),
        Step(AfterStart(2.0), Speak(BEEP)),
        callee.says("可以的", sound=clip_path("lin/keyi_de")),
        detector=WebRtcVoiceDetector(),
    )
    assert call.report.machine is None
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_a_voicemail_that_begins_into_our_greeting_gets_the_message_after_all(hold, callee):
    call = hold(callee.says(VOICEMAIL, AfterStart(1.0), seconds=5.0))
    assert call.menling[0].interrupted
    assert call.report.machine is Machine.VOICEMAIL
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT


def test_nothing_a_voicemail_says_cuts_the_message_or_answers_it(hold, callee):
    call = hold(
        callee.says(VOICEMAIL, At(0.2), seconds=5.0),
        callee.says("转人工请按零", AfterStart(1.0)),
    )
    assert [spoken.whole for spoken in call.spoken] == [True] * len(call.spoken)
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT
    assert not call.result.needs_person


def test_a_screening_assistant_is_told_what_it_is_about(hold, callee):
    words = "您好我是机主的智能助理请问您有什么事"
    call = hold(callee.says(words, At(0.2), seconds=3.0))
    assert call.report.machine is Machine.ASSISTANT
    assert "快递" in call.last.text
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT


ASSISTANT = "您好我是机主的智能助理请问您有什么事"


def test_the_person_whom_an_assistant_puts_through_is_greeted_and_answers(hold, callee):
    call = hold(
        callee.says(ASSISTANT, At(0.2), seconds=3.0),
        callee.says("好的请稍等正在为您转接"),
        callee.says("喂你好", Pause(3.0)),
        callee.says("可以的"),
    )
    assert len(call.heard("想跟您确认尾号")) == 1
    assert call.only("您好,顺达快递自动语音助手。").began > call.only("想跟您确认尾号").ended
    assert call.report.machine is None
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_an_assistant_that_asks_again_hears_our_purpose_once_more(hold, callee):
    call = hold(
        callee.says(ASSISTANT, At(0.2), seconds=3.0),
        callee.says("请问您是哪里"),
        callee.says("请问您有什么事"),
    )
    assert len(call.heard("想跟您确认尾号")) == 2
    assert call.report.machine is Machine.ASSISTANT


def test_an_assistant_that_puts_nobody_through_is_left_after_a_while(hold, callee):
    call = hold(callee.says(ASSISTANT, At(0.2), seconds=3.0), callee.says("好的我会转告机主"))
    assert call.report.machine is Machine.ASSISTANT
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT
    assert call.leg.seconds - call.only("想跟您确认尾号").began == pytest.approx(25.0, abs=0.5)


def test_who_is_asked_to_hold_the_line_waits_for_the_callee(hold, callee):
    call = hold(
        Step(At(0.0), StartEarlyMedia()),
        callee.says("请不要挂机您拨打的电话正在通话中", Pause(0.5), seconds=2.0),
        callee.picks_up(Pause(3.0)),
        callee.says("可以的"),
    )
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_a_busy_tone_before_the_answer_ends_the_call(hold, callee):
    call = hold(
        Step(At(0.0), StartEarlyMedia()),
        Step(Pause(0.3), Speak(clip_path("sound/busy"))),
        callee.picks_up(Pause(20.0)),
        detector=WebRtcVoiceDetector(),
    )
    assert call.report.announcement == "busy_tone"
    assert not call.report.answered
    assert call.leg.seconds < 3.0


def test_those_who_watch_learn_of_the_ring_the_answer_and_every_turn(hold, callee):
    call = hold(Step(At(1.0), Ring()), callee.picks_up(At(3.0)), callee.says("可以的"))
    assert call.notices[:2] == (Ringing(), Answered())
    assert call.notices[2:] == call.report.turns
