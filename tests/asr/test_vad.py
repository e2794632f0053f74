from __future__ import annotations

from collections.abc import Callable

import pytest

from asr.endpointing import Endpointer, TurnBegan
from asr.vad import LevelVoiceDetector, NoiseFloor, VoiceDetector, WebRtcVoiceDetector
from audio.level import beep, busy, pcm_of, ringback, samples, tone
from audio.pcm import SILENCE, frames, silence

Speak = Callable[[str], bytes]
Noise = Callable[[float, float], bytes]


def turns(pcm: bytes, detector: VoiceDetector | None = None) -> list[TurnBegan]:
    detector = detector or WebRtcVoiceDetector()
    endpointer = Endpointer()
    events = [endpointer.step(detector.is_speech(frame), 0.6) for frame in frames(pcm)]
    return [event for event in events if isinstance(event, TurnBegan)]


@pytest.mark.parametrize("voice", ["cmn-latn-pinyin", "cmn-latn-pinyin+f3", "cmn-latn-pinyin+m3"])
def test_speech_is_noticed_within_200_ms(voice: str, speak: Callable[..., bytes]) -> None:
    (turn,) = turns(silence(1.0) + speak("明天下午三点以后吧", voice=voice) + silence(1.0))
    assert turn.began == pytest.approx(1.0, abs=0.1)
    assert turn.noticed <= 1.2


def test_soft_speech_on_a_noisy_line_is_heard(speak: Speak, line_noise: Noise) -> None:
    speech = samples(speak("放快递柜吧")) * 0.15
    noise = samples(line_noise(1.0 + len(speech) / 8000, -60.0))
    noise[8000 : 8000 + len(speech)] += speech[: len(noise) - 8000]
    (turn,) = turns(pcm_of(noise))
    assert turn.began == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("level", [-65.0, -50.0, -42.0])
def test_line_noise_starts_no_turn(level: float, line_noise: Noise) -> None:
    assert turns(line_noise(5.0, level)) == []


@pytest.mark.parametrize("sound", [beep(), ringback(2), busy(4), tone(1400.0, 1.0)])
def test_tones_start_no_turn(sound: bytes) -> None:
    assert turns(silence(0.5) + sound + silence(0.5)) == []


def test_speech_right_after_a_beep_is_heard(speak: Speak) -> None:
    assert len(turns(silence(0.5) + beep() + silence(0.3) + speak("可以的") + silence(1.0))) == 1


def test_the_noise_floor_sinks_at_once_and_rises_slowly() -> None:
    floor = NoiseFloor(start_dbfs=-40.0, rise_db_per_second=6.0)
    for _ in range(20):
        floor.follow(-70.0, may_be_speech=False)
    assert floor.dbfs < -69.0
    for _ in range(50):
        floor.follow(-30.0, may_be_speech=True)
    assert floor.dbfs == pytest.approx(-69.4, abs=0.3)
    for _ in range(50):
        floor.follow(-30.0, may_be_speech=False)
    assert floor.dbfs == pytest.approx(-63.4, abs=0.3)


def test_the_stand_in_goes_by_level_alone() -> None:
    detector = LevelVoiceDetector(quietest_dbfs=-45.0)
    assert detector.is_speech(tone(1000.0, 0.02, -20.0))
    assert not detector.is_speech(SILENCE)
