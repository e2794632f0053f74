"""The contacts of a campaign: found, and why each of them is where it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from campaigns.contact_reasons import Reason, reasons_of
from campaigns.explaining import explanation, turn_in
from campaigns.labels import LabelLanguage, Shelf, label
from campaigns.rules import rules_of
from campaigns.settings import SettingsError
from console.web import formats
from console.web.audit import Action, record
from console.web.call_page import label_language, tone_of
from console.web.campaign_view import campaign_or_404
from console.web.forgetting import forget_and_write_down
from console.web.masking import Page, Sight, sight
from console.web.roles import Permission, Viewer
from console.web.searching import LARGEST_ID, Id, existing, sought_in
from console.web.security import may
from console.web.site import site_of
from console.web.templating import render, words_of
from console.web.words import Words
from store.campaign_queries import contact_history
from store.contact_queries import ContactFilter, campaign_of_contact, find_contacts
from store.forgetting import HinderedError, footprint
from store.queries import campaign
from store.traces import person_of
from store.types import ContactStatus
from store.values import ContactLine

router = APIRouter()

Sees = Annotated[Viewer, Depends(may(Permission.SEE_CONTACTS))]
Forgets = Annotated[Viewer, Depends(may(Permission.FORGET_PEOPLE))]

LONGEST: Final = 64
STATUS_TONES: Final = {"done": "good", "in_call": "info", "needs_reconciliation": "warn"}


@router.get("/campaigns/{campaign_id}/contacts")
def list_contacts(
    request: Request,
    viewer: Sees,
    campaign_id: Id,
    status: Annotated[str, Query(max_length=LONGEST)] = "",
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """List the contacts of a campaign in the order of import."""
    chosen = ContactStatus(status) if status in {each.value for each in ContactStatus} else None
    return _list(request, viewer, campaign_id, ContactFilter(status=chosen), after)


@router.post("/campaigns/{campaign_id}/contacts")
def search_contacts(
    request: Request,
    viewer: Sees,
    campaign_id: Id,
    who: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Response:
    """List the contacts with a parcel, a number or a name: by a form, since addresses of pages are
    kept in many places."""
    sought = sought_in(who, ZoneInfo(site_of(request).settings.campaign.time_zone))
    wanted = ContactFilter(waybill=sought.waybill, phone=sought.phone, name=sought.name)
    return _list(request, viewer, campaign_id, wanted, 0, who.strip())


@router.get("/contacts/{contact_id}")
def explain_contact(request: Request, viewer: Sees, contact_id: Id) -> Response:
    """Show what was tried to reach a contact, and why it is where it is."""
    site, words = site_of(request), words_of(request)
    now, eyes = site.clock(), sight(viewer.role, Page.CALL)
    with site.database.reading() as session:
        owner = existing(partial(campaign_of_contact, session, contact_id))
        facts = campaign(session, owner)
        history = contact_history(session, contact_id)
        line = find_contacts(session, owner, after=contact_id - 1, limit=1).lines[0]
    if eyes.full:
        with site.database.transaction() as session:
            record(session, viewer, Action.CONTACT_SEEN, "contact", contact_id, now=now)
    zone = ZoneInfo(history.time_zone)
    labels = label_language(words.language)
    known = (line.recipient, line.phone)
    try:
        rules = rules_of(
            site.settings.campaign, facts.policy, flow=facts.flow, calling=site.settings.calling
        )
        with site.database.reading() as session:
            turn = turn_in(session, site.settings, contact_id, now)
            told = explanation(session, site.settings, contact_id, now, labels)
        reasons = tuple(
            _worded(reason, words, zone, now, eyes, line)
            for reason in reasons_of(history, rules, facts.status, now, turn)
        )
    except SettingsError as error:
        told, reasons = (), (words("policy.broken", why=error),)
    return render(
        request,
        "contact.html",
        campaign=facts,
        history=history,
        contact=_shown(line, eyes, labels),
        reasons=reasons,
        told=tuple(eyes.words(each, known) for each in told),
        labels=labels,
        label=label,
        shelf=Shelf,
        tone_of=tone_of,
    )


@router.get("/contacts/{contact_id}/forget")
def ask_to_forget(request: Request, viewer: Forgets, contact_id: Id) -> Response:
    """Show what would be erased with the recipient of a contact; nothing is yet."""
    return _asked_to_forget(request, contact_id)


@router.post("/contacts/{contact_id}/forget")
def forget_recipient(
    request: Request, viewer: Forgets, contact_id: Id, evidence: Annotated[bool, Form()] = False
) -> Response:
    """Erase all that is kept of the recipient of a contact, for ever."""
    site = site_of(request)
    with site.database.reading() as session:
        recipient = existing(partial(person_of, session, contact_id))
    try:
        _, erased = forget_and_write_down(
            site.database, site.settings, viewer, [recipient], site.clock(), evidence=evidence
        )
    except HinderedError:
        # Whatever is in the way is told by the page, if it still is.
        return _asked_to_forget(request, contact_id, 409)
    done = "files_left" if erased.left else "person_forgotten"
    return RedirectResponse(f"/contacts/{contact_id}?done={done}", 303)


def _asked_to_forget(request: Request, contact_id: int, status: int = 200) -> Response:
    with site_of(request).database.reading() as session:
        recipient = existing(partial(person_of, session, contact_id))
        found = footprint(session, [recipient])
    words = words_of(request)
    hindrance = found.in_the_way
    return render(
        request,
        "contacts/forget.html",
        status,
        contact_id=contact_id,
        found=found,
        problem="" if hindrance is None else words(f"contacts.hindered.{hindrance.value}"),
    )


def _list(
    request: Request,
    viewer: Viewer,
    campaign_id: int,
    wanted: ContactFilter,
    after: int,
    who: str = "",
) -> Response:
    facts = campaign_or_404(request, campaign_id)
    with site_of(request).database.reading() as session:
        page = find_contacts(session, campaign_id, wanted, after)
    labels = label_language(words_of(request).language)
    eyes = sight(viewer.role, Page.LIST)
    return render(
        request,
        "contacts.html",
        campaign=facts,
        contacts=tuple(_shown(line, eyes, labels) for line in page.lines),
        following=page.next,
        chosen="" if wanted.status is None else wanted.status.value,
        statuses=[(each.value, label(Shelf.CONTACT, each, labels)) for each in ContactStatus],
        after=after,
        who=who,
    )


def _shown(line: ContactLine, eyes: Sight, labels: LabelLanguage) -> Mapping[str, Any]:
    latest = line.latest
    return {
        "id": line.contact_id,
        "recipient": eyes.name(line.recipient),
        "phone": eyes.phone(line.phone),
        "waybills": line.waybills,
        "status": label(Shelf.CONTACT, line.status, labels),
        "tone": STATUS_TONES.get(line.status.value, ""),
        "attempts": line.attempts,
        "last_called_at": line.last_called_at,
        "next_call_at": line.next_call_at,
        "last_attempt_id": line.last_attempt_id,
        "outcome": "" if latest is None else label(Shelf.OUTCOME, latest.outcome, labels),
        "outcome_tone": "" if latest is None else tone_of(latest.outcome),
        "disposition": ""
        if latest is None
        else label(Shelf.DISPOSITION, latest.disposition, labels),
    }


def _worded(
    reason: Reason, words: Words, zone: ZoneInfo, now: datetime, eyes: Sight, line: ContactLine
) -> str:
    """Return a reason in the words of the console, on the clock of the contact."""
    labels = label_language(words.language)
    told: dict[str, object] = {}
    for name, value in reason.slots.items():
        if isinstance(value, datetime):
            told[name] = formats.moment(value, zone, now)
        elif name == "disposition":
            told[name] = label(Shelf.DISPOSITION, str(value), labels)
        elif name == "outcome":
            told[name] = label(Shelf.OUTCOME, str(value), labels)
        elif name == "status":
            told[name] = words(f"campaigns.status.{value}")
        elif name == "reason":
            told[name] = eyes.words(str(value), (line.recipient, line.phone))
        else:
            told[name] = value
    return words(f"contacts.why.{reason.why.value}", **told)
