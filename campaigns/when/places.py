"""Where a number is called: the country of its code and that of its time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as number_zones

_NORTH_AMERICA: Final = "1"
_LONGEST_CODE: Final = 3
_AREA: Final = 3
_UNKNOWN_ZONE: Final = "Etc/Unknown"
_SEASONS: Final = (datetime(2026, 1, 15), datetime(2026, 7, 15))  # noqa: DTZ001 - on a wall clock


def country_of_number(phone: str) -> str:
    """Return the ISO code of the country of an E.164 number; empty: not known."""
    digits = phone.removeprefix("+")
    if digits.startswith(_NORTH_AMERICA):
        return _country_of_area(digits[: len(_NORTH_AMERICA) + _AREA])
    return _country_of_code(digits[:_LONGEST_CODE])


def country_of_zone(zone: str) -> str:
    """Return the ISO code of the country of a time zone; empty: it is of none (UTC) or unknown."""
    return _countries_by_zone().get(zone, "")


def zone_of_number(phone: str) -> str:
    """Return the time zone of a number; empty: not known, or there are several clocks."""
    try:
        zones = number_zones.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return ""
    known = [zone for zone in zones if zone != _UNKNOWN_ZONE]
    if len(known) > 1 and len({_clock(zone) for zone in known}) == 1:
        # A British mobile is at home in Guernsey, too, where the same clock holds.
        at_home = country_of_number(phone)
        known = [zone for zone in known if country_of_zone(zone) == at_home] or known
    return known[0] if len({_clock(zone) for zone in known}) == 1 else ""


@cache
def _clock(zone: str) -> tuple[timedelta | None, ...]:
    """Return the offsets of a zone in winter and summer."""
    return tuple(ZoneInfo(zone).utcoffset(day) for day in _SEASONS)


@lru_cache(maxsize=1024)
def _country_of_area(digits: str) -> str:
    """Return the country of a North American area: 25 countries share their code."""
    number = phonenumbers.parse("+" + digits.ljust(11, "2"))
    region = phonenumbers.region_code_for_number(number)
    return region or ("US" if len(digits) == len(_NORTH_AMERICA) + _AREA else "")


@lru_cache(maxsize=1024)
def _country_of_code(digits: str) -> str:
    for length in range(1, len(digits) + 1):
        code = digits[:length]
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code.isdigit() else ()
        if regions:
            return "" if regions[0] == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else regions[0]
    return ""


@cache
def _countries_by_zone() -> Mapping[str, str]:
    """Return the countries of zones by the tables of the time zone database."""
    folder = resources.files("tzdata") / "zoneinfo"
    countries: dict[str, str] = {}
    for line in (folder / "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _place, zone, *_ = line.split("\t")
            countries[zone] = country
    for line in (folder / "tzdata.zi").read_text("utf-8").splitlines():
        if line.startswith("L "):
            _link, target, alias = line.split()
            if target in countries:
                countries.setdefault(alias, countries[target])
    return MappingProxyType(countries)


def number_of(text: str, zone: str) -> str:
    """Return a number as E.164; without a country code it belongs to the country of the zone.

    Raises ValueError when there is no such number.
    """
    try:
        number = phonenumbers.parse(text, country_of_zone(zone) or None)
    except phonenumbers.NumberParseException as error:
        raise ValueError("write the number with its country code, +8613800138000") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("no number has so many digits; write it as +8613800138000")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
