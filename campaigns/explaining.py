"""Why a contact has or hasn't been called, and when it will be, in sentences.

The laws that decide at a claim are asked here too, about the same facts, so that what is told is
what will happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaigns.explaining_words import Words, local, words
from campaigns.labels import LabelLanguage, Shelf, label
from campaigns.laws import laws_of
from campaigns.report import explain
from campaigns.rules import CampaignRules, rules_of
from campaigns.settings import Settings
from campaigns.tickets_rules import ticket_rules_of
from campaigns.turn import Turn, turn_of
from campaigns.verdict import Law
from campaigns.when.calling import CAMPAIGN
from campaigns.when.describing import describe
from campaigns.when.pieces import text_of
from store.campaign_queries import ContactHistory, contact_history
from store.candidates import CallNow
from store.explained import KeptContact, KeptFate, KeptMessage, kept_contact
from store.message_types import DeliveryState
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome


def explanation(
    session: Session,
    settings: Settings,
    contact_id: int,
    now: datetime,
    language: LabelLanguage = "en",
) -> tuple[str, ...]:
    """Return all that is known of why a contact is where it is, a line each.

    Raises StoreError when there is none, SettingsError when its campaign can't be read.
    """
    kept = kept_contact(session, contact_id, now)
    rules = _rules(settings, kept)
    history = contact_history(session, contact_id)
    return explained(kept, history, _laws(settings, rules), rules, now, language)


def turn_in(session: Session, settings: Settings, contact_id: int, now: datetime) -> Turn | None:
    """Return what all laws say of a contact that waits; None: it doesn't.

    Raises StoreError and SettingsError as `explanation` does.
    """
    if contact_history(session, contact_id).status is not ContactStatus.WAITING:
        return None
    kept = kept_contact(session, contact_id, now)
    return turn_of(kept.candidate, _laws(settings, _rules(settings, kept)), now)


def explained(
    kept: KeptContact,
    history: ContactHistory,
    laws: Sequence[Law],
    rules: CampaignRules,
    now: datetime,
    language: LabelLanguage = "en",
) -> tuple[str, ...]:
    """Return why a contact is where it is and what follows, a line each."""
    zone = ZoneInfo(kept.candidate.time_zone)
    waits = history.status is ContactStatus.WAITING
    turn = turn_of(kept.candidate, laws, now) if waits else None
    return (
        *_head(kept, language),
        *explain(history, rules, kept.campaign.status, now, turn, language),
        *_closed(kept, history, language),
        *(_turn(kept, turn, now, zone, language) if turn is not None else ()),
        *(_hours(kept, rules, turn.at, language) for turn in [turn] if turn is not None),
        *(_fate(each, zone, language) for each in kept.fates),
        *(
            words(
                Words.LINE, "event", language,
                waybill=each.waybill, status=each.status, at=local(each.at, zone),
            )
            for each in kept.events
        ),
        *(_message(each, zone, language) for each in kept.messages),
    )  # fmt: skip


def _rules(settings: Settings, kept: KeptContact) -> CampaignRules:
    facts = kept.campaign
    return rules_of(settings.campaign, facts.policy, facts.flow, settings.calling)


def _laws(settings: Settings, rules: CampaignRules) -> tuple[Law, ...]:
    return laws_of(rules, ticket_rules_of(settings))


def _head(kept: KeptContact, language: LabelLanguage) -> Iterator[str]:
    said = partial(words, Words.LINE, language=language)
    between = "、" if language == "zh" else ", "
    yield said(
        "contact",
        id=kept.candidate.contact_id,
        campaign=kept.campaign.name,
        parcels=between.join(kept.waybills) or said("no_parcel"),
    )
    groups = [
        said(name, word=word)
        for name, word in (
            ("region", kept.candidate.region),
            ("product_line", kept.candidate.product_line),
            ("script", kept.script),
            ("priority", str(kept.priority or "")),
        )
        if word
    ]
    if groups:
        yield said("it_has", groups=between.join(groups))


def _closed(kept: KeptContact, history: ContactHistory, language: LabelLanguage) -> Iterator[str]:
    if history.status is not ContactStatus.CLOSED or kept.closed_as is None:
        return
    disposition = kept.closed_as[0]
    why = words(Words.NEVER, disposition.value, language)
    if why == disposition.value:
        why = label(Shelf.DISPOSITION, disposition.value, language)
    yield words(Words.LINE, "closed_as", language, why=why)
    if kept.closed_as == (Disposition.OUT_OF_SCOPE, Outcome.NOT_CALLED):
        yield words(Words.LINE, "widen", language, campaign=kept.campaign.name)


def _turn(
    kept: KeptContact, turn: Turn, now: datetime, zone: ZoneInfo, language: LabelLanguage
) -> Iterator[str]:
    if not isinstance(turn.verdict, CallNow):
        return
    runs = kept.campaign.status is CampaignStatus.RUNNING
    sentence = f"{'called' if runs else 'would'}_{'now' if turn.at <= now else 'at'}"
    yield words(Words.LINE, sentence, language, at=local(turn.at, zone))


def _hours(kept: KeptContact, rules: CampaignRules, at: datetime, language: LabelLanguage) -> str:
    """Say when the number may be rung on the day of its turn, and who leaves how much open."""
    said = partial(words, Words.LINE, language=language)
    place = rules.calling.place_of(kept.candidate.time_zone, kept.candidate.phone)
    told = describe(rules.calling, place, at.astimezone(ZoneInfo(place.zone)).date())
    nothing = said("closed")
    stretches = ", ".join(
        f"{start:%H:%M}-{'24:00' if end.date() > told.on else f'{end:%H:%M}'}"
        for start, end in told.open
    )
    limits = ", ".join(
        f"{said('own_hours') if name == CAMPAIGN else name} {text_of(left) if left else nothing}"
        for name, left in told.limits
    )
    kind = words(Words.DAY, told.day.kind.value, language)
    return said(
        "hours",
        day=told.on,
        kind=f"{kind} {told.day.name}".strip(),
        open=stretches or nothing,
        zone=place.zone,
        limits=limits,
    )


def _fate(fate: KeptFate, zone: ZoneInfo, language: LabelLanguage) -> str:
    if fate.how is None:
        return words(
            Words.LINE, "asked", language,
            number=fate.number, why=fate.why, attempt=fate.attempt_id,
        )  # fmt: skip
    how = words(Words.EVIDENCE, fate.how.value, language)
    return words(
        Words.LINE, "resolved", language, number=fate.number, when=local(fate.at, zone), how=how
    )


def _message(message: KeptMessage, zone: ZoneInfo, language: LabelLanguage) -> str:
    told = message.delivery is not DeliveryState.NONE
    return words(
        Words.LINE,
        "message",
        language,
        kind=words(Words.KIND, message.kind.value, language),
        event=message.event,
        target=message.target,
        status=words(
            Words.SENT, message.delivery.value if told else message.status.value, language
        ),
        at=local(message.at, zone),
    )
