"""Ringing, early media and refusals over real SIP."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from audio.level import tone
from dialer.leg import (
    Answered,
    DialRequest,
    EarlyMedia,
    Ended,
    HangupCause,
    Ringing,
)

pytestmark = pytest.mark.sip


@pytest.mark.parametrize(
    ("status", "reason", "cause"),
    [
        ("486 Busy Here", "SIP;cause=486", HangupCause.BUSY),
        ("404 Not Found", "Q.850;cause=1", HangupCause.INVALID_NUMBER),
        ("603 Decline", "SIP;cause=603", HangupCause.DECLINED),
        ("480 Temporarily Unavailable", "Q.850;cause=19", HangupCause.NO_ANSWER),
        ("503 Service Unavailable", "Q.850;cause=34", HangupCause.CONGESTION),
    ],
)
def test_a_refused_call_tells_why(sipp, sip, status: str, reason: str, cause: HangupCause) -> None:
    async def call() -> None:
        async with sipp.callee("refuses", status=status, reason=reason) as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri))
            end = await sipp.ended(leg)
            assert (end.cause, end.sip_status) == (cause, int(status[:3]))
            assert reason in end.reason

    asyncio.run(call())


@pytest.mark.parametrize(
    ("before_the_answer", "hertz"), [("early_media", 1000), ("rings_with_sound", 450)]
)
def test_sound_before_the_answer_is_heard_whether_it_rings_with_it_or_not(
    sipp, sip, assert_hears, before_the_answer, hertz
) -> None:
    async def call() -> None:
        async with sipp.callee(before_the_answer) as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri))
            assert sipp.without_sound(await sipp.until(leg, EarlyMedia)) == [
                Ringing(),
                EarlyMedia(),
            ]
            await far.rtp.hears()
            far.rtp.say(tone(hertz, 0.5))
            events = await sipp.until(leg, Answered)
            assert sipp.without_sound(events) == [Answered()]
            assert_hears(sipp.sound_of(events), hertz, at_least=0.1)
            leg.hang_up()
            assert (await sipp.ended(leg)).cause is HangupCause.WE_HUNG_UP

    asyncio.run(call())


def test_an_announcement_that_ends_in_a_refusal_was_no_answer(sipp, sip) -> None:
    async def call() -> None:
        async with sipp.callee("announcement") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri))
            events = await sipp.until(leg, Ended)
            assert sipp.sound_of(events)
            assert Answered() not in events
            end = events[-1]
            assert isinstance(end, Ended)
            assert end.cause is HangupCause.UNAVAILABLE

    asyncio.run(call())


def test_early_media_is_not_heard_by_who_does_not_want_it(sipp, sip) -> None:
    async def call() -> None:
        async with sipp.callee("announcement") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri, early_media=False))
            events = await sipp.until(leg, Ended)
            assert len(events) == 1

    asyncio.run(call())


def test_a_call_that_rings_too_long_is_cancelled_as_not_answered(sipp, sip) -> None:
    async def call() -> None:
        async with sipp.callee("rings_for_ever") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri, ring_timeout=timedelta(seconds=1.5)))
            events = await sipp.until(leg, Ended)
            assert events[0] == Ringing()
            end = events[-1]
            assert isinstance(end, Ended)
            assert (end.cause, end.sip_status) == (HangupCause.NO_ANSWER, 487)

    asyncio.run(call())


def test_hanging_up_while_it_rings_cancels_the_call(sipp, sip) -> None:
    async def call() -> None:
        async with sipp.callee("rings_for_ever") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri))
            await sipp.until(leg, Ringing)
            leg.hang_up()
            leg.hang_up()
            assert (await sipp.ended(leg)).cause is HangupCause.CANCELLED

    asyncio.run(call())
