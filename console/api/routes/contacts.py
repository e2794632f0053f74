"""Contacts: found, explained, taken out."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from campaigns.explaining import turn_in
from campaigns.parcel_events import withdraw
from campaigns.report import explain
from campaigns.rules import rules_of
from console.api import showing_contacts as showing
from console.api.asking import Configured, Now, Store
from console.api.contact_schemas import (
    Contact,
    ContactQuery,
    ContactSummary,
    Explanation,
    ForgetQuery,
    Forgotten,
    ParcelQuery,
    PhoneSearch,
)
from console.api.paging import Page, cursor_at, id_at, page_of
from console.api.problems import conflict, nothing_here
from console.api.words import Id
from console.web.audit import Action, record
from console.web.forgetting import forget_and_write_down
from console.web.masking import Page as Where
from console.web.masking import sight
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.api_queries import campaign_times, contact_record, contacts_named
from store.campaign_queries import contact_history
from store.contact_queries import ContactFilter, find_contacts
from store.models import Contact as ContactRow
from store.queries import campaign
from store.traces import person_of
from store.types import ContactStatus

router = APIRouter(tags=["contacts"])

Sees = Annotated[Viewer, Depends(may(Permission.SEE_CONTACTS))]
Runs = Annotated[Viewer, Depends(may(Permission.RUN_CAMPAIGNS))]
Forgets = Annotated[Viewer, Depends(may(Permission.FORGET_PEOPLE))]


@router.get("/campaigns/{campaign_id:int}/contacts")
def list_contacts(
    viewer: Sees, store: Store, campaign_id: Id, wanted: Annotated[ContactQuery, Query()]
) -> Page[ContactSummary]:
    """List the contacts of a campaign, in the order of import; names and numbers are masked."""
    eyes = sight(viewer.role, Where.LIST)
    narrowed = ContactFilter(status=wanted.status, waybill=wanted.waybill or "")
    with store.reading() as session:
        if campaign_times(session, campaign_id) is None:
            raise nothing_here(f"campaign {campaign_id}")
        after = id_at(wanted.cursor) or 0
        page = find_contacts(session, campaign_id, narrowed, after, wanted.limit)
    shown = [showing.contact_summary(campaign_id, each, eyes) for each in page.lines]
    return page_of(shown, None if page.next is None else cursor_at(page.next))


@router.get("/contacts")
def list_contacts_of_parcel(
    viewer: Sees, store: Store, wanted: Annotated[ParcelQuery, Query()]
) -> Page[ContactSummary]:
    """List the contacts of a parcel in any campaign; names and numbers are masked."""
    eyes = sight(viewer.role, Where.LIST)
    with store.reading() as session:
        after = id_at(wanted.cursor) or 0
        found = contacts_named(session, wanted.waybill, "", after, wanted.limit + 1)
    shown = [showing.contact_found(each, eyes) for each in found[: wanted.limit]]
    return page_of(shown, cursor_at(shown[-1].id) if len(found) > wanted.limit else None)


@router.post("/contacts/search")
def search_contacts(viewer: Sees, store: Store, wanted: PhoneSearch) -> Page[ContactSummary]:
    """Find the contacts of a telephone number in every campaign: the first 200."""
    eyes = sight(viewer.role, Where.LIST)
    with store.reading() as session:
        found = contacts_named(session, "", wanted.phone, 0, 200)
    return page_of([showing.contact_found(each, eyes) for each in found], None)


@router.get("/contacts/{contact_id:int}")
def get_contact(viewer: Sees, store: Store, now: Now, contact_id: Id) -> Contact:
    """Return one contact; who sees it in full is noted in the audit trail."""
    eyes = sight(viewer.role, Where.CALL)
    with store.reading() as session:
        row = contact_record(session, contact_id)
    if row is None:
        raise nothing_here(f"contact {contact_id}")
    if eyes.full:
        with store.transaction() as session:
            record(session, viewer, Action.CONTACT_SEEN, "contact", contact_id, now=now)
    return showing.contact(row, eyes)


@router.get("/contacts/{contact_id:int}/explanation")
def explain_contact(
    viewer: Sees, store: Store, settings: Configured, now: Now, contact_id: Id
) -> Explanation:
    """Tell why a contact is where it is: what was tried, and what follows.

    Who sees in full what a person wrote about it is noted in the audit trail.
    """
    with store.reading() as session:
        row = contact_record(session, contact_id)
        if row is None:
            raise nothing_here(f"contact {contact_id}")
        history = contact_history(session, contact_id)
        facts = campaign(session, history.campaign_id)
        turn = turn_in(session, settings, contact_id, now)
    eyes = sight(viewer.role, Where.CALL)
    if eyes.full and history.needs_person:
        with store.transaction() as session:
            record(session, viewer, Action.CONTACT_SEEN, "contact", contact_id, now=now)
    why = eyes.words(history.needs_person, showing.known_of(row))
    history = replace(history, needs_person=why)
    rules = rules_of(settings.campaign, facts.policy, flow=facts.flow, calling=settings.calling)
    lines = explain(history, rules, facts.status, now, turn)
    return Explanation(contact_id=contact_id, lines=list(lines))


@router.post("/contacts/{contact_id:int}/cancel")
def cancel_contact(viewer: Runs, store: Store, now: Now, contact_id: Id) -> ContactSummary:
    """See to it that a contact is not called (again); a call in progress goes on."""
    with store.transaction() as session:
        row = session.get(ContactRow, contact_id, with_for_update=True)
        if row is None:
            raise nothing_here(f"contact {contact_id}")
        if row.status in (ContactStatus.DONE, ContactStatus.NEEDS_RECONCILIATION):
            raise conflict(f"Contact {contact_id} is {row.status.value}; nobody calls it anyway.")
        if withdraw(session, row, now):
            record(session, viewer, Action.CONTACT_CANCELLED, "contact", contact_id, now=now)
        session.flush()
        shown = contact_record(session, contact_id)
    assert shown is not None
    return showing.contact_found(shown, sight(viewer.role, Where.LIST))


@router.delete("/contacts/{contact_id:int}/recipient")
def forget_recipient(
    viewer: Forgets,
    store: Store,
    settings: Configured,
    now: Now,
    contact_id: Id,
    wanted: Annotated[ForgetQuery, Query()],
) -> Forgotten:
    """Erase all that is kept of the recipient of a contact, in every campaign, for ever.

    Waybills, what was called when and what it came to stay, and so does a number that is never to
    be called. 409 while a call goes on. Doing it again tries files again that could not be erased.
    """
    with store.reading() as session:
        if contact_record(session, contact_id) is None:
            raise nothing_here(f"contact {contact_id}")
        recipient = person_of(session, contact_id)
    traces, erased = forget_and_write_down(
        store, settings, viewer, [recipient], now, evidence=wanted.evidence
    )
    return Forgotten(
        recipient_id=recipient,
        contacts=list(traces.contacts),
        calls=list(traces.attempts),
        tickets=len(traces.tickets),
        files_erased=erased.files,
        files_left=len(erased.left),
    )
