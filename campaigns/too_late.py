"""Too late: closes at night who can't be called in time in the morning, so that a message can
still go out in place of the call.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from campaigns.chores import Chore, Duty
from campaigns.rules import CampaignRules, rules_of
from campaigns.settings import SettingsError
from campaigns.when.places import country_of_zone
from store.candidate_queries import waiting_time_zones
from store.database import LETS_OTHERS_IN
from store.lateness import anybody_late, close_late
from store.queries import campaigns
from store.types import CampaignStatus
from store.values import CampaignFacts

CLOSED_AT_ONCE: Final = 50
"""Contacts of one transaction: a fraction of a second."""


def close_too_late(duty: Duty, rest: Callable[[float], object] = time.sleep) -> int:
    """Close, in all campaigns that run, who waits until a moment that is too late for them;
    return how many. `rest` lets others write between two pieces.
    """
    with duty.database.reading() as session:
        running = campaigns(session, [CampaignStatus.RUNNING])
    return sum(_close_in(duty, facts, rest) for facts in running)


def _close_in(duty: Duty, facts: CampaignFacts, rest: Callable[[float], object]) -> int:
    settings = duty.settings
    try:
        rules = rules_of(settings.campaign, facts.policy, flow=facts.flow, calling=settings.calling)
    except SettingsError:
        # Whoever runs the campaign pauses it and says why.
        return 0
    with duty.database.reading() as session:
        zones = waiting_time_zones(session, facts.id)
    closed = 0
    for zone in sorted(zones):
        opens = _opens(rules, zone, duty.now)
        if opens is None:
            continue
        with duty.database.reading() as session:
            some = CLOSED_AT_ONCE if anybody_late(session, facts.id, zone, opens) else 0
        while some == CLOSED_AT_ONCE and duty.go_on():
            with duty.transaction() as session:
                some = close_late(session, facts.id, zone, opens, duty.now, CLOSED_AT_ONCE)
            closed += some
            rest(LETS_OTHERS_IN.total_seconds())
    return closed


def _opens(rules: CampaignRules, zone: str, now: datetime) -> datetime | None:
    """Return when the telephones of a zone ring again; None: they do now, or nobody knows."""
    # Numbers in a zone of no country (UTC) may open earlier than the zone, by their own law.
    if not country_of_zone(zone) or rules.is_awake(zone, now):
        return None
    return rules.openings_for(zone, "", asked_for=True).next_opening(now).astimezone(UTC)


TOO_LATE: Final = (Chore("contacts too late", timedelta(minutes=1), close_too_late),)
