"""Makes the calling rules of a campaign from what its policy, the settings and the profiles say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType

from campaigns.settings_calling import BY_NUMBER, NO_LAW, CallingSettings, WhenSettings
from campaigns.when.calendars import calendar_of
from campaigns.when.calling import CallingRules, Locate, Place
from campaigns.when.caps import Caps
from campaigns.when.days import WEEKDAYS, Hours
from campaigns.when.jurisdictions import ELSEWHERE, ProfileError, profiles_with
from campaigns.when.pieces import CLOSED, Pieces, pieces_of
from campaigns.when.places import country_of_number, country_of_zone
from campaigns.when.profiles import Profile

_PLACES_KEPT = 4096


def calling_rules(window: Pieces, when: WhenSettings, calling: CallingSettings) -> CallingRules:
    """Return the rules; `window` is the campaign's calling window.

    Raises ProfileError when a profile is named that nobody knows, or can't be read.
    """
    lead = when.lead_minutes
    return CallingRules(
        hours=_hours(window, when),
        caps=_caps(calling).with_stricter(_caps(when)),
        lead=None if lead == "none" else timedelta(minutes=lead),
        locate=_locate(when, calling),
        calendar_of=calendar_of,
    )


def _hours(window: Pieces, when: WhenSettings) -> Hours:
    def read(text: str) -> Pieces | None:
        return pieces_of(text) if text.strip() else None

    own = {number: read(getattr(when, name)) for number, name in enumerate(WEEKDAYS)}
    workday = read(when.workday)
    return Hours(
        workday=window if workday is None else workday,
        weekend=read(when.weekend),
        holiday=read(when.holiday),
        make_up_workday=read(when.make_up_workday),
        weekdays=MappingProxyType(
            {number: pieces for number, pieces in own.items() if pieces is not None}
        ),
        rest=read(when.rest) or CLOSED,
    )


def _caps(written: CallingSettings | WhenSettings) -> Caps:
    return Caps(
        per_hour=written.calls_per_hour or None,
        per_day=written.calls_per_day or None,
        per_week=written.calls_per_week or None,
        gap=timedelta(minutes=written.minimum_gap_minutes),
    )


def _locate(when: WhenSettings, calling: CallingSettings) -> Locate:
    """Return what says where a number is called and which laws hold there."""
    try:
        profiles = profiles_with(calling.profiles_folder)
    except OSError as error:
        raise ProfileError(
            f"The profiles in {calling.profiles_folder} can't be read: {error.strerror}; correct "
            "calling.profiles_folder"
        ) from error
    named = when.jurisdiction or calling.jurisdiction
    for name in (named, *calling.stricter):
        if name not in profiles and name not in (BY_NUMBER, NO_LAW):
            known = ", ".join(sorted(profiles))
            raise ProfileError(f"There is no profile {name}; name one of: {known}")
    stricter = tuple(profiles[name] for name in calling.stricter)

    @lru_cache(maxsize=_PLACES_KEPT)
    def place(zone: str, country: str, parts: tuple[Profile, ...]) -> Place:
        of_zone = country_of_zone(zone)
        if named == BY_NUMBER:
            laws = _laws(profiles, {country, of_zone} - {""})
        else:
            laws = () if named == NO_LAW else (profiles[named],)
        return Place(zone, country or of_zone, laws + parts)

    def locate(zone: str, phone: str) -> Place:
        country = country_of_number(phone) if phone else ""
        at_home = country or country_of_zone(zone)
        parts = tuple(
            each
            for each in stricter
            if (at_home in each.countries or not each.countries)
            and (not each.prefixes or phone.startswith(each.prefixes))
        )
        return place(zone, country, parts)

    return locate


def _laws(profiles: Mapping[str, Profile], countries: set[str]) -> tuple[Profile, ...]:
    """Return the laws of all countries that a call touches; one for those that have none."""
    whole = [each for each in profiles.values() if not each.is_optional and not each.prefixes]
    found = [each for each in whole if each.countries & countries]
    covered = frozenset[str]().union(*(each.countries for each in found))
    if not countries or countries - covered:
        found += [each for each in whole if each.id == ELSEWHERE]
    return tuple(found)
