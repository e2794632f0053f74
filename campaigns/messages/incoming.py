"""What comes back by SMS: receipts, and the wish for no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.messages.numbers import as_e164
from campaigns.messages.preference import noted
from campaigns.messages.wishes import is_opt_out
from store.channel_results import channel_counts, keep_counts
from store.message_types import Channel, DeliveryState
from store.messages import take_receipt
from store.suppression import suppress
from store.types import SuppressionReason


def take_sms_receipt(
    session: Session, provider_id: str, state: DeliveryState, now: datetime, *, learns: bool = True
) -> bool:
    """Keep what became of an SMS, and whether SMS work with its recipient; False: not known yet."""
    phone = take_receipt(session, provider_id, state, now)
    if phone is None:
        return False
    if phone and learns:
        counts = channel_counts(session, phone)
        worked = state is DeliveryState.DELIVERED
        keep_counts(session, {phone: noted(counts, Channel.SMS, worked, now)})
    return True


def take_incoming_sms(session: Session, phone: str, text: str, now: datetime) -> bool:
    """Suppress who asks by SMS for no more, for ever; False where the text asks for nothing.

    `phone`: as a provider writes it, with or without country. Other texts are not kept.
    """
    number = as_e164(phone)
    if number is None or not is_opt_out(text):
        return False
    said = text.strip()[:40]
    suppress(
        session, number, SuppressionReason.OPTED_OUT, now, source="sms", evidence=f"SMS: {said}"
    )
    return True
