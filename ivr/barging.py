"""Barging: is what is said into our words meant to stop them? Pure.

    looks      0.16   0.20   0.24        readings of the sound so far, and how likely each is
    "便利店"   遍 .44  遍 .44               any word at all: 1.0, twice -> we fall silent at 0.20
               别 .30  变 .35
    "快递"     会 1.0  会 1.0               a weak word, but certain, twice -> 0.20
    "嗯"       嗯 1.0  嗯 .9              a sign of life: 0.0
    a cough    啊 .9   啊 .9               no throat sounds

Which word it is need not be known, only that it is one: so the readings which mean something are
counted together. Two looks must agree, and a throat must have sounded. What counts as a sign of
life, and what noises are taken for, is told in `signs_of_life.yaml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from asr.hearing import Alternative, Partial
from asr.sounding import syllables
from audio.pcm import FRAME_SECONDS
from ivr.completeness import is_assent

THROAT_SECONDS = 0.06
"""Pitch within one look; breath, water and engines have none."""
LIKELY = 0.85
"""Probability, of two looks one after the other, that this is more than a sign of life."""
LIKELY_THRICE = 0.65
"""The same for three looks."""
CERTAIN = 0.95
"""The same for two looks at a weak word, or where hardly any pitch was found: voices creak."""
HUM_SECONDS = 0.36
"""A single syllable that goes on for longer is a hum or a melody."""
ASKED = 0.45
"""Confidence of 嗯 and 好 where they answer what we are just asking."""

_SYLLABLE = re.compile(r"[a-z']+|[^\W\da-z]")


@dataclass(frozen=True, slots=True)
class Look:
    """How likely it was, at one look, that something is meant; 0 to 1."""

    meant: float
    weakly: float
    """The same, weak words counted too."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the looks at an utterance have shown so far."""

    throat_seconds: float = 0.0
    """The most pitch that one look found."""
    looks: tuple[Look, ...] = ()
    """The last three, newest last."""

    @property
    def has_throat(self) -> bool:
        """A throat has sounded."""
        return self.throat_seconds > THROAT_SECONDS - FRAME_SECONDS / 2

    def with_look(self, heard: Partial, after_seconds: float, language: str) -> Evidence:
        """Return the evidence after one more look, so long after the voice began."""
        if heard.text and not heard.confidence:
            return self  # the recogniser has not told how likely it is
        throat = max(self.throat_seconds, heard.pitched_seconds)
        look = look_at(heard, after_seconds, language)
        # What was said up to a pause needs no second look.
        looks = (look, look) if heard.settled else (look,)
        return Evidence(throat, (*self.looks, *looks)[-3:])

    @property
    def stops_us(self) -> bool:
        """Answer whether it is enough."""
        if len(self.looks) < 2 or not self.throat_seconds:
            return False
        meant = min(look.meant for look in self.looks[-2:])
        if not self.has_throat:
            return meant >= CERTAIN
        return (
            meant >= LIKELY
            or min(look.weakly for look in self.looks[-2:]) >= CERTAIN
            or (len(self.looks) > 2 and min(look.meant for look in self.looks) >= LIKELY_THRICE)
        )


NOTHING_YET = Evidence()


def look_at(heard: Partial, after_seconds: float, language: str) -> Look:
    """Return how likely the sound so far is more than a sign of life."""
    meant = weakly = 0.0
    for reading in heard.alternatives or (Alternative(heard.text, heard.confidence),):
        said = _said(reading.text, language)
        if said.syllables == 1 and after_seconds > HUM_SECONDS:
            continue
        if said.is_meant:
            meant += reading.confidence
        elif said.weak:
            weakly += reading.confidence
    return Look(meant, meant + weakly)


def means_something(text: str, asking: bool, language: str) -> bool:
    """Answer whether what was said into our words is more than a sign of life."""
    if is_assent(text, language):
        return asking
    return _said(text, language).is_meant


def answers_us(heard: Partial, evidence: Evidence, language: str) -> bool:
    """Answer whether this is the 嗯 or 好 that answers the question we are just asking."""
    return evidence.has_throat and is_assent(heard.text, language) and heard.confidence >= ASKED


@dataclass(frozen=True, slots=True)
class _Said:
    """The syllables of a reading, counted."""

    syllables: int
    strong: int
    weak: int

    @property
    def is_meant(self) -> bool:
        return self.strong > 0 or self.weak > 1


def _said(text: str, language: str) -> _Said:
    signs, weak = _known(language)
    sounds = [_sound(each) for each in _SYLLABLE.findall(text.lower())]
    if is_assent(text, language):
        return _Said(len(sounds), 0, 0)
    weakly = sum(sound in weak for sound in sounds)
    signing = sum(sound in signs for sound in sounds)
    return _Said(len(sounds), len(sounds) - signing - weakly, weakly)


@cache
def _known(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the sounds of signs of life and of weak words."""
    table = yaml.safe_load((files("ivr") / "signs_of_life.yaml").read_text(encoding="utf-8"))
    words = table.get(language) or {"signs": "", "weak": ""}
    signs = frozenset(map(_sound, words["signs"].split()))
    return signs, frozenset(map(_sound, words["weak"].split())) - signs


@cache
def _sound(syllable: str) -> str:
    return next(iter(syllables(syllable)), "")
