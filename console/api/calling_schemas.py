"""The published contract: when the people of a campaign are called."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from console.api.sent import Sent
from console.api.words import Word, whole

_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_STRETCH = rf"{_CLOCK}-({_CLOCK}|24:00)"

Stretches = Annotated[
    str,
    Field(
        max_length=80,
        pattern=rf"^(closed|{_STRETCH}(, {_STRETCH}){{0,4}})$",
        description="Stretches of a day such as 09:00-12:00, 14:00-20:30; or closed.",
    ),
]
Rest = Annotated[str, Field(pattern=rf"^{_STRETCH}$", description="Such as 12:00-14:00.")]
Cap = Annotated[int, Field(ge=0, le=1000), BeforeValidator(whole)]
Lead = Annotated[float, Field(ge=0, le=10_080, strict=True)] | Literal["none"]


class CampaignWhen(Sent):
    """Hours by kinds of days, inside what the law leaves open; what is not given is as in the
    settings.
    """

    workday: Stretches | None = None
    weekend: Stretches | None = None
    holiday: Stretches | None = None
    make_up_workday: Stretches | None = Field(
        default=None, description="On days of a weekend that are worked for a holiday."
    )
    monday: Stretches | None = None
    tuesday: Stretches | None = None
    wednesday: Stretches | None = None
    thursday: Stretches | None = None
    friday: Stretches | None = None
    saturday: Stretches | None = None
    sunday: Stretches | None = None
    rest: Rest | None = None
    lead_minutes: Lead | None = Field(
        default=None,
        description="A call comes so long before the promised window begins; none: it is of use "
        "until that window ends.",
    )
    jurisdiction: Word | None = Field(
        default=None, description="The profile whose law holds, such as cn."
    )
    calls_per_hour: Cap | None = Field(default=None, description="A lower cap; 0: none of its own.")
    calls_per_day: Cap | None = None
    calls_per_week: Cap | None = None
    minimum_gap_minutes: Annotated[float, Field(ge=0, le=1440, strict=True)] | None = None
