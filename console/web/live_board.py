"""The live board: one poll of the store for all who watch, and what changed for each of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from types import MappingProxyType
from typing import Final

from console.web.masking import Sight
from store.board_queries import CallsSeen, calls_seen
from store.database import Database
from store.desk_queries import agents, engines, open_transfers
from store.desk_types import AgentState
from store.desk_values import AgentFacts, Board, EngineFacts, LiveCallFacts, TransferFacts
from store.errors import StoreError
from store.types import TurnSpeaker

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.25
SIGN_OF_LIFE_SECONDS: Final = 1.0
"""A watcher hears from us at least so often, so that a page knows when it is behind."""
ALIVE: Final = timedelta(seconds=3)
BEHIND: Final = timedelta(seconds=15)


class Pulse(StrEnum):
    """How an engine fares; a word of the style sheet and of `words/board.yaml`."""

    ALIVE = "alive"
    BEHIND = "behind"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Moment:
    """What goes on at one moment."""

    board: Board
    seen: CallsSeen
    """With its addresses: what must not stand on a wall when it is spoken."""
    number: int
    """Counts the changes."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in progress, as a board shows it."""

    attempt_id: int
    campaign: str
    recipient: str
    stage: str
    state: str
    """A key of `words/state.yaml`, or empty."""
    speaker: str
    words: str
    flags: tuple[Mapping[str, str], ...]
    """Labels by language (zh, en), the most urgent first."""
    people: tuple[str, ...]
    began_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitRow:
    """A customer who waits for a person, as a board shows it."""

    transfer_id: int
    attempt_id: int
    recipient: str
    label: Mapping[str, str]
    status: str
    since: datetime
    agent: str
    """Whom it is offered to, or who has taken it."""


@dataclass(slots=True)
class LiveBoard:
    """Reads what goes on as long as somebody watches, once for all of them."""

    database: Database
    clock: Callable[[], datetime]
    _watchers: set[asyncio.Event] = field(default_factory=set)
    _newest: Moment | None = None
    """What the watchers see; None: nobody watches, or the store can't be read."""
    _poll: asyncio.Task[None] | None = None
    _read: Moment | None = None
    """What was read last: the next look begins from it."""
    _looking: Lock = field(default_factory=Lock)

    def now(self) -> Moment:
        """Return this moment; raises StoreError. Asks the store: not for an event loop.

        While somebody watches it is what they see, at most a look old.
        """
        return self._newest or self._look()

    async def moments(self) -> AsyncGenerator[Moment | None]:
        """Yield what goes on, whenever it changes, and now and then when nothing does.

        None: the store can't be read at the moment. A slow watcher misses moments in between.
        """
        changed = asyncio.Event()
        if self._newest is not None:
            changed.set()
        self._watchers.add(changed)
        if self._poll is None:
            self._poll = asyncio.create_task(self._read_on())
        try:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), SIGN_OF_LIFE_SECONDS)
                changed.clear()
                yield self._newest
        finally:
            self._watchers.discard(changed)
            if not self._watchers and self._poll is not None:
                self._poll.cancel()
                self._poll = None
                self._newest = None

    async def _read_on(self) -> None:
        trouble = ""
        while True:
            before = self._newest
            try:
                self._newest = await asyncio.to_thread(self._look)
                trouble = ""
            except Exception as error:
                # Whatever it is, the next look may succeed; the watchers hear that this did not.
                self._newest = None
                if _told(error) != trouble:
                    trouble = _told(error)
                    log.warning("The board can't be read: %s", trouble)
            if before is None or self._newest is None or before.number != self._newest.number:
                for each in self._watchers:
                    each.set()
            await asyncio.sleep(POLL_SECONDS)

    def _look(self) -> Moment:
        # One after the other, or two different moments would have the same number.
        with self._looking:
            before = self._read
            with self.database.reading() as session:
                seen = calls_seen(session, CallsSeen() if before is None else before.seen)
                board = Board(
                    at=self.clock(),
                    calls=seen.calls,
                    transfers=open_transfers(session),
                    agents=agents(session),
                    engines=engines(session),
                )
            number = 0 if before is None else before.number
            if before is None or not _same(before.board, board):
                number += 1
            self._read = Moment(board, seen, number)
            return self._read


def call_row(call: LiveCallFacts, addresses: tuple[str, ...], sight: Sight) -> CallRow:
    """Return a call as it may be shown."""
    known = (call.recipient, call.phone, *addresses)
    return CallRow(
        attempt_id=call.attempt_id,
        campaign=call.campaign,
        recipient=sight.name(call.recipient),
        stage=call.stage,
        state=call.state,
        speaker=call.speaker,
        words=sight.turn(
            call.words, known, ours=call.speaker == TurnSpeaker.MENLING, asked=call.state
        ),
        flags=tuple(flag.label for flag in sorted(call.flags, key=lambda each: -each.priority)),
        people=tuple(f"{each.name}" for each in call.people),
        began_at=call.began_at,
        answered_at=call.answered_at,
    )


def wait_rows(board: Board, sight: Sight) -> tuple[WaitRow, ...]:
    """Return the customers who wait for a person, the most urgent first."""
    names = {agent.user_id: agent.name for agent in board.agents}
    return tuple(
        WaitRow(
            transfer_id=each.id,
            attempt_id=each.attempt_id,
            recipient=sight.name(_recipient(each)),
            label=each.label,
            status=each.status.value,
            since=each.requested_at,
            agent=names.get(each.agent_id or 0, ""),
        )
        for each in board.transfers
        if each.status.is_waiting
    )


def agents_by_state(board: Board) -> Mapping[AgentState, tuple[AgentFacts, ...]]:
    """Return who is at the desk, by what they do; states without anybody are empty."""
    return MappingProxyType(
        {
            state: tuple(agent for agent in board.agents if agent.state is state)
            for state in AgentState
            if state is not AgentState.OFF
        }
    )


def pulse_of(engine: EngineFacts, now: datetime) -> Pulse:
    """Return whether an engine is there, by its last sign of life."""
    silent = now - engine.seen_at
    if silent <= ALIVE:
        return Pulse.ALIVE
    return Pulse.BEHIND if silent <= BEHIND else Pulse.GONE


def changes(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parts that are new or other in `after`, and the keys of those that are gone."""
    put = tuple(html for key, html in after.items() if before.get(key) != html)
    return put, tuple(key for key in before if key not in after)


def _told(error: Exception) -> str:
    """Return a fault without what a row of the store may have in it."""
    return str(error) if isinstance(error, StoreError) else type(error).__name__


def _recipient(transfer: TransferFacts) -> str:
    name = transfer.brief.get("recipient", "")
    return name if isinstance(name, str) else ""


def _same(one: Board, other: Board) -> bool:
    """Tell whether two boards show the same, whenever they were read."""
    return (one.calls, one.transfers, one.agents, one.engines) == (
        other.calls,
        other.transfers,
        other.agents,
        other.engines,
    )
