"""Sentences of other people than the corpus has, which show what the rules generalise to."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from audio_fixtures.meant import QUESTIONS, judged, sentences, share
from ivr.nlu.understanding import understand

BARS = {"zh-CN": (0.98, 0.97), "en-US": (0.95, 0.93)}
"""Least share of intents and of slots."""


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_nearly_all_fresh_sentences_are_understood(language: str, now: datetime) -> None:
    intents: list[bool] = []
    slots: list[bool] = []
    missed: list[str] = []
    for one in sentences(Path(__file__).with_name(f"fresh.{language}.yaml")):
        meaning = understand(one.heard, 1.0, QUESTIONS[one.question], now, language)
        verdict = judged(one.meant, meaning, now)
        intents.append(verdict.intent)
        slots += verdict.slots.values()
        if not (verdict.intent and all(verdict.slots.values())):
            missed.append(f"{one.question}: {one.said}: {one.meant}, not {meaning.intent}")
    assert share(intents) >= BARS[language][0], missed
    assert share(slots) >= BARS[language][1], missed
