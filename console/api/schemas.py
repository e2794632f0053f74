"""The published contract: campaigns, contacts, manifests, events and numbers not to be called."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from console.api.paging import PageQuery
from console.api.words import (
    Instant,
    Named,
    Phone,
    Printed,
    SentInstant,
    TimeZone,
    Waybill,
    Word,
    whole,
)
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome, SuppressionReason

Hours = Annotated[
    str,
    Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        description="From and to, such as 09:00-20:30.",
    ),
]
Minutes = Annotated[float, Field(ge=0, le=100_000, strict=True)] | Literal["never"]
RetriedEnd = Literal[
    "busy",
    "in_a_call",
    "no_answer",
    "declined",
    "switched_off",
    "out_of_reach",
    "restricted",
    "suspended",
    "voicemail",
    "assistant",
    "no_conversation",
    "hung_up_midway",
    "media_failure",
    "trunk_failure",
]
ParcelStatus = Literal[
    "collected",
    "departed",
    "in_transit",
    "out_for_delivery",
    "at_station",
    "delivered",
    "returned",
    "cancelled",
    "lost",
]


class Sent(BaseModel):
    """What a request brings; a name that it doesn't know is an error."""

    model_config = ConfigDict(extra="forbid")


class CampaignPolicy(Sent):
    """How the people of this campaign are treated; what is not given is as in the settings."""

    calling_window: Hours | None = None
    max_concurrent_calls: Annotated[int, Field(ge=1, le=10_000), BeforeValidator(whole)] | None = (
        None
    )
    max_attempts: Annotated[int, Field(ge=1, le=10), BeforeValidator(whole)] | None = None
    max_unfinished: Annotated[int, Field(ge=1, le=10), BeforeValidator(whole)] | None = None
    max_trunk_failures: Annotated[int, Field(ge=1, le=50), BeforeValidator(whole)] | None = None
    pause_after_trunk_failures: (
        Annotated[int, Field(ge=1, le=10_000), BeforeValidator(whole)] | None
    ) = None
    record_calls: Annotated[bool, Field(strict=True)] | None = None
    retry_after_minutes: dict[RetriedEnd, Minutes] | None = Field(
        default=None, description="Minutes to the next call after each end of a call, or never."
    )


class CampaignDraft(Sent):
    """A campaign that is to be made."""

    name: Named
    flow: Word = Field(default="pre-delivery", description="What its calls talk about.")
    company: Named | None = Field(default=None, description="Null: as in the settings.")
    callback_number: Printed | None = None
    language: Literal["zh-CN", "en-US"] = "zh-CN"
    time_zone: TimeZone | None = None
    policy: CampaignPolicy = CampaignPolicy()


class CampaignChange(Sent):
    """What is to be different in a campaign; what is not given stays."""

    company: Named | None = None
    callback_number: Printed | None = None
    policy: CampaignPolicy | None = Field(
        default=None, description="Takes the place of the whole policy."
    )


class Campaign(BaseModel):
    """A purpose for which a set of contacts is called."""

    id: int
    name: str
    flow: str
    language: str
    time_zone: str
    company: str
    callback_number: str
    status: CampaignStatus
    policy: dict[str, object]
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None


class CampaignProgress(BaseModel):
    """How far a campaign has come."""

    campaign_id: int
    status: CampaignStatus
    contacts: dict[ContactStatus, int]
    dispositions: dict[Disposition, int] = Field(
        description="Contacts by how their newest call ended."
    )
    outcomes: dict[Outcome, int]
    attempts: int
    next_call_at: Instant | None


class CampaignQuery(PageQuery):
    """Which campaigns are wanted."""

    status: CampaignStatus | None = None


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


class Explanation(BaseModel):
    """Why a contact is where it is: what was tried, and what follows."""

    contact_id: int
    lines: list[str]


class RowProblem(BaseModel):
    """What is wrong with one cell of a manifest, and what to do."""

    row: int
    column: str
    what: str
    what_to_do: str


class RowLeftAlone(BaseModel):
    """A row of a corrected file that came too late."""

    row: int
    waybill: str
    why: str


class Import(BaseModel):
    """What an import did."""

    manifest_id: int
    file_name: str
    rows: int
    new: int
    updated: int
    unchanged: int
    suppressed: int
    left_alone: list[RowLeftAlone] = Field(description="The first hundred.")
    problems: list[RowProblem] = Field(description="The first hundred; the manifest has all.")
    problem_count: int
    imported_before_at: Instant | None = Field(
        description="The very same file came then, and nothing was changed now."
    )


class Manifest(BaseModel):
    """A file of deliveries as it was imported."""

    id: int
    campaign_id: int
    file_name: str
    imported_at: Instant
    rows: int
    problem_rows: int


class ManifestRow(BaseModel):
    """One row of a manifest: a contact to call, or the problems that kept it out."""

    number: int
    contact_id: int | None
    waybill: str
    problems: list[str]


class RowQuery(PageQuery):
    """Which rows of a manifest are wanted."""

    only_problems: bool = False


class SentEvent(Sent):
    """A parcel moved on."""

    event_id: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:-]+$")] = (
        Field(description="Yours; the same one counts once.")
    )
    waybill: Waybill
    status: ParcelStatus
    at: SentInstant = Field(description="When it happened to the parcel.")


class Event(BaseModel):
    """What was told of a parcel, and what came of it."""

    event_id: str
    waybill: str
    status: str
    at: Instant
    received_at: Instant
    withdrawn: int = Field(description="Contacts that are not called any more because of it.")


class EventQuery(PageQuery):
    """Which events are wanted."""

    waybill: Waybill | None = None


class NewSuppression(Sent):
    """A number that is never to be called."""

    phone: Phone
    reason: Literal["operator", "listed", "complaint", "wrong_number", "opted_out"] = "operator"


class Suppression(BaseModel):
    """A number that is never called; masked but for who may add to the list."""

    id: int
    phone: str
    reason: SuppressionReason
    at: Instant


class SuppressionQuery(PageQuery):
    """Which of them are wanted."""

    reason: SuppressionReason | None = None
