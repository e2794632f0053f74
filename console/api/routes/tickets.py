"""Tickets: what went wrong for customers, until it is made good."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from console.api import showing_desk as showing
from console.api.asking import Now, Store
from console.api.call_schemas import Ticket, TicketQuery, TicketSummary
from console.api.paging import Page, cursor_at, id_at, page_of
from console.api.problems import nothing_here
from console.web.audit import Action, record
from console.web.masking import Page as Where
from console.web.masking import sight
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.errors import StoreError
from store.feed_queries import tickets_after
from store.ticket_queries import ticket

router = APIRouter(prefix="/tickets", tags=["tickets"])

Sees = Annotated[Viewer, Depends(may(Permission.SEE_TICKETS))]
Number = Annotated[str, Path(max_length=32, pattern=r"^T[0-9]{8}-[0-9]{4,8}$")]


@router.get("")
def list_tickets(
    _viewer: Sees, store: Store, wanted: Annotated[TicketQuery, Query()]
) -> Page[TicketSummary]:
    """List tickets, oldest first, without names and words."""
    statuses = () if wanted.status is None else (wanted.status,)
    after = id_at(wanted.cursor) or 0
    with store.reading() as session:
        rows = tickets_after(session, after, wanted.limit + 1, statuses, wanted.waybill or "")
    shown = [showing.ticket_summary(each) for each in rows[: wanted.limit]]
    more = len(rows) > wanted.limit
    return page_of(shown, cursor_at(rows[wanted.limit - 1].id) if more else None)


@router.get("/{number}")
def get_ticket(viewer: Sees, store: Store, now: Now, number: Number) -> Ticket:
    """Return one ticket; who sees it in full is noted in the audit trail."""
    eyes = sight(viewer.role, Where.CALL)
    with store.reading() as session:
        try:
            row = ticket(session, number)
        except StoreError as error:
            raise nothing_here(f"ticket {number}") from error
    if eyes.full:
        with store.transaction() as session:
            record(session, viewer, Action.TICKET_SEEN, "ticket", row.id, now=now)
    return showing.ticket(row, eyes)
