"""`menling retries`: the tables in words, and the faults of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.retry_reader import shipped_names
from campaigns.settings import Settings
from console.running import open_store
from store.queries import create_campaign


def test_a_table_is_shown_in_either_language(menling, now) -> None:
    shown = menling("retries", "show", "survey", "--zh").said
    assert "满意度回访" in shown
    assert "一共最多 2 次" in shown
    usual = menling("retries", "show").said
    assert "Calls about a delivery" in usual
    assert f"Tables to choose from: {', '.join(shipped_names())}." in usual


def test_the_table_of_a_campaign_is_shown_with_what_the_campaign_changes(
    menling, now, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENLING_PATHS__DATA_DIR", str(tmp_path))
    database = open_store(Settings())
    with database.transaction() as session:
        policy = {"max_attempts": 7, "retry": {"rules": {"busy": {"minutes": 77}}}}
        create_campaign(session, name="晨间", flow="care", company="顺达", now=now, policy=policy)
    database.close()
    shown = menling("retries", "show", "--campaign", "晨间").said
    assert "care · Care" in shown
    assert "77 min" in shown
    assert "At most 7 calls" in shown


def test_a_table_that_does_not_exist_is_told_with_those_that_do(menling) -> None:
    answer = menling("retries", "show", "surveys")
    assert answer.status == 1
    assert "There is no table 'surveys'. Did you mean 'survey'?" in answer.complained


def test_a_table_of_ones_own_is_checked(menling, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("table: mine\ntitle: {zh: 我的, en: Mine}\nrules:\n  busy: often", "utf-8")
    answer = menling("retries", "check", mine)
    assert answer.status == 1
    assert "mine.yaml:4: 'often' doesn't say when to call again." in answer.complained
    ours = Path(__file__).parents[2] / "campaigns" / "retry_tables" / "urgent.yaml"
    assert "Sound: 19 rules." in menling("retries", "check", ours).said
    assert menling("retries", "check", tmp_path / "nothing.yaml").status == 1
