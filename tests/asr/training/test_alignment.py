from __future__ import annotations

import numpy as np
import pytest

from asr.training.alignment import SHORTEST, align, best_path, chain_of
from asr.training.features import TELEPHONE
from asr.training.language import PhoneSet, Pronunciation

PHONES = PhoneSet({"SIL": 1, "b": 1, "a": 2})
BA: Pronunciation = ("b", "a")


def scores(*spans: tuple[int, int]) -> np.ndarray:
    """Frames in which one output is much likelier than the others: (output, frames)."""
    table = np.full((sum(count for _, count in spans), len(PHONES.pdfs)), -5.0, np.float32)
    frame = 0
    for output, count in spans:
        table[frame : frame + count, output] = -0.1
        frame += count
    return table


def found(table: np.ndarray, *words: Pronunciation) -> list[tuple[int, float]]:
    best = align(table, chain_of(words, PHONES), TELEPHONE)
    assert best is not None
    pairs = zip(best.alignment.pdfs.tolist(), best.alignment.starts.tolist(), strict=True)
    return list(pairs)


def test_states_begin_where_their_outputs_do() -> None:
    table = scores((0, 10), (1, 5), (2, 6), (3, 7), (0, 4))
    edge = (TELEPHONE.window - TELEPHONE.shift) / 2
    assert found(table, BA) == [
        (0, 0.0),
        (1, 10 * 80 + edge),
        (2, 15 * 80 + edge),
        (3, 21 * 80 + edge),
        (0, 28 * 80 + edge),
    ]


def test_silence_around_and_between_words_may_be_missing() -> None:
    table = scores((1, 5), (2, 5), (3, 5), (1, 5), (2, 5), (3, 5))
    assert [pdf for pdf, _ in found(table, BA, BA)] == [1, 2, 3, 1, 2, 3]


def test_silence_between_words_is_found() -> None:
    table = scores((1, 5), (2, 5), (3, 5), (0, 9), (1, 5), (2, 5), (3, 5))
    assert [pdf for pdf, _ in found(table, BA, BA)] == [1, 2, 3, 0, 1, 2, 3]


def test_silence_is_not_put_inside_a_word() -> None:
    table = scores((1, 5), (0, 9), (2, 5), (3, 5))
    inside = [pdf for pdf, _ in found(table, BA)]
    assert inside in ([1, 2, 3], [0, 1, 2, 3])


def test_no_state_is_shorter_than_thirty_milliseconds() -> None:
    table = scores((1, 20), (2, 1), (3, 20))
    times = [start for _, start in found(table, BA)]
    assert min(np.diff(times[1:])) >= SHORTEST * TELEPHONE.shift


def test_sound_too_short_for_its_text_has_no_alignment() -> None:
    chain = chain_of([BA, BA], PHONES)
    assert best_path(scores((1, 8)), chain) is None
    assert align(scores((1, 8)), chain, TELEPHONE) is None


def test_the_score_is_that_of_speech_alone() -> None:
    table = scores((0, 50), (1, 5), (2, 5), (3, 5))
    best = align(table, chain_of([BA], PHONES), TELEPHONE)
    assert best is not None
    assert best.score == pytest.approx(-0.1)
