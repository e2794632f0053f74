"""Contacts as they are published, masked as the viewer's role asks."""

from __future__ import annotations

from collections.abc import Iterable

from console.api.contact_schemas import Contact, ContactSummary, Parcel, Settled, Suppression
from console.web.masking import Sight
from store.api_queries import ContactRecord
from store.suppression_queries import SuppressedNumber
from store.values import ContactLine, DeliveryFacts, LatestOutcome


def contact(row: ContactRecord, sight: Sight) -> Contact:
    """Show a contact on its own."""
    known = known_of(row)
    return Contact(
        id=row.id,
        campaign_id=row.campaign_id,
        recipient=sight.name(row.recipient),
        phone=sight.phone(row.phone),
        extension=row.extension if sight.full else "",
        language=row.language,
        time_zone=row.time_zone,
        status=row.status,
        priority=row.priority,
        next_call_at=row.next_call_at,
        useful_until=row.useful_until,
        parcels=[_parcel(each, sight, known) for each in row.deliveries],
        calls=list(row.calls),
        settled=None if row.latest is None else settled(row.latest, sight, known),
    )


def contact_summary(campaign_id: int, row: ContactLine, sight: Sight) -> ContactSummary:
    """Show a contact of a campaign in a list."""
    return ContactSummary(
        id=row.contact_id,
        campaign_id=campaign_id,
        recipient=sight.name(row.recipient),
        phone=sight.phone(row.phone),
        status=row.status,
        waybills=list(row.waybills),
        next_call_at=row.next_call_at,
        disposition=None if row.latest is None else row.latest.disposition,
        outcome=None if row.latest is None else row.latest.outcome,
    )


def contact_found(row: ContactRecord, sight: Sight) -> ContactSummary:
    """Show a contact of any campaign in a list."""
    return ContactSummary(
        id=row.id,
        campaign_id=row.campaign_id,
        recipient=sight.name(row.recipient),
        phone=sight.phone(row.phone),
        status=row.status,
        waybills=[each.waybill for each in row.deliveries],
        next_call_at=row.next_call_at,
        disposition=None if row.latest is None else row.latest.disposition,
        outcome=None if row.latest is None else row.latest.outcome,
    )


def known_of(row: ContactRecord) -> tuple[str, ...]:
    """Return what must not be read in words about a contact by whoever may not see whose it is."""
    return known_words(row.recipient, row.phone, row.deliveries, row.latest)


def settled(latest: LatestOutcome, sight: Sight, known: tuple[str, ...] = ()) -> Settled:
    """Show what was settled; `known`: name, number and address of the person."""
    of = latest.settled
    return Settled(
        disposition=latest.disposition,
        outcome=latest.outcome,
        at=latest.at,
        final=latest.final,
        new_window_start=of.new_window_start,
        new_window_end=of.new_window_end,
        new_address=sight.address(of.new_address),
        hand_over=of.hand_over,
        consent_choice=of.consent_choice,
        consent_words=sight.words(of.consent_words, known),
        needs_person=sight.words(of.needs_person, known),
        call_again_at=of.call_again_at,
        callback_by=of.callback_by,
        answers={name: sight.words(text, known) for name, text in of.answers.items()},
    )


def suppression(row: SuppressedNumber, sight: Sight) -> Suppression:
    """Show a number that is never called."""
    return Suppression(
        id=row.id,
        phone=sight.phone(row.phone),
        reason=row.reason,
        at=row.at,
        merchant=row.merchant,
        evidence=sight.words(row.evidence, (row.phone,)),
    )


def known_words(
    recipient: str, phone: str, parcels: Iterable[DeliveryFacts], latest: LatestOutcome | None
) -> tuple[str, ...]:
    """Return what must not be read in the words of a call by whoever may not see whose it is."""
    new_address = "" if latest is None else latest.settled.new_address
    return (recipient, phone, *(each.address for each in parcels), new_address)


def _parcel(row: DeliveryFacts, sight: Sight, known: tuple[str, ...]) -> Parcel:
    return Parcel(
        waybill=row.waybill,
        address=sight.address(row.address),
        window_start=row.window_start,
        window_end=row.window_end,
        item=sight.words(row.item, known),
        merchant=row.merchant,
        cod_fen=row.cod_fen,
    )
