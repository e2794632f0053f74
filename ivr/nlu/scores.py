"""The score that was given where one was asked for: 七八分, 满分, 挺满意, four no five. Pure.

Numbers outweigh words (不满意一分 is one), the last number the ones before it (三分不对四分), and
of a range the lower end is taken (七八分 is seven): no score is written down better than it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from ivr.nlu.english_numbers import WORD
from ivr.nlu.english_numbers import number as english_number
from ivr.nlu.numerals import CHARACTERS, number
from ivr.nlu.patterns import tokens_of
from ivr.nlu.spotting import Spotter

_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LEAST_COVERAGE = 0.4
"""Of what was said, by a word that is not much by itself: 好, 不会."""
_SURE_WORDS = 3
_ALL = 100
"""一百分 is the highest score of any scale, as 零分 is the lowest."""
_DIGIT = "零〇一二两三四五六七八九"
_POINTS = f"(?:[{CHARACTERS}]{{1,3}}|[{_DIGIT}]点[{_DIGIT}])"
_UNIT = r"(?:分|颗星|个星|星)(?!钟|之|别|开|不清)"
_VERY = "(?!十分(?:满意|愿意|感谢|认可|好|差|不))"
_SCORE = re.compile(
    rf"(?P<low>{_POINTS})分?(?:到|至|或者?|跟|和)(?P<high>{_POINTS}){_UNIT}"
    rf"|{_VERY}(?P<score>{_POINTS}){_UNIT}半?(?![都也]不|都嫌)"
)
_ALONE = re.compile(
    rf"[嗯啊呃那就我给打个评你您们大概差不多吧最少至是]*(?P<score>{_POINTS})"
    "(?:吧|啊|呀|嘛|左右|的样子|哦)*"
)
_ENGLISH_SCORE = re.compile(
    rf"\b(?P<low>{WORD})(?: (?:or|to|and) (?P<high>{WORD}))?\b"
    r"(?! (?:days?|hours?|times|weeks?|o'clock|minutes?|parcels?|years?))"
    r"(?: points?| stars?| marks?)?(?: (?:out of|over) (?:five|ten|5|10)\b)?"
)
_ENGLISH_ALONE = 0.25
"""Share of the words that must be numbers where no points, stars or marks are named."""
_ENGLISH_UNIT = re.compile(
    r"\b(?:points?|stars?|out of|over|marks?|give|rate|score|say|would be)\b"
)


@dataclass(frozen=True, slots=True)
class Rated:
    """A score and the words that tell it."""

    score: int
    spans: tuple[tuple[int, int], ...]
    """Where in the text, without overlap and in order."""
    in_words: bool = False
    """No number was named."""


@dataclass(frozen=True, slots=True)
class Opinions:
    """How one language tells a score without its number."""

    spotter: Spotter
    """Its kinds say how far up the scale, 0 to 1."""
    homophones: re.Pattern[str] | None
    """Characters before 分 that only sound like a number."""
    meant: dict[str, str]
    """The numbers meant by them."""


def rated(said: str, scale: tuple[int, int], language: str) -> Rated | None:
    """Return the score in a cleaned text; of a number off the scale it is that number.

    `scale` has its lowest and highest value; `language` is a code that has a phrase file.
    """
    spaced = not language.startswith("zh")
    found = list(_english_numbers(said) if spaced else _chinese_numbers(said, scale, language))
    opinions = list(_opinions(said, language))
    spans = _apart([(start, end) for start, end, _ in found], [(s, e) for s, e, _ in opinions])
    if found:
        score = found[-1][2]
        low, high = scale
        return Rated(high if score == _ALL else low if score == 0 else score, spans)
    if opinions:
        return Rated(on_scale(opinions[-1][2], scale), spans, in_words=True)
    return None


def on_scale(height: float, scale: tuple[int, int]) -> int:
    """Return the score on a scale from its lowest to its highest value."""
    low, high = scale
    return low + int(height * (high - low) + 0.5)


def _chinese_numbers(
    said: str, scale: tuple[int, int], language: str
) -> Iterator[tuple[int, int, int]]:
    """Yield where a number of points stands, and the number."""
    text = _as_meant(said, language)
    alone = _ALONE.fullmatch(text)
    if alone:
        score = _points(alone["score"], scale)
        if score is not None:
            yield alone.start("score"), alone.end("score"), score
        return
    before: tuple[int, str] | None = None
    for match in _SCORE.finditer(text):
        score = _points(match["low"] or match["score"], scale)
        if score is None:
            continue
        between = text[before[0] : match.start()] if before else ""
        affirmed = before is not None and before[1][-1:] in {"是", "打", "给", "要"}
        if between in {"不是", "而不是"} and affirmed:
            continue  # 是四分不是三分
        before = (match.end(), text[: match.start()])
        yield match.start(), match.end(), score


def _points(said: str, scale: tuple[int, int]) -> int | None:
    """Return a number of points; of 七八 and 七点五 the lower, of 九十 on a scale to ten nine."""
    whole = said.split("点")[0]
    if len(whole) == 2:
        low, high = number(whole[0]), number(whole[1])
        if low is not None and high == low + 1 <= scale[1]:
            return low
    return number(whole)


def _as_meant(said: str, language: str) -> str:
    """Write numbers for what sounds like them before 分; every character stays in its place."""
    opinions = opinions_of(language)
    if opinions.homophones is None:
        return said
    return opinions.homophones.sub(lambda match: opinions.meant[match[1]], said)


def _english_numbers(said: str) -> Iterator[tuple[int, int, int]]:
    matches = list(_ENGLISH_SCORE.finditer(said))
    words = sum(len(match.group().split()) for match in matches)
    if not _ENGLISH_UNIT.search(said) and words < _ENGLISH_ALONE * len(said.split()):
        return
    for match in matches:
        score = english_number(match["low"])
        if score is not None:
            yield match.start(), match.end(), score


def _opinions(said: str, language: str) -> Iterator[tuple[int, int, float]]:
    """Yield where an opinion stands, and how far up a scale it is, 0 to 1."""
    tokens = tokens_of(said)
    starts = _starts(said, tokens)
    spots = opinions_of(language).spotter.best_cover(tokens)
    covered = sum(spot.end - spot.start for spot in spots)
    for spot in spots:
        if spot.end - spot.start >= _SURE_WORDS or covered >= _LEAST_COVERAGE * len(tokens):
            end = starts[spot.end - 1] + len(tokens[spot.end - 1])
            yield starts[spot.start], end, float(spot.kind)


def _starts(said: str, tokens: tuple[str, ...]) -> list[int]:
    starts: list[int] = []
    position = 0
    for token in tokens:
        position = said.index(token, position)
        starts.append(position)
        position += len(token)
    return starts


def _apart(
    numbers: list[tuple[int, int]], opinions: list[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    kept = [(s, e) for s, e in opinions if all(e <= a or s >= b for a, b in numbers)]
    return tuple(sorted([*numbers, *kept]))


@cache
def opinions_of(language: str) -> Opinions:
    """Return the words for scores of a language, loaded once; none when it has no file."""
    source = resources.files("ivr.nlu") / f"scores.{language}.yaml"
    content = yaml.load(source.read_text("utf-8"), _READER) if source.is_file() else {}
    meant = {
        heard: written
        for written, sounds in content.get("homophones", {}).items()
        for heard in sounds
    }
    return Opinions(
        Spotter(content.get("levels", {})),
        re.compile(rf"(?<![评打积部学])([{''.join(meant)}])(?=分(?!钟|之|别|开))")
        if meant
        else None,
        meant,
    )
