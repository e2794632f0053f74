"""The published contract: contacts, what was settled with them, and numbers not to be called."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from console.api.paging import PageQuery, Query
from console.api.sent import Sent
from console.api.words import Instant, Phone, Printed, Waybill
from store.types import ContactStatus, Disposition, Outcome, SuppressionReason


class Parcel(BaseModel):
    """One parcel on its way."""

    waybill: str
    address: str
    window_start: Instant | None
    window_end: Instant | None
    item: str
    merchant: str
    cod_fen: int = Field(description="Cash on delivery, in fen.")


class Settled(BaseModel):
    """What was settled in a conversation."""

    disposition: Disposition
    outcome: Outcome
    at: Instant
    final: bool = Field(description="No further call follows.")
    new_window_start: Instant | None
    new_window_end: Instant | None
    new_address: str
    hand_over: str
    consent_choice: str
    consent_words: str
    needs_person: str = Field(description="Why a person must look at it; empty: nobody must.")
    call_again_at: Instant | None
    callback_by: Instant | None = Field(
        description="Until when a person calls back, as promised; null: nobody does any more."
    )
    answers: dict[str, str]


class ContactSummary(BaseModel):
    """A contact in a list: names and numbers are masked."""

    id: int
    campaign_id: int
    recipient: str
    phone: str
    status: ContactStatus
    waybills: list[str]
    next_call_at: Instant | None
    disposition: Disposition | None
    outcome: Outcome | None


class Contact(BaseModel):
    """A person and number in a campaign; whole for supervisors, masked for others."""

    id: int
    campaign_id: int
    recipient: str
    phone: str
    extension: str
    language: str
    time_zone: str
    status: ContactStatus
    priority: int
    next_call_at: Instant | None
    useful_until: Instant | None
    parcels: list[Parcel]
    calls: list[int] = Field(description="Ids of its calls, oldest first.")
    settled: Settled | None


class ContactQuery(PageQuery):
    """Which contacts of a campaign are wanted."""

    status: ContactStatus | None = None
    waybill: Waybill | None = None


class ParcelQuery(PageQuery):
    """Whose contacts are wanted: those of a parcel, in any campaign."""

    waybill: Waybill


class PhoneSearch(Sent):
    """A number that is looked for; in a body, so that no log of addresses keeps it."""

    phone: Phone


class ForgetQuery(Query):
    """How much of a person is erased."""

    evidence: bool = Field(
        default=False, description="Also the proof of their consent to leave a parcel."
    )


class Forgotten(BaseModel):
    """A person of whom nothing is kept any more."""

    recipient_id: int
    contacts: list[int]
    calls: list[int]
    tickets: int
    files_erased: int = Field(description="Recordings, transcripts, copies of manifests.")
    files_left: int = Field(description="Files that could not be erased; tried again every night.")


class Explanation(BaseModel):
    """Why a contact is where it is: what was tried, and what follows."""

    contact_id: int
    lines: list[str]


class NewSuppression(Sent):
    """A number that is never to be called."""

    phone: Phone
    reason: Literal["operator", "listed", "complaint", "wrong_number", "opted_out"] = "operator"
    merchant: Printed = Field(
        default="", description="Only about parcels of this merchant; empty: all."
    )
    evidence: Printed = Field(default="", description="What proves the wish.")


class Suppression(BaseModel):
    """A number that is never called; masked but for who may add to the list."""

    id: int
    phone: str
    reason: SuppressionReason
    at: Instant
    merchant: str = Field(description="Only about parcels of this merchant; empty: all.")
    evidence: str = Field(description="What proves the wish; hidden with the number.")


class SuppressionQuery(PageQuery):
    """Which of them are wanted."""

    reason: SuppressionReason | None = None
    merchant: Printed | None = Field(
        default=None, description="Only this merchant's list; empty: that of all."
    )
