"""How phones become the numbers that Kaldi's files hold: phone, state, output, transition.

Phones depend on their position in the word (X_B begins it, X_I is inside, X_E ends it, X_S is the
whole of it) only because Vosk tells the times of words by that; the network does not distinguish
them. Every state has a transition to itself and one onwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from asr.training.language import SILENCE, PhoneSet, Pronunciation

_POSITIONS = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}
_STAY = {1: 0.6, 2: 0.65, 3: 0.6}
"""States of the phone -> probability of staying in a state."""
_STAY_SILENT = 0.9


@dataclass(frozen=True)
class Topology:
    """The numbering of a phone set; all numbers count from 1 as Kaldi's do, but states and pdfs."""

    phones: PhoneSet

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Phones with their positions; the place in the list is the number, <eps> is 0."""
        names = [f"{phone}_{p}" for phone in self.phones.states for p in _POSITIONS]
        return ("<eps>", SILENCE, *(n for n in names if not n.startswith(f"{SILENCE}_")))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Phone with its position -> number."""
        return {symbol: number for number, symbol in enumerate(self.symbols)}

    @cached_property
    def triples(self) -> tuple[tuple[int, int, int], ...]:
        """(phone number, state, pdf) in Kaldi's order of transition states."""
        return tuple(
            (number, state, self.phones.pdfs[bare(symbol), state])
            for number, symbol in enumerate(self.symbols)
            if number
            for state in range(self.states(symbol))
        )

    @cached_property
    def transitions(self) -> dict[tuple[str, int], tuple[int, int]]:
        """(phone with its position, state) -> transition that stays, transition onwards."""
        return {
            (self.symbols[phone], state): (2 * k - 1, 2 * k)
            for k, (phone, state, _) in enumerate(self.triples, 1)
        }

    def states(self, symbol: str) -> int:
        """Return how many states a phone has."""
        return self.phones.states[bare(symbol)]

    def stay(self, symbol: str) -> float:
        """Return the probability of staying in a state of the phone."""
        return _STAY_SILENT if symbol == SILENCE else _STAY[self.states(symbol)]

    def word_boundary(self) -> str:
        """Return the text of graph/phones/word_boundary.int."""
        return "".join(
            f"{number} {'nonword' if symbol == SILENCE else _POSITIONS[symbol[-1]]}\n"
            for number, symbol in enumerate(self.symbols)
            if number
        )

    def phones_text(self) -> str:
        """Return the text of graph/phones.txt."""
        return "".join(f"{symbol} {number}\n" for number, symbol in enumerate(self.symbols))


def bare(symbol: str) -> str:
    """Return the phone without its position."""
    return symbol.rpartition("_")[0] or symbol


def in_word(pronunciation: Pronunciation) -> tuple[str, ...]:
    """Return the phones of a word with their positions."""
    if len(pronunciation) == 1:
        return (f"{pronunciation[0]}_S",)
    first, *inside, last = pronunciation
    return (f"{first}_B", *(f"{phone}_I" for phone in inside), f"{last}_E")
