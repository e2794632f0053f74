"""Planning calls about tickets: a contact in a campaign of their own, one for each parcel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.tickets_rules import TicketCalls
from ivr.facts import facts_known
from ivr.flow import flows, load_flow
from ivr.flow_needs import needs_of
from store.flow_publications import publications
from store.models import Campaign, Contact, Delivery
from store.outcomes import is_wrong_number
from store.queries import campaign_named, create_campaign
from store.suppression import close, is_suppressed
from store.ticket_models import Ticket
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome

NO_CONTACT = "没有可拨的电话,请人工联系客户"
SUPPRESSED = "号码在免打扰名单,不安排电话"
WRONG_NUMBER = "接电话的人说打错了,请人工找到客户的电话"
NOT_SPOKEN = "这段对话没有客户的语言,请人工联系客户"
NOT_KNOWN = "这段对话要说到的信息不全(例如派送时段),请人工联系客户"
ANOTHER = "这个包裹已安排了另一张工单的电话,请等它打完,或人工联系客户"
OTHER_FLOW = "同名的活动谈的是别的事,请在设置里换一个活动名称"
CANCELLED = "这个活动已取消,请人工联系客户"

_OF_A_TICKET = frozenset({"ticket_result", "problem", "cause"})
"""Facts that a call about one ticket leaves with the parcel, and that aren't true of another."""

_STILL_TO_CALL = (ContactStatus.WAITING, ContactStatus.IN_CALL)


def plan_call(
    session: Session, calls: TicketCalls, row: Ticket, facts: Mapping[str, str], now: datetime
) -> int | str:
    """Let the customer of a ticket be called; return the contact, or why nobody can be.

    `facts` (texts of `ivr/facts.yaml`) are what the call knows beside those of the parcel. Several
    results for one parcel are told in one call as long as it was not made; anything else has a call
    to itself.
    """
    contact = None if row.contact_id is None else session.get(Contact, row.contact_id)
    parcel = _parcel(session, row)
    if contact is None or not contact.phone or parcel is None:
        return NO_CONTACT
    if is_suppressed(session, contact.phone):
        return SUPPRESSED
    if is_wrong_number(session, contact.recipient_id):
        return WRONG_NUMBER
    if not _is_spoken(session, calls.flow, contact.language):
        return NOT_SPOKEN
    all_facts = _of_the_parcel(parcel.facts) | _facts_of(row, contact.time_zone) | dict(facts)
    if not _can_be_held(calls.flow, contact.language, parcel, all_facts):
        return NOT_KNOWN
    campaign_id = _campaign(session, calls, contact.time_zone, now)
    if isinstance(campaign_id, str):
        return campaign_id
    known = session.scalar(
        sa.select(Delivery).where(
            Delivery.campaign_id == campaign_id, Delivery.waybill == parcel.waybill
        )
    )
    if known is not None and known.contact.status in _STILL_TO_CALL:
        if "ticket_result" not in facts and known.facts.get("ticket") != all_facts["ticket"]:
            return ANOTHER
        planned = known.contact
        all_facts |= _both_results(known.facts, facts)
    else:
        planned = _new_contact(session, campaign_id, contact)
    planned.useful_until = now + calls.useful
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
                facts=all_facts,
            )
        )
    else:
        known.contact, known.facts = planned, all_facts
    session.flush()
    return planned.id


def withdraw_explanation(session: Session, calls: TicketCalls, row: Ticket, now: datetime) -> None:
    """Make no call any more that would offer what was offered, or done, meanwhile."""
    if not row.waybill:
        return
    planned = session.scalar(
        sa.select(Delivery)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Campaign.name == calls.campaign, Delivery.waybill == row.waybill)
    )
    if planned is not None and planned.facts.get("ticket") == _spoken_number(row):
        _close_waiting(session, planned.contact_id, now)


def withdraw_follow_up(session: Session, row: Ticket, now: datetime) -> None:
    """Make no call any more that would tell what is known already, or isn't true any more.

    A call that tells other results, too, is made, and tells those.
    """
    if row.follow_up_contact_id is None:
        return
    contact = session.get_one(Contact, row.follow_up_contact_id)
    others = session.scalars(
        sa.select(Ticket)
        .where(
            Ticket.follow_up_contact_id == contact.id,
            Ticket.customer_told_at.is_(None),
            Ticket.id != row.id,
        )
        .order_by(Ticket.id)
    ).all()
    if not others:
        _close_waiting(session, contact.id, now)
        return
    results = {"ticket_result": ",".join(dict.fromkeys(each.resolution for each in others))}
    for parcel in contact.deliveries:
        still_true = _of_the_parcel(parcel.facts) | _facts_of(others[-1], contact.time_zone)
        parcel.facts = still_true | results


def _close_waiting(session: Session, contact_id: int, now: datetime) -> None:
    if session.get_one(Contact, contact_id).status is ContactStatus.WAITING:
        close(session, contact_id, Disposition.WITHDRAWN, Outcome.WITHDRAWN, now)


def _is_spoken(session: Session, flow: str, language: str) -> bool:
    """Say whether the conversation exists in a language: one without it would stop the campaign."""
    return (flow, language) in flows() or bool(publications(session, flow, language))


def _can_be_held(flow: str, language: str, parcel: Delivery, facts: Mapping[str, str]) -> bool:
    """Say whether all is known that the conversation as it ships speaks of."""
    if (flow, language) not in flows():
        return True
    needs = needs_of(load_flow(flow, language))
    return set(needs.facts) <= facts.keys() and (
        not needs.window or parcel.window_start is not None
    )


def _parcel(session: Session, row: Ticket) -> Delivery | None:
    if row.delivery_id is not None:
        return session.get(Delivery, row.delivery_id)
    return session.scalar(
        sa.select(Delivery)
        .where(Delivery.contact_id == row.contact_id)
        .order_by(Delivery.id)
        .limit(1)
    )


def _campaign(session: Session, calls: TicketCalls, time_zone: str, now: datetime) -> int | str:
    """Return the campaign of these calls, made now if there is none, or why it can't be used."""
    facts = campaign_named(session, calls.campaign)
    if facts is None:
        facts = create_campaign(
            session,
            name=calls.campaign,
            flow=calls.flow,
            company=calls.company,
            now=now,
            time_zone=time_zone,
            callback_number=calls.callback_number,
        )
    # One plan at a time, so that a parcel gets one contact.
    session.scalar(sa.select(Campaign.id).where(Campaign.id == facts.id).with_for_update())
    if facts.flow != calls.flow:
        return OTHER_FLOW
    return CANCELLED if facts.status is CampaignStatus.CANCELLED else facts.id


def _new_contact(session: Session, campaign_id: int, contact: Contact) -> Contact:
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


def _of_the_parcel(facts: Mapping[str, str]) -> dict[str, str]:
    """Return what is true of a parcel whatever ticket is about it."""
    if "ticket" not in facts:
        return dict(facts)
    return {name: text for name, text in facts.items() if name not in _OF_A_TICKET}


def _facts_of(row: Ticket, zone: str) -> dict[str, str]:
    facts = {
        "ticket": _spoken_number(row),
        "resolve_by": f"{row.resolve_by.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}",
    }
    if row.cause in facts_known()["problem"].one_of:
        facts["problem"] = row.cause
    return facts


def _spoken_number(row: Ticket) -> str:
    """Return the number of a ticket within its day, as it is said."""
    return row.number.rpartition("-")[2]


def _both_results(earlier: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, str]:
    results = [each["ticket_result"] for each in (earlier, facts) if "ticket_result" in each]
    return {"ticket_result": ",".join(dict.fromkeys(results))} if results else {}
