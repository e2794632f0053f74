"""The parts of a prompt that people can record: what stands between its slots and its stops.

好的,{promised|window}给您送到。祝您生活愉快,再见。
---- 1                --------2 -----------------3
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from tts.prompts import render_literal, render_slot, sentences, slots_in, tidied
from tts.speech import Piece

FIRST = "first"

_STOP = re.compile(r"[!?\u3002\uff01\uff1f]+[”’」』]*|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a template: a slot, or words and stops."""

    sentence: int
    """Which sentence of the template it belongs to."""
    template: str
    number: int = 0
    """Which of the recordable parts it is, from 1; 0: a slot, or nothing but stops."""


def clip_name(flow: str, prompt: str, variant: str, number: int, of: int) -> str:
    """Return the name of a recording, which is its file's name without `.wav`."""
    name = f"{flow}/{prompt}" + ("" if variant == FIRST else f".{variant}")
    return name if of == 1 else f"{name}.{number}"


@lru_cache(maxsize=2048)  # texts of flows: few, and said on every call
def parts_of(template: str) -> tuple[Part, ...]:
    """Return the template in parts, in order; raises PromptError for a template that can't be."""
    found: list[Part] = []
    sentence = number = 0
    end = 0
    bounds = [*slots_in(template), (len(template), len(template))]
    for starts, stops in bounds:
        for words, closes in _up_to_stops(template[end:starts]):
            number += 1
            speaks = any(char.isalnum() for char in words)
            found.append(Part(sentence, words, number if speaks else 0))
            number -= not speaks
            sentence += closes
        if stops > starts:
            found.append(Part(sentence, template[starts:stops]))
        end = stops
    return tuple(found)


def clips_of(template: str, language: str, flow: str, prompt: str, variant: str) -> list[Piece]:
    """Return the parts of a wording that can be recorded, with the words to read."""
    numbered = [part for part in parts_of(template) if part.number]
    return [
        Piece(
            render_literal(part.template, language).strip(),
            clip_name(flow, prompt, variant, part.number, len(numbered)),
        )
        for part in numbered
    ]


def sentences_of(
    template: str,
    values: Mapping[str, object],
    now: datetime,
    language: str,
    clip: tuple[str, str, str],
) -> tuple[tuple[str, tuple[Piece, ...]], ...]:
    """Return the sentences that a template makes, each with its pieces.

    `clip` is flow, prompt and variant. A sentence that doesn't divide cleanly (a value with a
    stop in it) has no pieces. Raises PromptError as `render` does.
    """
    parts = parts_of(template)
    of = sum(part.number > 0 for part in parts)
    pieces_by_sentence: dict[int, tuple[Piece, ...]] = {}
    for part in parts:
        if part.template.startswith("{"):
            piece = Piece(render_slot(part.template, values, now, language))
        else:
            name = clip_name(*clip, part.number, of) if part.number else ""
            piece = Piece(render_literal(part.template, language), name)
        before = pieces_by_sentence.get(part.sentence, ())
        pieces_by_sentence[part.sentence] = (*before, piece)
    whole = "".join(piece.text for pieces in pieces_by_sentence.values() for piece in pieces)
    spoken = sentences(tidied(whole, language))
    divided = [pieces for pieces in pieces_by_sentence.values() if _bare(pieces)]
    if len(divided) != len(spoken):
        return tuple((sentence, ()) for sentence in spoken)
    return tuple(
        (sentence, pieces if _bare(pieces) == _bare((Piece(sentence),)) else ())
        for pieces, sentence in zip(divided, spoken, strict=True)
    )


def _up_to_stops(text: str) -> list[tuple[str, bool]]:
    """Return text cut after its stops, and of each part whether a stop ends it."""
    cut: list[tuple[str, bool]] = []
    end = 0
    for stop in _STOP.finditer(text):
        cut.append((text[end : stop.end()], True))
        end = stop.end()
    if end < len(text):
        cut.append((text[end:], False))
    return cut


def _bare(pieces: tuple[Piece, ...]) -> str:
    return "".join(char for piece in pieces for char in piece.text if char.isalnum())
