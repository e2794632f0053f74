from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from campaigns.engine import Beat, Engine
from campaigns.order import CallOrder, CallReport
from campaigns.rehearsed import RehearsedCallers, confirms, ends_with, invent_campaign
from campaigns.settings import Settings
from campaigns.settings_calling import CallingSettings
from campaigns.settings_sections import CampaignSettings, PathSettings, TrunkSettings
from console.running import open_store
from dialer.leg import HangupCause

QUICK = Beat(
    place=timedelta(milliseconds=20),
    reconcile=timedelta(milliseconds=50),
    write_back=timedelta(milliseconds=50),
    chores=timedelta(milliseconds=50),
)
ENDS = (
    confirms,
    ends_with(HangupCause.BUSY, 486),
    ends_with(HangupCause.CANCELLED),
    ends_with(HangupCause.INVALID_NUMBER, 404),
)


def one_after_the_other(order: CallOrder) -> CallReport:
    """Let the calls end differently."""
    return ENDS[order.attempt % len(ENDS)](order)


@pytest.fixture
def rehearsal(at_home: Path) -> str:
    """A campaign that was run on paper; returns its name."""
    settings = Settings(
        trunk=TrunkSettings(host="127.0.0.1", calls_per_second=25, options_ping_seconds=0),
        calling=CallingSettings(jurisdiction="none"),
        campaign=CampaignSettings(max_attempts=1, calling_window="00:00-24:00"),
        paths=PathSettings(data_dir=at_home / "data"),
    )
    database = open_store(settings)
    with database.transaction() as session:
        campaign = invent_campaign(session, datetime.now(UTC), 8)
    callers = RehearsedCallers(one_after_the_other)
    asyncio.run(Engine(database, callers, settings, beat=QUICK).run(campaign))
    database.close()
    return "rehearsal"


def test_nothing_is_cut_on_80_columns(menling, rehearsal: str) -> None:
    answer = menling("report", rehearsal)
    assert answer.status == 0
    assert max(map(cell_len, answer.said.splitlines())) <= 80
    assert "…" not in answer.said
    assert "rehearsal（已完成）" in answer.said
    for number in range(1, 9):
        assert f"SD0001{number:06}" in answer.said
    for words in ("已通话", "已确认", "占线", "空号", "未联系上", "系统中断", "待核实"):
        assert words in answer.said


def test_neither_names_nor_numbers_are_shown(menling, rehearsal: str) -> None:
    answer = menling("report", rehearsal)
    assert "收件人1" not in answer.said
    assert "138138" not in answer.said.replace("00", "")


def test_a_contact_is_explained_line_by_line(menling, rehearsal: str) -> None:
    answer = menling("report", rehearsal, "--contact", "1")
    assert answer.status == 0
    assert "Attempt 1, " in answer.said
    assert "SIP 486" in answer.said


def test_a_contact_that_is_not_there_says_where_they_are_listed(menling, rehearsal: str) -> None:
    answer = menling("report", rehearsal, "--contact", "99")
    assert answer.status == 1
    assert "`menling report rehearsal` lists them" in answer.complained


def test_an_unknown_campaign_says_how_to_make_one(menling) -> None:
    answer = menling("report", "tomorrow")
    assert answer.status == 1
    assert "`menling import FILE --campaign tomorrow` makes one" in answer.complained
