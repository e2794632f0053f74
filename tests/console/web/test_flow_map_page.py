"""The flow map shows every conversation, and what calls made of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi import FastAPI

from campaigns.settings import Settings
from console.web.counted import Counted
from console.web.flow_figures import Stretch, flow_map
from console.web.words import Language, words_in
from ivr.flow import flows, load_flow
from ivr.flow_chart import chart_of
from store.database import Database
from store.flow_figures import CallRange, newest_calls
from store.people_types import Role
from store.types import Disposition, Outcome, TurnSpeaker
from store.values import Settled, Settlement, TurnRecord


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of their own."""
    return Settings.model_validate({"paths": {"data_dir": tmp_path / "data"}})


@pytest.fixture
def broken_off(calls: Any, now: datetime) -> None:
    """A call that its customer ended at the first question."""
    calls.contact()
    calls.dial(
        settlement=Settlement(
            Disposition.HUNG_UP_MIDWAY,
            Outcome.UNFINISHED,
            now,
            Settled(notes={"open_question": "opening"}),
            answered=True,
            talk_seconds=9.0,
            flow_version="pre-delivery 2 0123456789ab",
            turns=(
                TurnRecord(TurnSpeaker.MENLING, "您好", 0.5, 4.0, prompt="opening"),
                TurnRecord(TurnSpeaker.CALLEE, "不", 5.0, 6.0, prompt="opening", intent="no"),
            ),
        )
    )
    calls.clock.forward(minutes=1)


def test_the_map_and_one_conversation_are_drawn_with_their_calls(
    broken_off: None, browser_of: Callable[..., Any]
) -> None:
    agent = browser_of(Role.AGENT)
    page = agent.get("/flow-map?stretch=week").text
    assert "<svg" in page
    assert "Pre-delivery reminder" in page
    assert 'href="/flow-map/pre-delivery/zh-CN?stretch=week' in page
    one = agent.get("/flow-map/pre-delivery/zh-CN").text
    assert "<svg" in one
    assert "1 of the 1 calls that came here broke off (100%)" in one
    part = agent.get("/flow-map/pre-delivery/zh-CN", headers={"HX-Request": "true"}).text
    assert part.startswith('<div id="live-map"')
    assert agent.get("/flow-map/nonsense/zh-CN").status_code == 404


def test_the_bottleneck_of_all_conversations_is_told_above_the_map_with_its_owner(
    broken_off: None, browser_of: Callable[..., Any]
) -> None:
    page = browser_of(Role.VIEWER, language="zh-CN").get("/flow-map").text
    told = page.partition('<p class="notice warn bottleneck">')[2].partition("</p>")[0]
    for part in ("瓶颈", "派送前提醒", "开场", "到这一步的 1 通里有 1 通中断（100%）", "负责"):
        assert part in told
    owner = load_flow("pre-delivery", "zh-CN").charter.responsible
    assert f"<b>{owner}</b>" in told
    assert 'href="/flow-map/pre-delivery/zh-CN?' in told


def test_the_places_of_a_conversation_are_what_counting_by_hand_gives(
    calls: Any, now: datetime, browser_of: Callable[..., Any]
) -> None:
    """One call agrees at once, one hangs up when asked for another time, one rings in vain."""
    opening = (
        TurnRecord(TurnSpeaker.MENLING, "您好", 0.0, 4.0, prompt="introduction"),
        TurnRecord(TurnSpeaker.MENLING, "方便吗？", 4.0, 6.0, prompt="can_receive"),
    )
    yes = (
        *opening,
        TurnRecord(TurnSpeaker.CALLEE, "方便", 7.0, 8.0, prompt="opening", intent="yes"),
        TurnRecord(TurnSpeaker.MENLING, "好的", 8.0, 10.0, prompt="confirmed"),
    )
    no = (
        *opening,
        TurnRecord(TurnSpeaker.CALLEE, "不在家", 7.0, 8.0, prompt="opening", intent="no"),
        TurnRecord(TurnSpeaker.MENLING, "改哪天？", 10.0, 13.0, prompt="which_window"),
    )
    ended = partial(Settlement, answered=True, flow_version="pre-delivery 2 0123456789ab")
    settlements = (
        ended(Disposition.COMPLETED, Outcome.CONFIRMED, now, talk_seconds=10.0, turns=yes),
        ended(
            Disposition.HUNG_UP_MIDWAY,
            Outcome.UNFINISHED,
            now,
            Settled(notes={"open_question": "which_window"}),
            talk_seconds=14.0,
            turns=no,
        ),
        Settlement(Disposition.NO_ANSWER, Outcome.NOT_REACHED, now),
    )
    for settlement in settlements:
        calls.contact()
        calls.dial(settlement=settlement)
    calls.clock.forward(minutes=1)
    page = browser_of(Role.VIEWER).get("/flow-map/pre-delivery/zh-CN").text
    cards = re.findall(r'<div class="card figure[^>]*><b>([^<]*)</b><span>([^<]*)<', page)
    assert cards == [
        ("3", "Calls"), ("2", "Reached"), ("1", "Finished"), ("50%", "Dropped off"),
        ("0:12", "Mean talk"),
    ]  # fmt: skip
    rows = re.findall(r"<tr><td>(.*?)</tr>", page, re.DOTALL)
    told = [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows]
    assert told == [
        "Opening 2 2 0 0% 9.0 s",
        "Looking at the new time 1 1 0 0% 0.0 s",
        "Confirmed 1 1 0 0% 0.0 s",
        "Asking which time Bottleneck · Delivery station 1 1 1 100% 3.0 s",
        "Agreed 1 1 0 0% 2.0 s",
    ]
    assert "1 of the 1 calls that came here broke off (100%)" in page


def test_calls_whose_places_are_unknown_are_no_reason_to_say_that_there_were_none(
    calls: Any, now: datetime, browser_of: Callable[..., Any]
) -> None:
    calls.contact()
    settled = Settlement(Disposition.COMPLETED, Outcome.CONFIRMED, now, Settled(), answered=True)
    calls.dial(settlement=settled)
    calls.clock.forward(minutes=1)
    page = browser_of(Role.AGENT).get("/flow-map/pre-delivery/zh-CN").text
    assert "<b>1</b><span>Calls</span>" in page
    assert "No calls in this time." not in page


def test_a_conversation_that_nobody_had_says_so(browser_of: Callable[..., Any]) -> None:
    page = browser_of(Role.AGENT).get("/flow-map/pre-delivery/zh-CN").text
    assert "No calls in this time." in page


def test_a_map_without_calls_has_no_bottleneck(browser_of: Callable[..., Any]) -> None:
    page = browser_of(Role.VIEWER).get("/flow-map").text
    assert "<svg" in page
    assert "notice warn" not in page


@pytest.mark.parametrize("address", ["?campaign=%3Cb%3E", "?stretch=%3Cb%3E&campaign=1e3"])
def test_an_address_that_makes_no_sense_asks_for_all_calls_of_a_day(
    broken_off: None, browser_of: Callable[..., Any], address: str
) -> None:
    page = browser_of(Role.VIEWER).get(f"/flow-map{address}").text
    assert 'href="/flow-map/pre-delivery/zh-CN?stretch=day&amp;campaign="' in page


def test_a_page_that_still_counts_says_so_and_asks_again(
    app: FastAPI, browser_of: Callable[..., Any]
) -> None:
    app.state.counted.close()
    app.state.counted = Counted(patience_seconds=0.0)
    held_up = Event()
    app.state.counted.get_apart("what takes long", held_up.wait)
    page = browser_of(Role.VIEWER, language="zh-CN").get("/flow-map").text
    held_up.set()
    app.state.counted.close()
    assert "正在统计" in page
    assert 'hx-trigger="load delay:1s"' in page


def test_calls_outside_the_stretch_or_the_campaign_are_not_counted(
    broken_off: None, database: Database, settings: Settings, clock: Any
) -> None:
    def reached(stretch: Stretch, campaign: int | None = None) -> int:
        made = flow_map(database, settings, stretch, clock(), campaign)
        return sum(each.reached for each in made.figures)

    assert (reached(Stretch.DAY), reached(Stretch.DAY, 1), reached(Stretch.DAY, 2)) == (1, 1, 0)
    clock.forward(days=3)
    assert (reached(Stretch.DAY), reached(Stretch.WEEK)) == (0, 1)


def test_only_the_newest_calls_are_counted_where_there_are_many(
    calls: Any, now: datetime, database: Database
) -> None:
    times = []
    for _ in range(4):
        calls.contact()
        times.append(calls.clock())
        calls.dial(settlement=Settlement(Disposition.BUSY, Outcome.NOT_REACHED, now))
        calls.clock.forward(minutes=1)
    with database.reading() as session:
        everything = CallRange(begins=now)
        assert newest_calls(session, everything, 4) == everything
        assert newest_calls(session, everything, 2).begins == times[1]


def test_every_place_of_every_conversation_has_words_for_the_board_and_the_map() -> None:
    words = words_in(Language.CHINESE)
    missing = {
        node.id
        for flow in flows()
        for node in chart_of(load_flow(*flow)).all_nodes
        if f"state.{node.id}" not in words
    }
    assert not missing
