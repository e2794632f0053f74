"""`menling hours`: when somebody may be called, and who says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.settings import Settings
from console.running import open_store
from store.queries import create_campaign


def test_the_next_days_of_a_number_are_told_with_rule_and_source(menling) -> None:
    told = menling("hours", "13800138000", "--days", "14")
    assert told.status == 0
    assert "law of: Mainland China (cn)" in told.said
    assert "at most 3 an hour, 6 a day, 15 in 7 days; 5 min between two" in told.said
    assert told.said.count("周一") == 2
    assert "活动 09:00-20:30" in told.said
    assert "practice, no rule" in told.said
    assert "13800138000" not in told.said


def test_a_number_abroad_has_its_own_zone_and_law(menling) -> None:
    told = menling("hours", "+442079460000", "--days", "7").said
    assert "Time zone Europe/London; law of: United Kingdom (uk)" in told
    assert "不拨打" in told


def test_a_country_with_several_zones_is_asked_for_one(menling) -> None:
    refused = menling("hours", "+79161234567")
    assert refused.status == 1
    assert "name one with --zone" in refused.complained
    assert menling("hours", "+79161234567", "--zone", "Europe/Moscow").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--zone", "Mars"), "There is no time zone Mars"),
        (("call me",), "write the number with its country code"),
        (("--campaign", "nobody"), "nobody"),
    ],
)
def test_what_can_not_be_told_is_explained(menling, arguments: tuple[str, ...], said: str) -> None:
    refused = menling("hours", *arguments)
    assert refused.status == 1
    assert said in refused.complained


def test_a_campaign_has_hours_of_its_own_and_is_told_when_nothing_is_left(
    menling, now, at_home: Path
) -> None:
    database = open_store(Settings())
    with database.transaction() as session:
        for name, window in (("早班", "10:00-12:00"), ("夜班", "22:00-23:00")):
            create_campaign(
                session,
                name=name,
                flow="care",
                company="顺达",
                now=now,
                policy={"when": {"workday": window}},
            )
    database.close()
    told = menling("hours", "--campaign", "早班", "--zone", "Asia/Shanghai").said
    assert "活动 10:00-12:00" in told
    nothing = menling("hours", "--campaign", "夜班", "--zone", "Asia/Shanghai").said
    assert "Nobody may be called in these days" in nothing
