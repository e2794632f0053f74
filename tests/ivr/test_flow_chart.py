"""A flow as a picture: nothing of it is missing, and no more arrows than a person can follow."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_chart import chart_of
from ivr.flow_chart_model import Arrow, Cause, FlowChart, NodeKind
from ivr.flow_model import Flow

STATION = Path(__file__).parents[1] / "station-pickup.zh-CN.yaml"


@pytest.fixture(scope="module")
def station() -> FlowChart:
    """The chart of a short conversation."""
    return chart_of(load_flow_file(STATION))


def arrow(chart: FlowChart, start: str, end: str) -> Arrow:
    (found,) = [each for each in chart.all_arrows if (each.start, each.end) == (start, end)]
    return found


@cache
def flow_of(flow_id: str, language: str) -> Flow:
    return load_flow(flow_id, language)


@pytest.mark.parametrize(("flow_id", "language"), flows())
def test_every_state_of_every_flow_is_on_its_chart_once(flow_id: str, language: str) -> None:
    flow = flow_of(flow_id, language)
    chart = chart_of(flow)
    assert sorted(chart.ids) == sorted(flow.script.states)


@pytest.mark.parametrize(("flow_id", "language"), flows())
def test_arrows_lead_from_place_to_place_one_for_each_pair(flow_id: str, language: str) -> None:
    chart = chart_of(flow_of(flow_id, language))
    pairs = [(each.start, each.end) for each in chart.all_arrows]
    assert len(pairs) == len(set(pairs))
    assert {place for pair in pairs for place in pair} <= set(chart.ids)
    assert all(start != end for start, end in pairs)


def test_the_main_part_is_what_the_first_question_leads_to_nearest_first(
    station: FlowChart,
) -> None:
    assert [node.id for node in station.nodes] == [
        "opening", "see_you", "sure_to_come", "tomorrow", "waiting", "check_time", "ask_time",
        "ask_place", "really", "person",
    ]  # fmt: skip
    assert {"opted_out", "wrong_number", "message"} <= {n.id for n in station.everywhere.nodes}


def test_answers_that_lead_to_the_same_place_are_one_arrow_with_their_keys(
    station: FlowChart,
) -> None:
    ways = arrow(station, "opening", "see_you").ways
    assert [(way.name, way.keys, way.guards) for way in ways] == [
        ("yes", ("1",), ("sure",)),
        ("backchannel", (), ()),
    ]


def test_an_answer_that_is_expected_and_followed_everywhere_is_an_arrow_of_its_question(
    station: FlowChart,
) -> None:
    (way,) = arrow(station, "opening", "waiting").ways
    assert (way.name, way.everywhere) == ("wait", True)
    with pytest.raises(ValueError, match="not enough values"):
        arrow(station, "tomorrow", "waiting")


def test_a_branch_tells_its_conditions(station: FlowChart) -> None:
    assert [way.guards for way in arrow(station, "sure_to_come", "see_you").ways] == [
        ("seen.opening.2",)
    ]
    (otherwise,) = arrow(station, "sure_to_come", "really").ways
    assert (otherwise.cause, otherwise.guards) == (Cause.CONDITION, ())


def test_a_silence_is_an_arrow_only_where_it_leads_elsewhere_than_at_most_questions(
    station: FlowChart,
) -> None:
    causes = [way.cause for way in arrow(station, "tomorrow", "see_you").ways]
    assert causes == [Cause.ANSWER, Cause.SILENCE]
    starts = {each.start for each in station.arrows for way in each.ways
              if way.cause is Cause.SILENCE}  # fmt: skip
    assert starts == {"tomorrow"}
    common = {(way.cause, end) for way, end in station.everywhere.ways}
    assert (Cause.SILENCE, "gone_quiet") in common
    assert (Cause.NOT_UNDERSTOOD, "not_understood") in common
    assert (Cause.EVENT, "out_of_time") in common


def test_places_are_told_apart_by_what_happens_there(station: FlowChart) -> None:
    kinds = {node.id: node.kind for node in station.all_nodes}
    assert kinds["opening"] is NodeKind.QUESTION
    assert kinds["sure_to_come"] is NodeKind.BRANCH
    assert kinds["see_you"] is NodeKind.SETTLED
    assert kinds["person"] is NodeKind.EXCEPTION
    assert kinds["gone_quiet"] is NodeKind.UNFINISHED


def test_a_place_has_the_words_said_there_the_question_last(station: FlowChart) -> None:
    opening = station.nodes[0]
    assert opening.words == (
        "您好,{company|name}自动语音助手。",
        "您尾号{waybill|tail4}的快递到驿站了。",
        "您今天来取吗?",
    )


def test_a_place_that_interrupts_says_that_it_goes_back(station: FlowChart) -> None:
    returns = {node.id for node in station.all_nodes if node.returns}
    assert {"waiting", "ask_identity", "opt_out_check"} <= returns
    assert "opening" not in returns


def test_an_answer_to_another_matter_that_can_be_told_anywhere_is_no_arrow_to_draw(
    station: FlowChart,
) -> None:
    assert arrow(station, "ask_time", "ask_place").jump
    assert arrow(station, "ask_place", "ask_time").jump
    for start, end in (
        ("opening", "ask_place"),  # it is met here first
        ("ask_time", "check_time"),  # the same matter
        ("check_time", "ask_time"),  # decided, not answered
        ("ask_place", "see_you"),  # nowhere else to be told
    ):
        assert not arrow(station, start, end).jump, (start, end)


def test_no_chart_has_more_arrows_to_draw_than_three_for_each_place() -> None:
    for name, language in flows():
        chart = chart_of(flow_of(name, language))
        drawn = [each for each in chart.arrows if not each.jump]
        assert len(drawn) <= 3 * len(chart.nodes), name
