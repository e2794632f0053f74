"""Nobody stays in a call that is none: an engine or the console lets them go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.attempt import settle_interrupted
from campaigns.desk_clearing import GRACE, clear_desk
from campaigns.presence import LONGEST_SILENCE, Presence, Watch
from campaigns.rehearsed import invent_campaign
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.desk_agents import agent_seen, set_agent_state, sign_in, step_agent
from store.desk_live import LiveBatch, LiveRow, write_engine, write_live
from store.desk_models import Transfer
from store.desk_orders import place_order
from store.desk_queries import agent, live_call, order, transfer
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import open_transfer, step_transfer
from store.desk_types import AgentState, DeskLine, DeviceKind, OrderKind, TransferStatus
from store.desk_values import FlagRecord
from store.queries import set_campaign_status
from store.types import CampaignStatus

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LI = 7
ENGINE = "elsewhere-1-abcd"
ASKED = FlagRecord("asked", 50, DeskLine.FIRST)

Clear = Callable[..., tuple[str, ...]]


@pytest.fixture
def attempt(database: Database) -> int:
    """A call that an engine is just holding."""
    with database.transaction() as session:
        made = invent_campaign(session, NOON, 1)
        set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
        call = claim_next(session, made, NOON, claimed_by=ENGINE)
        assert call is not None
        mark_dialing(session, call.attempt_id, NOON)
        return call.attempt_id


@pytest.fixture
def talk(database: Database, attempt: int) -> int:
    """An agent who talks in that call."""
    with database.transaction() as session:
        kind = DeviceKind.BROWSER
        sign_in(session, LI, "李", NOON, device_kind=kind)
        set_agent_state(session, LI, AgentState.READY, NOON)
        wish = open_transfer(session, attempt, ENGINE, ASKED, "zh-CN", {}, NOON).id
        step_agent(session, LI, AgentStep.OFFER, NOON, wish)
        step_transfer(session, wish, TransferStep.OFFER, NOON, agent_id=LI)
        step_agent(session, LI, AgentStep.ACCEPT, NOON)
        for step in (TransferStep.ACCEPT, TransferStep.JOIN):
            step_transfer(session, wish, step, NOON)
    return wish


@pytest.fixture
def clear(database: Database, tmp_path: Path) -> Clear:
    """Clear the desk, at a moment, as a console does."""

    watch = Watch(tmp_path)

    def cleared(now: datetime) -> tuple[str, ...]:
        with database.transaction() as session:
            agent_seen(session, LI, now)
        return clear_desk(database, watch.is_silent, now)

    return cleared


def _sign(database: Database, seen_at: datetime = NOON) -> None:
    with database.transaction() as session:
        write_engine(session, ENGINE, seen_at, slots=4, in_use=1, workers=1, trunk={})


def _state(database: Database) -> AgentState:
    with database.reading() as session:
        found = agent(session, LI)
    assert found is not None
    return found.state


def _status(database: Database, talk: int) -> tuple[TransferStatus, str]:
    with database.reading() as session:
        seen = transfer(session, talk)
    return seen.status, seen.ended_how


def test_an_agent_whose_engine_left_no_sign_is_let_go_and_may_write_down_what_came_of_it(
    database: Database, talk: int, clear: Clear
) -> None:
    assert clear(NOON) == (ENGINE,)
    assert _state(database) is AgentState.WRAP_UP
    assert _status(database, talk) == (TransferStatus.WRAP_UP, "engine_gone")
    assert clear(NOON) == ()


def test_an_engine_elsewhere_that_says_nothing_any_more_keeps_nobody(
    database: Database, attempt: int, talk: int, clear: Clear
) -> None:
    _sign(database)
    with database.transaction() as session:
        row = LiveRow(attempt, 1, "talking", NOON, NOON, "agent", "", "", (), ())
        write_live(session, ENGINE, LiveBatch([row]), NOON)
        asked = place_order(session, OrderKind.LEAVE, LI, "李", NOON, transfer_id=talk)
    # The clock of its machine may be wrong: a sign that comes is a sign, however old it says it is.
    for minutes in (0, 10):
        _sign(database, seen_at=NOON + timedelta(minutes=minutes))
        noticed = NOON + timedelta(minutes=minutes + 20)
        assert clear(noticed) == ()
        assert clear(noticed + LONGEST_SILENCE) == ()
    assert _state(database) is AgentState.TALKING
    assert clear(noticed + LONGEST_SILENCE + timedelta(seconds=1)) == (ENGINE,)
    assert _state(database) is AgentState.WRAP_UP
    with database.reading() as session:
        assert live_call(session, attempt) is None
        assert "引擎" in order(session, asked).refused["zh"]


def test_an_engine_that_is_seen_to_live_keeps_its_people_however_long_the_store_hears_nothing(
    database: Database, attempt: int, clear: Clear, tmp_path: Path
) -> None:
    alive = Presence(tmp_path)
    with database.transaction() as session:
        wish = open_transfer(session, attempt, alive.name, ASKED, "zh-CN", {}, NOON).id
    assert clear(NOON + timedelta(days=1)) == ()
    assert _status(database, wish)[0] is TransferStatus.WAITING
    alive.leave()
    assert clear(NOON + timedelta(days=1)) == (alive.name,)
    assert _status(database, wish)[0] is TransferStatus.FAILED


def test_a_call_that_was_settled_a_while_ago_keeps_nobody_though_its_engine_lives(
    database: Database, attempt: int, talk: int, clear: Clear
) -> None:
    _sign(database)
    with database.transaction() as session:
        settle_interrupted(session, attempt, NOON, "its news was lost")
    clear(NOON + GRACE - timedelta(seconds=1))
    assert _state(database) is AgentState.TALKING
    clear(NOON + GRACE)
    assert _state(database) is AgentState.WRAP_UP
    assert _status(database, talk) == (TransferStatus.WRAP_UP, "call_ended")


@pytest.mark.parametrize("step", [TransferStep.LEAVE, TransferStep.CALL_OFF])
def test_an_agent_whose_customer_is_not_theirs_any_more_is_ready_again(
    database: Database, talk: int, clear: Clear, step: TransferStep
) -> None:
    _sign(database)
    with database.transaction() as session:
        if step is TransferStep.CALL_OFF:
            session.get_one(Transfer, talk).status = TransferStatus.ACCEPTED
            session.flush()
        step_transfer(session, talk, step, NOON)
    clear(NOON)
    assert _state(database) is AgentState.READY


def test_an_agent_whose_page_is_gone_is_put_off_without_any_engine(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        sign_in(session, LI, "李", NOON, device_kind=DeviceKind.BROWSER)
    clear_desk(database, Watch(tmp_path).is_silent, NOON + timedelta(seconds=15))
    assert _state(database) is AgentState.BREAK
    clear_desk(database, Watch(tmp_path).is_silent, NOON + timedelta(seconds=16))
    assert _state(database) is AgentState.OFF
