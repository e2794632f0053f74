"""What speaks against starting a campaign, with what to do about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from campaigns.campaign_faults import check_campaign, faults_of
from campaigns.rules import rules_of
from campaigns.settings import Settings, SettingsError
from store.database import Database
from store.queries import create_campaign

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SETTINGS = Settings(
    trunk={"host": "127.0.0.1", "caller_id": "4008001234", "caller_ids": ["01065432100"]},
    trunks={"spare": {"host": "127.0.0.2", "user": "4009"}},
)


def told(policy: dict[str, Any], settings: Settings = SETTINGS) -> str:
    rules = rules_of(settings.campaign, policy, calling=settings.calling)
    return " ".join(faults_of(settings, rules, "Asia/Shanghai", NOW))


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"trunks": {"use": ["main", "spare"], "caller_ids": ["4008001234", "4009"]}},
        {"trunks": {"caller_id_by_prefix": {"+8610": "01065432100"}}},
        {"pacing": {"mode": "predictive"}},
    ],
)
def test_nothing_speaks_against_what_the_settings_can_do(policy: dict[str, Any]) -> None:
    assert told(policy) == ""


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ({"trunks": {"use": ["sparse"]}}, "No trunk is called sparse: take it out of trunks.use"),
        (
            {"trunks": {"use": ["spare"], "caller_ids": ["4008001234"]}},
            "No trunk of the campaign may show 4008001234: write it to caller_ids",
        ),
        (
            {"trunks": {"caller_id_by_prefix": {"+8621": "02165432100"}}},
            "No trunk of the campaign may show 02165432100",
        ),
        (
            {"trunks": {"caller_id_by_region": {"华东": "02165432100"}}},
            "No trunk of the campaign may show 02165432100",
        ),
        (
            {"calling_window": "22:00-23:00"},
            "Nobody in Asia/Shanghai may ever be called",
        ),
    ],
)
def test_what_would_call_nobody_is_told_before(policy: dict[str, Any], fault: str) -> None:
    assert fault in told(policy)


def test_agents_need_a_desk() -> None:
    off = SETTINGS.model_copy(update={"desk": SETTINGS.desk.model_copy(update={"enabled": False})})
    assert "set desk.enabled" in told({"pacing": {"mode": "preview"}}, off)


def test_texts_that_cant_be_written_keep_a_campaign_from_starting(
    database: Database, tmp_path
) -> None:
    texts = tmp_path / "texts.yaml"
    texts.write_text("zh-CN: {events: {not_reached: {sms: '{nonsense}'}}}", "utf-8")
    with database.transaction() as session:
        facts = create_campaign(session, name="m", flow="care", company="顺达快递", now=NOW)
    check_campaign(database, Settings(paths={"data_dir": tmp_path}), facts, NOW)
    bad = Settings(paths={"data_dir": tmp_path}, messages={"templates_file": texts})
    with pytest.raises(SettingsError, match="nonsense"):
        check_campaign(database, bad, facts, NOW)
