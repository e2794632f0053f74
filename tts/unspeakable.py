"""What of a flow's wording the voices can't say, found before anybody is called."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tts import free_text, free_text_en
from tts.readings import UnspeakableError, bundled, pinyin
from tts.script import MOST_CHARACTERS

_SLOT = re.compile(r"\{[^{}]*\}")
_HANZI = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff]+")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_SPELT_AT_MOST = 3
"""Small letters that may be spelt one by one; more of them are a word, and nobody spells a word."""
_ENGLISH_SIGNS = frozenset(" ,.;:!?'\"()-\u2013\u2014\u2018\u2019\u201c\u201d\u2026")


@lru_cache(maxsize=8192)  # flows share most of their wordings
def unspeakable(text: str, language: str) -> str:
    """Return why the voice of that language can't say the text, and what to do; empty if it can.

    Slots (`{name|format}`) are passed over. What is said of a slot depends on the delivery.
    """
    words = _SLOT.sub(" ", text)
    if not any(char.isalnum() for char in words):
        return "" if _SLOT.search(text) else f"There is nothing to say in {text!r}. Write words."
    if len(words) > MOST_CHARACTERS:
        return (
            f"It has {len(words)} characters, too many for one breath. "
            f"Split it into sentences below {MOST_CHARACTERS}."
        )
    return _mandarin(words) if language.startswith("zh") else _english(words)


def _mandarin(words: str) -> str:
    # before figures are resolved: `iPhone15` is a word with figures
    known = bundled().latin_words
    for found in _LATIN_WORD.findall(words):
        small = sum(char.islower() for char in found)
        if small > _SPELT_AT_MOST and found.lower() not in known:
            return (
                f"{found!r} would be spelt letter by letter. Write it in Chinese, or add it to "
                "latin_words in tts/readings.yaml."
            )
    try:
        pinyin(free_text.speakable(words))
    except UnspeakableError as error:
        return _named(error.characters)
    return ""


def _english(words: str) -> str:
    chinese = _HANZI.search(words)
    if chinese:
        return f"{chinese[0]!r} is Chinese in an English sentence. Write it in English."
    said = free_text_en.speakable(words)
    unsaid = "".join(
        dict.fromkeys(char for char in said if not (_is_latin(char) or char in _ENGLISH_SIGNS))
    )
    return _named(unsaid) if unsaid else ""


def _is_latin(char: str) -> bool:
    return char.isalpha() and unicodedata.name(char, "").startswith("LATIN")


def _named(characters: str) -> str:
    shown = ", ".join(
        f"{char} ({unicodedata.name(char, f'U+{ord(char):04X}').lower()})" for char in characters
    )
    return f"No voice says {shown}. Write it in words, or leave it out."
