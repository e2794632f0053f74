"""What would go wrong with a campaign once it runs: told before it starts, a sentence for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from campaigns.messages.sender import check_messages
from campaigns.published_flows import PublishedFlows
from campaigns.rules import CampaignRules, rules_of
from campaigns.settings import Settings, SettingsError
from campaigns.trunks.caller_ids import caller_id_on
from store.database import Database
from store.queries import languages_to_call
from store.values import CampaignFacts

_FAR: Final = timedelta(days=370)
"""Every kind of day comes within a year."""


def faults_of(
    settings: Settings, rules: CampaignRules, zone: str, now: datetime
) -> tuple[str, ...]:
    """Return what speaks against calling by these rules, with what to do; none: nothing does.

    `zone` is the campaign's own; its hours are looked at from `now` on.
    """
    return (
        *_trunks(settings, rules),
        *_agents(settings, rules),
        *_hours(rules, zone, now),
    )


def check_rules(settings: Settings, rules: CampaignRules, zone: str, now: datetime) -> None:
    """Raise SettingsError with all that speaks against calling by these rules."""
    if faults := faults_of(settings, rules, zone, now):
        raise SettingsError(" ".join(faults))


def check_campaign(
    database: Database, settings: Settings, facts: CampaignFacts, now: datetime
) -> None:
    """Raise SettingsError or FlowError when a campaign would not call as it should once it runs."""
    rules = rules_of(settings.campaign, facts.policy, facts.flow, settings.calling)
    check_rules(settings, rules, facts.time_zone, now)
    check_messages(settings)
    published = PublishedFlows(database, settings.flows_dir)
    with database.reading() as session:
        languages = languages_to_call(session, facts.id)
    for language in sorted({facts.language, *languages}):
        published.load(facts.flow, language)


def _trunks(settings: Settings, rules: CampaignRules) -> Iterator[str]:
    known, wanted = settings.all_trunks, rules.trunks
    for name in wanted.names:
        if name not in known:
            yield (
                f"No trunk is called {name}: take it out of trunks.use, or write [trunks.{name}]; "
                f"the settings have {', '.join(known)}."
            )
    usable = [trunk for name, trunk in known.items() if name in (wanted.names or known)]
    rule = wanted.caller_id
    shown = (*rule.numbers, *rule.by_prefix.values(), *rule.by_region.values())
    for number in dict.fromkeys(shown):
        if all(caller_id_on((number,), each.shown, each.caller_ids) is None for each in usable):
            yield (
                f"No trunk of the campaign may show {number}: write it to caller_ids of one whose "
                "provider allows it, or take it out of the campaign's trunks."
            )


def _agents(settings: Settings, rules: CampaignRules) -> Iterator[str]:
    mode = rules.pacing.mode
    if mode.is_for_agents and not settings.desk.enabled:
        yield (
            f"pacing.mode is {mode.value}, so agents talk, and the desk is off: set desk.enabled "
            "to true, or pacing.mode to automatic."
        )


def _hours(rules: CampaignRules, zone: str, now: datetime) -> Iterator[str]:
    if rules.window_in(zone).next_opening(now) - now > _FAR:
        yield (
            f"Nobody in {zone} may ever be called: what the campaign's hours and the law leave "
            "open has nothing in common. See `menling hours`, then change calling_window or when."
        )
