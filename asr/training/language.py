"""What the training of a model needs to know of a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Protocol

import numpy as np
import numpy.typing as npt

SILENCE = "SIL"

Pronunciation = tuple[str, ...]
"""Phones of one word, without silence."""

Pcm = npt.NDArray[np.int16]


@dataclass(frozen=True)
class PhoneSet:
    """The phones of a language, silence first, and how many states each has."""

    states: Mapping[str, int]
    """Phone -> number of hidden states, in order; the first is SIL with one state."""

    @cached_property
    def pdfs(self) -> Mapping[tuple[str, int], int]:
        """(phone, state) -> number of the network's output."""
        pairs = [(phone, n) for phone, count in self.states.items() for n in range(count)]
        return {pair: number for number, pair in enumerate(pairs)}

    def pdfs_of(self, phone: str) -> tuple[int, ...]:
        """Return the outputs a phone passes through, in order."""
        return tuple(self.pdfs[phone, state] for state in range(self.states[phone]))


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech with its phones, and where each began when the synthesiser tells."""

    pcm: Pcm
    """At `rate`."""
    rate: int
    text: str
    words: tuple[Pronunciation, ...]
    """What is said, word by word; silences between words are optional."""
    segments: tuple[tuple[str, float, float], ...] = ()
    """(phone or SIL, began, ended) in seconds; empty: must be aligned."""


class Language(Protocol):
    """One language of the tool."""

    @property
    def code(self) -> str:
        """zh-CN, en-US."""

    @property
    def phones(self) -> PhoneSet:
        """The phones its words are made of."""

    def lexicon(self) -> Mapping[str, tuple[Pronunciation, ...]]:
        """Word of the vocabulary -> its pronunciations; accents are further pronunciations."""

    def texts(self, seed: int, count: int) -> Iterator[tuple[str, ...]]:
        """Sentences of the domain, split into words of the lexicon, for the language model."""

    def speak(self, random: Random, held_out: bool = False) -> Clip:
        """Synthesise something of the domain with a random voice, at its own rate.

        Held out: with the voices, and of the sentences, that training never sees.
        """

    def pronounce(self, text: str) -> tuple[Pronunciation, ...]:
        """Return the pronunciation of a transcript; raises ValueError when it has none."""
