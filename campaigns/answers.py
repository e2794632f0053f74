"""What the answers of a campaign come to: means of scores, shares of choices, and the NPS. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

RECOMMEND, RECOMMEND_GROUP = "recommend", "recommend_group"
"""The slots of the survey from which the Net Promoter Score is reckoned."""
PROMOTER, DETRACTOR = 9, 6
"""From 9 up somebody recommends us, up to 6 he warns of us (Reichheld, HBR, December 2003)."""
_GROUPS = {"likely": 1, "maybe": 0, "unlikely": -1}


@dataclass(frozen=True, slots=True)
class Score:
    """A score and how it was given."""

    slot: str
    count: int
    mean: float
    counts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Share:
    """How often each choice was taken; `words` of people are only counted."""

    slot: str
    count: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """What people answered in a campaign."""

    scores: tuple[Score, ...]
    shares: tuple[Share, ...]
    recommended: int
    """How many said how likely they recommend us."""
    promoter_score: int | None
    """Promoters less detractors in percent, -100 to 100; None: nobody was asked."""


def answer_figures(
    answers: Iterable[Mapping[str, str]], choices: Mapping[str, Iterable[str]]
) -> AnswerFigures:
    """Return what answers come to; `choices` has the choices of each slot that has some."""
    given: dict[str, list[str]] = {}
    leanings: list[int] = []
    for each in answers:
        for slot, value in each.items():
            given.setdefault(slot, []).append(value)
        leaning = _leaning(each)
        if leaning is not None:
            leanings.append(leaning)
    scores = tuple(
        _score(slot, values)
        for slot, values in given.items()
        if slot not in choices and all(value.isdigit() for value in values)
    )
    shares = tuple(
        Share(slot, len(values), dict(Counter(values).most_common()) if slot in choices else {})
        for slot, values in given.items()
        if slot not in {score.slot for score in scores}
    )
    promoters = round(100 * sum(leanings) / len(leanings)) if leanings else None
    return AnswerFigures(scores, shares, len(leanings), promoters)


def _score(slot: str, values: list[str]) -> Score:
    numbers = [int(value) for value in values]
    counts = dict(sorted(Counter(numbers).items()))
    return Score(slot, len(numbers), sum(numbers) / len(numbers), counts)


def _leaning(answers: Mapping[str, str]) -> int | None:
    """Return 1 for who recommends us, -1 for who warns of us, 0 between; None: not asked."""
    score = answers.get(RECOMMEND, "")
    if score.isdigit():
        return (int(score) >= PROMOTER) - (int(score) <= DETRACTOR)
    return _GROUPS.get(answers.get(RECOMMEND_GROUP, ""))
