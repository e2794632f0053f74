"""What a campaign says of its pace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.pacing.deciding import Mode
from campaigns.rules import rules_of
from campaigns.settings import SettingsError
from campaigns.settings_pacing import PacingSettings
from campaigns.settings_sections import CampaignSettings


def test_a_campaign_without_a_word_of_it_is_the_robots() -> None:
    rules = rules_of(CampaignSettings(), {})
    assert (rules.pacing.mode, rules.pacing.max_concurrent) == (Mode.AUTOMATIC, 8)


def test_its_own_policy_changes_what_it_names_and_nothing_else() -> None:
    settings = CampaignSettings(pacing=PacingSettings(weight=7, abandon_window_hours=2))
    policy = {"pacing": {"mode": "predictive", "max_concurrent": 40}}
    rules = rules_of(settings, policy)
    assert (rules.pacing.mode, rules.pacing.weight) == (Mode.PREDICTIVE, 7)
    assert rules.pacing.window == timedelta(hours=2)
    assert rules.max_concurrent == 40


def test_a_telephone_rings_fifteen_seconds_at_least() -> None:
    rules = rules_of(CampaignSettings(), {"pacing": {"ring_seconds": 4}})
    assert rules.pacing.rings(timedelta(seconds=30)) == timedelta(seconds=15)


def test_a_ceiling_that_nobody_may_set_is_an_error() -> None:
    with pytest.raises(SettingsError, match="abandon_ceiling"):
        rules_of(CampaignSettings(), {"pacing": {"abandon_ceiling": 0.3}})
