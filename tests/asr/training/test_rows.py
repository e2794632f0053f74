from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from asr.training.features import TELEPHONE
from asr.training.noises import background
from asr.training.rows import (
    FRAMES,
    OUTPUTS,
    Material,
    Reading,
    Source,
    batch,
    priors,
    reading_of,
    row,
)
from asr.training.takes import Alignment, Take
from asr.training.tape import speech_span, spread

CONTEXT = (30, 18)


def take(seconds: float, seed: int = 1, phones: int = 4) -> Take:
    """Noise in the middle of silence, labelled 1, 2, … one after the other."""
    samples = int(seconds * 8000)
    pcm = np.zeros(samples, np.int16)
    began, ended = samples // 4, 3 * samples // 4
    pcm[began:ended] = np.random.default_rng(seed).normal(0, 3000, ended - began)
    pdfs = np.array([0, *range(1, phones + 1), 0], np.int16)
    inner = np.linspace(began, ended, phones + 1)
    word = tuple(f"p{k}" for k in range(phones))
    return Take(pcm, "text", (word,), Alignment(pdfs, np.array([0.0, *inner])))


def material() -> Material:
    dice = np.random.default_rng(3)
    noises = [background(dice, 120_000, 8000) for _ in range(2)]
    sources = [
        Source(Reading.SYNTHETIC, [take(1.5, k) for k in range(4)], 0.4),
        Source(Reading.SENTENCES, [take(3.0, 8, 20)], 0.2),
        Source(Reading.WORDS, [take(0.9, 9), take(0.7, 10)], 0.2),
        Source(Reading.SYLLABLES, [take(0.6, 11, 2)], 0.1),
        Source(Reading.NOTHING, (), 0.1),
    ]
    return Material(TELEPHONE, sources, noises)


MATERIAL = material()


def test_a_batch_depends_on_its_seed_and_step_alone() -> None:
    first, labels = batch(MATERIAL, (1, 65, 7), 6, CONTEXT)
    batch(MATERIAL, (1, 65, 8), 6, CONTEXT)
    again, same = batch(MATERIAL, (1, 65, 7), 6, CONTEXT)
    assert (first == again).all()
    assert (labels == same).all()
    other, _ = batch(MATERIAL, (2, 65, 7), 6, CONTEXT)
    assert (first != other).any()


def test_rows_have_room_for_the_network_to_look_around() -> None:
    features, labels = batch(MATERIAL, (1, 65, 0), 3, CONTEXT)
    assert features.shape == (3, 30 + FRAMES + 18, TELEPHONE.cepstra)
    assert labels.shape == (3, OUTPUTS)
    assert (features[:, 0] == features[:, 30]).all()
    assert (features[:, -1] == features[:, -19]).all()
    assert np.isfinite(features).all()


@pytest.mark.parametrize("source", MATERIAL.sources, ids=lambda source: source.reading)
def test_every_reading_becomes_rows_with_its_labels(source: Source) -> None:
    for seed in range(8):
        features, labels = row(MATERIAL, source, np.random.default_rng(seed))
        assert features.dtype == np.float32
        assert labels.min() >= 0
        assert bool(labels.any()) == (source.reading is not Reading.NOTHING)


def test_labels_keep_the_order_in_which_things_are_said() -> None:
    _, labels = row(MATERIAL, MATERIAL.sources[0], np.random.default_rng(2))
    changes = labels[np.nonzero(np.diff(labels, prepend=-1))[0]].tolist()
    pairs = set(pairwise(changes))
    assert pairs <= {(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (4, 1)} | {
        (0, later) for later in (2, 3, 4)
    }
    assert (1, 2) in pairs


def test_a_state_that_would_be_too_short_pushes_the_next_ones_back() -> None:
    starts = spread(np.array([0.0, 10.0, 20.0, 900.0]), 240.0)
    assert starts.tolist() == [0.0, 240.0, 480.0, 900.0]


def test_the_span_of_speech_leaves_silence_at_the_edges_out() -> None:
    spoken = take(1.0)
    assert speech_span(spoken, 0, 0) == (2000, 6000)
    assert speech_span(spoken, 500, 100) == (1500, 6100)


@pytest.mark.parametrize(
    ("phones", "reading"),
    [(2, Reading.SYLLABLES), (4, Reading.WORDS), (20, Reading.SENTENCES)],
)
def test_how_a_speaker_read_is_told_from_the_length_of_the_texts(
    phones: int, reading: Reading
) -> None:
    assert reading_of([take(1.0, phones=phones)] * 3) is reading


def test_priors_count_time_and_take_silence_as_given() -> None:
    shares = priors([Source(Reading.WORDS, [take(1.0)], 1.0)], 6, 0.2)
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] == 0.2
    assert shares[1:5] == pytest.approx([0.2] * 4, rel=1e-3)
    assert 0 < shares[5] < 1e-4
