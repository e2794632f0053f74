"""A graph without a language model: any short syllable may follow any other, all equally likely.

What a network hears with it is what it hears alone; the words of a domain hide a weak network.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Protocol, runtime_checkable

from asr.training.fst import Arc, Transducer, fst_tools
from asr.training.graph_lexicon import lexicon_transducer
from asr.training.language import Language, Pronunciation
from asr.training.topology import Topology

_LONGEST = 2
"""Phones of a syllable."""
_NOTHING = "[nothing]"


@runtime_checkable
class Spelt(Protocol):
    """A language whose words are no syllables: what they are cut into instead."""

    def sounds(self, words: tuple[Pronunciation, ...]) -> tuple[Pronunciation, ...]:
        """Return the units in which errors count where there is no language model."""


def units_of(language: Language, words: tuple[Pronunciation, ...]) -> tuple[Pronunciation, ...]:
    """Return what is heard, without a language model, when the words are said."""
    return language.sounds(words) if isinstance(language, Spelt) else words


def syllables(language: Language) -> tuple[Pronunciation, ...]:
    """Return every pronunciation of the lexicon that is no longer than a syllable.

    Where words are no syllables: every unit that occurs in them.
    """
    if isinstance(language, Spelt):
        every = tuple(reading for word in language.lexicon().values() for reading in word)
        return tuple(sorted(set(language.sounds(every))))
    readings = {reading for word in language.lexicon().values() for reading in word}
    return tuple(sorted(reading for reading in readings if len(reading) <= _LONGEST))


def name_of(syllable: Pronunciation) -> str:
    """Return the word that stands for a syllable in the graph."""
    return "-".join(syllable)


def write_loop(language: Language, graph: Path) -> None:
    """Write the folder `graph` of a model that knows syllables only."""
    graph.mkdir(parents=True)
    topology = Topology(language.phones)
    words = {name_of(syllable): (syllable,) for syllable in syllables(language)}
    numbers = {word: number for number, word in enumerate((*words, _NOTHING), 1)}
    left = lexicon_transducer(topology, words, numbers, (_NOTHING, (), 0.0))
    cost = math.log(len(words))
    loop = Transducer([Arc(0, 0, numbers[word], numbers[word], cost) for word in words], {0: 0.0})
    with fst_tools() as tools:
        tools.composed(left, loop, graph / "HCLG.fst")
    table = "".join(f"{word} {number}\n" for word, number in {"<eps>": 0, **numbers}.items())
    (graph / "words.txt").write_text(table, encoding="utf-8")
    (graph / "phones").mkdir()
    (graph / "phones" / "word_boundary.int").write_text(topology.word_boundary(), encoding="ascii")
