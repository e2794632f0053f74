"""The parts of a campaign's policy about pilots and comparisons: for whom, and which script."""

from __future__ import annotations

from pydantic import Field

from campaigns.settings_section import Section


class ScopeSettings(Section):
    """For whom a campaign is; all others are closed and kept to compare with."""

    regions: tuple[str, ...] = Field(default=(), description="Regions of a pilot; none: all.")
    product_lines: tuple[str, ...] = Field(
        default=(), description="Product lines of a pilot; none: all."
    )
    share: float = Field(
        default=1.0, gt=0, le=1, description="Part of these people who are called, drawn by number."
    )


class ScriptSettings(Section):
    """One of several versions of the conversation."""

    name: str = Field(
        pattern=r"^[\w.-]{1,32}$", description="Its name in figures, for example `a`."
    )
    version: str = Field(
        default="", max_length=32, description="Published version; empty: what is said otherwise."
    )
    weight: float = Field(default=1.0, gt=0, le=1000, description="Its part of the people.")
