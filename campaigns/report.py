"""What a campaign came to, in figures, and why a contact is where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from campaigns.contact_reasons import reasons_of
from campaigns.explaining_words import Words, local, worded, words
from campaigns.labels import LabelLanguage, Shelf, label
from campaigns.retry import REACHED
from campaigns.rules import CampaignRules
from campaigns.turn import Turn
from store.campaign_queries import AttemptLine, ContactHistory
from store.types import CampaignStatus, Disposition, Outcome
from store.values import Progress

Word = TypeVar("Word")


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """The part of one, from 0 to 1; None when there is nothing to divide by."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Durations:
    """How long something took, in seconds."""

    count: int = 0
    total: float = 0.0
    mean: float = 0.0
    median: float = 0.0

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Durations:
        """Sum up; without a value everything is 0."""
        values = list(seconds)
        if not values:
            return cls()
        return cls(len(values), sum(values), fmean(values), median(values))


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """A campaign in figures."""

    progress: Progress
    dispositions: Mapping[Disposition, int]
    """Contacts by the end of their last attempt, the most frequent first."""
    outcomes: Mapping[Outcome, int]
    reach: Rate
    """Contacts with whom a person spoke, or at least picked up, of those called."""
    answer: Rate
    """Calls that were answered, by whomever, of all calls."""
    confirm: Rate
    """Confirmed contacts of those reached."""
    settled: Rate
    """Reached contacts whose matter needs no further call of ours."""
    ringing: Durations
    talking: Durations
    trunk_failures: int
    trunk_failures_in_a_row: int
    """At the end of the record: why a campaign may have paused itself."""


def figures_of(progress: Progress, attempts: Iterable[AttemptLine]) -> CampaignFigures:
    """Count a campaign; `attempts` in the order they were made."""
    ended = [line for line in attempts if line.came_to is not None and line.dialed_at is not None]
    reached = {line.contact_id for line in ended if line.answered and _disposition(line) in REACHED}
    settled = {
        line.contact_id
        for line in ended
        if line.contact_id in reached
        and line.came_to is not None
        and line.came_to.outcome not in (Outcome.UNFINISHED, Outcome.NOT_REACHED)
    }
    confirmed = progress.outcomes.get(Outcome.CONFIRMED, 0)
    lost = [_disposition(line) is Disposition.TRUNK_FAILURE for line in ended]
    return CampaignFigures(
        progress=progress,
        dispositions=_most_frequent_first(progress.dispositions),
        outcomes=_most_frequent_first(progress.outcomes),
        reach=Rate(len(reached), len({line.contact_id for line in ended})),
        answer=Rate(sum(line.answered for line in ended), len(ended)),
        confirm=Rate(confirmed, len(reached)),
        settled=Rate(len(settled), len(reached)),
        ringing=Durations.of(line.ring_seconds for line in ended if line.ring_seconds),
        talking=Durations.of(line.talk_seconds for line in ended if line.answered),
        trunk_failures=sum(lost),
        trunk_failures_in_a_row=next(
            (count for count, failed in enumerate(reversed(lost)) if not failed), len(lost)
        ),
    )


def explain(
    contact: ContactHistory,
    rules: CampaignRules,
    campaign: CampaignStatus,
    now: datetime,
    turn: Turn | None = None,
    language: LabelLanguage = "en",
) -> tuple[str, ...]:
    """Return why a contact is where it is: what was tried, and what follows, a line each.

    `turn`: what all laws say of one that waits, see `campaigns.turn`.
    """
    zone = ZoneInfo(contact.time_zone)
    tried = [_told(line, zone, language) for line in contact.attempts]
    reasons = reasons_of(contact, rules, campaign, now, turn)
    return (
        *(tried or [words(Words.LINE, "nobody_dialled", language)]),
        *(worded(reason, zone, language) for reason in reasons),
    )


def _told(line: AttemptLine, zone: ZoneInfo, language: LabelLanguage) -> str:
    def said(word: str, **slots: object) -> str:
        return words(Words.LINE, word, language, **slots)

    parts = [line.status.value]
    if line.came_to is not None:
        ended, outcome = line.came_to.disposition, line.came_to.outcome
        parts = [ended.value, outcome.value]
        if language == "zh":
            parts = [
                label(Shelf.DISPOSITION, ended, language), label(Shelf.OUTCOME, outcome, language)
            ]  # fmt: skip
        if line.sip_status:
            parts.append(said("sip", status=line.sip_status))
        if line.answered:
            parts.append(said("talk", seconds=f"{line.talk_seconds:.0f}"))
            if line.flow_version:
                parts.append(said("flow", flow=line.flow_version))
    if line.trunk:
        parts.append(said("trunk", trunk=line.trunk))
    if line.caller_id:
        parts.append(said("caller_id", number=line.caller_id))
    came_to = ("，" if language == "zh" else ", ").join(parts)
    error = line.error if line.came_to is not None else ""
    if error:
        error = f"（{error}）" if language == "zh" else f" ({error})"
    when = local(line.dialed_at or line.claimed_at, zone)
    return said("attempt", number=line.number, when=when, came_to=came_to + error)


def _disposition(line: AttemptLine) -> Disposition | None:
    return None if line.came_to is None else line.came_to.disposition


def _most_frequent_first(counts: Mapping[Word, int]) -> Mapping[Word, int]:
    return MappingProxyType(dict(sorted(counts.items(), key=lambda each: -each[1])))
