"""How much of an utterance is explained by what was found in it."""

from __future__ import annotations

from ivr.nlu.reading import Reading

SILENT = {"fillers", "corrections", "but", "elsewhere", "plain"}
"""Kinds of phrases that mean nothing by themselves."""
_LEAST_COVERAGE = 0.3
"""Of an utterance's characters; less of it explained is babble with a chance word in it."""
_LEAST_COVERAGE_SHORT = 0.5
"""The same where the only words found are of one or two characters."""
SURE_WORDS = 3
"""Characters from which a phrase is no chance find; a slot counts as that many."""


def coverage(reading: Reading, besides: str = "") -> float:
    """Return the share of the tokens that is explained by phrases and values."""
    if not reading.tokens:
        return 0.0
    spots = (spot for spot in reading.spots if spot.kind != besides)
    explained = {i for spot in spots for i in range(spot.start, spot.end)}
    explained |= {slot.at for slot in reading.slots}
    return len(explained) / len(reading.tokens)


def is_enough(reading: Reading, longest: int) -> bool:
    """Answer whether so much was understood that it is no chance find.

    `longest` is the length of the longest phrase that means something, in characters.
    """
    least = _LEAST_COVERAGE
    if longest < SURE_WORDS:
        least = _LEAST_COVERAGE_SHORT
    said: set[int] = {slot.at for slot in reading.slots}
    passed_over: set[int] = set()
    for spot in reading.spots:
        (passed_over if spot.kind in SILENT else said).update(range(spot.start, spot.end))
    slots = (SURE_WORDS - 1) * len(reading.slots)
    return len(said) + slots >= least * (len(reading.tokens) + slots - len(passed_over - said))
