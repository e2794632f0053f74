"""Keys that are pressed, and who ends a call, over real SIP."""

from __future__ import annotations

import asyncio

import pytest

from dialer.leg import (
    Answered,
    DialRequest,
    Ended,
    HangupCause,
    KeyPressed,
)

pytestmark = pytest.mark.sip


def test_a_callee_who_hangs_up_ends_the_call(sipp, sip) -> None:
    async def call() -> None:
        async with sipp.callee("hangs_up") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri))
            end = await sipp.ended(leg)
            assert end.cause is HangupCause.THEY_HUNG_UP
            assert "Q.850;cause=16" in end.reason
            with pytest.raises(RuntimeError, match="ended"):
                await leg.receive()

    asyncio.run(call())


def test_a_key_arrives_by_sip_info(sipp, sip) -> None:
    async def call() -> None:
        async with sipp.callee("presses_by_info") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri))
            assert (await sipp.until(leg, KeyPressed))[-1] == KeyPressed("5")
            leg.hang_up()
            await sipp.ended(leg)

    asyncio.run(call())


@pytest.mark.parametrize(("event", "digit"), [(1, "1"), (10, "*"), (11, "#")])
def test_a_key_arrives_once_by_rfc_4733(sipp, sip, event: int, digit: str) -> None:
    async def call() -> None:
        async with sipp.callee("answers") as far:
            leg = await sipp.free_leg(sip)
            leg.dial(DialRequest(far.uri))
            await sipp.until(leg, Answered)
            await far.rtp.hears()
            far.rtp.press(event)
            assert (await sipp.until(leg, KeyPressed))[-1] == KeyPressed(digit)
            leg.hang_up()
            assert sipp.without_sound(await sipp.until(leg, Ended))[:-1] == []

    asyncio.run(call())
