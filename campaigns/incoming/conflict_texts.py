"""What a recipient reads when what they asked for could not be done."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from campaigns.messages.events import PersonEvent
from campaigns.messages.numbers import takes_sms
from campaigns.messages.preference import preferred
from campaigns.messages.quiet import QuietHours
from campaigns.messages.rules import EMAIL, SMS, message_rules_of
from campaigns.messages.telling import texts_for
from campaigns.messages.templates import Facts
from campaigns.settings import Settings
from store.channel_results import channel_counts
from store.message_types import Channel, MessageKind
from store.message_values import OutgoingMessage
from store.messages import enqueue
from store.models import Campaign, Contact

NOTES: Final = {
    "zh": "：您要求的改动未能安排",
    "en": ": the change you asked for could not be made",
}
_KINDS: Final = {Channel.SMS: (MessageKind.SMS, SMS), Channel.EMAIL: (MessageKind.EMAIL, EMAIL)}


def write_to(
    session: Session,
    settings: Settings,
    contact: Contact,
    campaign: Campaign,
    outcome_id: int,
    now: datetime,
) -> bool:
    """Write to the recipient of an outcome that it was not carried out; False: there is no way.

    Suppression is looked at again when it is sent.
    """
    rules = message_rules_of(settings)
    possible = {
        Channel.SMS: not contact.extension and takes_sms(contact.phone),
        Channel.EMAIL: bool(contact.recipient.email),
    }
    allowed = [each for each in rules.channels if possible.get(each, False)]
    choice = preferred(channel_counts(session, contact.phone), allowed, now)
    if choice is None:
        return False
    kind, target = _KINDS[choice.channel]
    facts = Facts(
        company=campaign.company,
        name=contact.recipient.name,
        waybills=tuple(each.waybill for each in contact.deliveries),
        callback_number=campaign.callback_number,
        time_zone=contact.time_zone,
        note=NOTES["zh" if contact.language.startswith("zh") else "en"],
    )
    rendered = texts_for(rules, contact.language).render(PersonEvent.EXCEPTION, kind, facts)
    message = OutgoingMessage(
        kind,
        PersonEvent.EXCEPTION,
        target,
        f"conflict-{outcome_id}-{target}",
        rendered.text,
        contact.phone if kind is MessageKind.SMS else contact.recipient.email,
        rendered.subject,
        phone=contact.phone,
        language=contact.language,
        time_zone=contact.time_zone,
        contact_id=contact.id,
        outcome_id=outcome_id,
        waybill=facts.waybills[0] if facts.waybills else "",
        merchant=contact.merchant,
        not_before=QuietHours(settings).until(
            now, contact.time_zone, contact.phone, campaign.id, campaign.policy
        ),
        useful_until=now + rules.useful,
    )
    return enqueue(session, message, now)
