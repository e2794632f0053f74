"""What people wish for beside the answer: evenings, a call first, less plastic. Counted by tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ivr.nlu.denials import CORRECTIONS, DOUBTS, HARMLESS, denials_of, is_denied, taken_apart
from ivr.nlu.language import language_of
from ivr.nlu.spotting import Spotter

_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WISH = "wish "
"""Before a tag, so that it can't be mistaken for a mark."""
_AND = "+"
"""Between the tags of phrases that hold two wishes."""
_ELSEWHERE = "elsewhere"
_NO_WISHES: Mapping[str, Any] = {"wishes": {}, "elsewhere": ()}
_WORTHS = {CORRECTIONS: 0.3, HARMLESS: 0.3, DOUBTS: 0.3, _ELSEWHERE: 1.3}


@dataclass(frozen=True, slots=True)
class WishExample:
    """A sentence beside the phrases of a tag."""

    tag: str
    said: str
    means: bool
    """False: the wish must not be heard in it."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The wishes that are known in one language."""

    tags: tuple[str, ...]
    examples: tuple[WishExample, ...]
    spotter: Spotter


def wishes_in(text: str, language: str) -> tuple[str, ...]:
    """Return the tags of the wishes in what was said, in order; what is denied is no wish.

    There are none in a language without a wish file. Raises LanguageError when it has no phrase
    file either; never because of the text.
    """
    said = taken_apart(text, language)
    said = replace(said, spots=tuple(wishes_of(language).spotter.best_cover(said.tokens)))
    denials = denials_of(language)
    held = (
        spot.kind.removeprefix(_WISH)
        for spot in said.spots
        if spot.kind.startswith(_WISH)
        and not said.pauses & set(range(spot.start + 1, spot.end))
        and not is_denied(spot, said, denials)
    )
    return tuple(dict.fromkeys(tag for kind in held for tag in kind.split(_AND)))


@cache
def wishes_of(language: str) -> Wishes:
    """Return the wishes of a language, loaded once.

    Raises LanguageError when it has no phrase file.
    """
    source = resources.files("ivr.nlu") / f"wishes.{language}.yaml"
    content = _NO_WISHES
    if source.is_file():
        content = yaml.load(source.read_text("utf-8"), _READER)
    wishes: Mapping[str, Mapping[str, list[str]]] = content["wishes"]
    kinds = {f"{_WISH}{tag}": entry["phrases"] for tag, entry in wishes.items()}
    return Wishes(
        tags=tuple(dict.fromkeys(tag for kind in wishes for tag in kind.split(_AND))),
        examples=tuple(
            WishExample(tag, said, means)
            for tag, entry in wishes.items()
            for key, means in (("means", True), ("not", False))
            for said in entry.get(key, ())
        ),
        spotter=Spotter(
            {**kinds, _ELSEWHERE: content["elsewhere"], **denials_of(language).marks},
            _WORTHS,
            strict=kinds,
            light=language_of(language).light,
        ),
    )
