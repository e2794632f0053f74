"""Outcomes: what dispatch is to know, as a feed that is pulled."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query

from console.api import showing_calls as showing
from console.api.asking import Now, Store
from console.api.call_schemas import OutcomePage, OutcomeQuery
from console.api.paging import cursor_at, id_at
from console.web.audit import Action, record
from console.web.masking import Sight
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.feed_queries import outcomes_after

router = APIRouter(prefix="/outcomes", tags=["outcomes"])

Exports = Annotated[Viewer, Depends(may(Permission.EXPORT))]

AGE: Final = timedelta(seconds=3)
"""So old is the youngest outcome that is told: no older one can still be on its way then."""


@router.get("")
def list_outcomes(
    viewer: Exports, store: Store, now: Now, wanted: Annotated[OutcomeQuery, Query()]
) -> OutcomePage:
    """Tell what was settled, one item for each parcel, in the order it became known.

    Keep `next` and ask with it again: nothing is told twice and nothing is left out. A correction
    is an item of its own, with its own key. Addresses are told in full, which is noted in the
    audit trail.
    """
    after = id_at(wanted.cursor) or 0
    with store.reading() as session:
        rows = outcomes_after(
            session,
            after,
            wanted.limit + 1,
            now - AGE,
            wanted.campaign_id,
            wanted.waybill or "",
        )
    told = rows[: wanted.limit]
    if told:
        with store.transaction() as session:
            record(
                session, viewer, Action.OUTCOMES_TAKEN, "outcomes", "", {"count": len(told)}, now
            )
    return OutcomePage(
        items=[showing.told_outcome(each, Sight(full=True)) for each in told],
        next=cursor_at(told[-1].id if told else after),
        more=len(rows) > wanted.limit,
    )
