"""How alike two characters sound: the telephone and dialects swap tones and neighbouring sounds."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin import lazy_pinyin

EXACT = 1.0
"""The same character."""
SAME_SOUND = 0.8
"""The same syllable but for its tone."""
NEAR_SOUND = 0.55
"""Syllables many speakers do not keep apart: zh/z, ch/c, sh/s, n/l, f/h, ing/in, eng/en,
ang/an."""

_MERGERS = (
    (re.compile("^([zcs])h"), r"\1"),
    (re.compile("^l"), "n"),
    (re.compile("^fu$"), "hu"),
    (re.compile("^f(?=an|ang|en|ei)"), "hu"),
    (re.compile("^huen"), "hun"),
    (re.compile("^feng|^hong"), "hun"),
    (re.compile("([aei])ng$"), r"\1n"),
)


@lru_cache(maxsize=16384)
def syllable(token: str) -> str:
    """Return the toneless pinyin of one character; anything else is its own sound."""
    if len(token) != 1 or token.isascii():
        return token
    return lazy_pinyin(token)[0]


@lru_cache(maxsize=16384)
def sound_class(token: str) -> str:
    """Return what all characters share that may be mistaken for this one."""
    sound = syllable(token)
    if len(token) != 1 or token.isascii():
        return sound
    for pattern, merged in _MERGERS:
        sound = pattern.sub(merged, sound)
    return sound


def likeness(said: str, meant: str) -> float:
    """Return how well one heard character stands for another of its sound class, 0 to 1."""
    if said == meant:
        return EXACT
    if syllable(said) == syllable(meant):
        return SAME_SOUND
    return NEAR_SOUND
