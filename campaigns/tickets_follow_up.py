"""Telling the customer: a contact in the campaign of follow-up calls, and what its call came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.tickets_ledger import move, remark, take_up_again
from campaigns.tickets_matrix import OTHER
from campaigns.tickets_rules import FollowUp, TicketRules
from ivr.exchange import TicketWish
from ivr.facts import facts_known
from store.models import Attempt, Campaign, Contact, Delivery
from store.queries import campaign_named, create_campaign
from store.suppression import is_suppressed
from store.ticket_models import Ticket
from store.ticket_queries import followed_up_by
from store.types import CampaignStatus, ContactStatus, Outcome
from store.types import TicketStatus as Status
from store.types import TicketStep as Step

PLANNED = "已安排回访电话"
NOT_WITHOUT_CONTACT = "没有可拨的电话,请人工告知客户"
NOT_SUPPRESSED = "号码在免打扰名单,不安排电话"
NOT_CANCELLED = "回访活动已取消,请人工告知客户"

TOLD = frozenset(
    {
        Outcome.INFORMED,
        Outcome.CONFIRMED,
        Outcome.RECEIVED,
        Outcome.RATED,
        Outcome.SOLUTION_CHOSEN,
        Outcome.PROBLEM_REPORTED,
    }
)
"""After these the customer has heard the result, whatever they think of it."""

ABOUT_THE_RESULT = frozenset({"service", OTHER})
"""Kinds of trouble that a follow-up call names when the result itself is not good."""

_STILL_TO_CALL = (ContactStatus.WAITING, ContactStatus.IN_CALL)


def schedule_follow_up(
    session: Session, follow_up: FollowUp, row: Ticket, who: str, now: datetime
) -> int | None:
    """Let the customer be called with the result; return the contact, or None when nobody can be.

    Several results for one parcel are told in one call as long as it was not made. The ledger says
    why nobody is called.
    """
    contact = None if row.contact_id is None else session.get(Contact, row.contact_id)
    parcel = _parcel(session, row)
    if contact is None or parcel is None:
        remark(session, row, who, now, NOT_WITHOUT_CONTACT)
        return None
    if is_suppressed(session, contact.phone):
        remark(session, row, who, now, NOT_SUPPRESSED)
        return None
    campaign_id = _campaign(session, follow_up, contact.time_zone, now)
    if campaign_id is None:
        remark(session, row, who, now, NOT_CANCELLED)
        return None
    known = session.scalar(
        sa.select(Delivery).where(
            Delivery.campaign_id == campaign_id, Delivery.waybill == parcel.waybill
        )
    )
    planned = _contact(session, campaign_id, contact, known)
    planned.useful_until = now + follow_up.useful
    facts = _facts(row, parcel, known, planned.time_zone)
    if known is None:
        session.add(
            Delivery(
                campaign_id=campaign_id,
                contact=planned,
                waybill=parcel.waybill,
                address=parcel.address,
                window_start=parcel.window_start,
                window_end=parcel.window_end,
                item=parcel.item,
                merchant=parcel.merchant,
                cod_fen=parcel.cod_fen,
                facts=facts,
            )
        )
    else:
        known.contact, known.facts = planned, facts
    session.flush()
    row.follow_up_contact_id = planned.id
    remark(session, row, who, now, PLANNED)
    return planned.id


def heard_result(
    session: Session,
    rules: TicketRules,
    attempt_id: int,
    outcome: Outcome,
    asked: Sequence[tuple[str, TicketWish]],
    now: datetime,
) -> tuple[Ticket, ...]:
    """Note what a follow-up call came to; return the tickets that were taken up again for it.

    A ticket whose customer has nothing to say against the result is closed. What was resolved
    while the call went on was not told in it, and gets a call of its own. `asked` are the
    tickets that the conversation asks for, each with its kind of the taxonomy.
    """
    attempt = session.get_one(Attempt, attempt_id)
    who = f"call {attempt_id}"
    again: list[Ticket] = []
    if outcome not in TOLD:
        return ()
    for row in followed_up_by(session, attempt.contact_id):
        if row.status not in (Status.RESOLVED, Status.CLOSED):
            continue
        if row.resolved_at is not None and row.resolved_at > attempt.claimed_at:
            schedule_follow_up(session, rules.follow_up, row, who, now)
            continue
        row.customer_told_at = now
        move(session, rules, row, Step.TELL, who, now, outcome.value)
        if row.status is Status.CLOSED:
            continue
        if outcome is Outcome.PROBLEM_REPORTED:
            # Reopening forgets that they were told: there will be another result.
            mine = [wish for kind, wish in asked if kind in ABOUT_THE_RESULT | {row.kind}]
            promised = [wish.callback_by for wish in mine if wish.callback_by is not None]
            row.urgent = row.urgent or any(wish.urgent for wish in mine)
            row.callback_by = min(promised, default=None)
            words = "\n".join(wish.words for wish in mine if wish.words)
            row.words = f"{row.words}\n{words}".strip()
            take_up_again(session, rules, row, who, now, words)
            again.append(row)
        else:
            row.closed_at = now
            move(session, rules, row, Step.CLOSE, who, now)
    return tuple(again)


def _parcel(session: Session, row: Ticket) -> Delivery | None:
    if row.delivery_id is not None:
        return session.get(Delivery, row.delivery_id)
    return session.scalar(
        sa.select(Delivery)
        .where(Delivery.contact_id == row.contact_id)
        .order_by(Delivery.id)
        .limit(1)
    )


def _campaign(session: Session, follow_up: FollowUp, time_zone: str, now: datetime) -> int | None:
    """Return the campaign of follow-up calls, made now if there is none; None: it was cancelled."""
    facts = campaign_named(session, follow_up.campaign)
    if facts is None:
        facts = create_campaign(
            session,
            name=follow_up.campaign,
            flow=follow_up.flow,
            company=follow_up.company,
            now=now,
            time_zone=time_zone,
            callback_number=follow_up.callback_number,
        )
    # One resolution at a time plans a call, so that a parcel gets one contact.
    session.scalar(sa.select(Campaign.id).where(Campaign.id == facts.id).with_for_update())
    return None if facts.status is CampaignStatus.CANCELLED else facts.id


def _contact(
    session: Session, campaign_id: int, contact: Contact, known: Delivery | None
) -> Contact:
    if known is not None and known.contact.status in _STILL_TO_CALL:
        return known.contact
    planned = Contact(
        campaign_id=campaign_id,
        recipient_id=contact.recipient_id,
        phone=contact.phone,
        extension=contact.extension,
        language=contact.language,
        time_zone=contact.time_zone,
        status=ContactStatus.WAITING,
    )
    session.add(planned)
    session.flush()
    return planned


def _facts(row: Ticket, parcel: Delivery, known: Delivery | None, zone: str) -> dict[str, str]:
    """Return what the call knows, as texts of `ivr/facts.yaml`."""
    result = row.resolution
    if known is not None and known.contact.status in _STILL_TO_CALL:
        earlier = known.facts.get("ticket_result", "")
        result = f"{earlier},{result}" if earlier and earlier != result else result
    facts = dict(parcel.facts) | {
        "ticket": row.number.rpartition("-")[2],
        "ticket_result": result,
        "resolve_by": f"{row.resolve_by.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}",
    }
    if row.cause in facts_known()["problem"].one_of:
        facts["problem"] = row.cause
    return facts
