"""Doctor: may anybody be called by these settings, and are the holidays ahead known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.rules import rules_of
from campaigns.settings import Settings, SettingsError
from campaigns.when.describing import describe, uncertain_years
from console.finding import Finding, Health

NAME: Final = "calling times"
LOOKED_AHEAD: Final = 30
"""Days: China's holidays of a year are announced in the November before."""


async def calling_finding(settings: Settings) -> Finding:
    """Say whether people of the settings' own zone may be called, and by whose law."""
    zone = ZoneInfo(settings.campaign.time_zone)
    return finding_on(settings, datetime.now(UTC).astimezone(zone).date())


def finding_on(settings: Settings, today: date) -> Finding:
    """Say the same for the days from `today` on."""
    try:
        rules = rules_of(settings.campaign, {}, calling=settings.calling)
    except SettingsError as error:
        return Finding(NAME, Health.MISSING, str(error), "correct [calling] in the settings")
    place = rules.calling.place_of(settings.campaign.time_zone)
    told = [
        describe(rules.calling, place, today + timedelta(days=ahead))
        for ahead in range(LOOKED_AHEAD)
    ]
    laws = ", ".join(profile.id for profile in place.profiles) or "the campaigns alone"
    if not any(each.open for each in told):
        return Finding(
            NAME,
            Health.MISSING,
            f"nobody may be called: calling_window and the law ({laws}) have nothing in common",
            "`menling hours` shows both; then set calling_window or [campaign.when]",
        )
    if years := uncertain_years(told):
        return Finding(
            NAME,
            Health.DOUBTFUL,
            f"holidays of {', '.join(map(str, years))} are not known; the usual ones are kept",
            "pip install --upgrade chinesecalendar holidays",
        )
    return Finding(NAME, Health.WELL, f"by the law of {laws}; `menling hours` shows them")
