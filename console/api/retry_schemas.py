"""The published contract: when the people of a campaign are called again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from console.api.sent import Sent

RuledEnd = Literal[
    "busy",
    "in_a_call",
    "no_answer",
    "declined",
    "switched_off",
    "suspended",
    "out_of_reach",
    "restricted",
    "voicemail",
    "assistant",
    "no_conversation",
    "hung_up_midway",
    "media_failure",
    "abandoned",
    "trunk_failure",
]
Wait = Annotated[float, Field(ge=0, le=20_160, strict=True)]
Waits = Annotated[list[Wait], Field(min_length=1, max_length=10)]


class RetryRuleSent(Sent):
    """When to call again after one end of a call: minutes, later_today, next_window or wait."""

    minutes: Waits | None = Field(
        default=None, description="After the first, second, third time; the last one stays."
    )
    later_today: Waits | None = Field(
        default=None, description="Minutes; the first that is still today, else the next opening."
    )
    next_window: Wait | None = Field(
        default=None, description="In another part of the day, at least so many minutes later."
    )
    wait: Literal["never", "exactly", "next_window"] | None = None
    sooner: Wait | None = Field(
        default=None, description="Minutes, if the usual moment would be too late to be of use."
    )
    then: list[Literal["merchant_ticket", "short_script", "message", "agent_ready"]] | None = None


class CampaignRetry(Sent):
    """By which table people are called again, and what is different in this campaign."""

    table: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")] | None = Field(
        default=None, description="Its name; null: the one made for the conversation."
    )
    rules: dict[RuledEnd, RetryRuleSent] | None = Field(
        default=None, description="Take the place of the table's."
    )
