"""Who speaks while Menling speaks, and what Menling says again."""

from __future__ import annotations

import pytest

from asr.hearing import Recognition
from asr.local_stream import LocalStream
from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from asr.scripted_stream import ScriptedStream
from asr.vad import WebRtcVoiceDetector
from audio_fixtures.clips import clip_path
from dialer.loopback import AfterStart, At, Pause, Press, Speak, Step
from ivr.exchange import DialogOutcome

ONSET_SECONDS = 0.06
"""A clip's voice begins up to so long after its first sample."""


class Retracting(ScriptedStream):
    """Finds a word in the middle of sound; in the end, `你` was none."""

    def __init__(self, *words: str) -> None:
        super().__init__(Recognition(word, 0.9) for word in words)

    async def finish(self) -> Recognition:
        """Return the next result, without the word that was none."""
        found = await super().finish()
        ended = self.heard[-1].endswith(b"\0" * 640)
        return Recognition("", 0.0) if ended and found.text == "你" else found


@pytest.fixture(scope="module")
def model() -> SpeechModel:
    """The bundled model."""
    return SpeechModel(bundled_model())


@pytest.mark.parametrize("clip", ["wang/wo_buyao", "sun/bushi", "chen/bie_zai_da_le"])
def test_our_voice_stops_within_0_3_s_of_theirs(hold, callee, clip):
    call = hold(
        callee.says("我可以的", AfterStart(1.2), sound=clip_path(clip)),
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


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.4])
def test_noise_stops_no_sentence(hold, callee, seconds):
    noise = callee.makes_noise(AfterStart(0.6), seconds=seconds)
    call = hold(noise, callee.says("可以的"))
    assert all(spoken.whole for spoken in call.spoken)
    assert call.result.outcome is DialogOutcome.CONFIRMED


@pytest.mark.parametrize(
    "clip", ["sound/cough", "sound/lorry", "sound/mumble", "sound/mumble_again"]
)
@pytest.mark.vosk
def test_nobody_is_interrupted_by_what_is_no_word(hold, callee, clip, model):
    call = hold(
        Step(AfterStart(1.0), Speak(clip_path(clip))),
        callee.says("可以的", sound=clip_path("lin/keyi_de")),
        detector=WebRtcVoiceDetector(),
        with_stream=LocalStream(model),
    )
    assert [spoken.whole for spoken in call.heard("自动语音助手")] == [True]
    assert call.result.outcome is DialogOutcome.CONFIRMED


@pytest.mark.parametrize(
    "clip", ["lin/en", "lin/wei", "liu/hao", "zhao/dui", "liu/xing", "lin/haode"]
)
@pytest.mark.vosk
def test_nobody_is_interrupted_by_a_listener(hold, callee, clip, model):
    call = hold(
        Step(AfterStart(1.0), Speak(clip_path(clip))),
        callee.says("可以的", sound=clip_path("lin/keyi_de")),
        detector=WebRtcVoiceDetector(),
        with_stream=LocalStream(model),
    )
    assert [spoken.whole for spoken in call.heard("自动语音助手")] == [True]
    assert call.result.outcome is DialogOutcome.CONFIRMED


@pytest.mark.parametrize(
    ("clip", "limit_seconds"),
    [
        ("zhao/ni_shi_shei", 0.25),
        ("wang/wo_buyao", 0.25),
        ("sun/ni_da_cuo_le", 0.25),
        ("zheng/deng_yixia", 0.25),
        ("sun/mei_wenti", 0.25),
        ("zhou/zhuan_rengong", 0.6),
        ("chen/bie_zai_da_le", 0.6),
    ],
)
@pytest.mark.vosk
def test_we_give_way_as_soon_as_a_word_is_known(hold, clip, limit_seconds, model):
    call = hold(
        Step(AfterStart(1.0), Speak(clip_path(clip))),
        detector=WebRtcVoiceDetector(),
        with_stream=LocalStream(model),
    )
    cut = call.spoken[0]
    assert not cut.whole
    assert cut.ended - cut.began - 1.0 <= limit_seconds + ONSET_SECONDS


def test_words_that_were_none_after_all_cost_the_sentence_only_a_moment(hold, callee):
    call = hold(
        callee.says("你", AfterStart(1.2), seconds=0.24),
        callee.says("可以的"),
        with_stream=Retracting("你", "可以的"),
    )
    first, again = call.heard("自动语音助手")
    assert (first.whole, again.whole) == (False, True)
    assert again.began - first.ended < 1.0
    assert len(call.heard("尾号")) == 1
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_a_sentence_that_was_cut_for_nothing_again_and_again_is_said_to_its_end(hold, callee):
    noises = [callee.says("你", AfterStart(0.6), seconds=0.24) for _ in range(3)]
    call = hold(*noises, callee.says("可以的"), with_stream=Retracting(*"你你你", "可以的"))
    introductions = call.heard("自动语音助手")
    assert len(introductions) == 3
    assert introductions[-1].whole
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_words_into_a_sentence_that_noise_may_not_cut_any_more_still_stop_it(hold, callee):
    noises = [callee.says("你", AfterStart(0.6), seconds=0.24) for _ in range(2)]
    call = hold(
        *noises,
        callee.says("不要了", AfterStart(0.6), seconds=0.5),
        with_stream=Retracting("你", "你", "不要了"),
    )
    assert not any(spoken.whole for spoken in call.heard("自动语音助手"))


def test_wordless_interruptions_do_not_go_round_for_ever(hold, callee):
    mumbles = [callee.says("", AfterStart(0.8), seconds=0.6) for _ in range(30)]
    call = hold(*mumbles)
    assert all(spoken.whole for spoken in call.spoken)
    assert call.report.talk_seconds < 75


@pytest.mark.parametrize("words", ["嗯", "对", "好", "好的", "喂", "哦", "嗯嗯", "对对对"])
def test_words_of_assent_stop_nothing_while_we_inform(hold, callee, words):
    call = hold(callee.says(words, AfterStart(1.0), seconds=0.4), callee.says("可以的"))
    assert all(spoken.whole for spoken in call.spoken)
    assert len(call.spoken) == 5
    assert call.callee[0].text == words
    assert call.result.outcome is DialogOutcome.CONFIRMED


@pytest.mark.parametrize("words", ["嗯", "对", "好", "好的"])
def test_words_of_assent_answer_what_we_are_asking(hold, callee, words):
    question = At(9.5)
    call = hold(callee.says(words, question, seconds=0.4))
    assert not call.only("到时候方便收吗").whole
    assert call.result.outcome is DialogOutcome.CONFIRMED


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
