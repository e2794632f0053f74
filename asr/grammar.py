"""Phrases a question hopes for -> the closed grammar a Vosk model takes.

Vosk takes space-separated entries of the model's `words.txt`. Chinese has no spaces, so each
phrase is cut by longest match; a stretch the model has no word for becomes `[unk]` and is
reported.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

UNKNOWN = "[unk]"
"""Vosk's word for "none of these"; it keeps other speech from being forced into the phrases."""

NOT_WORDS = frozenset({"<eps>", "#0", "<s>", "</s>", "!SIL", "<unk>", "<UNK>", "[UNK]", UNKNOWN})
"""Entries of words.txt that nobody says."""

_PIECES = re.compile(r"[A-Za-z0-9']+|[^\sA-Za-z0-9']")
_SPOKEN = re.compile(r"\w")
_OTHERWISE = str.maketrans("幺", "一")
"""How to write what a model's words don't have: official Mandarin models lack 幺."""
_BETWEEN_HANZI = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")


@dataclass(frozen=True, slots=True)
class Grammar:
    """A closed list in the model's own words."""

    entries: tuple[str, ...]
    """Words separated by spaces; empty: the model knows none of the phrases."""
    dropped: tuple[str, ...]
    """Pieces of the phrases the model has no word for."""

    @property
    def json(self) -> str:
        """The form Vosk takes; an empty string stands for "no grammar, hear anything"."""
        if not self.entries:
            return ""
        return json.dumps([*self.entries, UNKNOWN], ensure_ascii=False)


class Vocabulary:
    """The words a model can hear."""

    def __init__(self, knows: Callable[[str], bool], longest: int = 8) -> None:
        """`longest`: characters of the longest word worth looking for."""
        self._knows = knows
        self._longest = longest

    @classmethod
    def of(cls, words: Iterable[str]) -> Vocabulary:
        """Return the vocabulary that holds exactly these words."""
        known = frozenset(words) - NOT_WORDS
        return cls(known.__contains__, max((len(word) for word in known), default=0))

    def __contains__(self, word: str) -> bool:
        return word not in NOT_WORDS and self._knows(word)

    def split(self, phrase: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Cut a phrase into words by longest match; return the words and the pieces left over.

        A left-over piece stands as `[unk]` among the words.
        """
        pieces = [piece for piece in _PIECES.findall(phrase) if _SPOKEN.match(piece)]
        words: list[str] = []
        missing: list[str] = []
        at = 0
        while at < len(pieces):
            word, used = self._longest_word(pieces, at)
            if word:
                words.append(word)
            else:
                missing.append(pieces[at])
                if words[-1:] != [UNKNOWN]:
                    words.append(UNKNOWN)
            at += used
        return tuple(words), tuple(missing)

    def _longest_word(self, pieces: list[str], at: int) -> tuple[str, int]:
        for count in range(min(self._longest, len(pieces) - at), 0, -1):
            candidate = "".join(pieces[at : at + count])
            for form in (candidate, candidate.lower(), candidate.translate(_OTHERWISE)):
                if form in self:
                    return form, count
        return "", 1


def grammar_of(phrases: tuple[str, ...], vocabulary: Vocabulary) -> Grammar:
    """Return the grammar for these phrases; phrases of which no word is known are left out."""
    entries: dict[str, None] = {}
    dropped: dict[str, None] = {}
    for phrase in phrases:
        words, missing = vocabulary.split(phrase)
        dropped.update(dict.fromkeys(missing))
        if any(word != UNKNOWN for word in words):
            entries[" ".join(words)] = None
    return Grammar(tuple(entries), tuple(dropped))


class GrammarBook:
    """The grammars of one model, each made once; the least used goes when the book is full."""

    def __init__(self, vocabulary: Vocabulary, pages: int = 256) -> None:
        self._vocabulary = vocabulary
        self._pages = pages
        self._book: OrderedDict[tuple[str, ...], Grammar] = OrderedDict()

    def grammar(self, phrases: tuple[str, ...]) -> Grammar:
        """Return the grammar for these phrases."""
        found = self._book.get(phrases)
        if found is None:
            found = self._book[phrases] = grammar_of(phrases, self._vocabulary)
            if len(self._book) > self._pages:
                self._book.popitem(last=False)
        else:
            self._book.move_to_end(phrases)
        return found


def plain(words: Iterable[str]) -> str:
    """Return recognised words as text: no spaces between Hanzi, no markers nobody said."""
    return _BETWEEN_HANZI.sub("", " ".join(word for word in words if word not in NOT_WORDS))
