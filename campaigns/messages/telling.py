"""Telling: what follows an outcome goes into the outbox, in the transaction that marks it told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from campaigns.messages.companions import Companion
from campaigns.messages.events import PersonEvent, SystemEvent, is_wanted
from campaigns.messages.numbers import takes_sms
from campaigns.messages.preference import Choice, noted, preferred
from campaigns.messages.rules import DATABASE, EMAIL, SMS, MessageRules, quiet_until
from campaigns.messages.templates import Facts, Texts
from campaigns.messages.write_back_body import outcome_body
from campaigns.settings import Settings
from store.channel_results import channel_counts, keep_counts
from store.database import Database
from store.message_queries import (
    anything_untold,
    earlier_bodies,
    mark_told,
    untold_outcomes,
)
from store.message_types import Channel, MessageKind
from store.message_values import OutcomeTold, OutgoingMessage
from store.messages import enqueue_all, is_unwanted
from store.queries import campaign
from store.types import Disposition

AT_ONCE: Final = 50
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
    database: Database, settings: Settings, rules: MessageRules, now: datetime
) -> Told:
    """Put what follows the oldest untold outcomes into the outbox; doing it again does nothing.

    Raises StoreError and SettingsError.
    """
    with database.reading() as session:
        if not anything_untold(session):
            return Told(0, 0)
    with database.transaction() as session:
        untold = untold_outcomes(session, AT_ONCE)
        messages = 0
        policies: dict[int, Mapping[str, object]] = {}
        for each in untold:
            if each.campaign_id not in policies:
                policies[each.campaign_id] = campaign(session, each.campaign_id).policy
            if rules.learns:
                _learn_from_the_call(session, each, now)
            following = [
                *_to_systems(session, rules, each),
                *_to_the_recipient(session, settings, rules, each, policies[each.campaign_id], now),
            ]
            messages += enqueue_all(session, following, now)
        mark_told(session, [each.id for each in untold])
    return Told(len(untold), messages)


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


def _to_systems(
    session: Session, rules: MessageRules, told: OutcomeTold
) -> Iterator[OutgoingMessage]:
    targets = [(MessageKind.WEBHOOK, name) for name in rules.webhooks]
    targets += [(MessageKind.DATABASE, DATABASE)] if rules.database else []
    for kind, target in targets:
        before = earlier_bodies(session, told.id, target)
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
    session: Session,
    settings: Settings,
    rules: MessageRules,
    told: OutcomeTold,
    policy: Mapping[str, object],
    now: datetime,
) -> Iterator[OutgoingMessage]:
    words = (told.disposition, told.outcome)
    companion = rules.companions.after(words, final=told.final, flow=told.flow)
    if companion is None or not told.phone or is_unwanted(session, told.phone, told.merchant):
        return
    choice = _choice(session, rules, told, companion, now)
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
        not_before=quiet_until(settings, policy, told.time_zone, now),
        useful_until=_useful_until(rules, companion.event, facts, now),
    )


def _choice(
    session: Session,
    rules: MessageRules,
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
    known = channel_counts(session, told.phone) if rules.learns else ()
    return preferred(known, allowed, now)


def _useful_until(rules: MessageRules, event: PersonEvent, facts: Facts, now: datetime) -> datetime:
    """Return when a message helps nobody any more: once the promised window is over, at latest."""
    latest = now + rules.useful
    about_the_window = (PersonEvent.NOT_REACHED, PersonEvent.TOO_LATE, PersonEvent.MESSAGE_LEFT)
    if event in about_the_window and facts.window_end is not None:
        return min(latest, facts.window_end)
    return latest


def _learn_from_the_call(session: Session, told: OutcomeTold, now: datetime) -> None:
    if told.attempt_id is None or not told.phone:
        return
    if told.disposition not in _REACHED | _MISSED:
        return
    counts = channel_counts(session, told.phone)
    worked = told.disposition in _REACHED
    keep_counts(session, told.phone, noted(counts, Channel.CALL, worked, now))
