"""Who speaks while Menling speaks, and what Menling says again."""

from __future__ import annotations

import pytest

from asr.vad import WebRtcVoiceDetector
from audio_fixtures.clips import clip_path
from dialer.loopback import AfterStart, Pause, Press, Step
from ivr.exchange import DialogOutcome


@pytest.mark.parametrize("clip", ["wu/xing_wo_zhidao_le", "lin/wei", "chen/bie_zai_da_le"])
def test_our_voice_stops_within_0_3_s_of_theirs(hold, callee, clip):
    call = hold(
        callee.says("可以的", AfterStart(1.2), sound=clip_path(clip)),
        detector=WebRtcVoiceDetector(),
    )
    cut = call.spoken[0]
    assert not cut.whole
    assert cut.ended - call.callee[0].began_seconds <= 0.3
    assert call.menling[0].interrupted


def test_an_answer_into_our_sentence_counts(hold, callee):
    call = hold(callee.says("行行行我知道了可以", AfterStart(1.2)))
    assert call.result.outcome is DialogOutcome.CONFIRMED
    assert not call.heard("到时候方便收吗")


def test_a_sentence_cut_by_noise_is_said_again_from_its_start(hold, callee):
    call = hold(callee.makes_noise(AfterStart(1.2)), callee.says("可以的"))
    first, again = call.heard("自动语音助手")
    assert (first.whole, again.whole) == (False, True)
    assert again.began - first.ended < 1.0
    assert len(call.heard("尾号")) == 1
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_a_sentence_that_noise_cuts_again_and_again_is_said_to_its_end(hold, callee):
    noises = [callee.makes_noise(AfterStart(0.6)) for _ in range(3)]
    call = hold(*noises, callee.says("可以的"))
    introductions = call.heard("自动语音助手")
    assert len(introductions) == 3
    assert introductions[-1].whole
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_words_into_a_sentence_that_noise_may_not_cut_any_more_still_stop_it(hold, callee):
    noises = [callee.makes_noise(AfterStart(0.6)) for _ in range(2)]
    call = hold(*noises, callee.says("可以", AfterStart(0.6), seconds=0.5))
    assert not any(spoken.whole for spoken in call.heard("自动语音助手"))
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_wordless_interruptions_do_not_go_round_for_ever(hold, callee):
    mumbles = [callee.says("", AfterStart(0.8)) for _ in range(30)]
    call = hold(*mumbles)
    assert call.result.outcome is DialogOutcome.CALLBACK_PROMISED
    assert call.result.needs_person
    assert call.report.talk_seconds < 60


def test_a_hum_of_assent_does_not_cost_the_sentence(hold, callee):
    call = hold(callee.says("嗯", AfterStart(1.0), seconds=0.4), callee.says("可以的"))
    assert call.heard("自动语音助手")[-1].whole
    assert not call.heard("没听清")


def test_the_goodbye_is_never_cut(hold, callee):
    call = hold(
        callee.says("可以的"),
        callee.says("好的谢谢", AfterStart(0.5)),
        callee.says("再见", AfterStart(0.3)),
    )
    assert all(spoken.whole for spoken in call.spoken)
    assert "再见" in call.last.text
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_no_more_calls_is_honoured_when_it_is_said_into_the_goodbye(hold, callee):
    call = hold(callee.says("可以的"), callee.says("以后别再打了", AfterStart(1.0)))
    assert call.result.outcome is DialogOutcome.OPTED_OUT
    assert "不再给您打电话" in call.heard("不再给您打电话")[0].text
    assert all(spoken.whole for spoken in call.spoken)


def test_no_more_calls_is_honoured_when_it_begins_with_our_last_word(hold, callee):
    call = hold(callee.says("可以的"), callee.says("别再打了", Pause(6.0), seconds=1.5))
    assert call.callee[-1].began_seconds >= call.heard("再见")[0].ended - 0.8
    assert call.result.outcome is DialogOutcome.OPTED_OUT


def test_the_key_for_no_more_calls_counts_until_the_line_is_dead(hold, callee):
    call = hold(callee.says("可以的"), Step(AfterStart(1.0), Press("9")))
    assert call.result.outcome is DialogOutcome.OPTED_OUT
    assert all(spoken.whole for spoken in call.spoken)


def test_the_key_for_a_person_counts_during_the_goodbye_and_keeps_what_was_settled(hold, callee):
    call = hold(callee.says("可以的"), Step(AfterStart(1.0), Press("0")))
    assert call.result.outcome is DialogOutcome.CONFIRMED
    assert call.result.needs_person


def test_any_other_key_during_the_goodbye_changes_nothing(hold, callee):
    call = hold(callee.says("可以的"), Step(AfterStart(1.0), Press("2")))
    assert call.result.outcome is DialogOutcome.CONFIRMED
    assert all(spoken.whole for spoken in call.spoken)


def test_an_answer_into_a_sentence_that_must_be_heard_counts_right_after_it(
    hold, callee, insistent_flow
):
    call = hold(callee.says("别再打了", AfterStart(0.5)), with_flow=insistent_flow)
    introduction = call.only("自动语音助手")
    assert introduction.whole
    assert call.only("不再给您打电话").began - introduction.ended < 0.1
    assert call.result.outcome is DialogOutcome.OPTED_OUT


def test_an_answer_before_the_question_that_says_nothing_loses_no_sentence(
    hold, callee, insistent_flow
):
    mumble = callee.says("嗯", AfterStart(0.5), seconds=0.4)
    call = hold(mumble, callee.says("可以的"), with_flow=insistent_flow)
    assert call.heard("尾号")[-1].whole
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_a_key_cuts_our_sentence(hold):
    call = hold(Step(AfterStart(1.0), Press("1")))
    assert [spoken.whole for spoken in call.heard("自动语音助手")] == [False]
    assert call.spoken[0].ended - call.spoken[0].began < 1.1
    assert call.result.outcome is DialogOutcome.CONFIRMED
