"""The rules of a campaign in words, as its page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.pacing.deciding import Mode
from campaigns.retry_words import RuleWords, limits_of, rows_of
from campaigns.rules import CampaignRules, rules_of
from campaigns.settings import Settings, SettingsError
from campaigns.when.calling import Place
from campaigns.when.caps import Caps
from campaigns.when.describing import ToldDay, describe
from console.web import formats
from console.web.call_page import label_language
from console.web.words import Language, Words
from store.values import CampaignFacts

DAYS: Final = 7
"""So many days are shown."""


@dataclass(frozen=True, slots=True)
class DayShown:
    """A day on which numbers of the campaign's zone may be rung, or not."""

    on: str
    kind: str
    open: str
    """Empty: all day closed."""


@dataclass(frozen=True, slots=True)
class RulesShown:
    """The rules of a campaign."""

    facts: tuple[tuple[str, str], ...]
    """Labels and what holds."""
    days: tuple[DayShown, ...]
    retry: tuple[RuleWords, ...]
    limits: str
    """How often somebody is called at most."""


def rules_shown(
    settings: Settings, campaign: CampaignFacts, words: Words, now: datetime
) -> RulesShown | str:
    """Return the rules of a campaign, or why they can't be used."""
    try:
        rules = rules_of(settings.campaign, campaign.policy, campaign.flow, settings.calling)
    except SettingsError as error:
        return str(error)
    place = rules.calling.place_of(campaign.time_zone)
    today = now.astimezone(ZoneInfo(campaign.time_zone)).date()
    told = (describe(rules.calling, place, today + timedelta(days=each)) for each in range(DAYS))
    labels = label_language(words.language)
    return RulesShown(
        tuple(_facts(settings, rules, place, words)),
        tuple(_day(each, words) for each in told),
        tuple(rows_of(rules.retry, labels)),
        limits_of(rules.retry, labels),
    )


def _facts(
    settings: Settings, rules: CampaignRules, place: Place, words: Words
) -> Iterator[tuple[str, str]]:
    pacing = rules.pacing
    mode = words(f"policy.mode.{pacing.mode.value}")
    if pacing.mode is Mode.PREDICTIVE:
        ceiling = formats.share(pacing.ceiling)
        mode = words("policy.mode_with_ceiling", mode=mode, ceiling=ceiling)
    yield words("policy.pacing_mode"), mode
    limits = words("policy.at_once", calls=rules.max_concurrent)
    if pacing.calls_per_second:
        limits = words("policy.and_rate", limits=limits, rate=f"{pacing.calls_per_second:g}")
    yield words("policy.limits"), limits
    turn = words("policy.turn_told", priority=pacing.priority, weight=pacing.weight)
    yield words("policy.turn"), turn
    chinese = words.language is Language.CHINESE
    laws = "、".join(each.zh if chinese else each.en for each in place.profiles)
    yield words("policy.when_jurisdiction"), laws or words("policy.no_law")
    yield words("policy.caps"), _caps(rules.calling.caps_in(place), words)
    own = rules.trunks
    yield (
        words("policy.trunks_use"),
        ", ".join(own.names or settings.all_trunks) or words("policy.none"),
    )
    shown = ", ".join(own.caller_id.numbers)
    yield words("policy.trunks_caller_ids"), shown or words("policy.trunk_shows")
    yield words("policy.pilot"), _pilot(rules, words)
    if rules.scripts:
        whole = sum(each.weight for each in rules.scripts)
        told = (
            words(
                "policy.script_told",
                name=each.name,
                version=each.version or words("policy.as_usual"),
                share=formats.share(each.weight / whole),
            )
            for each in rules.scripts
        )
        yield words("policy.scripts"), " · ".join(told)
    if rules.record_calls:
        yield words("campaigns.record_calls"), words("policy.yes")


def _caps(caps: Caps, words: Words) -> str:
    told: Mapping[str, int | None] = {
        "hour": caps.per_hour,
        "day": caps.per_day,
        "24_hours": caps.per_24_hours,
        "week": caps.per_week,
        "parcel": caps.per_parcel,
    }
    said = [words(f"policy.cap.{name}", n=cap) for name, cap in told.items() if cap is not None]
    if caps.gap:
        said.append(words("policy.cap.gap", minutes=f"{caps.gap.total_seconds() / 60:g}"))
    return " · ".join(said) or words("policy.none")


def _pilot(rules: CampaignRules, words: Words) -> str:
    if rules.scope.is_everybody:
        return words("policy.everybody")
    groups = "、".join((*rules.scope.regions, *rules.scope.product_lines))
    share = formats.share(rules.scope.share)
    return words("policy.pilot_told", groups=groups or words("policy.all"), share=share)


def _day(told: ToldDay, words: Words) -> DayShown:
    kind = words(f"policy.day.{told.day.kind.value}")
    stretches = (
        f"{start:%H:%M}-{f'{end:%H:%M}' if end.date() == told.on else '24:00'}"
        for start, end in told.open
    )
    return DayShown(f"{told.on:%m-%d}", f"{kind} {told.day.name}".strip(), ", ".join(stretches))
