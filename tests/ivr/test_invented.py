from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.exchange import CallFacts
from ivr.facts import FactError
from ivr.flow import Flow, load_flow
from ivr.invented import facts_for, invented_facts


@pytest.fixture
def invented(now: datetime) -> CallFacts:
    """The parcel as it is invented."""
    return invented_facts(now)


def test_an_invented_parcel_comes_tomorrow_from_two_to_four(now: datetime) -> None:
    facts = invented_facts(now, "顺达快递", "4001234567")
    assert (facts.window_start.day, facts.window_start.hour, facts.window_end.hour) == (3, 14, 16)
    assert (facts.company, facts.callback_number) == ("顺达快递", "4001234567")


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("recipient", "李雷", "recipient", "李雷"),
        ("cod", "23.50", "cod_amount_fen", 2350),
        ("cod", "", "cod_amount_fen", 0),
        ("item", "", "item", ""),
        (
            "promised", "+2 09:00-11:00", "window_start",
            datetime(2026, 3, 4, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
        ),
    ],
)  # fmt: skip
def test_a_fact_can_be_changed(
    flow: Flow, invented: CallFacts, name: str, text: str, field: str, value: object
) -> None:
    assert getattr(facts_for(flow, invented, {name: text}), field) == value


def test_a_fact_that_flows_declare_is_known_by_its_name_and_its_title(
    flow: Flow, invented: CallFacts
) -> None:
    assert facts_for(flow, invented, {"floor": "6"}).more["floor"] == 6
    assert facts_for(flow, invented, {"楼层": "6"}).more["floor"] == 6


def test_the_other_times_count_from_the_day_of_the_call(flow: Flow, invented: CallFacts) -> None:
    facts = facts_for(flow, invented, {"promised": "+1 09:00-11:00", "now": "2026-05-01 08:00"})
    assert f"{facts.now:%m-%d %H:%M}" == "05-01 08:00"
    assert f"{facts.window_start:%m-%d %H:%M}" == "05-02 09:00"


def test_the_promised_window_moves_with_the_day_of_the_call(
    flow: Flow, invented: CallFacts
) -> None:
    facts = facts_for(flow, invented, {"now": "2026-05-01 08:00"})
    assert f"{facts.window_start:%m-%d %H:%M}" == "05-02 14:00"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("recipint", "李雷", "Did you mean 'recipient'"),
        ("cod", "many", "write yuan"),
        ("promised", "soon", "write a time like"),
        ("promised", "", "pre-delivery can't do without promised"),
        ("cod", "inf", "write yuan"),
        ("now", "+99999999999 08:00", "write a time like"),
        ("floor", "-3", "write a whole number"),
        ("floor", "1_0", "write a whole number"),
    ],
)
def test_what_is_no_fact_is_refused_with_advice(
    flow: Flow, invented: CallFacts, name: str, text: str, told: str
) -> None:
    with pytest.raises(FactError, match=told):
        facts_for(flow, invented, {name: text})


def test_a_fact_that_a_flow_must_know_is_not_taken_away(invented: CallFacts) -> None:
    station = load_flow("station-overdue", "zh-CN")
    for name in ("pickup_code", "取件码"):
        with pytest.raises(FactError, match="station-overdue can't do without pickup_code"):
            facts_for(station, invented, {name: ""})


def test_a_window_is_taken_away_where_the_flow_speaks_of_none(invented: CallFacts) -> None:
    assert facts_for(load_flow("survey", "zh-CN"), invented, {"promised": ""}).window_start is None
