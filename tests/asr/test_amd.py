from __future__ import annotations

from collections.abc import Callable

import pytest

from asr.amd import Answerer, Heard, who_answers
from asr.beep import Beep, BeepDetector
from audio.level import beep, tone
from audio.pcm import frames, silence


def said(*texts: str, seconds_each: float = 1.2) -> list[Heard]:
    return [
        Heard(text, began=2.0 * place, ended=2.0 * place + seconds_each)
        for place, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "您好,我现在不方便接听电话,请在提示音后留言",
        "请在滴声后留言",
        "您好这里是王先生的语音信箱",
        "机主无法接听您的电话请在听到提示音之后留言",
        "你好我现在不方便接听电话请在提示因后刘岩",
        "please leave a message after the tone",
    ],
)
def test_a_voicemail_gives_itself_away(text: str) -> None:
    assert who_answers(said(text, seconds_each=5.0)).answerer is Answerer.VOICEMAIL


@pytest.mark.parametrize(
    "text", ["您好我是机主的智能助理", "你好我是电话秘书请问您有什么事", "您好我是他的通话助理"]
)
def test_an_assistant_gives_itself_away(text: str) -> None:
    assert who_answers(said(text, seconds_each=3.0)).answerer is Answerer.ASSISTANT


def test_the_network_may_answer_and_announce() -> None:
    verdict = who_answers(said("您拨打的电话已停机", seconds_each=3.0))
    assert (verdict.answerer, verdict.why) == (Answerer.ANNOUNCEMENT, "suspended")


@pytest.mark.parametrize("text", ["喂", "喂喂", "你好哪位", "我现在不方便", "我在开会", "谁啊"])
def test_people_say_few_words_and_wait(text: str) -> None:
    assert who_answers(said(text)).answerer is Answerer.PERSON


def test_a_verdict_changes_when_the_machine_goes_on_after_its_greeting() -> None:
    assert who_answers(said("您好")).answerer is Answerer.PERSON
    assert who_answers(said("您好", "请在提示音后留言")).answerer is Answerer.VOICEMAIL


def test_a_busy_person_is_no_voicemail_even_at_length() -> None:
    verdict = who_answers(said("我现在不方便你晚一点再打过来吧", seconds_each=3.5))
    assert verdict.answerer is not Answerer.VOICEMAIL


def test_a_beep_after_a_long_greeting_is_a_voicemail_whatever_was_understood() -> None:
    unclear = said("啊把的", seconds_each=4.0)
    assert who_answers(unclear, beeped=True).answerer is Answerer.VOICEMAIL
    assert who_answers(said("喂"), beeped=True).answerer is Answerer.PERSON


def test_a_monologue_without_telling_words_and_silence_leave_us_unsure() -> None:
    assert who_answers([]).answerer is Answerer.UNSURE
    assert who_answers(said("欢迎光临本店", seconds_each=8.0)).why == "a monologue"
    assert who_answers(said("")).answerer is Answerer.UNSURE


def test_nobody_is_taken_for_a_machine_late_in_the_call() -> None:
    late = [Heard("喂", 0.0, 0.5), Heard("我给你留言了在语音信箱", 40.0, 42.0)]
    assert who_answers(late).answerer is Answerer.PERSON


def beeps(pcm: bytes) -> list[Beep]:
    detector = BeepDetector()
    found = [detector.hear(frame) for frame in frames(pcm)]
    return [each for each in found if each]


@pytest.mark.parametrize("hz", [440.0, 800.0, 1000.0, 1850.0])
def test_a_beep_is_found_once_silence_follows(hz: float) -> None:
    (found,) = beeps(silence(1.0) + beep(hz) + silence(1.0))
    assert found.hz == pytest.approx(hz, abs=25.0)
    assert found.began == pytest.approx(1.0, abs=0.03)
    assert found.ended == pytest.approx(1.5, abs=0.03)


def test_a_beep_on_a_noisy_line_is_found(line_noise: Callable[[float, float], bytes]) -> None:
    noise = line_noise(0.8, -50.0)
    assert len(beeps(noise + beep() + noise)) == 1


@pytest.mark.parametrize(
    "sound",
    [beep(duration_seconds=0.14), tone(1000.0, 4.0), tone(600.0, 0.3) + tone(900.0, 0.1) * 9],
    ids=["too short", "too long", "a melody"],
)
def test_other_tones_are_no_beep(sound: bytes) -> None:
    assert beeps(silence(0.5) + sound + tone(300.0, 0.5)) == []


def test_a_voice_is_no_beep(speak: Callable[[str], bytes]) -> None:
    assert beeps(speak("您好我现在不方便接听电话请在提示音后留言") + silence(1.0)) == []
