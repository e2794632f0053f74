"""Where a number is called."""

from __future__ import annotations

import pytest

from campaigns.when.places import (
    country_of_number,
    country_of_zone,
    number_of,
    zone_of_number,
)


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("+8613800138000", "CN"), ("+862162345678", "CN"), ("+85251234567", "HK"),
        ("+12125550123", "US"), ("+14165550123", "CA"), ("+18765550123", "JM"),
        ("+447911123456", "GB"), ("+33612345678", "FR"), ("+4915112345678", "DE"),
        ("+80012345678", ""), ("+", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_code_of_a_number_says_its_country(phone: str, country: str) -> None:
    assert country_of_number(phone) == country


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Asia/Shanghai", "CN"), ("Asia/Urumqi", "CN"), ("PRC", "CN"), ("Asia/Hong_Kong", "HK"),
        ("America/Los_Angeles", "US"), ("US/Eastern", "US"), ("Europe/Paris", "FR"),
        ("UTC", ""), ("Etc/GMT+8", ""),
    ],
)  # fmt: skip
def test_a_time_zone_lies_in_a_country(zone: str, country: str) -> None:
    assert country_of_zone(zone) == country


def test_the_zone_of_a_number_is_known_where_there_is_one() -> None:
    assert zone_of_number("+12125550123") == "America/New_York"
    assert zone_of_number("+8613800138000") == "Asia/Shanghai"
    assert zone_of_number("+79161234567") == ""
    assert zone_of_number("nobody") == ""


def test_zones_of_one_clock_are_one() -> None:
    assert zone_of_number("+447400123456") == "Europe/London"
    assert zone_of_number("+61412345678") == ""


def test_a_number_without_country_code_belongs_to_the_zone() -> None:
    assert number_of("138 0013 8000", "Asia/Shanghai") == "+8613800138000"
    assert number_of("020 7946 0000", "Europe/London") == "+442079460000"
    for wrong in ("call me", "+861"):
        with pytest.raises(ValueError, match=r"\+8613800138000"):
            number_of(wrong, "Asia/Shanghai")
