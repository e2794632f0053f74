"""The tables of the settings file about when people are called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.functional_validators import AfterValidator

from campaigns.settings_section import Section
from campaigns.when.pieces import pieces_of

BY_NUMBER = "by_number"
NO_LAW = "none"


def _written(text: str) -> str:
    if text.strip():
        pieces_of(text)
    return text


def _rest(text: str) -> str:
    if text.strip() and not pieces_of(text):
        raise ValueError("write the rest as times of day, for example 12:00-14:00, or nothing")
    return text


OpenHours = Annotated[str, AfterValidator(_written)]
"""Times of day such as `09:00-12:00, 14:00-20:30`, `closed`, or nothing: as another day."""

Cap = Annotated[int, Field(ge=0, le=1000)]


class CallingSettings(Section):
    """When anybody may be called, by whichever campaign."""

    jurisdiction: str = Field(
        default=BY_NUMBER,
        min_length=1,
        description="Whose law holds: by_number, the name of a profile, or none: the campaigns' "
        "own hours alone.",
    )
    stricter: tuple[str, ...] = Field(
        default=(), description="Optional profiles that hold, too, where a number belongs to them."
    )
    profiles_folder: Path | None = Field(
        default=None,
        description="Folder of your own profiles; one takes the place of its namesake.",
    )
    calls_per_hour: Cap = Field(
        default=3, description="Calls to a number within an hour, of all campaigns; 0: any."
    )
    calls_per_day: Cap = Field(
        default=6, description="Calls to a number on a calendar day where it is; 0: any."
    )
    calls_per_week: Cap = Field(
        default=15, description="Calls to a number within seven days; 0: any."
    )
    minimum_gap_minutes: float = Field(
        default=5.0, ge=0, le=1440, description="Between two calls to a number, at least."
    )


class WhenSettings(Section):
    """When the people of a campaign are called, inside what the law and `[calling]` leave open."""

    workday: OpenHours = Field(
        default="", description="Hours of a workday; empty: those of calling_window."
    )
    weekend: OpenHours = Field(default="", description="Hours at weekends; empty: as a workday.")
    holiday: OpenHours = Field(
        default="", description="Hours on public holidays; empty: as at weekends."
    )
    make_up_workday: OpenHours = Field(
        default="",
        description="Hours on days of a weekend that are worked (调休); empty: as a workday.",
    )
    monday: OpenHours = Field(default="", description="Hours on Mondays; empty: as a workday.")
    tuesday: OpenHours = Field(default="", description="Hours on Tuesdays.")
    wednesday: OpenHours = Field(default="", description="Hours on Wednesdays.")
    thursday: OpenHours = Field(default="", description="Hours on Thursdays.")
    friday: OpenHours = Field(default="", description="Hours on Fridays.")
    saturday: OpenHours = Field(default="", description="Hours on Saturdays; empty: as weekends.")
    sunday: OpenHours = Field(default="", description="Hours on Sundays; empty: as weekends.")
    rest: Annotated[str, AfterValidator(_rest)] = Field(
        default="", description="Midday rest, for example 12:00-14:00; empty: none."
    )
    lead_minutes: Annotated[float, Field(ge=0, le=7 * 1440)] | Literal["none"] = Field(
        default="none",
        description="A call comes so long before the promised window begins; none: it is of use "
        "until that window ends.",
    )
    jurisdiction: str = Field(
        default="", description="The profile whose law holds; empty: as [calling] says."
    )
    calls_per_hour: Cap = Field(default=0, description="A lower cap than that of [calling].")
    calls_per_day: Cap = Field(default=0, description="A lower cap than that of [calling].")
    calls_per_week: Cap = Field(default=0, description="A lower cap than that of [calling].")
    minimum_gap_minutes: float = Field(
        default=0.0, ge=0, le=1440, description="A longer gap than that of [calling]."
    )

    @model_validator(mode="after")
    def _law_is_left_out_by_the_operator_alone(self) -> Self:
        if self.jurisdiction in (NO_LAW, BY_NUMBER):
            raise ValueError(
                "a campaign may name the profile whose law holds; calling without one is set for "
                "all campaigns, as jurisdiction in [calling]"
            )
        return self
