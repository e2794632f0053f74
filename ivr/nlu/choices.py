"""Which of a question's own answers was given: broken, wet or short, refund or exchange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ivr.nlu.denials import (
    CORRECTIONS,
    DOUBTS,
    HARMLESS,
    denials_of,
    is_denied,
    replaces,
    taken_apart,
)
from ivr.nlu.language import language_of
from ivr.nlu.patterns import Tokens
from ivr.nlu.sound import EXACT
from ivr.nlu.spotting import Spot, Spotter

_CHOICE = "choice "
"""Before the name of a choice, so that it can't be mistaken for a mark."""
_WORTHS = {CORRECTIONS: 0.9, HARMLESS: 0.6, DOUBTS: 0.8}
_SURE_WORDS = 3
"""Characters from which a phrase that only sounds right is no chance find."""
_LEAST_COVERAGE = 0.5
"""Of what was said, by a shorter phrase that only sounds right."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The answer that was given, of those a question offers."""

    name: str
    likeness: float
    """How well the words fit, 0 to 1; 1 means the very same characters."""
    others: tuple[str, ...] = ()
    """What else was named in the same breath and holds, in the order it was said."""


def chosen(text: str, choices: Mapping[str, tuple[str, ...]], language: str) -> Chosen | None:
    """Return the answer that was given, or None when it was none of them.

    `choices` has the phrases of each answer by its name, written as in a phrase file. What was
    denied or taken back is not chosen. Raises PatternError when a phrase cannot be read,
    LanguageError when the language has no phrase file; never because of the text.
    """
    held = _held(text, choices, language)
    if not held:
        return None
    (name, likeness), *others = held.items()
    return Chosen(name, likeness, tuple(other for other, _ in others))


def choices_in(text: str, choices: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    """Return all answers that were named and hold, in the order they were said.

    Raises PatternError and LanguageError as `chosen` does.
    """
    return tuple(_held(text, choices, language))


def _held(text: str, choices: Mapping[str, tuple[str, ...]], language: str) -> dict[str, float]:
    """Return the likeness of each answer that holds, in the order they were said."""
    said = taken_apart(text, language)
    cover = _spotter(tuple(choices.items()), language).best_cover(said.tokens)
    said = replace(said, spots=_without_chance_finds(cover, said.tokens))
    denials = denials_of(language)
    named = [spot for spot in said.spots if spot.kind.startswith(_CHOICE)]
    holds: dict[str, float] = {}
    for index, spot in enumerate(named):
        name = spot.kind.removeprefix(_CHOICE)
        if index and replaces(named[index - 1], spot, said, denials):
            holds.clear()
        elif is_denied(spot, said, denials):
            holds.pop(name, None)
            continue
        holds[name] = max(spot.likeness, holds.get(name, 0.0))
    return holds


@lru_cache(maxsize=256)
def _spotter(choices: tuple[tuple[str, tuple[str, ...]], ...], language: str) -> Spotter:
    kinds = {f"{_CHOICE}{name}": phrases for name, phrases in choices}
    return Spotter(
        {**kinds, **denials_of(language).marks}, _WORTHS, light=language_of(language).light
    )


def _without_chance_finds(spots: list[Spot], tokens: Tokens) -> tuple[Spot, ...]:
    """Drop short phrases that only sound like something in a long sentence about other things."""
    return tuple(
        spot
        for spot in spots
        if spot.likeness == EXACT
        or spot.end - spot.start >= _SURE_WORDS
        or spot.end - spot.start >= _LEAST_COVERAGE * len(tokens)
    )
