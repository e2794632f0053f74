"""Numbers that are never called."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from console.api import showing_contacts as showing
from console.api.asking import Now, Store
from console.api.contact_schemas import NewSuppression, PhoneSearch, Suppression, SuppressionQuery
from console.api.paging import Page, cursor_at, id_at, page_of
from console.api.problems import nothing_here
from console.api.words import Id
from console.web.audit import Action, record
from console.web.masking import Page as Where
from console.web.masking import Sight, sight
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.api_queries import is_listed
from store.suppression import suppress
from store.suppression_queries import suppressions, unsuppress
from store.types import SuppressionReason

router = APIRouter(prefix="/suppressions", tags=["suppression"])

Sees = Annotated[Viewer, Depends(may(Permission.SEE_SUPPRESSION))]
Adds = Annotated[Viewer, Depends(may(Permission.ADD_SUPPRESSION))]
Lifts = Annotated[Viewer, Depends(may(Permission.LIFT_SUPPRESSION))]


@router.get("")
def list_suppressions(
    viewer: Sees, store: Store, wanted: Annotated[SuppressionQuery, Query()]
) -> Page[Suppression]:
    """List the numbers that are never called, the newest first; masked."""
    eyes = sight(viewer.role, Where.LIST)
    before = id_at(wanted.cursor)
    with store.reading() as session:
        page = suppressions(
            session, "", wanted.reason, before, wanted.limit, merchant=wanted.merchant
        )
    shown = [showing.suppression(each, eyes) for each in page.lines]
    return page_of(shown, None if page.next is None else cursor_at(page.next))


@router.post("/search")
def search_suppression(
    viewer: Sees, store: Store, now: Now, wanted: PhoneSearch
) -> Page[Suppression]:
    """Tell on which lists a number is: that of all, those of merchants, or none."""
    with store.transaction() as session:
        page = suppressions(session, wanted.phone)
        record(session, viewer, Action.SUPPRESSION_SEARCHED, "suppression", "", None, now)
    return page_of([showing.suppression(each, Sight(full=True)) for each in page.lines], None)


@router.post("", status_code=HTTPStatus.CREATED, responses={200: {"model": Suppression}})
def add_suppression(
    viewer: Adds, store: Store, now: Now, sent: NewSuppression, response: Response
) -> Suppression:
    """Never call a number again, in any campaign, or about parcels of one merchant.

    Who waits to be called there is not.
    A number that is on the list already answers 200 and keeps its first reason.
    """
    merchant = " ".join(sent.merchant.split())
    with store.transaction() as session:
        source = f"user {viewer.user_id}"
        is_new = suppress(
            session,
            sent.phone,
            SuppressionReason(sent.reason),
            now,
            source,
            merchant=merchant,
            evidence=sent.evidence,
        )
        (row,) = suppressions(session, sent.phone, limit=1, merchant=merchant).lines
        if is_new:
            details = {"reason": sent.reason}
            record(session, viewer, Action.SUPPRESSION_ADDED, "suppression", row.id, details, now)
    if not is_new:
        response.status_code = HTTPStatus.OK
    return showing.suppression(row, Sight(full=True))


@router.delete("/{suppression_id:int}", status_code=HTTPStatus.NO_CONTENT)
def lift_suppression(viewer: Lifts, store: Store, now: Now, suppression_id: Id) -> Response:
    """Take a number off the list; who said so in a call stays on it for ever."""
    with store.transaction() as session:
        # The store refuses to lift what its owner asked for, in words that the answer repeats.
        if not is_listed(session, suppression_id):
            raise nothing_here(f"suppression {suppression_id}")
        was = unsuppress(session, suppression_id)
        details = {"reason": was.reason.value}
        record(
            session, viewer, Action.SUPPRESSION_LIFTED, "suppression", suppression_id, details, now
        )
    return Response(status_code=HTTPStatus.NO_CONTENT)
