"""The words of the flow map: names for ids, and lines that are as wide as they are thought to be.

Widths are counted in ems, so that a drawing is the same on a machine without Chinese fonts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType

import yaml

from ivr.facts import facts_known
from ivr.guards import seen, subject_of

WIDE_EM = 1.0
NARROW_EM = 0.56
"""Mean width of a Latin letter in the sans-serif fonts that the drawings name."""

NOTHING: Mapping[str, str] = MappingProxyType({})

_CLOSING = "，。、！？；：）》」』】…,.!?;:)]}〉[×"
"""What no line may begin with."""
_PIECE = re.compile(r"\s+|[\x21-\x7e‹›×]+|.", re.DOTALL)
_ITEM = re.compile(r"＋?[^、,＋]+(?:、|, )?")
_SLOT = re.compile(r"\{(\w+)(?:\|\w+)?\}")


class Words(StrEnum):
    """What a short name stands for."""

    INTENT = "intents"
    CONDITION = "conditions"
    CAUSE = "causes"
    EVENT = "events"
    SLOT = "slots"
    STAGE = "stages"
    PHRASE = "phrases"
    RELATION = "relations"


def name_of(kind: Words, word: str, language: str) -> str:
    """Return the short name of an id in a language (`zh-CN`); an id without one stands as it is."""
    names = _words()[kind.value].get(word)
    if names is not None:
        return names["zh" if language.startswith("zh") else "en"]
    if kind is Words.SLOT and word in facts_known():
        return facts_known()[word].titles.get(language, word)
    return word.replace("_", " ") if kind in (Words.INTENT, Words.SLOT) else word


def names_of(kind: Words) -> Mapping[str, Mapping[str, str]]:
    """Return every short name of one kind, by id and language (`zh`, `en`)."""
    return MappingProxyType(_words()[kind.value])


def phrase(word: str, language: str, value: object = "") -> str:
    """Return a phrase of the map's own, with a value in the place of its braces."""
    return name_of(Words.PHRASE, word, language).replace("{}", str(value))


def condition(guard: str, language: str, said: Mapping[str, str] = NOTHING) -> str:
    """Return a guard of a rule in words; `said` has the choices of a flow as they are said."""
    chinese = language.startswith("zh")
    bare = guard.removeprefix("not ")
    told = _seen(bare, chinese) if bare.startswith("seen.") else ""
    told = told or said.get(bare, "") or _compared(bare, language)
    told = told or name_of(Words.CONDITION, bare, language)
    if bare == guard:
        return told
    return f"非{told}" if chinese else f"not {told}"


def _seen(guard: str, chinese: bool) -> str:
    state, times = seen(guard)
    told = f"{state} ×{times}" if times > 1 else state
    return f"问过 {told}" if chinese else f"{told} seen"


def _compared(guard: str, language: str) -> str:
    """Return what a guard says of a slot or fact; empty for one with a name of its own."""
    subject, relation, value = subject_of(guard)
    if guard in names_of(Words.CONDITION) or not relation:
        return ""
    name = name_of(Words.SLOT, subject, language)
    told = {"is": f"{name}={value}", "at_least": f"{name}≥{value}", "at_most": f"{name}≤{value}"}
    return told.get(relation) or name_of(Words.RELATION, relation, language).replace("NAME", name)


def readable(template: str, language: str) -> str:
    """Return a wording with its slots by name: 您尾号〈运单〉的快递."""
    left, right = "〈〉" if language.startswith("zh") else "‹›"
    return _SLOT.sub(
        lambda found: f"{left}{name_of(Words.SLOT, found[1], language)}{right}", template
    )


def width(text: str) -> float:
    """Return how wide a text is, in ems."""
    return sum(
        WIDE_EM if unicodedata.east_asian_width(each) in "WFA" else NARROW_EM for each in text
    )


def wrapped(text: str, ems: float, lines: int = 99) -> tuple[str, ...]:
    """Break a text into lines of so many ems; what doesn't fit into `lines` ends in an ellipsis.

    Chinese breaks anywhere but before a closing sign, other scripts between words.
    """
    found: list[str] = []
    line = ""
    for piece in _PIECE.findall(text.strip()):
        closes = piece[0] in _CLOSING
        if line and width(line + piece) > ems and not closes and not piece.isspace():
            found.append(line.rstrip())
            line = ""
        if line or not piece.isspace():
            line += " " if piece.isspace() else piece
    if line.strip():
        found.append(line.rstrip())
    if len(found) > lines:
        last = found[lines - 1]
        while last and width(last) + WIDE_EM > ems:
            last = last[:-1]
        found = [*found[: lines - 1], last.rstrip(_CLOSING + " ") + "…"]
    return tuple(found)


def packed(text: str, ems: float) -> tuple[str, ...]:
    """Break a list into lines of so many ems, between its items as far as they fit."""
    found: list[str] = []
    for piece in _ITEM.findall(text):
        if found and width(found[-1] + piece.rstrip()) <= ems:
            found[-1] += piece
        else:
            found += [each + " " * (piece[-1:] == " ") for each in wrapped(piece, ems)]
    return tuple(line.strip() for line in found)


@cache
def _words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    text = resources.files("console").joinpath("flow_map_words.yaml").read_text("utf-8")
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return loaded
