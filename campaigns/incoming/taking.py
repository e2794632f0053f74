"""Taking events: kept and acknowledged at once; what says a parcel's status counts from then on."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from campaigns.incoming.node_watch import note_status
from campaigns.incoming.nodes import Way, way_of
from campaigns.incoming.reading import EventError, event_in
from campaigns.incoming.rules import IncomingRules
from campaigns.parcel_events import ParcelMoved, take_event
from store.live_events import EventLine, EventTold, keep_event

_SHOWN: Final = 4000
"""So much is kept of what can't be read."""


def take(
    session: Session,
    rules: IncomingRules,
    told: EventTold,
    now: datetime,
    way: Way | None = None,
) -> tuple[EventLine, bool]:
    """Keep an event; return it, and whether it is new. The same id of the same sender counts once.

    Who need not be called any more because of it is withdrawn in this transaction. One that nobody
    understands is kept as refused. `way`: the nodes of its way; None: as they ship.
    """
    rule = rules.of(told.event)
    if rule is None:
        why = f"There is no event {told.event}; send one of: {', '.join(rules.known)}"
        return keep_event(session, told, now, refused=why)[0], True
    line, is_new = keep_event(session, told, now)
    if is_new and rule.status:
        moved_id = f"{told.source}:{told.event_id}"
        take_event(session, ParcelMoved(moved_id, told.waybill, rule.status, told.at), now)
        note_status(session, way or way_of(), told.waybill, rule.status, told.at, now)
    return line, is_new


def take_body(
    session: Session,
    rules: IncomingRules,
    source: str,
    body: bytes,
    now: datetime,
    message_id: str = "",
    way: Way | None = None,
) -> tuple[EventLine, bool]:
    """Keep the event that a request of another system tells; what can't be read is kept, refused.

    `message_id` is the event's id where the body names none.
    """
    try:
        told = event_in(source, _json(body), now, message_id)
    except EventError as error:
        digest = hashlib.sha256(body).hexdigest()
        text = "".join(
            each for each in body.decode(errors="replace")[:_SHOWN] if each.isprintable()
        )
        unread = EventTold(source, f"unread:{digest}", "unread", "", now, {"body": text})
        return keep_event(session, unread, now, refused=str(error))[0], True
    return take(session, rules, told, now, way)


def _json(body: bytes) -> object:
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise EventError("The body is no JSON; send an object in UTF-8") from error


def _no_number(name: str) -> object:
    raise ValueError(name)
