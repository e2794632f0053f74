"""Messages as rows of the outbox, and rows as messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from store.message_models import Message
from store.message_types import MessageStatus
from store.message_values import OutgoingMessage


def outgoing(row: Message) -> OutgoingMessage:
    """Return the message of a row."""
    return OutgoingMessage(
        kind=row.kind,
        event=row.event,
        target=row.target,
        idempotency_key=row.idempotency_key,
        body=row.body,
        address=row.address,
        subject=row.subject,
        phone=row.phone,
        language=row.language,
        time_zone=row.time_zone,
        contact_id=row.contact_id,
        attempt_id=row.attempt_id,
        ticket_id=row.ticket_id,
        outcome_id=row.outcome_id,
        waybill=row.waybill,
        merchant=row.merchant,
        not_before=row.next_try_at,
        useful_until=row.useful_until,
    )


def row_of(message: OutgoingMessage, now: datetime) -> dict[str, Any]:
    """Return the row of a message that goes out from `now` on."""
    return {
        "kind": message.kind,
        "event": message.event,
        "target": message.target,
        "idempotency_key": message.idempotency_key,
        "body": message.body,
        "address": message.address,
        "subject": message.subject,
        "phone": message.phone,
        "language": message.language,
        "time_zone": message.time_zone,
        "contact_id": message.contact_id,
        "attempt_id": message.attempt_id,
        "ticket_id": message.ticket_id,
        "outcome_id": message.outcome_id,
        "waybill": message.waybill,
        "merchant": message.merchant,
        "created_at": now,
        "next_try_at": message.not_before or now,
        "useful_until": message.useful_until,
        "status": MessageStatus.PENDING,
    }
