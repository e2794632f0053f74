"""The corpus of recordings: what is in it, and what a line does to it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from asr.training.english_voices import FESTIVAL_HELD_OUT, FLITE_HELD_OUT
from audio.pcm import FRAME_BYTES
from audio_fixtures.corpus.build import recording_sound
from audio_fixtures.corpus.conditions import (
    CLEAN,
    CONDITIONS,
    LEAD_SECONDS,
    LOSSY,
    NOISY_10,
    NOISY_15,
    Condition,
    Noise,
    noise_of,
    on_the_line,
)
from audio_fixtures.corpus.recordings import (
    SOUNDS,
    CorpusError,
    Engine,
    Kind,
    a_share,
    everything_said,
    recordings,
    sound_of,
    sound_path,
    voice_sound,
    voices,
)
from audio_fixtures.line import Samples, frame_levels, speech_level
from audio_fixtures.meant import QUESTIONS, SLOTS, meant_of
from ivr.meaning import Intent

ROWS = recordings()
VOICES = voices()
BY_ID = {row.id: row for row in ROWS}
WORDS = [row for row in ROWS if row.kind is not Kind.SOUND]


def telephone(identity: str, condition: Condition) -> Samples:
    row = BY_ID[identity]
    pcm = on_the_line(sound_of(row), row.id, condition, everything_said(ROWS))
    return np.frombuffer(pcm, dtype="<i2").astype(np.float64) / 32768


def test_the_corpus_is_as_large_as_the_documentation_says() -> None:
    kinds = Counter(row.kind for row in ROWS)
    assert kinds[Kind.SENTENCE] >= 800
    assert len({row.pair for row in ROWS if row.pair}) >= 100
    assert kinds[Kind.SOUND] >= 40
    assert kinds[Kind.BACKCHANNEL] >= 40
    held_out = [name for name, voice in VOICES.items() if voice.held_out and voice.language]
    assert len(held_out) >= 12


def test_the_files_stay_small_and_none_is_left_over() -> None:
    assert {path.stem for path in SOUNDS.iterdir()} == set(VOICES) == {row.voice for row in ROWS}
    assert sum(path.stat().st_size for path in SOUNDS.iterdir()) <= 12_000_000


ONLY_WRITTEN = {Intent.LOUDER, Intent.CHILD, Intent.OTHER_LANGUAGE, Intent.QUESTION}
"""Intents whose sentences are in the corpora of text alone."""


def test_all_intents_and_slots_are_said_aloud_in_both_halves() -> None:
    for split in ("dev", "test"):
        labels = [meant_of(row.label) for row in ROWS if row.split == split]
        said = {intent for label in labels for intent in (*label.first, *label.also)}
        assert said | ONLY_WRITTEN == set(Intent)
        assert {slot for label in labels for slot in label.slots} == set(SLOTS)


def test_every_recording_answers_a_known_question_and_has_a_readable_label() -> None:
    assert len(BY_ID) == len(ROWS)
    for row in WORDS:
        assert row.question in QUESTIONS
        assert meant_of(row.label).first, row.id


def test_both_of_a_pair_are_said_by_the_same_voice_in_answer_to_the_same_question() -> None:
    pairs: dict[str, list[tuple[str, str, str]]] = {}
    for row in ROWS:
        if row.pair:
            pairs.setdefault(row.pair, []).append((row.voice, row.question, row.label))
    for one, other in pairs.values():
        assert one[:2] == other[:2]
        assert one[2] != other[2]


def test_each_recording_lies_where_its_label_says_with_silence_between() -> None:
    for name in VOICES:
        end = 0
        for row in (row for row in ROWS if row.voice == name):
            assert row.begin >= end
            assert np.abs(sound_of(row)).max() > 0.02, row.id
            end = row.begin + row.samples
        assert len(voice_sound(name)) >= end


def test_a_recording_is_as_loud_as_telephone_speech_and_begins_within_a_breath() -> None:
    for row in WORDS:
        sound = sound_of(row)
        assert speech_level(sound) == pytest.approx(-20, abs=2.5), row.id
        levels = frame_levels(sound)
        assert np.flatnonzero(levels > levels.max() - 30)[0] * 0.02 < 0.25, row.id


@pytest.mark.tts
@pytest.mark.parametrize("identity", ["f4/001", "grandpa/010", "en_awb/002", "noises/007"])
def test_building_a_recording_again_gives_the_committed_one(identity: str) -> None:
    row = BY_ID[identity]
    again, kept = recording_sound(row, VOICES[row.voice]), sound_of(row)
    assert len(again) == len(kept)
    # The codec keeps the spectrum, not the samples, of the consonants.
    assert np.corrcoef(again, kept)[0, 1] > 0.8


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_the_same_recording_in_the_same_condition_is_the_same_sound(condition: Condition) -> None:
    row = BY_ID["f4/003"]
    talkers = everything_said(ROWS)
    once, again = (on_the_line(sound_of(row), row.id, condition, talkers) for _ in range(2))
    assert once == again
    assert len(once) % FRAME_BYTES == 0


@pytest.mark.parametrize("kind", list(Noise))
@pytest.mark.parametrize("condition", [NOISY_15, NOISY_10], ids=lambda condition: condition.name)
def test_noise_of_every_kind_lies_as_far_below_the_speech_as_the_condition_says(
    kind: Noise, condition: Condition
) -> None:
    rows = [row for row in WORDS if noise_of(row.id) is kind and row.samples > 8000][:12]
    assert condition.snr_db is not None
    below = []
    for row in rows:
        clean = telephone(row.id, CLEAN)
        before = telephone(row.id, condition)[: round(LEAD_SECONDS * 8000)]
        below.append(speech_level(clean) - 10 * np.log10(np.mean(np.square(before))))
        assert speech_level(clean) == pytest.approx(-20, abs=5)
    assert np.mean(below) == pytest.approx(condition.snr_db, abs=3)


def test_every_kind_of_noise_is_about_as_frequent() -> None:
    kinds = Counter(noise_of(row.id) for row in WORDS)
    assert min(kinds.values()) > 0.2 * len(WORDS)


def test_about_two_of_a_hundred_packets_are_lost_and_the_gap_fades() -> None:
    whole = Condition("no loss", LOSSY.snr_db)
    lost = packets = 0
    for row in WORDS[:40]:
        arrived = on_the_line(sound_of(row), row.id, LOSSY, everything_said(ROWS))
        sent = on_the_line(sound_of(row), row.id, whole, everything_said(ROWS))
        packets += len(arrived) // FRAME_BYTES
        lost += _repeated(arrived)
        assert len(arrived) == len(sent)
    assert 0.01 < lost / packets < 0.03


def _repeated(pcm: bytes) -> int:
    sound = np.frombuffer(pcm, dtype="<i2").reshape(-1, FRAME_BYTES // 2).astype(float)
    halves = np.abs(sound[1:] - sound[:-1] / 2).max(axis=1)
    return int((halves < 1).sum())


def test_a_share_keeps_pairs_together_and_is_the_same_each_time() -> None:
    some = a_share(ROWS, 0.3)
    assert some == a_share(ROWS, 0.3)
    assert 0.2 * len(ROWS) < len(some) < 0.4 * len(ROWS)
    assert set(Counter(row.pair for row in some if row.pair).values()) == {2}


def test_no_model_was_trained_with_the_voice_of_an_engine_that_also_trains_english() -> None:
    spoken = {v.speaker for v in VOICES.values() if v.engine in {Engine.FLITE, Engine.FESTIVAL}}
    assert spoken == {*FLITE_HELD_OUT, *FESTIVAL_HELD_OUT}
    assert all(voice.held_out for voice in VOICES.values())


def test_a_missing_file_is_named_with_the_command_that_makes_it() -> None:
    with pytest.raises(CorpusError, match=r"nobody\.opus.*python -m audio_fixtures\.corpus"):
        voice_sound("nobody")
    assert not sound_path("nobody").exists()
