"""What is dialled, how the trunk is spoken to, and how lines are shared."""

from __future__ import annotations

import asyncio

import pytest

from dialer.leg import (
    Answered,
    DialRequest,
    HangupCause,
)
from dialer.sip_thread import NoFreeLeg
from dialer.transitions import IllegalTransition

pytestmark = pytest.mark.sip

HANGS_SECONDS = 60
"""What takes longer hangs, however busy the machine is."""


def test_the_trunk_gets_our_password_our_caller_id_and_our_headers(sipp, sip) -> None:
    async def call() -> None:
        async with sipp.callee("asks_for_password") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri, headers=(("X-Attempt", "42"),)))
            await sipp.until(leg, Answered)
            leg.hang_up()
            await sipp.ended(leg)

    asyncio.run(call())


def test_the_call_bears_the_call_id_it_was_given_also_when_sent_again_with_a_password(
    sipp, sip
) -> None:
    async def call() -> None:
        known = {"call_id": "a-7-2f9c41d0", "caller": "861065432100"}
        async with sipp.callee("knows_call_and_caller", **known) as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri, call_id=known["call_id"], caller_id=known["caller"]))
            await sipp.until(leg, Answered)
            leg.hang_up()
            await sipp.ended(leg)

    asyncio.run(call())


def test_a_redirection_is_told_and_not_followed(sipp, sip) -> None:
    async def call() -> None:
        async with sipp.callee("redirects") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri))
            end = await sipp.ended(leg)
            assert (end.cause, end.sip_status) == (HangupCause.FAILED, 302)
            assert "sip:other@127.0.0.1" in end.reason

    asyncio.run(call())


@pytest.mark.parametrize(
    "request_", [DialRequest("13800138000"), DialRequest("sip:1@trunk.example")]
)
def test_what_can_not_be_dialled_fails_with_a_reason(sipp, sip, request_: DialRequest) -> None:
    async def call() -> None:
        leg = await sipp.free_leg(sip)
        leg.dial(request_)
        end = await sipp.ended(leg)
        assert end.cause is HangupCause.FAILED
        assert end.reason

    asyncio.run(call())


def test_a_leg_is_dialled_once(sipp, sip) -> None:
    async def call() -> None:
        leg = await sipp.free_leg(sip)
        leg.dial(DialRequest("nonsense"))
        with pytest.raises(IllegalTransition):
            leg.dial(DialRequest("nonsense"))
        await sipp.ended(leg)

    asyncio.run(call())


def test_there_are_four_legs_and_a_leg_never_dialled_can_be_given_back(sipp, sip) -> None:
    async def call() -> None:
        async with asyncio.timeout(HANGS_SECONDS):
            legs = [await sip.next_leg() for _ in range(4)]
        with pytest.raises(NoFreeLeg):
            sip.new_leg(asyncio.get_running_loop())
        for leg in legs:
            leg.hang_up()
            assert (await sipp.ended(leg)).cause is HangupCause.CANCELLED

    asyncio.run(call())


def test_who_waits_for_a_leg_gets_the_next_one_that_is_given_back(sipp, sip) -> None:
    async def call() -> None:
        async with asyncio.timeout(HANGS_SECONDS):
            legs = [await sip.next_leg() for _ in range(4)]
            waiting = asyncio.create_task(sip.next_leg())
            legs[2].hang_up()
            legs[2] = await waiting
        for leg in legs:
            leg.hang_up()
            await sipp.ended(leg)

    asyncio.run(call())


def test_twelve_calls_share_four_lines(sipp, sip) -> None:
    async def one() -> HangupCause:
        async with sipp.callee("hangs_up") as far:
            leg = await sip.next_leg()
            leg.dial(DialRequest(far.uri))
            return (await sipp.ended(leg)).cause

    async def calls() -> None:
        async with asyncio.timeout(HANGS_SECONDS):
            causes = await asyncio.gather(*(one() for _ in range(12)))
        assert set(causes) == {HangupCause.THEY_HUNG_UP}

    asyncio.run(calls())
