"""Why a contact has or hasn't been called, and when it will be, in sentences.

The laws that decide at a claim are asked here too, about the same facts, so that what is told is
what will happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from campaigns.report import explain
from campaigns.rules import CampaignRules
from campaigns.verdict import Held, Law, judge
from store.campaign_queries import ContactHistory
from store.candidates import CallNow, Candidate, Never, Verdict
from store.explained import KeptContact
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome

LOOKS = 50
"""So many moments are tried; a contact that is put off more often waits without end in sight."""

_HELD: Mapping[str, str] = MappingProxyType(
    {
        Held.WINDOW: "the calling window is closed where they live",
        Held.REST: "it is the midday rest where they live",
        Held.HOLIDAY: "it is a holiday on which nobody is called",
        Held.CAP: "the number was dialled as often as is allowed, by any campaign",
        Held.GAP: "the number was dialled a moment ago",
        Held.IN_A_CALL: "another call rings the number",
        Held.MERCHANT: "parcels of a merchant whom they don't want to hear are taken out first",
        Held.TRUNKS_BUSY: "every trunk that may carry the call is full or down",
        Held.NO_TRUNK: "no trunk may carry the call; see the campaign's trunks",
    }
)
_NEVER: Mapping[Disposition, str] = MappingProxyType(
    {
        Disposition.SUPPRESSED: "the number is on the do-not-call list, of all or of the merchant",
        Disposition.EXPIRED: "a call would come too late to be of use",
        Disposition.OPEN_TICKET: "a ticket of theirs is not settled",
        Disposition.WITHDRAWN: "what the call was about is over, or was taken back",
        Disposition.OUT_OF_SCOPE: "the campaign is a pilot; they are kept to compare with",
    }
)


def next_call(
    candidate: Candidate, laws: Sequence[Law], now: datetime
) -> tuple[datetime, Verdict, tuple[str, ...]]:
    """Return when a waiting contact comes to its turn, the last verdict, and why it waits."""
    at = now if candidate.next_call_at is None else max(now, candidate.next_call_at)
    reasons: list[str] = []
    for _ in range(LOOKS):
        verdict = judge(replace(candidate, next_call_at=at), laws, at)
        if isinstance(verdict, CallNow | Never) or verdict.until <= at:
            return at, verdict, tuple(dict.fromkeys(reasons))
        reasons.append(verdict.why)
        at = verdict.until
    return at, verdict, tuple(dict.fromkeys(reasons))


def explained(
    kept: KeptContact,
    history: ContactHistory,
    laws: Sequence[Law],
    rules: CampaignRules,
    now: datetime,
) -> tuple[str, ...]:
    """Return why a contact is where it is and what follows, a line each."""
    zone = ZoneInfo(kept.candidate.time_zone)
    return (
        *_head(kept),
        *explain(history, rules, kept.campaign.status, now),
        *_turn(kept, history, laws, now, zone),
        *(
            f"Dispatch told of {each.waybill}: {each.status}, {_local(each.at, zone)}."
            for each in kept.events
        ),
        *(
            f"Message {each.event} to {each.target}: {each.status}, {_local(each.at, zone)}."
            for each in kept.messages
        ),
    )


def _head(kept: KeptContact) -> Iterator[str]:
    parcels = ", ".join(kept.waybills) or "no parcel any more"
    yield f"Contact {kept.candidate.contact_id} of {kept.campaign.name}: {parcels}."
    groups = [
        f"{name} {word}"
        for name, word in (
            ("region", kept.candidate.region),
            ("product line", kept.candidate.product_line),
            ("script", kept.script),
            ("priority", str(kept.priority or "")),
        )
        if word
    ]
    if groups:
        yield f"It has {', '.join(groups)}."
    if kept.next_script:
        yield f"The next call differs: {kept.next_script}."


def _turn(
    kept: KeptContact,
    history: ContactHistory,
    laws: Sequence[Law],
    now: datetime,
    zone: ZoneInfo,
) -> Iterator[str]:
    if history.status is ContactStatus.CLOSED and kept.closed_as is not None:
        disposition = kept.closed_as[0]
        yield f"It was closed without a call: {_NEVER.get(disposition, disposition.value)}."
        if kept.closed_as == (Disposition.OUT_OF_SCOPE, Outcome.NOT_CALLED):
            yield f"`menling campaign scope {kept.campaign.name}` widens the pilot."
    if history.status is not ContactStatus.WAITING:
        return
    at, verdict, reasons = next_call(kept.candidate, laws, now)
    for why in reasons:
        yield f"It waits because {_HELD.get(why, why)}."
    if isinstance(verdict, Never):
        why = _NEVER.get(verdict.disposition, verdict.disposition.value)
        yield f"It will be closed without a call: {why}."
        return
    if not isinstance(verdict, CallNow):
        yield "No moment is in sight at which it may be called."
        return
    when = "now, as soon as a line is free" if at <= now else f"at {_local(at, zone)} or later"
    if kept.campaign.status is CampaignStatus.RUNNING:
        yield f"By all laws it is called {when}."
    else:
        yield f"By all laws it would be called {when}, once the campaign runs."


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
