"""What the doctor says about when people may be called."""

from __future__ import annotations

from datetime import date

from campaigns.settings import Settings
from campaigns.settings_calling import CallingSettings
from campaigns.settings_sections import CampaignSettings
from console.doctor_calling import finding_on
from console.finding import Health

TODAY = date(2026, 11, 1)


def test_usual_settings_call_by_the_law_of_their_zone() -> None:
    found = finding_on(Settings(), TODAY)
    assert (found.health, found.what) == (
        Health.WELL, "by the law of cn; `menling hours` shows them",
    )  # fmt: skip


def test_a_window_in_which_the_law_lets_nobody_call_is_missed() -> None:
    night = Settings(campaign=CampaignSettings(calling_window="22:00-24:00"))
    found = finding_on(night, TODAY)
    assert found.health is Health.MISSING
    assert "nothing in common" in found.what
    assert "calling_window" in found.remedy


def test_holidays_that_are_not_announced_are_warned_of() -> None:
    found = finding_on(Settings(), date(2035, 12, 20))
    assert found.health is Health.DOUBTFUL
    assert "2035, 2036" in found.what
    assert "chinesecalendar" in found.remedy


def test_a_profile_that_is_not_there_is_missed() -> None:
    found = finding_on(Settings(calling=CallingSettings(jurisdiction="mars")), TODAY)
    assert found.health is Health.MISSING
    assert "no profile mars" in found.what
