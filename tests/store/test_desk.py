"""The desk in the store: agents, transfers, orders and live rows, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from store.claims import claim_next, mark_dialing
from store.database import Database
from store.desk_agents import (
    agent_seen,
    put_off,
    set_agent_state,
    sign_in,
    silent_agents,
    step_agent,
)
from store.desk_leftovers import engines_told_of
from store.desk_live import (
    LiveBatch,
    LiveRow,
    forget_engine,
    write_engine,
    write_live,
)
from store.desk_orders import (
    answer_order,
    forget_orders,
    old_orders,
    place_order,
    refuse_order,
    refuse_orders_of,
    take_orders,
    untaken_orders,
    withdraw_order,
)
from store.desk_queries import (
    agents,
    engines,
    live_board,
    live_call,
    live_turns,
    offer_for,
    order,
    transfer,
    unfiled_transfers,
    waiting_transfers,
)
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import (
    keep_form,
    open_transfer,
    raise_transfer,
    step_transfer,
    take_over,
)
from store.desk_types import AgentState, DeskLine, DeviceKind, OrderKind, TransferStatus
from store.desk_values import FlagRecord, LiveTurnRecord, PersonInCall
from store.errors import DeskError
from store.models import Attempt, Contact, Delivery, Recipient
from store.queries import create_campaign, set_campaign_status
from store.suppression import is_suppressed
from store.types import CampaignStatus

ENGINE = "here-1-abcd"
LI, WANG = 7, 8
ASKED = FlagRecord("asked", 50, DeskLine.FIRST, {"zh": "要求人工", "en": "Asks for a person"})
GONE = {"zh": "通话已结束。", "en": "The call is over."}


@pytest.fixture
def attempt(database: Database, now: datetime) -> int:
    """A call that is being made."""
    with database.transaction() as session:
        made = create_campaign(session, name="早班", flow="pre-delivery", company="顺达", now=now)
        set_campaign_status(session, made.id, CampaignStatus.RUNNING, now)
        phone = "+8613800138001"
        contact = Contact(
            campaign_id=made.id,
            recipient=Recipient(name="王小明", phone=phone),
            phone=phone,
            language="zh-CN",
            time_zone="Asia/Shanghai",
        )
        contact.deliveries.append(Delivery(campaign_id=made.id, waybill="SD1", address="幸福路"))
        session.add(contact)
        session.flush()
        claimed = claim_next(session, made.id, now, claimed_by=ENGINE)
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, now)
    return claimed.attempt_id


def ready(database: Database, user_id: int, now: datetime, device: str = "6001") -> None:
    with database.transaction() as session:
        sign_in(
            session,
            user_id,
            f"坐席{user_id}",
            now,
            device_kind=DeviceKind.SIP,
            device_address=device,
        )
        set_agent_state(session, user_id, AgentState.READY, now)


def live_row(attempt: int, now: datetime, **changes: object) -> LiveRow:
    known: dict[str, object] = {
        "attempt_id": attempt,
        "campaign_id": 1,
        "stage": "talking",
        "began_at": now,
        "answered_at": now,
        "state": "announce",
        "speaker": "menling",
        "words": "您好",
        "flags": (ASKED,),
        "people": (PersonInCall(3, LI, "坐席7", "agent", "talk"),),
    }
    return LiveRow(**(known | changes))


def show(database: Database, attempt: int, now: datetime) -> None:
    with database.transaction() as session:
        write_live(session, ENGINE, LiveBatch([live_row(attempt, now)]), now)


def test_a_call_in_progress_is_on_the_board_with_whom_and_about_what(
    database: Database, attempt: int, now: datetime
) -> None:
    show(database, attempt, now)
    with database.reading() as session:
        (call,) = live_board(session, now).calls
    assert (call.recipient, call.phone, call.waybills) == ("王小明", "+8613800138001", ("SD1",))
    assert (call.campaign, call.flow, call.stage, call.words) == (
        "早班",
        "pre-delivery",
        "talking",
        "您好",
    )
    assert call.flags == (ASKED,)
    assert call.people[0].name == "坐席7"


def test_a_later_batch_takes_the_place_of_an_earlier_one_and_settlement_clears_all(
    database: Database, attempt: int, now: datetime
) -> None:
    later = now + timedelta(seconds=1)
    first, longer = (
        LiveTurnRecord(0, "callee", "转", 1.0, 1.2),
        LiveTurnRecord(0, "callee", "转人工", 1.0, 1.9),
    )
    second = LiveTurnRecord(1, "menling", "好的", 2.0, 3.0, state="waiting")
    batches = (
        LiveBatch([live_row(attempt, now)], [(attempt, first)]),
        LiveBatch([live_row(attempt, now, words="好的")], [(attempt, longer), (attempt, second)]),
    )
    for batch in batches:
        with database.transaction() as session:
            write_live(session, ENGINE, batch, later)
    with database.reading() as session:
        call = live_call(session, attempt)
        assert call is not None
        assert (call.words, call.updated_at) == ("好的", later)
        assert live_turns(session, attempt) == (longer, second)
        assert live_turns(session, attempt, after=0) == (second,)
    with database.transaction() as session:
        write_live(session, ENGINE, LiveBatch(over=[attempt]), later)
    with database.reading() as session:
        assert live_call(session, attempt) is None
        assert live_turns(session, attempt) == ()


def test_a_batch_is_written_however_many_calls_it_has(database: Database, now: datetime) -> None:
    rows = [live_row(number, now, people=()) for number in range(1, 451)]
    turns = [(number, LiveTurnRecord(0, "callee", "喂", 0.0, 0.4)) for number in range(1, 451)]
    with database.transaction() as session:
        write_live(session, ENGINE, LiveBatch(rows, turns), now)
    with database.transaction() as session:
        assert len(live_turns(session, 450)) == 1
        write_live(session, ENGINE, LiveBatch(over=range(1, 451)), now)
        assert live_turns(session, 450) == ()


def test_what_a_dead_engine_showed_is_cleared_and_what_was_asked_of_it_is_refused(
    database: Database, attempt: int, now: datetime
) -> None:
    show(database, attempt, now)
    with database.transaction() as session:
        write_engine(session, ENGINE, now, slots=4, in_use=1, workers=2, trunk={"host": "x"})
        asked = place_order(session, OrderKind.LISTEN, LI, "李", now, attempt_id=attempt)
        form = place_order(session, OrderKind.FORM, LI, "李", now, attempt_id=attempt)
    with database.transaction() as session:
        assert engines(session)[0].slots == 4
        assert engines_told_of(session) == {ENGINE: now}
        forget_engine(session, ENGINE)
        refuse_orders_of(session, ENGINE, now, GONE)
    with database.transaction() as session:
        assert engines(session) == ()
        assert live_call(session, attempt) is None
        assert order(session, asked).refused == GONE
        assert [each.id for each in take_orders(session, "another", now)] == [form]


def test_an_order_goes_to_the_engine_of_its_call_once_and_is_answered_once(
    database: Database, attempt: int, now: datetime
) -> None:
    show(database, attempt, now)
    with database.transaction() as session:
        number = place_order(
            session, OrderKind.LISTEN, LI, "李", now, attempt_id=attempt, payload={"uri": "6001"}
        )
    with database.transaction() as session:
        assert not untaken_orders(session, "another")
        assert take_orders(session, "another", now) == ()
        assert untaken_orders(session, ENGINE)
        (taken,) = take_orders(session, ENGINE, now)
        assert (taken.id, taken.kind, taken.payload["uri"]) == (number, OrderKind.LISTEN, "6001")
    with database.transaction() as session:
        assert take_orders(session, ENGINE, now) == ()
        answer_order(session, number, now, {"join": number})
        refuse_order(session, number, now, GONE)
        answered = order(session, number)
    assert answered.answered
    assert answered.answer == {"join": number}
    assert answered.refused == {}


def test_an_order_that_was_taken_back_is_never_taken_but_a_form_is(
    database: Database, attempt: int, now: datetime
) -> None:
    show(database, attempt, now)
    with database.transaction() as session:
        asked, begun, form = (
            place_order(session, kind, LI, "李", now, attempt_id=attempt)
            for kind in (OrderKind.LISTEN, OrderKind.LISTEN, OrderKind.FORM)
        )
        for number in (asked, form):
            withdraw_order(session, number, now, GONE)
        taken = [each.id for each in take_orders(session, ENGINE, now)]
        for number in (begun, form):
            withdraw_order(session, number, now, GONE)
    with database.reading() as session:
        answers = [order(session, number) for number in (asked, begun, form)]
    assert taken == [begun, form]
    assert [each.refused for each in answers] == [GONE, {}, {}]
    assert [each.answered for each in answers] == [True, False, False]


def test_a_page_that_was_seen_before_the_clock_was_set_back_has_its_time_again(
    database: Database, now: datetime
) -> None:
    silence = timedelta(seconds=15)
    ready(database, LI, now)
    with database.transaction() as session:
        earlier = now - timedelta(hours=1)
        [absent] = silent_agents(session, earlier, silence)
        put_off(session, absent, earlier)
        assert silent_agents(session, earlier, silence) == ()
        [absent] = silent_agents(session, earlier + silence + silence, silence)
        put_off(session, absent, earlier + silence + silence)
        assert agents(session, present=True) == ()


def test_nothing_is_asked_of_a_call_that_is_over_but_a_form(
    database: Database, attempt: int, now: datetime
) -> None:
    with database.transaction() as session:
        with pytest.raises(DeskError, match="over"):
            place_order(session, OrderKind.END_CALL, LI, "李", now, attempt_id=attempt)
        assert place_order(session, OrderKind.FORM, LI, "李", now, attempt_id=attempt)


def test_who_is_wanted_in_a_call_may_come_before_it_is_shown_to_anybody(
    database: Database, attempt: int, now: datetime
) -> None:
    with database.transaction() as session:
        wish = open_transfer(session, attempt, ENGINE, ASKED, "zh-CN", {}, now)
        number = place_order(session, OrderKind.ACCEPT, LI, "李", now, transfer_id=wish.id)
        assert [order.id for order in take_orders(session, ENGINE, now)] == [number]
        step_transfer(session, wish.id, TransferStep.LOSE, now)
        with pytest.raises(DeskError, match="over"):
            place_order(session, OrderKind.ACCEPT, LI, "李", now, transfer_id=wish.id)


def test_a_form_that_says_no_more_calls_counts_though_no_engine_is_there(
    database: Database, attempt: int, now: datetime
) -> None:
    form = {"outcome": "opted_out"}
    with database.transaction() as session:
        phone = session.get_one(Attempt, attempt).phone
        mine = take_over(session, attempt, ENGINE, LI, "zh-CN", now, visit=1)
        place_order(session, OrderKind.FORM, LI, "李", now, transfer_id=mine.id, payload=form)
        assert not is_suppressed(session, phone), "nobody has talked to the customer yet"
        step_transfer(session, mine.id, TransferStep.JOIN, now)
        place_order(session, OrderKind.FORM, LI + 1, "王", now, transfer_id=mine.id, payload=form)
        assert not is_suppressed(session, phone), "it is not the form of whoever had the call"
        place_order(session, OrderKind.FORM, LI, "李", now, transfer_id=mine.id, payload=form)
        assert is_suppressed(session, phone)


def test_a_call_is_offered_accepted_talked_and_written_down(
    database: Database, attempt: int, now: datetime
) -> None:
    ready(database, LI, now)
    with database.transaction() as session:
        wish = open_transfer(session, attempt, ENGINE, ASKED, "zh-CN", {"waybill": "SD1"}, now)
        assert waiting_transfers(session) == (wish,)
        step_agent(session, LI, AgentStep.OFFER, now, wish.id)
        step_transfer(session, wish.id, TransferStep.OFFER, now, agent_id=LI)
        offered = offer_for(session, LI)
        assert offered is not None
        assert (offered.status, offered.brief["waybill"]) == (TransferStatus.OFFERED, "SD1")
        step_agent(session, LI, AgentStep.ACCEPT, now)
        step_transfer(session, wish.id, TransferStep.ACCEPT, now)
        step_transfer(session, wish.id, TransferStep.JOIN, now)
        step_agent(session, LI, AgentStep.FINISH, now)
        ended = step_transfer(session, wish.id, TransferStep.LEAVE, now, how="left")
        assert (ended.status, ended.ended_how, ended.agent_id) == (
            TransferStatus.WRAP_UP,
            "left",
            LI,
        )
        assert unfiled_transfers(session, LI) == (ended,)
        filed = keep_form(session, wish.id, {"outcome": "confirmed"}, now)
        assert filed.status is TransferStatus.DONE
        assert unfiled_transfers(session, LI) == ()


def test_who_lets_two_calls_pass_has_a_break_and_is_not_asked_again_for_the_same(
    database: Database, attempt: int, now: datetime
) -> None:
    ready(database, LI, now)
    with database.transaction() as session:
        wish = open_transfer(session, attempt, ENGINE, ASKED, "zh-CN", {}, now)
        for expected in (AgentState.READY, AgentState.BREAK):
            step_agent(session, LI, AgentStep.OFFER, now, wish.id)
            step_transfer(session, wish.id, TransferStep.OFFER, now, agent_id=LI)
            after = step_agent(session, LI, AgentStep.PASS, now)
            wish = step_transfer(session, wish.id, TransferStep.WITHDRAW, now)
            assert after.state is expected
            assert after.transfer_id is None
        assert wish.passed_by == {LI}
        assert wish.agent_id is None


def test_a_customer_who_waits_again_is_served_before_others(
    database: Database, attempt: int, now: datetime
) -> None:
    with database.transaction() as session:
        wish = open_transfer(session, attempt, ENGINE, ASKED, "zh-CN", {}, now)
        urgent = FlagRecord("line_broke", 90, DeskLine.FIRST)
        assert raise_transfer(session, wish.id, urgent, {"spoken": "断了"}, now).priority == 90
        assert raise_transfer(session, wish.id, ASKED, {}, now).priority == 90


def test_whoever_takes_a_call_over_unasked_has_it_at_once(
    database: Database, attempt: int, now: datetime
) -> None:
    with database.transaction() as session:
        mine = take_over(session, attempt, ENGINE, WANG, "zh-CN", now, visit=1)
        assert (mine.status, mine.agent_id) == (TransferStatus.ACCEPTED, WANG)
        assert step_transfer(session, mine.id, TransferStep.JOIN, now).joined_at == now


def test_a_step_that_makes_no_sense_changes_nothing(
    database: Database, attempt: int, now: datetime
) -> None:
    with database.transaction() as session:
        wish = open_transfer(session, attempt, ENGINE, ASKED, "zh-CN", {}, now)
    with pytest.raises(DeskError), database.transaction() as session:
        step_transfer(session, wish.id, TransferStep.JOIN, now)
    with database.reading() as session:
        assert transfer(session, wish.id) == wish


def test_who_signs_in_says_what_they_talk_through(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        with pytest.raises(DeskError, match="SIP address"):
            sign_in(session, LI, "李", now, device_kind=DeviceKind.SIP)
        someone = sign_in(
            session,
            LI,
            "李",
            now,
            device_kind=DeviceKind.BROWSER,
            languages=("en-US", "zh-CN"),
            lines=(DeskLine.SECOND,),
        )
        assert (someone.state, someone.languages) == (AgentState.BREAK, ("en-US", "zh-CN"))
        with pytest.raises(DeskError, match="choose to be talking"):
            set_agent_state(session, LI, AgentState.TALKING, now)
        set_agent_state(session, LI, AgentState.OFF, now)
        assert agents(session, present=True) == ()
        assert len(agents(session)) == 1
        with pytest.raises(DeskError, match="not at the desk"):
            set_agent_state(session, WANG, AgentState.READY, now)


def test_a_page_that_says_nothing_any_more_is_noticed(database: Database, now: datetime) -> None:
    ready(database, LI, now)
    ready(database, WANG, now)
    later = now + timedelta(seconds=20)
    with database.transaction() as session:
        agent_seen(session, WANG, later)
        silent = silent_agents(session, later, timedelta(seconds=15))
    assert [each.user_id for each in silent] == [LI]


def test_orders_of_yesterday_are_thrown_away_answered_or_not_but_for_a_form_nobody_has_read(
    database: Database, attempt: int, now: datetime
) -> None:
    show(database, attempt, now)
    with database.transaction() as session:
        asked = place_order(session, OrderKind.LISTEN, LI, "李", now, attempt_id=attempt)
        form = place_order(session, OrderKind.FORM, LI, "李", now, attempt_id=attempt)
        forget_orders(session, now)
        assert order(session, asked).refused == {}
        later = now + timedelta(seconds=1)
        assert old_orders(session, later)
        forget_orders(session, later)
        assert not old_orders(session, later)
        assert [each.id for each in take_orders(session, ENGINE, later)] == [form]
        answer_order(session, form, later)
        assert old_orders(session, later)
