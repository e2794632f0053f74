"""An answer in two halves, and prompts that wait for who is talking."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asr.hearing import Recognition
from asr.scripted_stream import ScriptedStream
from dialer.loopback import AfterStart, At, Pause, Press, Step
from ivr.exchange import DialogOutcome


def test_who_goes_on_with_his_answer_is_answered_as_a_whole(hold, callee):
    call = hold(
        callee.says("我不在家"),
        callee.says("放门口就行", Pause(0.7)),
        callee.says("同意"),
    )
    assert call.callee[0].text == "我不在家放门口就行"
    assert not call.heard("没关系")[0].whole
    assert "放在您家门口" in call.heard("您家门口")[0].text
    assert call.result.outcome is DialogOutcome.HAND_OVER_CHANGED


def test_we_fall_silent_at_once_when_he_goes_on(hold, callee):
    call = hold(callee.says("我不在家"), callee.says("放门口就行", Pause(0.7)))
    cut = call.heard("没关系")[0]
    goes_on = call.callee[0].began_seconds + 1.0 + 0.7
    assert cut.ended - goes_on <= 0.2


def test_a_goodbye_that_came_too_early_is_taken_back(hold, callee):
    call = hold(
        callee.says("可以"),
        callee.says("不过放门口就行", Pause(0.6)),
        callee.says("同意"),
    )
    goodbye = call.heard("给您送到")[0]
    assert not goodbye.whole
    assert call.result.outcome is DialogOutcome.HAND_OVER_CHANGED
    assert call.callee[0].text == "可以不过放门口就行"


def test_politeness_after_an_answer_takes_nothing_back(hold, callee):
    call = hold(callee.says("可以"), callee.says("好的谢谢", Pause(0.6), seconds=0.5))
    assert all(spoken.whole for spoken in call.spoken)
    assert len(call.heard("给您送到")) == 1
    assert call.callee[0].text == "可以好的谢谢"
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_an_answer_and_its_rest_are_one_turn_of_the_transcript(hold, callee):
    call = hold(callee.says("我不在家"), callee.says("放门口就行", Pause(0.7)))
    first = call.callee[0]
    assert first.prompt == "opening"
    assert first.ended_seconds - first.began_seconds == pytest.approx(2.7, abs=0.05)
    assert [turn.text for turn in call.callee].count("我不在家") == 0


def test_noise_after_an_answer_only_delays_the_reply(hold, callee):
    call = hold(callee.says("再说一遍"), callee.makes_noise(Pause(0.5)), callee.says("可以的"))
    assert [turn.text for turn in call.callee] == ["再说一遍", "可以的"]
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_what_is_said_later_than_that_is_another_answer(hold, callee):
    call = hold(callee.says("再说一遍"), callee.says("可以的", Pause(1.2)))
    assert [turn.text for turn in call.callee] == ["再说一遍", "可以的"]
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_consent_that_was_kept_as_proof_is_not_taken_back(hold, callee, tmp_path):
    call = hold(
        callee.says("放门口吧"),
        callee.says("同意", seconds=0.7),
        callee.says("还是放驿站吧", Pause(0.6)),
        recording=tmp_path / "call.wav",
    )
    assert call.result.outcome is DialogOutcome.HAND_OVER_CHANGED
    assert call.result.consent.words == "同意"
    assert (tmp_path / "call.consent.wav").exists()


def test_an_unfinished_answer_is_waited_for(hold, callee):
    call = hold(
        callee.says("改到", seconds=0.5),
        callee.says("明天上午", Pause(1.0), seconds=0.8),
        callee.says("对"),
    )
    assert call.callee[0].text == "改到明天上午"
    assert not call.heard("什么时候方便")
    assert call.result.outcome is DialogOutcome.RESCHEDULED


def test_a_complete_answer_is_answered_in_a_quarter_of_a_second(hold, callee):
    call = hold(callee.says("可以的"))
    reply = call.only("给您送到")
    assert reply.began - call.callee[0].ended_seconds <= 0.26


def test_a_doubtful_answer_gets_the_time_that_the_question_allows(hold, callee):
    call = hold(callee.says("可以的", confidence=0.3))
    reply = call.only("给您送到")
    assert reply.began - call.callee[0].ended_seconds == pytest.approx(0.5, abs=0.05)


def test_a_prompt_that_is_ready_while_he_talks_waits_for_his_pause(hold, callee):
    call = hold(callee.says("我看看", At(12.0), seconds=1.6), Step(At(0.0), Press("2")))
    assert call.spoken
    talking = call.callee[0]
    assert not [
        spoken
        for spoken in call.spoken
        if talking.began_seconds + 0.2 < spoken.began < talking.ended_seconds
    ]


def test_a_reply_does_not_begin_while_he_is_talking(flow, facts, hold, callee):
    patient = replace(flow, limits=replace(flow.limits, time_limit_seconds=12.0))
    call = hold(callee.says("今天天气真好", At(11.8), seconds=2.5), with_flow=patient)
    ending = call.heard("占用您这么久")[0]
    assert ending.began >= 14.3


def test_hellos_over_our_greeting_cost_no_sentence(hold, callee):
    call = hold(
        callee.says("喂", At(0.2), seconds=0.4),
        callee.says("喂喂", AfterStart(0.4), seconds=0.5),
        callee.says("喂", Pause(1.2), seconds=0.4),
        callee.says("可以的"),
    )
    assert [spoken.whole for spoken in call.heard("自动语音助手")] == [True]
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_who_says_only_hello_is_greeted_sooner_than_who_may_go_on(hold, callee):
    hello = hold(callee.says("喂", At(0.2), seconds=0.4), callee.says("可以的"))
    other = hold(callee.says("您好", At(0.2), seconds=0.4), callee.says("可以的"))
    assert hello.spoken[0].began - hello.callee[0].ended_seconds <= 0.35
    assert other.spoken[0].began - other.callee[0].ended_seconds >= 0.55


def test_a_stream_may_be_asked_for_its_words_in_the_middle(hold, callee):
    stream = ScriptedStream([Recognition("可以的", 0.9)])
    call = hold(callee.says("可以的", At(9.6)), with_stream=stream)
    assert not call.only("到时候方便收吗").whole
    assert call.result.outcome is DialogOutcome.CONFIRMED
