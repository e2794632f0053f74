"""Hanzi to pinyin, because espeak-ng reads pinyin well and Hanzi badly.

espeak-ng makes the third-tone sandhi itself and ours adds 一 and 不; our own readings of
polyphones, neutral tones, letters and family names are in readings.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pypinyin import Style, lazy_pinyin

from tts.free_text import speakable

_HANZI = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f"
_TOKEN = re.compile(rf"[{_HANZI}]+|[A-Za-z]+(?:['’][A-Za-z]+)?|\d+|\s+|.", re.DOTALL)
_SYLLABLE = re.compile(r"[a-z]+[1-5]")
_STOPS: Mapping[str, str] = {
    **dict.fromkeys(",\u3001\uff0c…—–", ","),
    **dict.fromkeys(";:\uff1b\uff1a", ";"),
    **dict.fromkeys(".\u3002\uff0e", "."),
    **dict.fromkeys("!\uff01", "!"),
    **dict.fromkeys("?\uff1f", "?"),
    **dict.fromkeys("()[]<>\uff08\uff09《》〈〉【】\u300c\u300d\u300e\u300f", ","),
    **dict.fromkeys("\"'“”‘’·-~", ""),
}
_NUMERALS = frozenset("零〇一幺二两三四五六七八九十")
_ORDINAL_BEFORE = frozenset("第初周期拜零〇一幺二两三四五六七八九十按点")
_ORDINAL_AFTER = frozenset("月号楼栋幢座层单期区弄室门幺零〇一二三四五六七八九")


class UnspeakableError(ValueError):
    """Some characters have no sound; the message names them."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        shown = ", ".join(f"{char} (U+{ord(char):04X})" for char in characters)
        super().__init__(
            f"no reading for {shown}; write it in words, or add it to tts/readings.yaml"
        )


@dataclass(frozen=True, slots=True)
class Context:
    """How a character is read between certain others, outside the words we know."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    says: str

    def fits(self, run: str, at: int) -> bool:
        """Answer whether the character at that place stands so."""
        return bool(self.before.search(run[:at]) and self.after.match(run[at + 1 :]))


@dataclass(frozen=True, slots=True)
class Readings:
    """Our own readings, as the file holds them."""

    words: Mapping[str, tuple[str, ...]]
    particles: Mapping[str, tuple[str, ...]]
    alone: Mapping[str, tuple[str, ...]]
    contexts: Mapping[str, tuple[Context, ...]]
    letters: Mapping[str, tuple[str, ...]]
    latin_words: Mapping[str, tuple[str, ...]]
    pattern: re.Pattern[str]
    """Matches the longest of `words`."""


def romanised(text: str) -> str:
    """Return text in another language with its Chinese names as syllables that voice can read.

    顺达 becomes shun da. Raises UnspeakableError naming every character that can't be said.
    """
    return re.sub(
        rf"[{_HANZI}]+",
        lambda name: f" {re.sub('[1-5]', '', pinyin(name[0])).replace('v', 'u')} ",
        text,
    )


def pinyin(text: str) -> str:
    """Return the text as numbered pinyin with the stops kept: `nin2 hao3, wo3 shi4 …`.

    Raises UnspeakableError naming every character that can't be said.
    """
    readings = bundled()
    unsaid: list[str] = []
    spoken: list[str] = []
    if re.search(r"\d", text):
        text = speakable(text)
    for token in _TOKEN.findall(text):
        if token.isspace():
            continue
        if token[0] in _STOPS:
            stop = _STOPS[token[0]]
            if stop and spoken:
                spoken[-1] = _with_stop(spoken[-1], stop)
        elif re.match(rf"[{_HANZI}]", token):
            for char, syllable in zip(token, _hanzi(token, readings), strict=True):
                if _SYLLABLE.fullmatch(syllable):
                    spoken.append(syllable)
                else:
                    unsaid.append(char)
        elif token.isascii() and token[0].isalpha():
            spoken.extend(_latin(token, readings))
        else:
            unsaid.append(token)
    if unsaid:
        raise UnspeakableError("".join(dict.fromkeys(unsaid)))
    return " ".join(spoken)


@cache
def bundled() -> Readings:
    """Return the readings shipped with Menling."""
    source = (files("tts") / "readings.yaml").read_text("utf-8")
    sections: dict[str, Any] = yaml.safe_load(source)
    contexts = {
        char: tuple(_context(**each) for each in each_context)
        for char, each_context in sections.pop("contexts").items()
    }
    titles = sections.pop("titles")
    tables = {
        section: {word: tuple(said.split()) for word, said in entries.items()}
        for section, entries in sections.items()
    }
    ambiguous = {*titles["never_after"]}
    for name, said in tables["family_names"].items():
        for title, spoken in titles["always"].items():
            tables["words"][name + title] = (*said, *spoken.split())
        for title, spoken in {} if name in ambiguous else titles["often"].items():
            tables["words"][name + title] = (*said, *spoken.split())
    longest_first = sorted(tables["words"], key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return Readings(
        words=tables["words"],
        particles=tables["particles"],
        alone=tables["alone"],
        contexts=contexts,
        letters=tables["letters"],
        latin_words=tables["latin_words"],
        pattern=pattern,
    )


def _context(says: str, before: str = "", after: str = "") -> Context:
    return Context(re.compile(f"(?:{before})$"), re.compile(after), says)


def _with_stop(spoken: str, stop: str) -> str:
    """Put a stop behind a syllable; where two meet, the stronger stays."""
    strength = ",;.!?"
    if spoken[-1] in strength:
        return spoken if strength.index(spoken[-1]) >= strength.index(stop) else spoken[:-1] + stop
    return spoken + stop


def _latin(word: str, readings: Readings) -> tuple[str, ...]:
    known = readings.latin_words.get(word.lower())
    if known is not None:
        return known
    return tuple(
        syllable for char in word.upper() if char.isalpha() for syllable in readings.letters[char]
    )


def _hanzi(run: str, readings: Readings) -> list[str]:
    """Return one syllable for each character; a character nobody knows stands for itself."""
    syllables: list[str] = []
    fixed: list[bool] = []
    end = 0
    for match in readings.pattern.finditer(run):
        syllables += _by_dictionary(run[end : match.start()], readings)
        fixed += [False] * (match.start() - end)
        syllables += readings.words[match.group()]
        fixed += [True] * len(match.group())
        end = match.end()
    syllables += _by_dictionary(run[end:], readings)
    fixed += [False] * (len(run) - end)
    return [
        syllable if settled else _in_place(run, at, syllables, readings)
        for at, (syllable, settled) in enumerate(zip(syllables, fixed, strict=True))
    ]


def _by_dictionary(piece: str, readings: Readings) -> list[str]:
    if not piece:
        return []
    syllables = lazy_pinyin(
        piece,
        style=Style.TONE3,
        neutral_tone_with_five=True,
        errors=list,  # type: ignore[arg-type]  # one item for each unknown character
    )
    if len(piece) == 1 and piece in readings.alone:
        return list(readings.alone[piece])
    return [
        readings.particles[char][0] if char in readings.particles else syllable
        for char, syllable in zip(piece, syllables, strict=True)
    ]


def _in_place(run: str, at: int, syllables: list[str], readings: Readings) -> str:
    """Return a syllable as its neighbours have it: by our contexts, then 一 and 不 by sandhi."""
    char, syllable = run[at], syllables[at]
    for context in readings.contexts.get(char, ()):
        if context.fits(run, at):
            return context.says
    before = run[at - 1] if at else ""
    after = run[at + 1] if at + 1 < len(run) else ""
    if char == "不":
        if before and before == after:
            return "bu5"
        return "bu2" if after and syllables[at + 1].endswith("4") else "bu4"
    if char == "一" and syllable.startswith("yi"):
        if not after or before in _ORDINAL_BEFORE or after in _ORDINAL_AFTER:
            return "yi1"
        tone = syllables[at + 1][-1]
        return "yi2" if tone == "4" or after == "个" else "yi4"
    return syllable
