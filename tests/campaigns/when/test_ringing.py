"""How long it rings, and how many may be abandoned, by the laws of a place."""

from __future__ import annotations

from datetime import timedelta

from campaigns.pacing.rules import AbandonLimit
from campaigns.rules import rules_of
from campaigns.settings_calling import CallingSettings
from campaigns.settings_sections import CampaignSettings

RULES = rules_of(CampaignSettings(), {})
LAWLESS = rules_of(CampaignSettings(), {}, calling=CallingSettings(jurisdiction="none"))


def test_a_telephone_rings_as_long_as_the_law_of_its_number_says() -> None:
    assert RULES.ring_floor("Asia/Shanghai", "+8613800138001") == timedelta(seconds=15)
    assert RULES.ring_floor("Asia/Shanghai", "+447400123456") == timedelta(seconds=15)
    assert LAWLESS.ring_floor("Asia/Shanghai", "+8613800138001") == timedelta(0)


def test_every_law_that_people_of_a_campaign_have_limits_who_may_be_abandoned() -> None:
    zones = ["Asia/Shanghai", "Europe/London", "America/New_York", "Europe/Paris"]
    assert RULES.abandon_limits(zones) == (
        AbandonLimit(0.03, timedelta(days=1)),
        AbandonLimit(0.03, timedelta(days=30)),
    )
    assert RULES.abandon_limits(["Asia/Shanghai"]) == ()
    assert LAWLESS.abandon_limits(zones) == ()
