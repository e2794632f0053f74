"""Quiet hours: who may not be rung now is not written to either."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from threading import Lock

from campaigns.rules import CampaignRules, rules_of
from campaigns.settings import Settings


class QuietHours:
    """The calling hours of recipients, by the rules of their campaigns; threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rules: dict[int, tuple[Mapping[str, object], CampaignRules]] = {}
        """By campaign, with the policy that they were made of; 0: of no campaign."""
        self._lock = Lock()

    def until(
        self,
        now: datetime,
        zone: str,
        phone: str,
        campaign_id: int = 0,
        policy: Mapping[str, object] | None = None,
    ) -> datetime:
        """Return `now`, or the moment from which a recipient may be written to.

        Raises SettingsError when the campaign's policy can't be read.
        """
        with self._lock:
            rules = self._of(campaign_id, {} if policy is None else policy)
            hours = rules.openings_for(zone or self._settings.campaign.time_zone, phone)
            return now if hours.is_open(now) else hours.next_opening(now)

    def _of(self, campaign_id: int, policy: Mapping[str, object]) -> CampaignRules:
        known = self._rules.get(campaign_id)
        if known is None or known[0] != policy:
            made = rules_of(self._settings.campaign, policy, calling=self._settings.calling)
            known = self._rules[campaign_id] = (dict(policy), made)
        return known[1]
