"""Every sentence of every voice is as loud as the next, and none is clipped."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.level import samples
from audio.pcm import SAMPLE_RATE
from audio.wav import read_wav
from tts.cache import Cache
from tts.loudness import LOUD_DB, PEAK, SPEECH_DBOV, active_level, levelled, limited
from tts.service import start_synthesizer
from tts.shaping import telephone
from tts.speaker import Speaker, hum
from tts.speech import Manner, Voice

CLIPS = Path(__file__).parents[2] / "audio_fixtures" / "clips"
VOICES = (
    Voice(),
    Voice(rate=120),
    Voice(volume=0.3),
    Voice("en-US", "gmw/en-US"),
    Voice("en-US", "gmw/en"),
    Voice("en-US", "gmw/en-GB-scotland"),
)
SENTENCES = {
    "zh-CN": ("好的。", "您尾号幺二三四的快递,明天下午送到。"),
    "en-US": ("Good.", "Is tomorrow at two fine?"),
}


def sine(hertz: float = 440.0, seconds: float = 1.0, amplitude: float = 0.1) -> np.ndarray:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return amplitude * np.sin(2 * np.pi * hertz * at)


def test_the_level_of_a_steady_tone_is_its_rms() -> None:
    assert active_level(sine(seconds=3)) == pytest.approx(20 * math.log10(0.1 / 2**0.5), abs=0.1)


def test_pauses_do_not_count() -> None:
    tone = sine()
    talk = np.concatenate((tone, np.zeros(4 * SAMPLE_RATE), tone))
    assert active_level(talk) == pytest.approx(active_level(tone), abs=0.7)


def test_a_sound_half_as_large_is_six_decibels_less() -> None:
    talk = samples(hum("您好,请问您明天方便吗"))
    assert active_level(talk) - active_level(talk / 2) == pytest.approx(6.02, abs=0.1)


def test_silence_has_no_level_and_stays_silent() -> None:
    assert active_level(np.zeros(800)) == -math.inf
    assert not levelled(np.zeros(800)).any()


def test_the_limiter_lets_no_peak_through_and_leaves_the_quiet_as_it_is() -> None:
    talk = sine(amplitude=0.3)
    talk[4000:4040] *= 6
    heard = limited(talk)
    assert np.abs(heard).max() <= PEAK
    assert np.array_equal(heard[:3900], talk[:3900])
    # it bends the gain over milliseconds: a cut would leave a flat top
    assert np.count_nonzero(np.abs(heard) > PEAK - 1e-6) <= 4


@pytest.fixture(scope="module")
def say(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., bytes]]:
    """Have sentences said; by a process, because an engine can be started once in each."""
    place = tmp_path_factory.mktemp("tts")
    service = start_synthesizer(place, place / "socket", place / "cache")

    def saying(text: str, voice: Voice, manner: Manner) -> bytes:
        speaker = Speaker(service.socket, Cache(place / "cache"), voice)
        return read_wav(asyncio.run(speaker.wav(text, manner)))

    yield saying
    service.stop()


@pytest.mark.tts
def test_all_voices_and_manners_have_their_loudness_without_clipping(
    say: Callable[..., bytes],
) -> None:
    for voice in VOICES:
        for text in SENTENCES[voice.language]:
            for manner in (Manner(), Manner(slow=True), Manner(loud=True)):
                heard = samples(say(text, voice, manner))
                due = SPEECH_DBOV + LOUD_DB * manner.loud
                assert active_level(heard) == pytest.approx(due, abs=0.3), (voice, text, manner)
                assert np.abs(heard).max() <= PEAK + 1e-3


def test_recordings_of_people_have_it_too() -> None:
    for clip in sorted(CLIPS.rglob("*.wav"))[:12]:
        pcm = (samples(read_wav(clip)) * 0.2 * 32767).astype("<i2").tobytes()
        heard = telephone(pcm, SAMPLE_RATE)
        assert active_level(samples(heard)) == pytest.approx(SPEECH_DBOV, abs=0.3), clip


@pytest.mark.tts
def test_slower_takes_longer_by_a_third(say: Callable[..., bytes]) -> None:
    usual = len(say(SENTENCES["zh-CN"][1], Voice(), Manner()))
    slow = len(say(SENTENCES["zh-CN"][1], Voice(), Manner(slow=True)))
    assert 1.2 < slow / usual < 1.45
