"""What follows an event: the conversations that its rule names, each with one contact to call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.campaign_life import make
from campaigns.import_work import Piece, take_in
from campaigns.incoming.conflicts import CHANGE_REFUSED, take_back_of
from campaigns.incoming.known_parcels import known_of
from campaigns.incoming.reading import EventError, delivery_in
from campaigns.incoming.rules import IncomingRules, Start
from campaigns.manifest import ManifestDefaults, ManifestDelivery
from campaigns.manifest_problems import Problem
from campaigns.moved_on import still_wanted
from campaigns.rules import rules_of
from campaigns.script_versions import script_for
from campaigns.settings import Settings
from ivr.flow_needs import FlowNeeds
from store.candidates import Parcel
from store.event_models import ParcelEvent
from store.live_event_types import LiveEventStatus
from store.live_events import EventLine, locked_event, put_off_event, settle_event
from store.models import Attempt, Campaign, Contact, Delivery, OutcomeRecord
from store.queries import campaign_named, set_campaign_status
from store.types import CampaignStatus, ContactStatus
from store.values import CampaignFacts
from store.wake_ups import Topic, wake

LATER: Final = timedelta(minutes=1)
"""When somebody is in a call, what comes next is looked at so much later."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A flow as it is said now."""

    needs: FlowNeeds
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Handled:
    """What followed an event."""

    contacts: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    """Why nobody is called."""


class _InCallError(Exception):
    """The recipient is in a call about this parcel; what follows is decided after it."""


def handle(
    session: Session,
    number: int,
    settings: Settings,
    rules: IncomingRules,
    spoken: Mapping[str, Spoken],
    now: datetime,
) -> LiveEventStatus | None:
    """Do what follows an event, in one transaction; None: another one did.

    What can't be done is refused, and says why. `spoken` are the flows that rules name; those that
    are missing aren't there.
    """
    line = locked_event(session, number)
    if line is None:
        return None
    rule = rules.of(line.told.event)
    handled = Handled()
    try:
        # A conversation that can't be started leaves none of the others behind.
        with session.begin_nested():
            if line.told.event == CHANGE_REFUSED:
                handled = _refuse_change(session, line, settings, now)
            for start in rule.starts if rule is not None else ():
                some = _start(session, line, start, settings, spoken, now)
                handled = Handled(handled.contacts + some.contacts, handled.notes + some.notes)
    except EventError as error:
        settle_event(session, number, LiveEventStatus.REFUSED, now, error=str(error))
        return LiveEventStatus.REFUSED
    except _InCallError:
        put_off_event(session, number, now + LATER, "The recipient is in a call; it comes after it")
        return LiveEventStatus.TAKEN
    settle_event(
        session,
        number,
        LiveEventStatus.HANDLED,
        now,
        error=" ".join(handled.notes),
        contact_id=handled.contacts[0] if handled.contacts else None,
    )
    if handled.contacts:
        wake(session, Topic.CONTACTS)
    return LiveEventStatus.HANDLED


def _start(
    session: Session,
    line: EventLine,
    start: Start,
    settings: Settings,
    spoken: Mapping[str, Spoken],
    now: datetime,
) -> Handled:
    told = line.told
    flow = spoken.get(start.flow)
    if flow is None:
        raise EventError(f"There is no flow {start.flow}; mend incoming.rules_file")
    latest = None if start.within is None else told.at + start.within
    if latest is not None and latest <= now:
        return Handled(notes=(f"{start.flow}: it came too late, nobody is called.",))
    if _is_over(session, start.flow, told.waybill):
        return Handled(notes=(f"{start.flow}: the parcel has moved on, nobody is called.",))
    defaults = ManifestDefaults(time_zone=settings.campaign.time_zone)
    known = known_of(session, told.waybill, now)
    row = delivery_in(told, known, now, defaults, flow.needs)
    if row.language not in flow.languages:
        raise EventError(
            f"{start.flow} is not spoken in {row.language}; "
            f"there is {', '.join(sorted(flow.languages))}"
        )
    row = replace(row, priority=row.priority or start.priority)
    campaign = _standing(session, settings, start, now)
    contact = _call_about(session, campaign, settings, row, start, now)
    if contact is None:
        return Handled(notes=(f"{start.flow}: this parcel was called about before.",))
    _when(session, contact, max(told.at + start.delay, now + start.merge), latest, now)
    return Handled((contact,))


def _refuse_change(session: Session, line: EventLine, settings: Settings, now: datetime) -> Handled:
    """Take back what the last call about a parcel changed."""
    told = line.told
    why = take_back_of(session, settings, told.waybill, str(told.payload.get("reason", "")), now)
    if why:
        return Handled(notes=(f"Nobody is called: {why}",))
    return Handled()


def _is_over(session: Session, flow: str, waybill: str) -> bool:
    """Say whether the parcel has a status after which such a call is of no use."""
    statuses = session.scalars(
        sa.select(ParcelEvent.status).where(ParcelEvent.waybill == waybill).distinct()
    )
    return not still_wanted(flow, (Parcel(waybill, "", None, None, frozenset(statuses)),))


def _standing(session: Session, settings: Settings, start: Start, now: datetime) -> CampaignFacts:
    """Return the campaign of these calls, made and started now if need be; locked."""
    facts = campaign_named(session, start.campaign)
    if facts is None:
        facts = make(
            session,
            settings,
            start.campaign,
            now,
            flow=start.flow,
            company=settings.campaign.company,
            time_zone=settings.campaign.time_zone,
            callback_number=settings.campaign.callback_number,
        )
    if facts.flow != start.flow:
        raise EventError(
            f"Campaign {start.campaign} talks about {facts.flow}, not {start.flow}; "
            "name another campaign in incoming.rules_file"
        )
    if facts.status is CampaignStatus.CANCELLED:
        raise EventError(
            f"Campaign {start.campaign} is cancelled; name another one in incoming.rules_file"
        )
    session.scalar(sa.select(Campaign.id).where(Campaign.id == facts.id).with_for_update())
    begins = facts.status is CampaignStatus.DRAFT and settings.incoming.start_campaigns
    if begins or facts.status is CampaignStatus.FINISHED:
        set_campaign_status(session, facts.id, CampaignStatus.RUNNING, now)
    return facts


def _call_about(
    session: Session,
    campaign: CampaignFacts,
    settings: Settings,
    row: ManifestDelivery,
    start: Start,
    now: datetime,
) -> int | None:
    """Return the contact that is called about a parcel; None: it was called before."""
    known = session.scalar(
        sa.select(Delivery).where(
            Delivery.campaign_id == campaign.id, Delivery.waybill == row.waybill
        )
    )
    if known is not None:
        contact = session.get_one(Contact, known.contact_id)
        if contact.status is ContactStatus.IN_CALL:
            raise _InCallError
        if contact.status is not ContactStatus.WAITING:
            if not _again(session, contact.id, start, now):
                return None
            _new_contact(session, known, contact, row)
    rules = rules_of(settings.campaign, campaign.policy, campaign.flow, settings.calling)
    script_of = partial(script_for, rules.scripts, campaign.id)
    take_in(session, campaign.id, None, Piece(((row.row, row),), _twice), now, script_of)
    return session.scalar(
        sa.select(Delivery.contact_id).where(
            Delivery.campaign_id == campaign.id, Delivery.waybill == row.waybill
        )
    )


def _again(session: Session, contact_id: int, start: Start, now: datetime) -> bool:
    if start.again_after is None:
        return False
    ended = session.scalar(
        sa.select(sa.func.max(OutcomeRecord.at)).where(OutcomeRecord.contact_id == contact_id)
    )
    return ended is None or ended + start.again_after <= now


def _new_contact(session: Session, known: Delivery, was: Contact, row: ManifestDelivery) -> None:
    """Let a parcel that was called about have a contact anew, to which the event is applied."""
    contact = Contact(
        campaign_id=was.campaign_id,
        recipient_id=was.recipient_id,
        phone=was.phone,
        extension=was.extension,
        language=was.language,
        time_zone=was.time_zone,
        status=ContactStatus.WAITING,
        priority=row.priority,
        merchant=was.merchant,
        region=was.region,
        product_line=was.product_line,
        script=was.script,
    )
    session.add(contact)
    session.flush()
    known.contact_id = contact.id
    session.flush()
    session.expire_all()


def _when(
    session: Session, contact_id: int, earliest: datetime, latest: datetime | None, now: datetime
) -> None:
    """Let a contact that was never called be called between two moments."""
    contact = session.get_one(Contact, contact_id, with_for_update=True)
    dialled = session.scalar(sa.select(Attempt.id).where(Attempt.contact_id == contact_id).limit(1))
    if contact.status is not ContactStatus.WAITING or dialled is not None:
        return
    if contact.next_call_at is None and earliest > now:
        contact.next_call_at = earliest
    ends = [each for each in (contact.useful_until, latest) if each is not None]
    contact.useful_until = min(ends, default=None)


def _twice(row: ManifestDelivery, first: int) -> Problem:
    return Problem(row.row, "waybill", "waybill_twice", f"{row.waybill}, {first}")
