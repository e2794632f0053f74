"""What a campaign came to, in figures, and why a contact is where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

from campaigns.contact_reasons import Why, reasons_of
from campaigns.retry import REACHED
from campaigns.rules import CampaignRules
from store.campaign_queries import AttemptLine, ContactHistory
from store.types import CampaignStatus, Disposition, Outcome
from store.values import Progress

Word = TypeVar("Word")


_WORDS: Mapping[Why, str] = MappingProxyType(
    {
        Why.EXPIRES: "A call after {at} is of no use; it will expire.",
        Why.WINDOW_CLOSED: "It waits for the calling window, which opens at {at}.",
        Why.CALLED_AGAIN: "It is called again at {at}.",
        Why.HELD_REST: "It waits for the end of the midday rest, until {at}.",
        Why.HELD_HOLIDAY: "Nobody is called on this day; it waits until {at}.",
        Why.HELD_CAP: "The number was dialled as often as is allowed; it waits until {at}.",
        Why.HELD_GAP: "The number was dialled a moment ago; it waits until {at}.",
        Why.HELD_IN_A_CALL: "Another call rings the number; it is looked at again at {at}.",
        Why.HELD_MERCHANT: "Some of its parcels may not be called about and are taken out first.",
        Why.HELD_TRUNKS_BUSY: "No trunk was free for it; it is looked at again at {at}.",
        Why.HELD_NO_TRUNK: "No trunk may carry its call; see the trunks of the campaign.",
        Why.OPENS_SHORT: "Its last call was cut; the next one takes it up.",
        Why.NEEDS_AGENT: "No agent was free when they answered; the next call is made with one.",
        Why.WITHDRAWN: "It is not called: what the call was about is over, or was taken back.",
        Why.OUT_OF_SCOPE: "It is not called: the campaign is a pilot for others.",
        Why.WAITS_FOR_LINE: "It waits for a free line.",
        Why.IN_CALL: "It is being called.",
        Why.FATE_UNKNOWN: "Nobody knows what was said in its last call, so it is not called again.",
        Why.NOT_CALLED: "It is not called: {disposition}.",
        Why.SETTLED: "Its matter is settled: {outcome}.",
        Why.CALLBACK_PROMISED: "A person was promised to call them back.",
        Why.OPTED_OUT: "They asked never to be called again.",
        Why.WRONG_NUMBER: "The number is somebody else's; it needs another one.",
        Why.MESSAGE_LEFT: "A message was left; nobody is called again.",
        Why.TRUNK_LOST: "The trunk lost {calls} calls to it; it is given up.",
        Why.CALLED_ENOUGH: "It was called {calls} times, as often as the campaign allows.",
        Why.REACHED_ENOUGH: (
            "It was reached {calls} times and nothing was settled; that is enough."
        ),
        Why.NO_CALL_AFTER: "The campaign doesn't call again after {disposition}.",
        Why.TOO_LATE: "Another call would have come too late to be of use.",
        Why.CAMPAIGN_STANDS: "The campaign is {status}; nobody is called before it runs.",
        Why.PERSON_NEEDED: "A person is needed: {reason}",
    }
)


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

    tried = [_told(line, local) for line in contact.attempts] or ["Nobody has dialled it."]
    reasons = (
        _WORDS[reason.why].format(
            **{
                name: local(value) if isinstance(value, datetime) else value
                for name, value in reason.slots.items()
            }
        )
        for reason in reasons_of(contact, rules, campaign, now)
    )
    return (*tried, *reasons)


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


def _disposition(line: AttemptLine) -> Disposition | None:
    return None if line.came_to is None else line.came_to.disposition


def _most_frequent_first(counts: Mapping[Word, int]) -> Mapping[Word, int]:
    return MappingProxyType(dict(sorted(counts.items(), key=lambda each: -each[1])))
