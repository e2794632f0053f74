"""What happens in a running campaign, for people who watch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from campaigns.attempt import SettledCall
from campaigns.order import CallProgress

STREAM_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class CallPlaced:
    """An order went out to a worker."""

    attempt: int
    contact: int
    number: int
    """Which attempt of the contact, from 1."""
    recipient: str
    phone: str
    waybill: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class CallMoved:
    """A call rings, is answered, or somebody spoke."""

    progress: CallProgress


@dataclass(frozen=True, slots=True)
class CallSettled:
    """An attempt is over and written down."""

    attempt: int
    contact: int
    recipient: str
    settled: SettledCall


@dataclass(frozen=True, slots=True)
class WorkerDied:
    """A worker process ended; its calls are settled as interrupted."""

    worker: int
    exit_code: int | None
    attempts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CampaignPaused:
    """No call is placed until somebody resumes the campaign."""

    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nobody may be called now."""

    until: datetime | None
    """When the next contact may be called; None: not known."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something an operator should know; the text says what to do."""

    text: str


@dataclass(frozen=True, slots=True)
class CampaignDone:
    """Every contact has its outcome."""


@dataclass(frozen=True, slots=True)
class EngineLeads:
    """Of all engines on the store this one does what must be done once, or it does not."""

    engine: str
    leads: bool


EngineEvent = (
    CallPlaced
    | CallMoved
    | CallSettled
    | WorkerDied
    | CampaignPaused
    | Waiting
    | Trouble
    | CampaignDone
    | EngineLeads
)


class EventStream:
    """Events for one subscriber; when it is too slow, the oldest are dropped and counted."""

    def __init__(self, length: int = STREAM_LENGTH) -> None:
        self._queue: asyncio.Queue[EngineEvent | None] = asyncio.Queue(length)
        self.dropped = 0

    def publish(self, event: EngineEvent) -> None:
        """Add an event; never waits."""
        self._put(event)

    def close(self) -> None:
        """End the stream after what is in it."""
        self._put(None)

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> EngineEvent:
        event = await self._queue.get()
        if event is None:
            raise StopAsyncIteration
        return event

    def _put(self, event: EngineEvent | None) -> None:
        if self._queue.full():
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(event)
