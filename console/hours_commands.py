"""`menling hours`: when somebody may be called in the next days, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from campaigns.rules import CampaignRules, rules_of
from campaigns.settings import Settings, SettingsError
from campaigns.when.calling import CAMPAIGN, Place
from campaigns.when.caps import Caps
from campaigns.when.days import Day, DayKind
from campaigns.when.describing import ToldDay, describe, uncertain_years
from campaigns.when.pieces import text_of
from campaigns.when.places import (
    country_of_number,
    country_of_zone,
    number_of,
    zone_of_number,
)
from campaigns.when.profiles import Profile, Standing
from console.running import existing_campaign, open_store
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from

KINDS: Final = {
    DayKind.WORKDAY: "工作日",
    DayKind.WEEKEND: "周末",
    DayKind.HOLIDAY: "节假日",
    DayKind.MAKE_UP_WORKDAY: "调休补班",
}
WEEKDAYS: Final = "一二三四五六日"
STANDINGS: Final = {
    Standing.LAW: "law",
    Standing.DRAFT: "draft, not in force",
    Standing.CODE: "code of conduct",
    Standing.PRACTICE: "practice, no rule",
}


def hours(
    number: Annotated[
        str, typer.Argument(help="Number to be called; none: whoever lives in the zone.")
    ] = "",
    zone: Annotated[
        str, typer.Option(help="Time zone of the recipient; else the number's, or the settings'.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="So many days from today on.")] = 14,
    campaign: Annotated[str, typer.Option(help="By the rules of this campaign.")] = "",
    settings: SettingsFile = None,
) -> None:
    """Show when somebody may be called in the next days, and by which rule and source."""
    with plain_errors():
        chosen = settings_from(settings)
        rules = _rules(chosen, campaign)
        phone, where = _called(number, zone, chosen)
        place = rules.calling.place_of(where, phone)
        now = datetime.now(UTC)
        today = now.astimezone(ZoneInfo(where)).date()
        told = [
            describe(rules.calling, place, today + timedelta(days=each)) for each in range(days)
        ]
        for line in _heading(rules, place, now):
            say(line)
        screen.print(_table(told))
        for profile in place.profiles:
            for line in _profile(profile):
                say(line)
        for line in _warnings(told):
            say(line, "yellow")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("hours", epilog="Example: menling hours +8613800138000 --days 14")(hours)


def _rules(chosen: Settings, campaign: str) -> CampaignRules:
    if not campaign:
        return rules_of(chosen.campaign, {}, calling=chosen.calling)
    database = open_store(chosen)
    try:
        facts = existing_campaign(database, campaign)
    finally:
        database.close()
    return rules_of(chosen.campaign, facts.policy, flow=facts.flow, calling=chosen.calling)


def _called(number: str, zone: str, chosen: Settings) -> tuple[str, str]:
    """Return the number as E.164, or nothing, and the zone in which it is called."""
    usual = chosen.campaign.time_zone
    try:
        ZoneInfo(zone or usual)
        phone = number_of(number, zone or usual) if number else ""
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"{number or zone}: {error}" if number else f"There is no time zone {zone}"
        ) from error
    if zone or not phone or country_of_number(phone) == country_of_zone(usual):
        return phone, zone or usual
    found = zone_of_number(phone)
    if not found:
        raise SettingsError(
            "The number's country has several time zones; name one with --zone, "
            "for example --zone America/New_York"
        )
    return phone, found


def _heading(rules: CampaignRules, place: Place, now: datetime) -> Iterator[str]:
    opening = rules.calling.openings_in(place).next_opening(now)
    laws = ", ".join(f"{each.en} ({each.id})" for each in place.profiles)
    yield f"Time zone {place.zone}; law of: {laws or 'none, as the settings say'}."
    if opening <= now:
        yield f"A telephone may ring now, {opening:%Y-%m-%d %H:%M}."
    else:
        yield f"The next call may be made at {opening:%Y-%m-%d %H:%M}."
    yield f"One number, all campaigns: {_caps(rules.calling.caps_in(place))}."


def _caps(caps: Caps) -> str:
    limits = (
        (caps.per_hour, "an hour"),
        (caps.per_day, "a day"),
        (caps.per_24_hours, "in 24 hours"),
        (caps.per_week, "in 7 days"),
        (caps.per_parcel, "for a parcel"),
    )
    said = [f"{cap} {span}" for cap, span in limits if cap is not None]
    calls = f"at most {', '.join(said)}" if said else "any number of calls"
    return f"{calls}; {caps.gap.total_seconds() / 60:g} min between two"


def _table(told: list[ToldDay]) -> Table:
    table = Table(box=box.SIMPLE)
    for head in ("日期", "日子", "可以拨打", "依据"):
        table.add_column(head, overflow="fold")
    for each in told:
        table.add_row(
            f"{each.on} 周{WEEKDAYS[each.on.weekday()]}",
            _kind(each.day),
            ", ".join(f"{start:%H:%M}-{_end(each, end)}" for start, end in each.open) or "不拨打",
            "; ".join(f"{_limit(name)} {text_of(pieces)}" for name, pieces in each.limits),
        )
    return table


def _kind(day: Day) -> str:
    name = f" {escape(day.name)}" if day.name else ""
    return f"{KINDS[day.kind]}{name}{'' if day.is_certain else ' (?)'}"


def _end(told: ToldDay, end: datetime) -> str:
    return f"{end:%H:%M}" if end.date() == told.on else "24:00"


def _limit(name: str) -> str:
    return "活动" if name == CAMPAIGN else name


def _profile(profile: Profile) -> Iterator[str]:
    yield f"{profile.id}: {profile.zh} {profile.en}, looked up on {profile.checked}"
    for source in profile.sources:
        unsure = "" if source.is_certain else "; from reports, check it"
        address = f" <{source.address}>" if source.address else ""
        yield f"  {source.says} [{STANDINGS[source.standing]}{unsure}] {source.where}{address}"
    for words in profile.say:
        yield f"  Say: {words}"


def _warnings(told: list[ToldDay]) -> Iterator[str]:
    for year in uncertain_years(told):
        yield (
            f"The holidays of {year} are not known yet: the usual ones are kept, and no make-up "
            "workday is. Update: pip install --upgrade chinesecalendar holidays"
        )
    if not any(each.open for each in told):
        yield (
            "Nobody may be called in these days: what the campaign and the law leave open has "
            "nothing in common. Change calling_window or [campaign.when]."
        )
