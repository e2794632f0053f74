"""The phrases of networks and machines, read from the YAML files beside this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from asr.sounding import Phrase, syllables


class PhrasebookError(ValueError):
    """A phrase file is malformed; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase that was found."""

    kind: str
    phrase: str
    share: float
    """How much of its sound was there: 1 all of it."""


class Phrasebook:
    """Phrases by what they give away."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._phrases = {
            kind: tuple(Phrase.of(text) for text in texts) for kind, texts in phrases.items()
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the phrases can give away."""
        return tuple(self._phrases)

    def kind_of(self, text: str, among: Iterable[str] | None = None) -> str | None:
        """Return the kind whose phrase sounds most exactly in the text; ties go to the longest."""
        found = self.best(text, among)
        return found.kind if found else None

    def best(self, text: str, among: Iterable[str] | None = None) -> Match | None:
        """Return the phrase that sounds most exactly in the text; ties go to the longest."""
        heard = syllables(text)
        sounds = frozenset(heard)
        best, found = (0.0, 0), None
        for kind in self.kinds if among is None else among:
            for phrase in self._phrases[kind]:
                if not phrase.may_be_in(sounds):
                    continue
                score = (phrase.share_in(heard), phrase.length)
                if score[0] and score > best:
                    best, found = score, Match(kind, phrase.text, score[0])
        return found


def read_phrasebook(text: str, name: str) -> Phrasebook:
    """Return the phrasebook written in YAML: kind -> list of phrases."""
    content = yaml.safe_load(text)
    if not isinstance(content, dict):
        raise PhrasebookError(f"{name} must map kinds to lists of phrases")
    for kind, texts in content.items():
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise PhrasebookError(f"{name}: {kind} must be a list of phrases")
    try:
        return Phrasebook(content)
    except ValueError as error:
        raise PhrasebookError(f"{name}: {error}") from error


@cache
def announcement_phrases() -> Phrasebook:
    """Return what networks say."""
    return _shipped("announcements.yaml")


@dataclass(frozen=True, slots=True)
class Wording:
    """What a carrier says, word for word."""

    carrier: str
    kind: str
    text: str


@cache
def carrier_wordings() -> tuple[Wording, ...]:
    """Return the announcements of the carriers as they are spoken."""
    name = "announcements.wordings.yaml"
    content = yaml.safe_load(resources.files("asr").joinpath(name).read_text("utf-8"))
    return tuple(
        Wording(carrier, kind, text)
        for carrier, kinds in content.items()
        for kind, texts in kinds.items()
        for text in texts
    )


@cache
def answerer_phrases() -> Phrasebook:
    """Return what machines and people say when they take a call."""
    return _shipped("answerers.yaml")


def _shipped(name: str) -> Phrasebook:
    return read_phrasebook(resources.files("asr").joinpath(name).read_text("utf-8"), name)
