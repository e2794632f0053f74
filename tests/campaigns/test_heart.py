"""A heart beats on, whatever happens to the clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from campaigns.heart import Heart


def test_a_clock_that_is_set_back_stops_no_heart() -> None:
    shown = [timedelta(0)]

    def clock() -> datetime:
        return datetime.now(UTC) + shown[0]

    async def live() -> int:
        heart = Heart(lambda _: None, clock)
        beats = 0

        async def work() -> None:
            nonlocal beats
            beats += 1
            if beats == 1:
                shown[0] = -timedelta(hours=1)
            else:
                heart.end()

        async def beside() -> None:
            await asyncio.Event().wait()

        heart.every(timedelta(hours=1), work)
        async with asyncio.timeout(60):
            await heart.beat(beside)
        return beats

    assert asyncio.run(live()) == 2
