"""Conflicts: what dispatch could not carry out is taken back, and its recipient called again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.chores import Duty
from campaigns.incoming.conflict_texts import write_to
from campaigns.settings import Settings
from store.message_queries import open_conflicts, settle_conflict
from store.models import Campaign, Contact, Delivery, OutcomeRecord
from store.queries import set_campaign_status
from store.types import CampaignStatus, ContactStatus, Outcome
from store.wake_ups import Topic, wake

CHANGE_REFUSED: Final = "change.refused"
"""The event by which a system says the same later than in its answer."""
NOTE: Final = "conflict"
"""Among the notes of an outcome: why it was not carried out."""
CHANGES: Final = frozenset({
    Outcome.RESCHEDULED, Outcome.ADDRESS_CHANGED, Outcome.HAND_OVER_CHANGED,
    Outcome.PICKUP_AGREED, Outcome.SOLUTION_CHOSEN,
})  # fmt: skip
"""Outcomes that promise the recipient something."""
_LONGEST: Final = 100
AT_ONCE: Final = 50


def act_on_conflicts(duty: Duty) -> int:
    """Act on what receivers of outcomes objected; return how many people are called again."""
    with duty.transaction() as session:
        again = 0
        for each in open_conflicts(session, AT_ONCE):
            reason = _reason(each.answer)
            why = "nothing is known of its outcome"
            if each.outcome_id is not None:
                why = take_back(session, duty.settings, each.outcome_id, reason, duty.now)
            settle_conflict(session, each.message_id)
            again += not why
    if again:
        duty.tell(f"{again} changes could not be carried out; their recipients are called again")
    return again


def take_back_of(
    session: Session, settings: Settings, waybill: str, reason: str, now: datetime
) -> str:
    """Take back the newest outcome of a parcel; return why nobody is called, or nothing."""
    newest = session.scalar(
        sa.select(OutcomeRecord.id)
        .join(Delivery, Delivery.contact_id == OutcomeRecord.contact_id)
        .where(Delivery.waybill == waybill, OutcomeRecord.outcome.in_(CHANGES))
        .order_by(OutcomeRecord.id.desc())
        .limit(1)
    )
    if newest is None:
        return "no call about this parcel changed anything."
    return take_back(session, settings, newest, reason, now)


def take_back(
    session: Session, settings: Settings, outcome_id: int, reason: str, now: datetime
) -> str:
    """Mark an outcome as not carried out, once; write to its contact, who is called again.

    Return why nobody is called, or nothing. Whether the call still comes in time is for the laws of
    the campaign to say: who can't be called is closed as such, and told by SMS.
    """
    record = session.get_one(OutcomeRecord, outcome_id)
    if NOTE in record.notes:
        return "it was taken back before."
    record.notes = {**record.notes, NOTE: reason[:_LONGEST] or "refused"}
    session.flush()
    contact = session.get_one(Contact, record.contact_id, with_for_update=True)
    newest = session.scalar(
        sa.select(sa.func.max(OutcomeRecord.id)).where(OutcomeRecord.contact_id == contact.id)
    )
    if record.outcome not in CHANGES:
        return "its outcome changed nothing."
    if newest != record.id or contact.status is not ContactStatus.DONE:
        return "the contact has moved on since."
    if not contact.phone:
        return "its recipient was forgotten."
    campaign = session.get_one(Campaign, contact.campaign_id)
    if campaign.status is CampaignStatus.CANCELLED:
        return "its campaign is cancelled."
    contact.status, contact.next_call_at, contact.held = ContactStatus.WAITING, now, ""
    contact.next_script = ""
    session.flush()
    write_to(session, settings, contact, campaign, record.id, now)
    if campaign.status is CampaignStatus.FINISHED:
        set_campaign_status(session, campaign.id, CampaignStatus.RUNNING, now)
    wake(session, Topic.CONTACTS)
    return ""


def _reason(answer: str) -> str:
    try:
        told = json.loads(answer)
    except ValueError:
        return "refused"
    reason = told.get("conflict") if isinstance(told, dict) else None
    return reason if isinstance(reason, str) else "refused"
