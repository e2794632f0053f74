"""Which calls of a week are listened to again, and what a score is worth. Pure.

calls of the week -> flagged -> low score -> long -> random -> the list
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from store.review_values import ReviewCandidate, ReviewReason

SATISFACTION = "satisfaction"
RECOMMENDATION = "recommend"
"""The slots of the survey that are grades: 1 to 5, and 0 to 10."""


@dataclass(frozen=True, slots=True)
class SampleRules:
    """How many calls of which kind are listed."""

    flagged_at_most: int
    low_at_most: int
    low_satisfaction: int
    """Grades up to this are low."""
    low_recommendation: int
    long_at_most: int
    long_seconds: float
    random_at_most: int
    random_share: float
    """Part of all calls, between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the scoring sheet."""

    id: str
    of: int
    """Points for a call without a fault."""
    labels: Mapping[str, str]
    """By language: zh, en."""
    asks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ScoringSheet:
    """What a call is judged by."""

    version: str
    criteria: tuple[Criterion, ...]

    @property
    def of(self) -> int:
        """Points of a call without a fault."""
        return sum(criterion.of for criterion in self.criteria)


@dataclass(frozen=True, slots=True)
class Listed:
    """A call that is to be listened to, and why."""

    attempt_id: int
    reason: ReviewReason
    detail: str = ""


class ScoreError(ValueError):
    """Marks that the sheet has no room for; the message says which."""


def week_of(day: date) -> date:
    """Return the Monday of the week a day is in."""
    return day - timedelta(days=day.weekday())


def span_of(week: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a week begins and the next one does, where `zone` is the time."""
    following = week + timedelta(days=7)
    return datetime.combine(week, time(), zone), datetime.combine(following, time(), zone)


def sample(calls: Iterable[ReviewCandidate], rules: SampleRules, week: date) -> tuple[Listed, ...]:
    """Return the calls of a week to listen to, each once, for the first rule it fits.

    The random ones are drawn by the week and the number of the call: a second draw of the same
    week takes the same calls.
    """
    left = {call.attempt_id: call for call in calls}
    asked = round(len(left) * rules.random_share)
    listed: list[Listed] = []
    for pick in (_flagged, _low, _long):
        for each in pick(left.values(), rules):
            listed.append(each)
            del left[each.attempt_id]
    drawn = sorted(left, key=lambda attempt_id: _lot(week, attempt_id))
    chosen = drawn[: min(asked, rules.random_at_most)]
    return (*listed, *(Listed(attempt_id, ReviewReason.RANDOM) for attempt_id in sorted(chosen)))


def checked_marks(sheet: ScoringSheet, marks: Mapping[str, int]) -> dict[str, int]:
    """Return the marks if the sheet is filled in. Raises ScoreError."""
    known = {criterion.id: criterion.of for criterion in sheet.criteria}
    if missing := known.keys() - marks.keys():
        raise ScoreError(f"No points were given for {', '.join(sorted(missing))}.")
    for name, points in marks.items():
        if name not in known:
            raise ScoreError(f"The sheet has no criterion {name!r}.")
        if not 0 <= points <= known[name]:
            raise ScoreError(f"{name} is worth 0 to {known[name]} points, not {points}.")
    return {name: marks[name] for name in known}


def total(marks: Mapping[str, int]) -> int:
    """Return the points of a call."""
    return sum(marks.values())


def _flagged(calls: Iterable[ReviewCandidate], rules: SampleRules) -> Iterator[Listed]:
    found = [
        Listed(call.attempt_id, ReviewReason.FLAGGED, call.needs_person or ", ".join(call.flags))
        for call in calls
        if call.needs_person or call.flags
    ]
    yield from found[: rules.flagged_at_most]


def _low(calls: Iterable[ReviewCandidate], rules: SampleRules) -> Iterator[Listed]:
    limits = {SATISFACTION: rules.low_satisfaction, RECOMMENDATION: rules.low_recommendation}
    found = []
    for call in calls:
        low = [
            f"{name} {call.grades[name]}"
            for name, limit in limits.items()
            if name in call.grades and call.grades[name] <= limit
        ]
        if low:
            found.append(Listed(call.attempt_id, ReviewReason.LOW_SCORE, ", ".join(low)))
    yield from found[: rules.low_at_most]


def _long(calls: Iterable[ReviewCandidate], rules: SampleRules) -> Iterator[Listed]:
    found = [call for call in calls if call.talk_seconds >= rules.long_seconds]
    found.sort(key=lambda call: -call.talk_seconds)
    for call in found[: rules.long_at_most]:
        yield Listed(call.attempt_id, ReviewReason.LONG, f"{call.talk_seconds:.0f} s")


def _lot(week: date, attempt_id: int) -> bytes:
    return hashlib.sha256(f"{week.isoformat()} {attempt_id}".encode()).digest()
