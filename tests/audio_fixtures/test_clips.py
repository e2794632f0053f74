"""The committed voices: what they are, and that the real recogniser hears them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import vosk

from audio.pcm import seconds, silence
from audio_fixtures.build import clip_samples
from audio_fixtures.clips import CLIPS, Clip, catalogue, clip_sound
from audio_fixtures.corpus.ear import edits
from audio_fixtures.line import frame_levels, line_noise, speech_level
from audio_fixtures.scenarios import load_scenarios

MODEL = Path(__file__).parents[2] / "asr" / "models" / "model-zh-delivery"
SPOKEN = [clip for clip in catalogue().values() if clip.voice is not None]
ANSWERS = sorted({clip for each in load_scenarios() for clip in each.clips()})


def sound(clip: Clip) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.frombuffer(clip_sound(clip.id), dtype="<i2").astype(np.float64) / 32768


@pytest.fixture(scope="module")
def model() -> vosk.Model:
    vosk.SetLogLevel(-1)
    return vosk.Model(str(MODEL))


def heard(model: vosk.Model, pcm: bytes) -> str:
    recognizer = vosk.KaldiRecognizer(model, 8000)
    recognizer.AcceptWaveform(silence(0.3) + pcm + silence(0.6))
    text: str = json.loads(recognizer.FinalResult())["text"]
    return text.replace(" ", "")


def test_every_labelled_clip_is_there_and_no_other() -> None:
    assert {path for path in CLIPS.rglob("*.wav")} == {clip.path for clip in catalogue().values()}


def test_all_clips_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in CLIPS.rglob("*.wav")) < 4_000_000


@pytest.mark.parametrize("clip", SPOKEN, ids=lambda clip: clip.id)
def test_a_voice_leaves_the_trunk_at_telephone_level_and_within_its_band(clip: Clip) -> None:
    wave = sound(clip)
    assert speech_level(wave) == pytest.approx(-20, abs=2)
    assert np.abs(wave).max() < 1
    power = np.square(np.abs(np.fft.rfft(wave)))
    hertz = np.fft.rfftfreq(len(wave), 1 / 8000)
    outside = power[(hertz < 220) | (hertz > 3500)].sum() / power.sum()
    assert outside < 0.01


@pytest.mark.parametrize("clip", SPOKEN, ids=lambda clip: clip.id)
def test_a_voice_begins_and_ends_within_a_breath(clip: Clip) -> None:
    levels = frame_levels(sound(clip))
    loud = np.flatnonzero(levels > levels.max() - 30)
    assert loud[0] * 0.02 < 0.2
    assert (len(levels) - loud[-1]) * 0.02 < 0.4
    assert 0.2 < seconds(clip_sound(clip.id)) < 8


def test_line_noise_is_the_same_every_time_and_differs_from_line_to_line() -> None:
    assert np.array_equal(line_noise(0.5, -50, "one"), line_noise(0.5, -50, "one"))
    assert not np.array_equal(line_noise(0.5, -50, "one"), line_noise(0.5, -50, "two"))


@pytest.mark.tts
def test_building_a_clip_again_gives_the_committed_one() -> None:
    for name in ("lin/keyi_de", "liu/hao", "sound/beep", "sound/mumble"):
        again = np.frombuffer(clip_samples(catalogue()[name]), dtype="<i2").astype(float)
        kept = np.frombuffer(clip_sound(name), dtype="<i2").astype(float)
        assert len(again) == len(kept)
        assert np.corrcoef(again, kept)[0, 1] > 0.99


@pytest.mark.vosk
def test_every_answer_of_the_recipients_is_heard_word_for_word(model: vosk.Model) -> None:
    said = [catalogue()[clip] for clip in ANSWERS]
    misheard = {
        clip.words: text
        for clip in said
        if clip.voice is not None and (text := heard(model, clip_sound(clip.id))) != clip.words
    }
    assert misheard == {}


@pytest.mark.vosk
def test_at_most_eight_of_a_hundred_characters_are_misheard(model: vosk.Model) -> None:
    wrong = sum(edits(clip.words, heard(model, clip_sound(clip.id))) for clip in SPOKEN)
    assert wrong / sum(len(clip.words) for clip in SPOKEN) <= 0.08


@pytest.mark.vosk
@pytest.mark.parametrize("clip", ["sound/mumble", "sound/mumble_again"])
def test_a_mumble_gives_no_words_of_meaning(model: vosk.Model, clip: str) -> None:
    assert len(heard(model, clip_sound(clip))) <= 2


@pytest.mark.vosk
@pytest.mark.parametrize("clip", ["sound/ringback", "sound/busy", "sound/beep"])
def test_tones_are_not_heard_as_words(model: vosk.Model, clip: str) -> None:
    assert heard(model, clip_sound(clip)) == ""
