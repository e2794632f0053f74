"""A share of the corpus through the whole ear; `python -m bench.hearing` measures all of it."""

from __future__ import annotations

import pytest

from asr.recognizer import SpeechModel
from audio_fixtures.corpus.conditions import CLEAN, NOISY_15, Condition
from audio_fixtures.corpus.ear import Ear, Heard, edits
from audio_fixtures.corpus.recordings import (
    Kind,
    Recording,
    a_share,
    everything_said,
    recordings,
    voices,
)
from audio_fixtures.meant import share

pytestmark = pytest.mark.vosk

FLOORS = {CLEAN: (0.15, 0.85), NOISY_15: (0.60, 0.60)}
"""Most characters heard wrongly and least intents understood, with some room: few are played."""
PORTION = 0.05


@pytest.fixture(scope="module")
def ear(model: SpeechModel) -> Ear:
    return Ear(model, "zh-CN", everything_said(recordings()))


def played() -> list[Recording]:
    speakers = voices()
    return [
        row
        for row in a_share(recordings(), PORTION)
        if row.kind is Kind.SENTENCE and speakers[row.voice].language == "zh-CN"
    ]


@pytest.mark.parametrize("condition", list(FLOORS), ids=lambda condition: condition.name)
def test_voices_no_model_was_trained_with_are_heard_and_understood(
    ear: Ear, condition: Condition
) -> None:
    heard: list[Heard] = [ear.hear(row, condition) for row in played()]
    most_wrong, least_understood = FLOORS[condition]
    wrong = sum(each.wrong for each in heard) / sum(each.wanted for each in heard)
    understood = share(each.intent for each in heard)
    assert len(heard) >= 25
    assert wrong <= most_wrong
    assert understood >= least_understood


@pytest.mark.parametrize(
    ("wanted", "heard", "count"),
    [("明天下午", "明天下午", 0), ("明天下午", "明天上午", 1), ("好", "", 1), ("", "嗯", 1)],
)
def test_a_character_is_wrong_when_it_is_another_or_missing_or_was_not_said(
    wanted: str, heard: str, count: int
) -> None:
    assert edits(wanted, heard) == count
