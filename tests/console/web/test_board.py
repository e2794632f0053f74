"""The live board shows what goes on, to each of those who watch, and tells no wall who it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from campaigns.settings import Settings
from console.web.app import create_app
from console.web.counted import Counted
from console.web.live_board import LiveBoard, Moment, Pulse, changes, pulse_of
from store.board_queries import CallsSeen, calls_seen
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.desk_models import Agent, EngineSign, LiveCall, Transfer
from store.desk_types import AgentState, DeskLine, DeviceKind
from store.desk_values import EngineFacts
from store.models import Contact, Delivery, Recipient
from store.people_types import Role
from store.queries import create_campaign, set_campaign_status
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import Settlement

PHONE = "+8613800138001"
ADDRESS = "上海市浦东新区幸福路18号"


@pytest.fixture
def live(database: Database, now: datetime) -> int:
    """A call that goes on, flagged, with its customer waiting for a person."""
    with database.transaction() as session:
        attempt = _dialed(session, now)
        session.add(
            LiveCall(
                attempt_id=attempt,
                campaign_id=1,
                engine="engine",
                stage="talking",
                began_at=now,
                answered_at=now,
                state="opening",
                speaker="callee",
                words=f"我是王小明，{ADDRESS}，电话13800138001",
                flags=[
                    {
                        "rule": "angry",
                        "priority": 3,
                        "line": "first",
                        "label": {"zh": "生气<b>", "en": "Angry<b>"},
                        "words": "",
                    }
                ],
                people=[],
                updated_at=now,
            )
        )
        session.add(
            Transfer(
                attempt_id=attempt,
                engine="engine",
                rule="asked",
                label={"zh": "要求人工", "en": "Asked for a person"},
                priority=3,
                line=DeskLine.FIRST,
                language="zh-CN",
                brief={"recipient": "王小明"},
                requested_at=now,
            )
        )
        session.add(_agent(now))
        session.add(_engine(now))
    return attempt


def _dialed(session: Session, now: datetime) -> int:
    campaign = create_campaign(
        session, name="早班<script>", flow="pre-delivery", company="顺达", now=now
    ).id
    set_campaign_status(session, campaign, CampaignStatus.RUNNING, now)
    contact = Contact(
        campaign_id=campaign,
        recipient=Recipient(name="王小明", phone=PHONE),
        phone=PHONE,
        language="zh-CN",
        time_zone="Asia/Shanghai",
    )
    session.add(contact)
    session.flush()
    session.add(
        Delivery(campaign_id=campaign, contact_id=contact.id, waybill="SD1", address=ADDRESS)
    )
    claimed = claim_next(session, campaign, now, claimed_by="engine")
    assert claimed is not None
    mark_dialing(session, claimed.attempt_id, now)
    return claimed.attempt_id


def _agent(now: datetime) -> Agent:
    return Agent(
        user_id=7,
        name="小李",
        device_kind=DeviceKind.BROWSER,
        languages=["zh-CN"],
        lines=["first"],
        state=AgentState.READY,
        state_since=now,
        seen_at=now,
    )


def _engine(seen_at: datetime) -> EngineSign:
    return EngineSign(
        name="engine",
        started_at=seen_at,
        seen_at=seen_at,
        slots=8,
        in_use=1,
        workers=2,
        trunk={"host": "sip.example.com", "failures": 0},
    )


def test_the_board_shows_calls_waits_agents_and_engines(
    live: int, browser_of: Callable[..., Any]
) -> None:
    page = browser_of(Role.VIEWER).get("/").text
    for told in ("Opening", "Angry", "Asked for a person", "小李", "sip.example.com", "1 of 8"):
        assert told in page
    assert f'id="call-{live}"' in page


def test_the_board_speaks_chinese_too(live: int, browser_of: Callable[..., Any]) -> None:
    page = browser_of(Role.VIEWER, language="zh-CN").get("/").text
    for told in ("开场", "生气", "要求人工", "通话中", "1/8 路"):
        assert told in page


@pytest.mark.parametrize("role", Role)
def test_a_wall_tells_nobody_who_is_called(
    live: int, browser_of: Callable[..., Any], role: Role
) -> None:
    page = browser_of(role).get("/").text
    assert "王**" in page
    for secret in ("王小明", "幸福路", "13800138001"):
        assert secret not in page


def test_script_in_names_is_only_text(live: int, browser_of: Callable[..., Any]) -> None:
    page = browser_of(Role.VIEWER).get("/").text
    assert "<b>" not in page.split('id="calls"')[1].split("</table>")[0].replace("<b>1", "")
    assert "早班<script>" not in page


def test_an_agent_finds_no_way_from_the_board_to_calls_that_are_not_theirs(
    live: int, browser_of: Callable[..., Any]
) -> None:
    assert f"/calls/{live}" not in browser_of(Role.AGENT).get("/").text
    assert f"/calls/{live}" in browser_of(Role.VIEWER, "viewer2").get("/").text


def test_a_board_without_an_engine_says_that_nobody_is_called(
    browser_of: Callable[..., Any],
) -> None:
    assert "menling serve" in browser_of(Role.VIEWER).get("/").text


def test_the_board_counts_the_calls_of_today(
    live: int, database: Database, now: datetime, clock: Any, browser_of: Callable[..., Any]
) -> None:
    with database.transaction() as session:
        settle(
            session,
            live,
            Settlement(Disposition.COMPLETED, Outcome.CONFIRMED, now, answered=True),
            then=ContactStatus.DONE,
        )
    clock.forward(minutes=1)
    page = browser_of(Role.VIEWER).get("/").text
    assert "1 dialled, 1 reached" in page
    assert "100%" in page


def test_the_rates_of_today_are_what_counting_by_hand_gives(
    calls: Any, now: datetime, browser_of: Callable[..., Any]
) -> None:
    """Five calls: two talked to the end, one hung up, one met a machine, one rang in vain."""
    ends = (
        (Disposition.COMPLETED, Outcome.CONFIRMED, True),
        (Disposition.COMPLETED, Outcome.RESCHEDULED, True),
        (Disposition.HUNG_UP_MIDWAY, Outcome.UNFINISHED, True),
        (Disposition.VOICEMAIL, Outcome.NOT_REACHED, True),
        (Disposition.NO_ANSWER, Outcome.NOT_REACHED, False),
    )
    for disposition, outcome, answered in ends:
        calls.contact()
        calls.dial(settlement=Settlement(disposition, outcome, now, answered=answered))
    calls.clock.forward(minutes=1)
    today = browser_of(Role.VIEWER).get("/").text.partition('data-live="today"')[2]
    figures = re.findall(r'<div class="card figure[^>]*><b>([^<]*)</b><span>([^<]*)<', today)
    assert figures[:4] == [
        ("5", "Dialled"), ("80%", "Answered"), ("60%", "Reached"), ("33%", "Confirmed"),
    ]  # fmt: skip
    assert "5 dialled, 3 reached" in today


def test_the_stream_brings_the_rows_the_panels_and_signs_of_life_and_ends_in_time(
    live: int, database: Database, settings: Settings, now: datetime, browser_of: Callable[..., Any]
) -> None:
    signed_in = browser_of(Role.VIEWER)
    hurried = create_app(settings, database, Hurried(now))
    client = TestClient(hurried, base_url="http://localhost", cookies=signed_in.client.cookies)
    answer = client.get("/live/board")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [part.partition("\n") for part in answer.text.split("\n\n") if part]
    names = [name for name, *_ in events]
    assert names[0] == "event: calls"
    assert {"event: now", "event: waits", "event: agents", "event: engines"} <= set(names)
    assert "event: beat" in names
    assert f'id="call-{live}"' in events[0][2]
    assert "data-whole" in events[0][2]
    assert names.count("event: calls") == 1
    assert "王小明" not in answer.text


def test_all_who_watch_share_one_look_at_the_store_and_hear_of_changes(
    live: int, database: Database, clock: Any
) -> None:
    board = LiveBoard(database, clock)

    async def watch() -> list[str]:
        words: list[str] = []
        async for moment in board.moments():
            if moment is None:
                continue
            heard = moment.board.calls[0].words if moment.board.calls else "gone"
            if not words or words[-1] != heard:
                words.append(heard)
                if heard == "gone":
                    break
                await asyncio.to_thread(say_next, words)
        return words

    def say_next(words: list[str]) -> None:
        with database.transaction() as session:
            if len(words) == 1:
                session.get_one(LiveCall, live).words = "方便"
            else:
                session.delete(session.get_one(LiveCall, live))

    words = asyncio.run(asyncio.wait_for(watch(), 60))
    assert words[-2:] == ["方便", "gone"]


def test_a_store_that_is_away_is_told_and_the_stream_goes_on(
    live: int, database: Database, clock: Any
) -> None:
    away = Database("sqlite:////nowhere/at/all.db")
    board = LiveBoard(away, clock)

    async def watch() -> list[bool]:
        seen = []
        async for moment in board.moments():
            seen.append(moment is None)
            board.database = database
            if moment is not None:
                break
        return seen

    assert asyncio.run(asyncio.wait_for(watch(), 60))[-1] is False


def test_calls_that_did_not_change_are_not_read_again(live: int, database: Database) -> None:
    def look(before: CallsSeen) -> CallsSeen:
        with database.reading() as session:
            return calls_seen(session, before)

    first = look(CallsSeen())
    assert [call.attempt_id for call in first.calls] == [live]
    assert list(first.addresses.values()) == [(ADDRESS,)]
    second = look(first)
    assert second.calls[0] is first.calls[0]
    assert second.addresses == first.addresses
    with database.transaction() as session:
        session.get_one(LiveCall, live).words = "方便"
    third = look(second)
    assert third.calls[0].words == "方便"
    assert third.addresses == first.addresses
    with database.transaction() as session:
        session.delete(session.get_one(LiveCall, live))
    last = look(third)
    assert (last.calls, dict(last.addresses)) == ((), {})


def test_a_row_that_makes_no_sense_is_told_and_the_board_goes_on_after_it(
    live: int, database: Database, clock: Any
) -> None:
    board = LiveBoard(database, clock)

    def flag(flags: list[dict[str, Any]]) -> None:
        with database.transaction() as session:
            session.get_one(LiveCall, live).flags = flags

    async def watch() -> Moment:
        broken = False
        async for moment in board.moments():
            if moment is None and broken:
                await asyncio.to_thread(flag, [])
            elif moment is not None and not broken:
                broken = True
                await asyncio.to_thread(flag, [{"rule": "of another version"}])
            elif moment is not None and not moment.board.calls[0].flags:
                return moment
        raise AssertionError("the stream ended")

    assert asyncio.run(asyncio.wait_for(watch(), 60)).board.calls[0].attempt_id == live


def test_the_stream_does_not_wait_for_what_is_being_counted(
    live: int, database: Database, settings: Settings, now: datetime, browser_of: Callable[..., Any]
) -> None:
    counted, ended = Counted(patience_seconds=3600.0), Event()
    held_up: list[bool] = []
    counted.get("slow", lambda: held_up.append(ended.wait(10.0)), waiting=False)
    hurried = create_app(settings, database, Hurried(now), counted)
    cookies = browser_of(Role.VIEWER).client.cookies
    answer = TestClient(hurried, base_url="http://localhost", cookies=cookies).get("/live/board")
    ended.set()
    counted.close()
    assert held_up == [True]
    assert f'id="call-{live}"' in answer.text


class Hurried:
    """A clock on which a minute passes almost passes between two looks."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=40)
        return self._now


def test_what_changed_is_told_by_part_and_what_is_gone_by_its_key() -> None:
    before, after = {"1": "a", "2": "b"}, {"1": "a", "3": "c", "2": "B"}
    assert changes(before, after) == (("c", "B"), ())
    assert changes(after, before) == (("b",), ("3",))


@pytest.mark.parametrize(
    ("silent", "pulse"), [(0, Pulse.ALIVE), (3, Pulse.ALIVE), (4, Pulse.BEHIND), (16, Pulse.GONE)]
)
def test_an_engine_is_judged_by_its_last_sign_of_life(
    now: datetime, silent: int, pulse: Pulse
) -> None:
    engine = EngineFacts("engine", now, now - timedelta(seconds=silent), 8, 0, 2, {})
    assert pulse_of(engine, now) is pulse
