"""Telling: what follows an outcome goes into the outbox, in the transaction that marks it told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from campaigns.messages.companions import Companion
from campaigns.messages.events import PersonEvent, SystemEvent, is_wanted
from campaigns.messages.numbers import takes_sms
from campaigns.messages.preference import Choice, noted, preferred
from campaigns.messages.quiet import QuietHours
from campaigns.messages.rules import DATABASE, EMAIL, SMS, MessageRules
from campaigns.messages.templates import Facts, Texts
from campaigns.messages.write_back_body import outcome_body
from store.channel_results import ChannelCounts, counts_of, keep_counts
from store.database import Database
from store.message_queries import (
    anything_untold,
    earlier_bodies,
    mark_told,
    untold_outcomes,
)
from store.message_types import Channel, MessageKind
from store.message_values import OutcomeTold, OutgoingMessage
from store.messages import enqueue_all, unwanted_for
from store.queries import campaign
from store.types import Disposition

AT_ONCE: Final = 20
"""Outcomes in one transaction."""
_REACHED: Final = frozenset({Disposition.COMPLETED, Disposition.HUNG_UP_MIDWAY})
_MISSED: Final = frozenset({
    Disposition.NO_ANSWER, Disposition.BUSY, Disposition.DECLINED, Disposition.SWITCHED_OFF,
    Disposition.OUT_OF_REACH, Disposition.IN_A_CALL, Disposition.RESTRICTED,
    Disposition.SUSPENDED, Disposition.INVALID_NUMBER, Disposition.VOICEMAIL,
    Disposition.ASSISTANT, Disposition.NO_CONVERSATION,
})  # fmt: skip
_KINDS: Final = {Channel.SMS: (MessageKind.SMS, SMS), Channel.EMAIL: (MessageKind.EMAIL, EMAIL)}


@dataclass(frozen=True, slots=True)
class Told:
    """What one round of telling came to."""

    outcomes: int
    messages: int


def tell_outcomes(
    database: Database, quiet: QuietHours, rules: MessageRules, now: datetime
) -> Told:
    """Put what follows the oldest untold outcomes into the outbox; doing it again does nothing.

    Raises StoreError and SettingsError.
    """
    with database.reading() as session:
        if not anything_untold(session):
            return Told(0, 0)
    with database.transaction() as session:
        untold = untold_outcomes(session, AT_ONCE)
        known = _known(session, rules, untold)
        following = [
            message
            for each in untold
            for message in (
                *_to_systems(rules, known, each),
                *_to_the_recipient(rules, known, quiet, each, now),
            )
        ]
        messages = enqueue_all(session, following, now)
        if rules.learns:
            keep_counts(session, _learned(known, untold, now))
        mark_told(session, [each.id for each in untold])
    return Told(len(untold), messages)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known about some outcomes and their recipients, asked for all at once."""

    policies: Mapping[int, Mapping[str, object]]
    """By campaign."""
    bodies: Mapping[tuple[int, str], tuple[str, ...]]
    """What was told before, by outcome and target."""
    unwanted: Mapping[str, frozenset[str]]
    """For which merchants a number may not be written to."""
    counts: Mapping[str, tuple[ChannelCounts, ...]]
    """What worked with a number."""


def _known(session: Session, rules: MessageRules, untold: Collection[OutcomeTold]) -> _Known:
    phones = {each.phone for each in untold if each.phone}
    campaigns = {each.campaign_id for each in untold}
    return _Known(
        {each: campaign(session, each).policy for each in campaigns},
        earlier_bodies(session, [each.id for each in untold]),
        unwanted_for(session, phones),
        counts_of(session, phones) if rules.learns else {},
    )


def facts_of(told: OutcomeTold) -> Facts:
    """Return what a message about an outcome may speak of."""
    starts = [each.window_start for each in told.parcels if each.window_start is not None]
    first = min(starts, default=None)
    ends = [each.window_end for each in told.parcels if each.window_start == first]
    settled = told.settled
    return Facts(
        company=told.company,
        name=told.recipient,
        waybills=tuple(each.waybill for each in told.parcels),
        window_start=first,
        window_end=ends[0] if first is not None else None,
        new_window_start=settled.new_window_start,
        new_window_end=settled.new_window_end,
        address=settled.new_address,
        callback_number=told.callback_number,
        callback_by=settled.callback_by,
        time_zone=told.time_zone,
    )


def texts_for(rules: MessageRules, language: str) -> Texts:
    """Return the texts of a language; of the nearest one where there is none of its own."""
    if language in rules.texts:
        return rules.texts[language]
    near = (each for each in rules.texts if each.split("-")[0] == language.split("-")[0])
    return rules.texts[next(near, "zh-CN")]


def _to_systems(rules: MessageRules, known: _Known, told: OutcomeTold) -> Iterator[OutgoingMessage]:
    targets = [(MessageKind.WEBHOOK, name) for name in rules.webhooks]
    targets += [(MessageKind.DATABASE, DATABASE)] if rules.database else []
    for kind, target in targets:
        before = known.bodies.get((told.id, target), ())
        event = _event_of(len(before) + 1)
        if kind is MessageKind.WEBHOOK and not is_wanted(event, rules.webhooks[target]):
            continue
        if before and before[-1] == outcome_body(_event_of(len(before)), told, len(before)):
            continue
        yield OutgoingMessage(
            kind,
            event,
            target,
            f"outcome-{told.id}-{target}-{len(before) + 1}",
            outcome_body(event, told, len(before) + 1),
            contact_id=told.contact_id,
            attempt_id=told.attempt_id,
            outcome_id=told.id,
        )


def _event_of(revision: int) -> SystemEvent:
    return SystemEvent.OUTCOME_RECORDED if revision == 1 else SystemEvent.OUTCOME_CORRECTED


def _to_the_recipient(
    rules: MessageRules,
    known: _Known,
    quiet: QuietHours,
    told: OutcomeTold,
    now: datetime,
) -> Iterator[OutgoingMessage]:
    words = (told.disposition, told.outcome)
    companion = rules.companions.after(words, final=told.final, flow=told.flow)
    if companion is None or not told.phone:
        return
    if not {"", told.merchant}.isdisjoint(known.unwanted.get(told.phone, ())):
        return
    choice = _choice(rules, known, told, companion, now)
    if choice is None:
        return
    kind, target = _KINDS[choice.channel]
    facts = facts_of(told)
    rendered = texts_for(rules, told.language).render(companion.event, kind, facts)
    yield OutgoingMessage(
        kind,
        companion.event,
        target,
        f"outcome-{told.id}-{target}-{companion.event}",
        rendered.text,
        told.phone if kind is MessageKind.SMS else told.email,
        rendered.subject,
        phone=told.phone,
        language=told.language,
        time_zone=told.time_zone,
        contact_id=told.contact_id,
        attempt_id=told.attempt_id,
        outcome_id=told.id,
        waybill=facts.waybills[0] if facts.waybills else "",
        merchant=told.merchant,
        not_before=quiet.until(
            now, told.time_zone, told.phone, told.campaign_id, known.policies[told.campaign_id]
        ),
        useful_until=_useful_until(rules, companion.event, facts, now),
    )


def _choice(
    rules: MessageRules,
    known: _Known,
    told: OutcomeTold,
    companion: Companion,
    now: datetime,
) -> Choice | None:
    # A number behind an extension is no mobile telephone.
    mobile = not told.extension and takes_sms(told.phone)
    possible = {Channel.SMS: mobile, Channel.EMAIL: bool(told.email)}
    allowed = [
        each for each in companion.channels if each in rules.channels and possible.get(each, False)
    ]
    return preferred(known.counts.get(told.phone, ()), allowed, now)


def _useful_until(rules: MessageRules, event: PersonEvent, facts: Facts, now: datetime) -> datetime:
    """Return when a message helps nobody any more: once the promised window is over, at latest."""
    latest = now + rules.useful
    about_the_window = (PersonEvent.NOT_REACHED, PersonEvent.TOO_LATE, PersonEvent.MESSAGE_LEFT)
    if event in about_the_window and facts.window_end is not None:
        return min(latest, facts.window_end)
    return latest


def _learned(
    known: _Known, untold: Collection[OutcomeTold], now: datetime
) -> Mapping[str, ChannelCounts]:
    """Return what the calls taught, by number: did calling work?"""
    learned: dict[str, ChannelCounts] = {}
    for told in untold:
        if told.attempt_id is None or not told.phone:
            continue
        if told.disposition not in _REACHED | _MISSED:
            continue
        before = (
            [learned[told.phone]] if told.phone in learned else known.counts.get(told.phone, ())
        )
        worked = told.disposition in _REACHED
        learned[told.phone] = noted(before, Channel.CALL, worked, now)
    return learned
