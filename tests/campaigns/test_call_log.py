"""Every call leaves one line that tells how it went, and nothing about whom it was with."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.attempt import SettledCall
from campaigns.call_log import CallLog, call_line, percentile
from campaigns.engine import Beat, Engine
from campaigns.importer import import_manifest
from campaigns.order import CallOrder, CallReport
from campaigns.rehearsed import RehearsedCallers, confirms
from campaigns.retry import RetryDecision, RetryReason
from campaigns.settings import Settings
from campaigns.settings_sections import CampaignSettings, PathSettings, TrunkSettings
from dialer.leg import MediaStatistics
from ivr.exchange import CallFacts
from ivr.people import Flag, Line, Visit
from ivr.transcript import Speaker, Turn
from store.claims import claim_next
from store.database import Database
from store.queries import create_campaign, set_campaign_status
from store.types import CampaignStatus, Disposition, Outcome
from store.values import ClaimedCall

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SETTLED = SettledCall(
    Disposition.COMPLETED, Outcome.CONFIRMED, RetryDecision(None, RetryReason.FATE_UNKNOWN)
)
MANIFEST = (
    "运单号,收件人,电话,地址,预约时段\n"
    "SDX55501,欧阳若兰,13800138101,上海市静安区常德路77弄5号,2026-11-22 18:00-20:00\n"
    "SDX55502,司徒文静,13800138102,杭州市西湖区龙井路18号,2026-11-22 18:00-20:00\n"
    "SDX55503,诸葛明远,13800138103,南京市鼓楼区汉口路22号,2026-11-22 18:00-20:00\n"
).encode()


def tells_everything(order: CallOrder) -> CallReport:
    """A call in which every personal thing is said, and an error quotes the number."""
    facts = order.facts
    said = f"{facts.recipient}住{facts.address}，单号{facts.waybill}"
    return replace(
        confirms(order),
        turns=(
            Turn(Speaker.MENLING, f"请问是{facts.recipient}吗?", 0.3, 2.0),
            Turn(Speaker.CALLEE, said, 2.5, 5.0, intent="yes", confidence=0.8),
            Turn(Speaker.MENLING, "好的", 5.4, 6.0, latency_seconds=0.4),
            Turn(Speaker.CALLEE, "再见", 6.5, 7.0, confidence=0.6),
            Turn(Speaker.MENLING, "再见", 7.9, 8.0, latency_seconds=0.9),
        ),
        flags=(Flag("complaint", 5, Line.FIRST, {"zh": "投诉"}, said),),
        people=(Visit(1, "agent", 8.0, 20.5, True), Visit(2, "supervisor", 9.0, 12.0)),
        statistics=MediaStatistics(900, 890, 10, 0),
        error=f"{order.uri} was lost for a moment",
    )


@pytest.fixture
def called(database: Database) -> Callable[[], ClaimedCall]:
    """A contact that was claimed."""

    def claim() -> ClaimedCall:
        with database.transaction() as session:
            campaign = create_campaign(
                session, name="早班", flow="pre-delivery", company="顺达", now=NOON
            )
            set_campaign_status(session, campaign.id, CampaignStatus.RUNNING, NOON)
        import_manifest(database, campaign.id, "m.csv", MANIFEST, NOON)
        with database.transaction() as session:
            found = claim_next(session, campaign.id, NOON, claimed_by="engine-1")
        assert found is not None
        return found

    return claim


def lines_in(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "calls.jsonl").read_text("utf-8")
    return [json.loads(each) for each in text.splitlines()]


def test_the_lines_of_a_campaign_hold_nothing_personal_of_its_manifest(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(
        trunk=TrunkSettings(host="127.0.0.1", calls_per_second=25, options_ping_seconds=0),
        campaign=CampaignSettings(max_attempts=1),
        paths=PathSettings(data_dir=tmp_path),
    )
    with database.transaction() as session:
        campaign = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达", now=NOON
        )
    import_manifest(database, campaign.id, "m.csv", MANIFEST, NOON)
    quick = Beat(place=timedelta(milliseconds=20))
    engine = Engine(
        database,
        RehearsedCallers(tells_everything),
        settings,
        clock=lambda: NOON,
        beat=quick,
    )
    asyncio.run(engine.run(campaign.id))

    text = (tmp_path / "logs" / "calls.jsonl").read_text("utf-8")
    lines = lines_in(tmp_path / "logs")
    assert sorted(each["attempt"] for each in lines) == [1, 2, 3]
    assert {each["outcome"] for each in lines} == {"confirmed"}
    rows = list(csv.DictReader(io.StringIO(MANIFEST.decode())))
    for row in rows:
        for value in (row["运单号"], row["收件人"], row["收件人"][:2], row["电话"], row["地址"]):
            assert value not in text
    assert "再见" not in text
    assert all(each["failed"] for each in lines)


def test_a_line_tells_latencies_confidence_flags_and_the_time_of_agents(
    called: Callable[[], ClaimedCall], tmp_path: Path
) -> None:
    call = called()
    order = CallOrder(
        attempt=call.attempt_id,
        uri="sip:13800138101@127.0.0.1",
        flow="pre-delivery",
        language="zh-CN",
        facts=_facts(),
        ring_timeout=timedelta(seconds=30),
        recording=tmp_path / "1.wav",
    )
    line = call_line(call, tells_everything(order), SETTLED, NOON)
    assert line["at"] == "2026-11-22T04:00:00.000+00:00"
    assert (line["latency_p50"], line["latency_p95"]) == (0.4, 0.9)
    assert line["confidence"] == 0.7
    assert line["flags"] == ["complaint"]
    assert line["agent_seconds"] == 12.5
    assert line["media"] == {
        "packets_sent": 900, "packets_received": 890, "packets_lost": 10, "frames_dropped": 0,
    }  # fmt: skip
    assert (line["talk_seconds"], line["recorded"]) == (15.0, True)


def test_a_call_that_nobody_can_report_any_more_has_its_line_too(
    called: Callable[[], ClaimedCall],
) -> None:
    line = call_line(called(), "worker 2 ended during the call", SETTLED, NOON)
    assert line["reported"] is False
    assert line["disposition"] == "completed"
    assert "worker" not in json.dumps(line)


def test_a_full_file_is_numbered_and_the_oldest_is_thrown_away(
    called: Callable[[], ClaimedCall], tmp_path: Path
) -> None:
    log, call = CallLog(tmp_path, most_bytes=1, files=3), called()
    for number in range(5):
        log.note(replace(call, number=number), "gone", SETTLED, NOON)
    kept = {each.name: json.loads(each.read_text("utf-8"))["number"] for each in tmp_path.iterdir()
            if each.name.startswith("calls")}  # fmt: skip
    assert kept == {"calls.jsonl": 4, "calls.jsonl.1": 3, "calls.jsonl.2": 2}


def test_a_disk_that_can_not_take_a_line_costs_the_line_alone(
    called: Callable[[], ClaimedCall], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in-the-way").write_text("a file where the folder should be", "utf-8")
    with caplog.at_level(logging.WARNING):
        CallLog(tmp_path / "in-the-way").note(called(), "gone", SETTLED, NOON)
    assert "can't be written" in caplog.text


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [((), 50, None), ((0.3,), 95, 0.3), ((3.0, 1.0, 2.0), 50, 2.0), (range(1, 101), 95, 95)],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: Any, percent: int, expected: float | None
) -> None:
    assert percentile(list(values), percent) == expected


def _facts() -> CallFacts:
    return CallFacts(
        now=NOON, company="顺达", recipient="欧阳若兰", waybill="SDX55501", window_start=NOON,
        window_end=NOON + timedelta(hours=2), address="常德路77弄5号",
    )  # fmt: skip
