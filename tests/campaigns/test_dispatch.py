"""Dispatch is told what calls came to, and calls go on meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from campaigns.dispatch import RESTS, Dispatch
from campaigns.events import EngineEvent
from campaigns.write_back import WriteBackReport


@dataclass
class Outbox:
    """Outcomes that take a while to tell, on a clock of their own."""

    waiting: int
    seconds: float
    now: float = 0.0

    def tell_one(self) -> WriteBackReport:
        self.now += self.seconds
        self.waiting -= 1
        return WriteBackReport(outcomes=int(self.waiting > 0))


def dispatch_of(outbox: Outbox) -> Dispatch:
    def ignore(_: EngineEvent) -> None:
        pass

    return Dispatch(outbox.tell_one, ignore, lambda: outbox.now)


def test_telling_that_takes_long_is_not_done_at_every_beat() -> None:
    outbox = Outbox(waiting=5, seconds=4.0)
    dispatch = dispatch_of(outbox)
    assert asyncio.run(dispatch.tell())
    outbox.now += 4.0 * RESTS - 1
    assert not asyncio.run(dispatch.tell())
    assert outbox.waiting == 4
    outbox.now += 2
    assert asyncio.run(dispatch.tell())
    assert outbox.waiting == 3


def test_at_the_end_all_is_told_without_a_rest() -> None:
    outbox = Outbox(waiting=3, seconds=4.0)
    asyncio.run(dispatch_of(outbox).tell_all())
    assert outbox.waiting == 0
