"""Facts on their way from a manifest's cell to the call: every spelling, and what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from campaigns.attempt import order_for, settlement_of
from campaigns.fact_cells import fact_in, fact_values
from campaigns.importer import import_manifest
from campaigns.line import OutgoingLine
from campaigns.manifest import ManifestDefaults, ManifestError, read_manifest
from campaigns.manifest_cells import CellError
from campaigns.rehearsed import confirms
from campaigns.tables import read_table
from ivr.exchange import DialogOutcome, DialogResult
from ivr.facts import facts_known
from ivr.flow import load_flow
from ivr.flow_needs import FlowNeeds, needs_of
from store.claims import claim_next
from store.database import Database
from store.models import Delivery

CHINA = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
SURVEY = FlowNeeds(window=False)
WHO = "运单号,收件人,电话,地址"
ROW = "SD0001,王小明,13800138001,幸福路18号"


@pytest.mark.parametrize(
    ("fact", "written", "kept"),
    [
        ("eta", "明天 14:30", "2026-11-23 14:30"),
        ("eta", "15:05", "2026-11-22 15:05"),
        ("eta", "2026-12-01 09:00", "2026-12-01 09:00"),
        ("kept_until", "后天", "2026-11-24"),
        ("kept_until", "12月1日", "2026-12-01"),
        ("new_promised", "明天上午", "2026-11-23 09:00-12:00"),
        ("compensation", "¥20", "20.00"),
        ("two_people", "是", "true"),
        ("two_people", "no", "false"),
        ("problem", "damaged", "damaged"),
        ("problem", "少件", "short"),
        ("days_waiting", "3", "3"),
        ("station", " 南门  驿站 ", "南门 驿站"),
    ],
)
def test_a_cell_is_kept_so_that_it_counts_from_no_day(fact: str, written: str, kept: str) -> None:
    assert fact_in(facts_known()[fact], written, NOON, CHINA) == kept
    later = datetime(2026, 11, 30, tzinfo=CHINA)
    assert fact_values({fact: kept}, later).keys() == {fact}


@pytest.mark.parametrize(
    ("fact", "written", "problem"),
    [
        ("eta", "soon", "fact_moment"),
        ("kept_until", "32日", "fact_day"),
        ("new_promised", "明天", "fact_window"),
        ("compensation", "viel", "amount_unreadable"),
        ("two_people", "也许", "fact_flag"),
        ("problem", "broken", "fact_word"),
        ("days_waiting", "几天", "fact_count"),
        ("days_waiting", "-3", "fact_count"),
    ],
)
def test_a_cell_that_is_no_such_fact_is_a_problem(fact: str, written: str, problem: str) -> None:
    with pytest.raises(CellError, match=problem):
        fact_in(facts_known()[fact], written, NOON, CHINA)


def read(text: str, needs: FlowNeeds):
    return read_manifest(read_table("m.csv", text.encode()), NOON, ManifestDefaults(), needs)


def test_a_column_may_be_headed_by_a_title_or_by_the_name_of_a_fact() -> None:
    for title in ("快递员", "courier", "Courier"):
        [delivery] = read(f"{WHO},{title}\n{ROW},王师傅\n", SURVEY).deliveries
        assert delivery.facts == {"courier": "王师傅"}


def test_a_flow_that_speaks_of_no_window_needs_none_and_ignores_one_that_is_over() -> None:
    [delivery] = read(f"{WHO}\n{ROW}\n", SURVEY).deliveries
    assert delivery.window_start is None
    [delivery] = read(f"{WHO},预约时段\n{ROW},2026-11-20 14:00-16:00\n", SURVEY).deliveries
    assert delivery.window_end is None


def test_a_missing_column_that_the_flow_must_know_is_named() -> None:
    with pytest.raises(ManifestError, match="处理结果"):
        read(f"{WHO}\n{ROW}\n", FlowNeeds(window=False, facts=("ticket_result",)))


def test_an_empty_cell_that_the_flow_must_know_keeps_only_its_row_out() -> None:
    text = f"{WHO},处理结果\n{ROW},\n{ROW.replace('1,王', '2,王')},已经补发\n"
    contents = read(text, FlowNeeds(window=False, facts=("ticket_result",)))
    assert [each.facts for each in contents.deliveries] == [{"ticket_result": "已经补发"}]
    [problem] = contents.problems
    assert str(problem) == "第 2 行，处理结果：没有填写，而通话里要说到。请补上后重新导入。"


def test_what_a_flow_needs_is_read_from_its_words() -> None:
    assert needs_of(load_flow("pre-delivery", "zh-CN")).window
    survey = needs_of(load_flow("survey", "zh-CN"), load_flow("survey", "en-US"))
    assert not survey.window
    assert "ticket_result" in needs_of(load_flow("complaint-follow-up", "zh-CN")).facts


def test_facts_reach_the_call_and_its_answers_come_back(database: Database, campaign: int) -> None:
    text = f"{WHO},取件码,保管期限\n{ROW},8-2-3015,后天\n"
    import_manifest(database, campaign, "m.csv", text.encode(), NOON, SURVEY)
    with database.transaction() as session:
        call = claim_next(session, campaign, NOON, claimed_by="engine")
        assert call is not None
        kept = session.scalars(sa.select(Delivery.facts)).one()
    assert kept == {"pickup_code": "8-2-3015", "kept_until": "2026-11-24"}
    line = OutgoingLine("192.0.2.7", 5060, "udp", timedelta(seconds=12), Path("calls"), 30, 5.0)
    order = order_for(call, line, NOON, record=False)
    assert order.facts.window_start is None
    assert order.facts.more == {
        "pickup_code": "8-2-3015",
        "kept_until": datetime(2026, 11, 24, tzinfo=CHINA),
    }
    rated = DialogResult(DialogOutcome.RATED, finished=True, collected={"satisfaction": "5"})
    report = replace(confirms(order), result=rated)
    assert settlement_of(report, NOON).settled.answers == {"satisfaction": "5"}
