"""The published contract: manifests, and what happened to parcels since."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from console.api.paging import PageQuery
from console.api.sent import Sent
from console.api.words import Instant, SentInstant, Waybill

ParcelStatus = Literal[
    "placed",
    "collected",
    "departed",
    "in_transit",
    "arrived",
    "out_for_delivery",
    "at_station",
    "delivered",
    "signed",
    "refused",
    "rerouted",
    "intercepted",
    "returning",
    "returned",
    "return_collected",
    "cancelled",
    "lost",
]


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
