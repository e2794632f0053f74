"""The table of the settings file about how long personal data is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from campaigns.settings_sections import Never, Section

Days = Annotated[float, Field(ge=1, le=36500)] | Never
"""How long something is kept; `never` erases nothing."""


class RetentionSettings(Section):
    """How long personal data is kept."""

    recordings_days: Days = Field(
        default=180.0, description="Days after which recordings are erased, or never."
    )
    transcripts_days: Days = Field(
        default=365.0,
        description="Days after which the words of calls are erased, or never; figures stay.",
    )
    evidence_days: Days = Field(
        default=1095.0,
        description="Days after which consent to leave a parcel (words, clips) is erased, or "
        "never; longer than anybody may claim for it.",
    )
    people_days: Days = Field(
        default="never",
        description="Days after all is over with somebody until they are forgotten altogether, "
        "or never.",
    )
    speech_days: Days = Field(
        default=7.0,
        description="Days after which a synthesised sentence that nobody needed is erased, or "
        "never.",
    )


def span(days: float | Never) -> timedelta | None:
    """Return how long that is; None: for ever."""
    return None if days == "never" else timedelta(days=days)
