"""Several campaigns over the same workers, and an engine that is told to stop."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from campaigns.events import CallSettled, CampaignDone, CampaignPaused, EngineEvent, Trouble
from campaigns.rehearsed import RehearsedCallers, confirms, keeps_talking
from dialer.leg import HangupCause
from store.queries import campaign, progress, set_campaign_status
from store.types import CampaignStatus, ContactStatus, Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


async def test_all_running_campaigns_are_called_over_the_same_workers(database, serve, start):
    many = start(12, "多")
    few = start(3, "少", first=50, time_zone="Asia/Urumqi")
    async with serve(confirms, people=0, slots=2) as house:

        def all_called() -> bool:
            with database.reading() as session:
                return all(
                    campaign(session, each).status is CampaignStatus.FINISHED
                    for each in (many, few)
                )

        await house.until(all_called)
    assert len({order.uri for order in house.callers.orders}) == 15
    with database.reading() as session:
        assert progress(session, many).outcomes == {Outcome.CONFIRMED: 12}
        assert progress(session, few).outcomes == {Outcome.CONFIRMED: 3}


async def test_a_small_campaign_does_not_wait_for_a_large_one(database, serve, start):
    start(20, "多")
    start(2, "少", first=50)
    async with serve(keeps_talking, people=0, slots=4) as house:
        await house.until(lambda: len(house.callers.orders) == 4)
    assert sum(order.facts.waybill.startswith("SD0002") for order in house.callers.orders) == 2


async def test_a_campaign_that_is_started_later_is_found_and_a_paused_one_is_left(
    database, serve, start
):
    async with serve(people=0) as house:
        later = start(2)
        await house.until(lambda: len(house.callers.orders) == 2)
        with database.transaction() as session:
            set_campaign_status(session, later, CampaignStatus.PAUSED, NOON)
        for each in list(house.callers.orders):
            house.callers.end(
                replace(confirms(each), result=None, cause=HangupCause.BUSY, answered=False)
            )
        await house.until(lambda: house.callers.free_slots() == 8)
        house.clock.passes(3600)
        for _ in range(10):
            await asyncio.sleep(0.015)
        assert len(house.callers.orders) == 2


async def test_a_campaign_whose_own_rules_are_wrong_is_paused_and_the_others_go_on(
    database, serve, start
):
    wrong = start(1, "错", policy={"max_concurrent_calls": 0})
    told: list[EngineEvent] = []
    async with serve(confirms, people=0) as house:

        async def listen() -> None:
            async for event in house.service.events:
                keep(event)

        keep = told.append
        listening = asyncio.create_task(listen())
        start(1, "对", first=50)
        await house.until(lambda: any(isinstance(each, CampaignDone) for each in told))
    await listening
    (paused,) = [each for each in told if isinstance(each, CampaignPaused)]
    assert "max_concurrent_calls" in paused.reason
    assert sum(isinstance(each, CallSettled) for each in told) == 1
    with database.reading() as session:
        assert campaign(session, wrong).status is CampaignStatus.PAUSED


async def test_told_to_stop_it_places_no_call_and_ends_after_those_in_progress(database, serve):
    async with serve(people=3, slots=1) as house:
        attempt = await house.talking()
        house.service.stop()
        house.callers.end(confirms(house.callers.orders[0]))
        assert (await house.settled(attempt)).outcome is Outcome.CONFIRMED
    assert len(house.callers.orders) == 1
    with database.reading() as session:
        assert progress(session, 1).contacts[ContactStatus.WAITING] == 2


async def test_told_to_stop_while_the_store_is_gone_it_writes_the_last_end_and_ends(
    database, house, start
):
    start(1)
    built = house(RehearsedCallers(keeps_talking))
    callers, service = built.callers, built.service
    running = asyncio.create_task(service.run())
    await built.talking()
    with database.transaction() as session:
        session.execute(sa.text("ALTER TABLE outcomes RENAME TO away"))
    callers.end(confirms(callers.orders[0]))
    async for event in service.events:
        if isinstance(event, Trouble) and "not saved yet" in event.text:
            break
    service.stop()
    with database.transaction() as session:
        session.execute(sa.text("ALTER TABLE away RENAME TO outcomes"))
    await running
    assert (await built.settled(callers.orders[0].attempt)).outcome is Outcome.CONFIRMED
