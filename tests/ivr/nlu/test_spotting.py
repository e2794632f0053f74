"""Phrases are found the same whether their beginnings are remembered or not."""

from __future__ import annotations

from pathlib import Path

import yaml

from audio_fixtures.meant import sentences
from ivr.nlu.patterns import tokens_of
from ivr.nlu.spotting import Spotter

CORPUS = Path(__file__).parent / "corpus"
PHRASES = Path(__file__).parents[3] / "ivr" / "nlu"


def test_what_was_forgotten_is_found_again() -> None:
    written = yaml.safe_load((PHRASES / "phrases.en-US.yaml").read_text("utf-8"))["intents"]
    kinds = {
        name: [phrase for phrase in section["phrases"] if "<" not in phrase]  # No word classes.
        for name, section in written.items()
    }
    remembering, forgetting = Spotter(kinds), Spotter(kinds, remembers=50)
    for sentence in sentences(CORPUS / "dev.en-US.yaml"):
        tokens = tokens_of(sentence.heard)
        assert remembering.best_cover(tokens) == remembering.best_cover(tokens)
        assert forgetting.best_cover(tokens) == remembering.best_cover(tokens)
