"""What an agent writes down after a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from ivr.people import DeskStaffed, HowJoinEnded, JoinCall, JoinEnded, SipDevice
from store.callback_models import Callback
from store.callbacks import callbacks_owed
from store.desk_queries import visits_of
from store.desk_types import AgentState, OrderKind, TransferStatus
from store.models import Delivery, WriteBack
from store.queries import contact_lines
from store.suppression import is_suppressed
from store.types import ContactStatus, Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LI, WANG = 7, 8


async def test_an_agent_takes_a_call_over_and_writes_down_what_came_of_it(serve):
    async with serve() as house:
        house.comes(LI)
        await house.until(lambda: DeskStaffed(frozenset({"zh-CN"})) in house.callers.told)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        asked = house.told(JoinCall)[0]
        at_home = SipDevice("sip:6001@127.0.0.1:5070;transport=udp")
        assert (asked.attempt, asked.device) == (attempt, at_home)
        assert house.transfer(attempt).brief["settled"] == [["window", "明天"]]
        assert house.state_of(LI) is AgentState.TALKING
        seen = await house.until(lambda: (now := house.live(attempt)) and now.people and now)
        assert (seen.people[0].user_id, seen.people[0].mode) == (LI, "talk")

        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.CALL_ENDED))
        house.callers.end(house.talked(join))
        before = await house.settled(attempt)
        assert (before.outcome, before.needs_person, before.final) == (
            Outcome.UNFINISHED,
            "坐席处理中",
            True,
        )
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        start = NOON + timedelta(days=2)
        filed = house.asks(
            OrderKind.FORM,
            LI,
            attempt,
            outcome="rescheduled",
            new_window_start=start.isoformat(),
            new_window_end=(start + timedelta(hours=2)).isoformat(),
            notes="改到后天中午",
        )
        assert (await house.answered(filed)).refused == {}
        assert house.state_of(LI) is AgentState.READY
        assert house.transfer(attempt).status is TransferStatus.DONE
        after = await house.settled(attempt)
        assert (after.outcome, after.needs_person, after.new_window_start) == (
            Outcome.RESCHEDULED,
            "",
            start,
        )
        assert after.notes["agent"] == "改到后天中午"
        with house.database.reading() as session:
            keys = session.scalars(sa.select(WriteBack.idempotency_key)).all()
            (visit,) = visits_of(session, attempt)
            (line,) = contact_lines(session, 1)
        assert [key.endswith(":r2") for key in keys] == [False, True]
        assert (visit.user_id, visit.name, visit.spoke) == (LI, "坐席7", True)
        assert line.status is ContactStatus.DONE
        house.clock.passes(3600)
    assert len(house.callers.orders) == 1


async def test_a_form_that_leaves_nothing_open_takes_the_place_of_a_promised_callback(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        join = await house.joins(LI, attempt)
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LEFT))
        talked = house.talked(join)
        assert talked.result is not None
        due = house.clock.now + timedelta(hours=1)
        house.callers.end(replace(talked, result=replace(talked.result, callback_by=due)))
        await house.settled(attempt)
        with house.database.reading() as session:
            assert callbacks_owed(session) == 1
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        filed = house.asks(OrderKind.FORM, LI, attempt, outcome="confirmed")
        assert (await house.answered(filed)).refused == {}
        with house.database.reading() as session:
            assert session.get_one(Callback, attempt).done_at is not None


async def test_a_form_may_ask_for_another_call_and_only_then_there_is_one(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        join = await house.joins(LI, attempt)
        later = house.clock.now + timedelta(minutes=30)
        # The form comes while the robot goes on with the call.
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LEFT))
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        filed = house.asks(
            OrderKind.FORM,
            LI,
            attempt,
            outcome="callback_promised",
            call_again_at=later.isoformat(),
            then="break",
        )
        await house.answered(filed)
        assert house.state_of(LI) is AgentState.BREAK
        house.callers.end(house.talked(join))
        await house.until(lambda: house.transfer(attempt).form_applied)
        assert (await house.settled(attempt)).outcome is Outcome.CALLBACK_PROMISED
        house.clock.passes(1800)
        await house.until(lambda: len(house.callers.orders) == 2)


async def test_a_form_that_makes_no_sense_is_refused_with_what_is_wrong(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        join = await house.joins(LI, attempt)
        house.callers.end(house.talked(join))
        await house.until(lambda: house.is_(attempt, TransferStatus.WRAP_UP))
        for payload, wrong in (
            ({"outcome": "unknown"}, "outcome"),
            ({"outcome": "confirmed", "hand_over": "roof"}, "hand_over"),
            ({"outcome": "confirmed", "call_again_at": "2026-11-23T10:00:00"}, "call_again_at"),
            ({"outcome": "opted_out", "call_again_at": "2026-11-23T10:00:00Z"}, "call_again_at"),
            ({"outcome": "confirmed", "call_again_at": "0001-01-01T00:00:00+08:00"}, "year 1"),
            ({"outcome": "rescheduled", "new_window_start": "9999-12-31T23:59-08:00"}, "9999"),
            ({"outcome": "confirmed", "price": 3}, "price"),
            ({"outcome": "callback_promised"}, "回电"),
            ({"outcome": "rescheduled"}, "时间"),
            ({"outcome": "address_changed"}, "地址"),
            ({"outcome": "hand_over_changed"}, "交付"),
            ({}, "outcome"),
        ):
            refused = await house.answered(house.asks(OrderKind.FORM, LI, attempt, **payload))
            assert wrong in refused.refused["zh"]
        stranger = await house.answered(
            house.asks(OrderKind.FORM, WANG, attempt, outcome="confirmed")
        )
        assert stranger.refused
        assert house.is_(attempt, TransferStatus.WRAP_UP)


async def test_a_parcel_that_came_later_is_told_of_with_the_corrected_form(serve):
    async with serve() as house:
        attempt = await house.written_up_by(LI)
        for parcels in (2, 3):
            with house.database.transaction() as session:
                first = session.scalars(sa.select(Delivery)).first()
                session.add(
                    Delivery(
                        **{
                            column.key: getattr(first, column.key)
                            for column in Delivery.__table__.columns
                            if column.key not in ("id", "waybill")
                        },
                        waybill=f"SD-LATER-{parcels}",
                    )
                )
            corrected = f"还有一件，共{parcels}件"
            filed = house.asks(OrderKind.FORM, LI, attempt, outcome="confirmed", notes=corrected)
            await house.answered(filed)
            await house.until(lambda: house.transfer(attempt).form_applied)
        with house.database.reading() as session:
            keys = session.scalars(sa.select(WriteBack.idempotency_key)).all()
        assert sorted(key[-2:] for key in keys if ":r" in key) == ["r1", "r1", "r2", "r2", "r3"]


async def test_a_form_that_can_not_be_taken_in_holds_up_nobody_else(serve):
    async with serve() as house:
        attempt = await house.written_up_by(LI)
        with house.database.transaction() as session:
            # Somebody has told dispatch under the key that the form is about to use.
            told = session.scalars(sa.select(WriteBack)).one()
            told.idempotency_key += ":r2"
        await house.answered(house.asks(OrderKind.FORM, LI, attempt, outcome="confirmed"))
        await house.until(lambda: house.transfer(attempt).form_applied)
        stranger = house.asks(OrderKind.FORM, WANG, attempt, outcome="confirmed")
        assert (await house.answered(stranger)).refused


async def test_who_tells_an_agent_that_they_want_no_calls_gets_none_for_ever(serve):
    async with serve() as house:
        attempt = await house.written_up_by(LI)
        await house.answered(house.asks(OrderKind.FORM, LI, attempt, outcome="opted_out"))
        with house.database.reading() as session:
            assert is_suppressed(session, "+8613800138001")


async def test_whoever_is_only_offered_a_call_can_not_write_down_what_it_came_to(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        filed = house.asks(OrderKind.FORM, LI, attempt, outcome="opted_out")
        assert (await house.answered(filed)).refused
        with house.database.reading() as session:
            assert not is_suppressed(session, "+8613800138001")


async def test_the_same_form_sent_twice_is_told_to_dispatch_once(serve):
    async with serve() as house:
        attempt = await house.written_up_by(LI)
        for _ in range(2):
            await house.answered(house.asks(OrderKind.FORM, LI, attempt, outcome="confirmed"))
            await house.until(lambda: house.transfer(attempt).form_applied)
        with house.database.reading() as session:
            keys = session.scalars(sa.select(WriteBack.idempotency_key)).all()
        assert sum(":r" in key for key in keys) == 1
