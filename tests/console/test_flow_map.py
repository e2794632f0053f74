"""The drawings: what a person sees on them, on any machine, with and without calls."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from campaigns.rehearsed import invent_campaign
from console.flow_map_chart import chart_dot
from console.flow_map_figures import FlowFigures, StateFigures
from console.flow_map_overview import overview_dot
from console.flow_map_svg import DrawingError, digest_of, drawn_from, svg_of
from ivr.flow import load_flow_file
from ivr.flow_model import Flow
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.queries import set_campaign_status
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome, TurnSpeaker
from store.values import Settled, Settlement, TurnRecord

STATION = Path(__file__).parents[1] / "station-pickup.zh-CN.yaml"
FIGURES = FlowFigures(
    flow="station-pickup",
    language="zh-CN",
    calls=120,
    reached=100,
    finished=88,
    drop_offs=12,
    needs_person=7,
    tickets=3,
    talk_seconds=2300.0,
    states=(
        StateFigures("opening", 100, 100, 9, 1200.0),
        StateFigures("sure_to_come", 31, 30, 0, 0.0),
        StateFigures("see_you", 60, 60, 0, 300.0),
    ),
    steps=(("opening", "sure_to_come", 31), ("opening", "see_you", 60)),
    bottleneck="opening",
)


@pytest.fixture(scope="module")
def chinese() -> Flow:
    return load_flow_file(STATION)


@pytest.fixture(scope="module")
def english(chinese: Flow) -> Flow:
    """The same, as if it were in English."""
    charter = replace(chinese.charter, title="Parcel at the station")
    return replace(chinese, language="en-US", charter=charter)


@pytest.fixture(scope="module")
def drawing(chinese: Flow) -> str:
    return svg_of(chart_dot(chinese))


def texts(svg: str) -> list[str]:
    """Return every text of a drawing."""
    root = ElementTree.fromstring(svg.encode())
    return [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]


def node(dot: str, name: str) -> str:
    """Return the statement about a place."""
    (found,) = [line for line in dot.splitlines() if line.startswith(f'"{name}" [')]
    return found


def test_the_same_flow_is_always_drawn_from_the_same_text(chinese: Flow, english: Flow) -> None:
    again = load_flow_file(STATION)
    assert chart_dot(chinese) == chart_dot(again)
    assert overview_dot([chinese, english]) == overview_dot([again, english])


def test_words_stay_words_in_a_drawing(drawing: str) -> None:
    shown = texts(drawing)
    assert "驿站取件提醒" in shown
    assert "opening" in shown
    assert "今天来取吗" in "".join(shown)
    assert "<path" in drawing


def test_a_drawing_names_fonts_once_and_brings_none(drawing: str) -> None:
    assert re.findall('font-family="([^"]*)"', drawing) == [
        "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, "
        "WenQuanYi Micro Hei, Helvetica, Arial, sans-serif"
    ]
    assert "@font-face" not in drawing


def test_a_drawing_says_what_it_was_drawn_from(chinese: Flow, drawing: str) -> None:
    assert drawn_from(drawing) == digest_of(chart_dot(chinese))
    assert drawn_from("<svg/>") == ""


def test_of_several_graphs_the_last_stands_beneath_the_others() -> None:
    dot = "digraph { a } digraph { b -> c } digraph { d -> e -> f }"
    whole, first, second, last = ElementTree.fromstring(svg_of(dot).encode()).iter(
        "{http://www.w3.org/2000/svg}svg"
    )

    def figure(part: ElementTree.Element, name: str) -> int:
        return int((part.get(name) or "").removesuffix("pt"))

    assert (figure(first, "x"), figure(first, "y")) == (0, 0)
    assert (figure(second, "x"), figure(second, "y")) == (figure(first, "width"), 0)
    assert (figure(last, "x"), figure(last, "y")) == (0, figure(second, "height"))
    assert figure(whole, "height") == figure(second, "height") + figure(last, "height")
    assert figure(whole, "width") == figure(first, "width") + figure(second, "width")


def test_what_graphviz_reads_as_markup_is_shown_as_it_is() -> None:
    dot = 'digraph { a [label="<b> & \\"c\\""] }'
    assert texts(svg_of(dot)) == ['<b> & "c"']


def test_without_graphviz_it_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DrawingError, match="apt-get install graphviz"):
        svg_of("digraph {}")


def test_a_text_that_graphviz_refuses_is_told_with_its_reason() -> None:
    with pytest.raises(DrawingError, match="syntax error"):
        svg_of("digraph {")


def test_questions_decisions_and_endings_have_shapes_of_their_own(chinese: Flow) -> None:
    dot = chart_dot(chinese)
    assert 'shape="box", style="filled,rounded"' in node(dot, "opening")
    assert 'shape="hexagon"' in node(dot, "sure_to_come")
    assert 'peripheries="2"' in node(dot, "see_you")
    colours = {
        name: re.search('fillcolor="([^"]*)"', node(dot, name))
        for name in ("opening", "sure_to_come", "see_you", "person")
    }
    assert len({found[1] for found in colours.values() if found}) == 4


def test_arrows_tell_answers_and_keys_and_are_red_where_work_is_left_to_a_person(
    chinese: Flow,
) -> None:
    lines = chart_dot(chinese).splitlines()
    (confirm,) = [each for each in lines if each.startswith('"opening" -> "see_you"')]
    assert "是[1]" in confirm
    (lost,) = [each for each in lines if each.startswith('"tomorrow" -> "person"')]
    assert 'color="#c0392b"' in lost
    assert 'color="#c0392b"' not in confirm


def test_what_works_everywhere_is_told_once_and_leads_to_no_arrow(chinese: Flow) -> None:
    dot = chart_dot(chinese)
    assert "别再打了[9]" in node(dot, "card everywhere")
    assert "你是谁" in node(dot, "card side")
    assert '-> "opted_out"' not in dot


def test_the_card_of_a_flow_tells_its_charter_in_its_language(chinese: Flow, english: Flow) -> None:
    card = node(chart_dot(chinese), "card charter")
    assert all(word in card for word in ("驿站", "触发", "dispatch.outcome", "180 秒"))
    assert "Responsible" in node(chart_dot(english), "card charter")


def test_without_calls_no_figures_are_shown(chinese: Flow) -> None:
    assert "瓶颈" not in chart_dot(chinese)
    assert "到过" not in chart_dot(chinese)


def test_calls_are_laid_over_places_and_arrows(chinese: Flow) -> None:
    dot = chart_dot(chinese, FIGURES)
    assert "到过 100 (100%) · 挂断 9 · 12.0 秒" in node(dot, "opening")
    assert "到过 31 (30%)" in node(dot, "sure_to_come")
    (busy,) = [each for each in dot.splitlines() if each.startswith('"opening" -> "see_you"')]
    assert 'penwidth="6"' in busy
    assert ">60<" in busy
    card = node(dot, "card charter")
    assert "拨打 120 · 接通 100 · 谈完 88" in card
    assert "中途挂断 12 (12%) · 平均通话 23 秒" in card
    assert "要人工 7 · 工单 3" in card


def test_the_bottleneck_is_marked_with_who_answers_for_it(chinese: Flow) -> None:
    marked = node(chart_dot(chinese, FIGURES), "opening")
    assert "▲ 瓶颈" in marked
    assert "负责：驿站" in marked
    assert 'penwidth="4"' in marked
    assert "▲ 瓶颈：开场 · 负责：驿站" in node(chart_dot(chinese, FIGURES), "card charter")
    assert "瓶颈" not in node(chart_dot(chinese, FIGURES), "see_you")


def test_a_place_is_the_hotter_the_more_people_hang_up_there(chinese: Flow) -> None:
    cool, hot = chart_dot(chinese), chart_dot(chinese, FIGURES)
    assert 'fillcolor="#f5b041"' in node(hot, "opening")
    assert 'fillcolor="#f5b041"' not in node(cool, "opening")


def test_the_whole_map_has_the_five_stages_in_both_languages(chinese: Flow, english: Flow) -> None:
    shown = texts(svg_of(overview_dot([chinese, english])))
    for stage in ("下单与确认", "揽件与出库", "运输与途中", "派送与签收", "售后与闭环"):
        assert any(stage in each for each in shown)
    assert {"Order and confirmation", "After-sales and closure"} <= set(shown)


def test_a_flow_in_two_languages_is_one_card_of_the_map(chinese: Flow, english: Flow) -> None:
    card = node(overview_dot([chinese, english]), "station-pickup")
    assert "en-US、zh-CN" in card
    assert "驿站取件提醒" in card
    assert "转人工" in card


def test_the_map_adds_up_calls_and_marks_the_flow_that_loses_most(
    chinese: Flow, english: Flow
) -> None:
    other = FlowFigures(
        "station-pickup", "en-US", calls=5, reached=5, finished=5, talk_seconds=100.0
    )
    card = node(overview_dot([chinese, english], [FIGURES, other]), "station-pickup")
    assert "拨打 125 · 接通 105 · 谈完 93" in card
    assert "▲ 瓶颈 · 驿站" in card
    assert "还没有通话" in node(overview_dot([chinese], []), "station-pickup")


def test_the_map_in_english_has_english_names(chinese: Flow) -> None:
    card = node(overview_dot([chinese], language="en-US"), "station-pickup")
    assert "Responsible" in card
    assert "负责" not in card


# --- the command


@pytest.fixture
def called(at_home: Path, now: datetime) -> None:
    """A store with a campaign of three: one confirmed, one hung up, one did not answer."""
    (at_home / "data").mkdir()
    database = Database(f"sqlite:///{at_home / 'data' / 'menling.db'}")
    database.upgrade()
    opening = (
        TurnRecord(TurnSpeaker.MENLING, "您好", 0.5, 4.0, prompt="introduction"),
        TurnRecord(TurnSpeaker.MENLING, "方便吗?", 4.5, 6.0, prompt="can_receive"),
    )
    said = TurnRecord(TurnSpeaker.CALLEE, "我叫王小明", 7.0, 8.0, prompt="opening")
    bye = TurnRecord(TurnSpeaker.MENLING, "再见", 8.5, 10.0, prompt="confirmed")
    ends = (
        (Disposition.COMPLETED, Outcome.CONFIRMED, (*opening, said, bye), {}),
        (Disposition.HUNG_UP_MIDWAY, Outcome.UNFINISHED, opening, {"open_question": "opening"}),
        (Disposition.NO_ANSWER, Outcome.NOT_REACHED, (), {}),
    )
    with database.transaction() as session:
        campaign = invent_campaign(session, now, 3, name="早班")
        set_campaign_status(session, campaign, CampaignStatus.RUNNING, now)
    for disposition, outcome, turns, notes in ends:
        with database.transaction() as session:
            call = claim_next(session, campaign, now, claimed_by="engine")
            assert call is not None
            mark_dialing(session, call.attempt_id, now)
            settlement = Settlement(
                disposition, outcome, now, Settled(notes=notes), answered=bool(turns),
                talk_seconds=10.0 if turns else 0.0, turns=turns,
                flow_version="pre-delivery 1 0123456789ab" if turns else "",
            )  # fmt: skip
            settle(session, call.attempt_id, settlement, then=ContactStatus.DONE)
    database.close()


def test_one_conversation_is_drawn_to_a_file(menling, at_home: Path) -> None:
    file = at_home / "deep" / "call.svg"
    answer = menling("flows", "map", "pre-delivery", "--language", "zh-CN", "--output", file)
    assert answer.status == 0
    assert str(file) in "".join(answer.said.split("\n"))
    assert "派送前提醒" in texts(file.read_text("utf-8"))


def test_the_whole_map_is_drawn_to_a_file(menling, at_home: Path) -> None:
    answer = menling("flows", "map", "--language", "zh-CN", "--output", at_home / "map.svg")
    assert answer.status == 0
    assert any("下单与确认" in each for each in texts((at_home / "map.svg").read_text("utf-8")))


def test_a_folder_gets_a_drawing_of_each_language(menling, at_home: Path) -> None:
    assert menling("flows", "map", "pre-delivery").status == 0
    assert sorted(each.name for each in (at_home / "flow-map").iterdir()) == [
        "pre-delivery.en-US.svg",
        "pre-delivery.zh-CN.svg",
    ]


def test_one_file_is_too_small_for_two_conversations(menling, at_home: Path) -> None:
    answer = menling("flows", "map", "pre-delivery", "--output", at_home / "call.svg")
    assert answer.status == 2
    assert "--language" in answer.complained


def test_a_flow_file_of_ones_own_is_drawn(menling) -> None:
    assert menling("flows", "map", STATION, "--output", "ours.svg").status == 0
    assert "驿站取件提醒" in texts(Path("ours.svg").read_text("utf-8"))


def test_an_unknown_conversation_is_told_with_those_there_are(menling) -> None:
    answer = menling("flows", "map", "pre-delivry")
    assert answer.status == 1
    assert "pre-delivery in zh-CN" in answer.complained.replace("\n", " ")


def test_figures_of_the_store_are_printed_for_programs(menling, called: None) -> None:
    answer = menling("flows", "map", "pre-delivery", "--language", "zh-CN", "--json")
    assert answer.status == 0
    (found,) = json.loads(answer.said)
    assert (found["calls"], found["reached"], found["finished"], found["drop_offs"]) == (3, 2, 1, 1)
    assert (found["bottleneck"], found["drop_off_share"]) == ("opening", 0.5)
    first, *_ = found["states"]
    assert (first["state"], first["visits"], first["drop_offs"]) == ("opening", 2, 1)
    assert "王小明" not in answer.said


def test_calls_of_the_store_are_laid_over_the_drawing(menling, called: None) -> None:
    options = ("--language", "zh-CN", "--calls", "--campaign", "早班", "--output", "call.svg")
    assert menling("flows", "map", "pre-delivery", *options).status == 0
    shown = texts(Path("call.svg").read_text("utf-8"))
    assert "拨打 3 · 接通 2 · 谈完 1" in shown
    assert "到过 2 (100%) · 挂断 1 · 6.8 秒" in shown
    assert "▲ 瓶颈" in shown


def test_days_are_those_of_the_campaigns_time_zone(menling, called: None, now: datetime) -> None:
    day = (now + timedelta(hours=8)).astimezone(UTC).date()

    def calls(*limits: object) -> int:
        answer = menling("flows", "map", "pre-delivery", "--language", "zh-CN", "--json", *limits)
        return int(json.loads(answer.said)[0]["calls"])

    assert calls("--from", day, "--to", day) == 3
    assert calls("--from", day + timedelta(days=1)) == 0
    assert calls("--to", day - timedelta(days=1)) == 0


def test_an_unknown_campaign_is_named(menling, called: None) -> None:
    answer = menling("flows", "map", "pre-delivery", "--campaign", "夜班")
    assert answer.status == 1
    assert "夜班" in answer.complained


def test_calls_are_laid_over_the_conversation_that_is_said_now(menling, called: None) -> None:
    assert menling("flows", "publish", STATION).status == 0
    answer = menling("flows", "map", "station-pickup", "--calls", "--output", "ours.svg")
    assert answer.status == 0
    shown = texts(Path("ours.svg").read_text("utf-8"))
    assert {"驿站取件提醒", "还没有通话"} <= set(shown)
