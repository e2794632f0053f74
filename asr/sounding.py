"""Does this text sound like that phrase? By toneless pinyin, because recognisers err in characters.

Sounds that telephones, dialects and recognisers mix up count as one: zh/z, ch/c, sh/s, n/l,
-ing/-in, -eng/-en, -ang/-an, fu/hu.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from pypinyin import lazy_pinyin

_WORDS = re.compile(r"[a-z0-9']+|[\u4e00-\u9fff]+")
_SYLLABLE_SWAPS = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"^n(?=[aeiou])"), "l"),
    (re.compile(r"(?<=[aei]n)g$"), ""),
    (re.compile(r"^f(?=u$)"), "h"),
)

SKIP = "…"
"""Between the parts of a phrase that may stand apart."""

EXACT = "!"
"""At the end of a phrase in which no syllable may differ."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase by its sound: parts that all occur, in this order, with anything between them."""

    text: str
    parts: tuple[tuple[str, ...], ...]
    length: int
    """Syllables in all its parts."""
    sounds: frozenset[str]
    """Those in any of its parts."""
    forgiven: int
    """Errors it may have in all."""
    is_exact: bool = False

    @classmethod
    def of(cls, text: str) -> Phrase:
        """Return the phrase of a text; `…` separates its parts, `!` ends one to be exact."""
        parts = tuple(syllables(part) for part in text.removesuffix(EXACT).split(SKIP))
        if not all(parts):
            raise ValueError(f"the phrase {text!r} has an empty part")
        is_exact = text.endswith(EXACT)
        errors = [int(len(part) * (1.0 - required(len(part)))) for part in parts]
        return cls(
            text,
            parts,
            length=sum(map(len, parts)),
            sounds=frozenset(chain.from_iterable(parts)),
            forgiven=0 if is_exact else sum(errors),
            is_exact=is_exact,
        )

    def may_be_in(self, sounds: frozenset[str]) -> bool:
        """Rule out, sooner than `share_in` does, what lacks too many of its sounds."""
        return len(self.sounds - sounds) <= self.forgiven

    def share_in(self, heard: tuple[str, ...]) -> float:
        """Return how much of it sounds in what was heard: 1 exactly, 0 not recognisably."""
        start = 0
        found = 0.0
        for part in self.parts:
            share, end = best_match(part, heard[start:])
            if share < (1.0 if self.is_exact else required(len(part))):
                return 0.0
            start += end
            found += share * len(part)
        return found / self.length


def required(length: int) -> float:
    """Return the share of a part of so many syllables that must be there.

    One error in four syllables is forgiven, one in three, and none in shorter parts: an error
    would make them another word.
    """
    if length > 3:
        return 0.75
    return 0.66 if length == 3 else 1.0


@lru_cache(maxsize=1024)
def syllables(text: str) -> tuple[str, ...]:
    """Return the sounds of a text: toneless syllables for Hanzi, small letters for words."""
    found: list[str] = []
    for piece in _WORDS.findall(text.lower()):
        if piece[0] < "\u4e00":
            found.append(piece)
        else:
            found += [_fold(syllable) for syllable in lazy_pinyin(piece)]
    return tuple(found)


def _fold(syllable: str) -> str:
    for pattern, folded in _SYLLABLE_SWAPS:
        syllable = pattern.sub(folded, syllable)
    return syllable


def best_match(part: tuple[str, ...], heard: tuple[str, ...]) -> tuple[float, int]:
    """Return how much of `part` the best stretch of `heard` holds (0 to 1), and where it ends."""
    if len(set(part).intersection(heard)) * 2 < len(set(part)):
        return 0.0, 0
    costs = [0] * (len(heard) + 1)
    for row, sound in enumerate(part, start=1):
        diagonal, costs[0] = costs[0], row
        for column, other in enumerate(heard, start=1):
            substituted = diagonal + (sound != other)
            diagonal = costs[column]
            costs[column] = min(substituted, diagonal + 1, costs[column - 1] + 1)
    cheapest = min(costs)
    return 1.0 - cheapest / len(part), costs.index(cheapest)
