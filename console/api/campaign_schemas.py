"""The published contract: campaigns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from console.api.calling_schemas import CampaignWhen
from console.api.paging import PageQuery
from console.api.retry_schemas import CampaignRetry
from console.api.sent import Sent
from console.api.words import Instant, Named, Printed, TimeZone, Word, whole
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome

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


class CampaignPolicy(Sent):
    """How the people of this campaign are treated; what is not given is as in the settings."""

    calling_window: Hours | None = None
    when: CampaignWhen | None = None
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
    recording_notice: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Whoever answers is told of the recording."
    )
    retry_after_minutes: dict[RetriedEnd, Minutes] | None = Field(
        default=None, description="Minutes to the next call after each end of a call, or never."
    )
    retry: CampaignRetry | None = None


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
