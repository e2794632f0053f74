"""The write-back contract: what TMS, WMS, CRM and OMS read, all the same (docs/messages.md).

Version 1 only ever gains fields; `docs/write-back.schema.json` is its schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from campaigns.messages.events import SystemEvent
from store.message_values import OutcomeTold

VERSION: Final = 1


def event_body(event: SystemEvent, at: datetime, data: Mapping[str, Any]) -> str:
    """Return the JSON of an event; the same fields give the same bytes."""
    told = {"version": VERSION, "type": event.value, "timestamp": _moment(at), "data": dict(data)}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def outcome_body(event: SystemEvent, told: OutcomeTold, revision: int) -> str:
    """Return the JSON that says what came of a contact.

    `revision`: 1 when it is told first, one more each time it was corrected.
    """
    return event_body(event, told.at, {**outcome_data(told), "revision": revision})


def outcome_data(told: OutcomeTold) -> dict[str, Any]:
    """Return an outcome as other systems read it: by waybill, without name and number."""
    settled = told.settled
    return {
        "outcome_id": told.id,
        "campaign": {"id": told.campaign_id, "name": told.campaign, "flow": told.flow},
        "contact_id": told.contact_id,
        "attempt": None
        if told.attempt_id is None
        else {"id": told.attempt_id, "number": told.attempt_number, "answered": told.answered},
        "disposition": told.disposition.value,
        "outcome": told.outcome.value,
        "final": told.final,
        "parcels": [{"waybill": each.waybill, "merchant": each.merchant} for each in told.parcels],
        "new_window": _window(settled.new_window_start, settled.new_window_end),
        "new_address": settled.new_address,
        "hand_over": settled.hand_over,
        "consent": {"choice": settled.consent_choice, "words": settled.consent_words},
        "needs_person": settled.needs_person,
        "call_again_at": _moment(settled.call_again_at),
        "callback_by": _moment(settled.callback_by),
        "notes": dict(settled.notes),
        "answers": dict(settled.answers),
    }


def outcome_row(told: OutcomeTold, waybill: str) -> dict[str, Any]:
    """Return an outcome of one parcel as a row of another database."""
    settled = told.settled
    return {
        "outcome_id": told.id,
        "waybill": waybill,
        "campaign": told.campaign,
        "disposition": told.disposition.value,
        "outcome": told.outcome.value,
        "final": told.final,
        "happened_at": told.at,
        "attempts": told.attempt_number,
        "new_window_start": settled.new_window_start,
        "new_window_end": settled.new_window_end,
        "new_address": settled.new_address,
        "hand_over": settled.hand_over,
        "needs_person": settled.needs_person,
    }


def _window(start: datetime | None, end: datetime | None) -> dict[str, str | None] | None:
    if start is None and end is None:
        return None
    return {"start": _moment(start), "end": _moment(end)}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
