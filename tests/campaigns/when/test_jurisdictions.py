"""The profiles that ship, and those an operator writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.rules import rules_of
from campaigns.settings import SettingsError
from campaigns.settings_calling import CallingSettings
from campaigns.settings_sections import CampaignSettings
from campaigns.when.describing import describe, uncertain_years
from campaigns.when.jurisdictions import ProfileError, profiles_with, shipped_profiles
from campaigns.when.pieces import pieces_of, text_of

OWN = """
id: cn
zh: 本公司
en: Ours
countries: [CN]
checked: 2026-11-01
hours: {workday: "07:00-22:00", holiday: closed}
caps: {per_day: 2, gap_minutes: 30}
"""

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str) -> Path:
        (tmp_path / "cn.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_profile_that_ships_says_where_it_is_written(name: str) -> None:
    profile = shipped_profiles()[name]
    assert profile.sources
    assert all(source.says and source.where for source in profile.sources)
    assert profile.checked >= date(2026, 11, 1)
    assert profile.zh
    assert profile.en


def test_the_great_jurisdictions_are_there() -> None:
    assert {"cn", "us", "uk", "eu", "elsewhere", "us-package", "us-fl", "eu-fr"} <= set(
        shipped_profiles()
    )
    assert shipped_profiles()["us"].hours.workday == pieces_of("08:00-21:00")
    assert shipped_profiles()["us"].ring_floor_seconds == 15
    assert shipped_profiles()["uk"].abandon_ceiling == 0.03
    assert len(shipped_profiles()["eu"].countries) == 30


def test_no_country_has_two_laws_unless_one_is_asked_for() -> None:
    usual = [each for each in shipped_profiles().values() if not each.is_optional]
    countries = [country for each in usual for country in each.countries]
    assert len(countries) == len(set(countries))


def test_a_profile_of_ones_own_takes_the_place_of_its_namesake(written: Written) -> None:
    profiles = profiles_with(written(OWN))
    assert profiles["cn"].en == "Ours"
    assert profiles["us"] is shipped_profiles()["us"]
    assert profiles["cn"].caps.per_day == 2


def test_a_profile_of_ones_own_may_be_wider_than_the_one_that_ships(written: Written) -> None:
    calling = CallingSettings(profiles_folder=written(OWN))
    rules = rules_of(CampaignSettings(calling_window="00:00-24:00"), {}, calling=calling)
    openings = rules.openings_for("Asia/Shanghai", "+8613800138000")
    assert openings.is_open(datetime(2026, 11, 23, 21, 30, tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace("07:00-22:00", "7-22"), "hours.workday: write times of day"),
        (OWN.replace("zh:", "cn:"), "zh: Field required"),
        (OWN + "fines: 12", "fines: Extra inputs"),
        ("id: [", "can't be read"),
    ],
)
def test_a_wrong_profile_is_told_with_its_file(written: Written, text: str, said: str) -> None:
    with pytest.raises(ProfileError) as caught:
        profiles_with(written(text))
    assert said in str(caught.value)
    assert "cn.yaml" in str(caught.value)


def test_a_profile_that_does_not_exist_is_told_with_those_that_do() -> None:
    for calling in (CallingSettings(jurisdiction="mars"), CallingSettings(stricter=("mars",))):
        with pytest.raises(SettingsError, match=r"There is no profile mars; name one of: cn, "):
            rules_of(CampaignSettings(), {}, calling=calling)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    calling = CallingSettings(profiles_folder=tmp_path / "nowhere")
    with pytest.raises(SettingsError, match=r"nowhere.*correct calling\.profiles_folder"):
        rules_of(CampaignSettings(), {}, calling=calling)
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="There is no profile in"):
        rules_of(
            CampaignSettings(), {}, calling=CallingSettings(profiles_folder=tmp_path / "empty")
        )


def test_a_campaign_names_its_law_and_can_not_do_without_one() -> None:
    rules = rules_of(CampaignSettings(), {"when": {"jurisdiction": "uk"}})
    place = rules.calling.place_of("Asia/Shanghai", "+8613800138000")
    assert [each.id for each in place.profiles] == ["uk"]
    with pytest.raises(SettingsError, match="a campaign may name the profile whose law holds"):
        rules_of(CampaignSettings(), {"when": {"jurisdiction": "none"}})


def test_the_policy_of_a_campaign_changes_some_hours_and_leaves_the_others() -> None:
    settings = CampaignSettings.model_validate({"when": {"rest": "12:00-14:00"}})
    rules = rules_of(settings, {"when": {"saturday": "10:00-16:00"}})
    place = rules.calling.place_of("Asia/Shanghai")
    saturday, monday = (describe(rules.calling, place, date(2026, 11, day)) for day in (21, 23))
    assert text_of(saturday.limits[0][1]) == "10:00-12:00, 14:00-16:00"
    assert text_of(monday.limits[0][1]) == "09:00-12:00, 14:00-20:30"


@pytest.mark.parametrize(
    ("phone", "zone", "laws"),
    [
        ("+8613800138000", "Asia/Shanghai", ["cn"]),
        ("", "Asia/Shanghai", ["cn"]),
        ("+85251234567", "Asia/Hong_Kong", ["elsewhere"]),
        ("", "UTC", ["elsewhere"]),
        ("+12125550123", "America/New_York", ["us"]),
        ("+12125550123", "Asia/Shanghai", ["cn", "us"]),
        ("+447911123456", "Europe/London", ["uk"]),
        ("+33612345678", "Europe/Paris", ["eu"]),
    ],
)
def test_the_laws_of_number_and_zone_hold_together(phone: str, zone: str, laws: list[str]) -> None:
    rules = rules_of(CampaignSettings(), {})
    assert [each.id for each in rules.calling.place_of(zone, phone).profiles] == laws


def test_a_day_is_told_with_its_stretches_and_who_leaves_them_open() -> None:
    rules = rules_of(CampaignSettings(), {"when": {"holiday": "closed"}})
    place = rules.calling.place_of("Asia/Shanghai", "+8613800138000")
    festival = describe(rules.calling, place, date(2026, 10, 1))
    assert festival.open == ()
    assert festival.day.name == "国庆节"
    assert festival.limits == (("campaign", ()), ("cn", pieces_of("9:00-21:00")))
    worked = describe(rules.calling, place, date(2026, 10, 10))
    shanghai = ZoneInfo("Asia/Shanghai")
    assert worked.open == (
        (
            datetime(2026, 10, 10, 9, tzinfo=shanghai),
            datetime(2026, 10, 10, 20, 30, tzinfo=shanghai),
        ),
    )


def test_years_that_nobody_has_announced_are_named() -> None:
    rules = rules_of(CampaignSettings(), {})
    place = rules.calling.place_of("Asia/Shanghai")
    days = [describe(rules.calling, place, date(year, 3, 1)) for year in (2036, 2026, 2035, 2035)]
    assert uncertain_years(days) == [2035, 2036]
