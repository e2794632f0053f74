"""What a campaign came to, in figures, and why a contact is where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from campaigns.retry import REACHED, CallHistory
from campaigns.rules import CampaignRules
from store.campaign_queries import AttemptLine, ContactHistory
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
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
    contact: ContactHistory, rules: CampaignRules, campaign: CampaignStatus, now: datetime
) -> tuple[str, ...]:
    """Return why a contact is where it is: what was tried, and what follows, a line each."""
    zone = ZoneInfo(contact.time_zone)

    def local(moment: datetime | None) -> str:
        return "-" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"

    tried = [_told(line, local) for line in contact.attempts]
    lines = [*(tried or ["Nobody has dialled it."]), *_what_follows(contact, rules, now, local)]
    if contact.status is ContactStatus.WAITING and campaign is not CampaignStatus.RUNNING:
        lines.append(f"The campaign is {campaign.value}; nobody is called before it runs.")
    if contact.needs_person:
        lines.append(f"A person is needed: {contact.needs_person}")
    return tuple(lines)


def _told(line: AttemptLine, local: Callable[[datetime | None], str]) -> str:
    when = local(line.dialed_at or line.claimed_at)
    if line.came_to is None:
        return f"Attempt {line.number}, {when}: {line.status.value}."
    came_to = f"{line.came_to.disposition.value}, {line.came_to.outcome.value}"
    status = f", SIP {line.sip_status}" if line.sip_status else ""
    talked = f", {line.talk_seconds:.0f} s of talk" if line.answered else ""
    held = f", flow {line.flow_version}" if line.answered and line.flow_version else ""
    error = f" ({line.error})" if line.error else ""
    return f"Attempt {line.number}, {when}: {came_to}{status}{talked}{held}{error}."


def _what_follows(
    contact: ContactHistory,
    rules: CampaignRules,
    now: datetime,
    local: Callable[[datetime | None], str],
) -> list[str]:
    match contact.status:
        case ContactStatus.WAITING:
            window = rules.window_in(contact.time_zone)
            due = max(contact.next_call_at or now, now)
            opening = window.next_opening(due)
            if contact.useful_until is not None and opening >= contact.useful_until:
                return [f"A call after {local(contact.useful_until)} is of no use; it will expire."]
            if opening > due:
                return [f"It waits for the calling window, which opens at {local(opening)}."]
            if due > now:
                return [f"It is called again at {local(due)}."]
            return ["It waits for a free line."]
        case ContactStatus.IN_CALL:
            return ["It is being called."]
        case ContactStatus.NEEDS_RECONCILIATION:
            return ["Nobody knows what was said in its last call, so it is not called again."]
        case ContactStatus.CLOSED:
            reason = contact.latest.disposition.value if contact.latest else "closed"
            return [f"It is not called: {reason}."]
        case ContactStatus.DONE:
            return [_why_done(contact, rules)]


def _why_done(contact: ContactHistory, rules: CampaignRules) -> str:
    history = CallHistory.of(
        line.came_to.disposition for line in contact.attempts if line.came_to is not None
    )
    latest = contact.latest
    if latest is None or latest.outcome not in (Outcome.UNFINISHED, Outcome.NOT_REACHED):
        return "Its matter is settled."
    if latest.disposition is Disposition.TRUNK_FAILURE:
        return f"The trunk lost {history.trunk_failures} calls to it; it is given up."
    if history.attempts >= rules.retry.max_attempts:
        return f"It was called {history.attempts} times, as often as the campaign allows."
    if latest.disposition in REACHED and history.reached >= rules.retry.max_unfinished:
        return f"It was reached {history.reached} times and nothing was settled; that is enough."
    if latest.disposition not in rules.retry.delays:
        return f"The campaign doesn't call again after {latest.disposition.value}."
    return "Another call would have come too late to be of use."


def _disposition(line: AttemptLine) -> Disposition | None:
    return None if line.came_to is None else line.came_to.disposition


def _most_frequent_first(counts: Mapping[Word, int]) -> Mapping[Word, int]:
    return MappingProxyType(dict(sorted(counts.items(), key=lambda each: -each[1])))
