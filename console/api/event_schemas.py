"""The published contract: what other systems tell as it happens, and what followed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from console.api.paging import PageQuery
from console.api.sent import Sent
from console.api.words import Instant, SentInstant, Waybill
from store.live_event_types import LiveEventStatus

_Told = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False, strict=True)]


class EventData(BaseModel):
    """What is known of the parcel and its recipient; what stays away is taken from earlier."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, _Told | Number | bool | None] = Field(init=False)

    name: _Told | None = None
    phone: _Told | None = None
    address: _Told | None = None
    window: _Told | None = Field(
        default=None,
        description="2026-11-22 14:00-16:00, or two times of RFC 3339 with a slash between them.",
    )
    item: _Told | None = None
    merchant: _Told | None = None
    language: _Told | None = None
    time_zone: _Told | None = None

    def told(self) -> dict[str, Any]:
        """Return all that was sent."""
        return self.model_dump(exclude_none=True)


class SentLiveEvent(Sent):
    """Something happened."""

    event_id: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._:-]+$")] = (
        Field(description="Yours; the same one counts once.")
    )
    event: Annotated[
        str,
        Field(max_length=64, pattern=r"^[a-z][a-z0-9_]{0,30}(\.[a-z][a-z0-9_]{0,30}){1,2}$"),
    ] = Field(description="Such as order.placed; docs/events.md has all.")
    waybill: Waybill
    at: SentInstant = Field(description="When it happened.")
    data: EventData = EventData()


class LiveEvent(BaseModel):
    """An event, and what followed; nothing of its data."""

    id: int
    source: str
    event_id: str
    event: str
    waybill: str
    at: Instant
    received_at: Instant
    status: LiveEventStatus
    error: str = Field(description="Why it was refused, or why nobody is called.")
    contact_id: int | None = Field(description="Who is called because of it.")
    handled_at: Instant | None


class LiveEventQuery(PageQuery):
    """Which events are wanted."""

    waybill: Waybill | None = None
    status: LiveEventStatus | None = None
