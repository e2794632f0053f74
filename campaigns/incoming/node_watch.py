"""Node watch: when parcels pass the nodes of their way, and who is told when one is late."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.chores import Duty
from campaigns.incoming.known_parcels import known_of
from campaigns.incoming.nodes import Way, way_of
from campaigns.messages.events import SystemEvent, is_wanted
from campaigns.messages.write_back_body import event_body
from store.live_events import EventTold, keep_event
from store.message_types import MessageKind
from store.message_values import OutgoingMessage
from store.messages import enqueue
from store.models import Contact, Delivery
from store.nodes import (
    LateNode,
    anything_late,
    late_nodes,
    note_passed,
    raise_alert,
    times_of,
    watch,
    watch_no_more,
)

AT_ONCE: Final = 50
ROUNDS: Final = 100


def note_status(
    session: Session, way: Way, waybill: str, status: str, at: datetime, now: datetime
) -> None:
    """Note what a status says of the way of a parcel: what it passed, and what is due next."""
    if status in way.ends:
        watch_no_more(session, waybill, way.names, now)
        return
    place = way.place(status)
    if place is None:
        return
    if place >= 0:
        note_passed(session, waybill, way.nodes[place].name, at)
        watch_no_more(session, waybill, way.up_to(place), now)
    passed = times_of(session, waybill)
    following = way.next_due(passed, place, at, _product_line(session, waybill))
    if following is not None:
        watch(session, waybill, *following)


def watch_nodes(duty: Duty) -> int:
    """Raise an alert about each node that became late; return how many."""
    way = way_of(duty.settings.incoming.nodes_file)
    raised = 0
    for _ in range(ROUNDS):
        if not duty.go_on():
            break
        with duty.database.reading() as session:
            if not anything_late(session, duty.now):
                break
        with duty.transaction() as session:
            some = [
                each
                for each in late_nodes(session, duty.now, AT_ONCE)
                if _raise(session, duty, way, each)
            ]
        raised += len(some)
    if raised:
        duty.tell(f"{raised} parcels are late at a node; `menling alerts list` shows them")
    return raised


def _raise(session: Session, duty: Duty, way: Way, late: LateNode) -> bool:
    node = next((each for each in way.nodes if each.name == late.node), None)
    owner = "delivery" if node is None else node.owner
    number = raise_alert(session, late, owner, duty.now)
    if number is None:
        return False
    data = {"waybill": late.waybill, "node": late.node, "alert_id": number, "owner": owner,
            "due_at": late.due_at.isoformat(timespec="seconds")}  # fmt: skip
    for each in duty.settings.webhooks:
        if is_wanted(SystemEvent.NODE_LATE, each.events):
            message = OutgoingMessage(
                MessageKind.WEBHOOK,
                SystemEvent.NODE_LATE,
                each.name,
                f"node-late-{number}-{each.name}",
                event_body(SystemEvent.NODE_LATE, duty.now, data),
                waybill=late.waybill,
            )
            enqueue(session, message, duty.now)
    if node is not None and node.call:
        _call(session, late, number, duty.now)
    return True


def _call(session: Session, late: LateNode, number: int, now: datetime) -> None:
    """Let what events start follow, where enough is known of the parcel to speak of it."""
    if {"phone", "window"} <= known_of(session, late.waybill, now).keys():
        told = EventTold("menling", f"late-{number}", "node.late", late.waybill, now, {})
        keep_event(session, told, now)


def _product_line(session: Session, waybill: str) -> str:
    found = session.scalar(
        sa.select(Contact.product_line)
        .join(Delivery, Delivery.contact_id == Contact.id)
        .where(Delivery.waybill == waybill)
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    return found or ""
