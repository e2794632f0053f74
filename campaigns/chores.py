"""Chores: what must be done once for a store, however many engines are at work on it.

The engine that leads does them; the others only ask now and then whether they lead. What every
engine may do beside the others is no chore: to settle its own calls, to recover what engines of its
machine left behind, to clear the desk.

    CHORES = (Chore("tickets", timedelta(seconds=30), escalate_tickets), …)

    def escalate_tickets(duty: Duty) -> None:
        with duty.transaction() as session:
            …
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import Final

from sqlalchemy.orm import Session

from campaigns.events import EngineEvent, EngineLeads, Trouble
from campaigns.heart import Heart
from campaigns.settings import Settings
from store.database import Database
from store.errors import StoreError
from store.leadership import Leadership, NotLeadingError

log = logging.getLogger(__name__)

OFFICE: Final = "chores"

LOOKS: Final = timedelta(seconds=5)
"""So long after a leader ended at most another one leads, where nothing else says so first."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What a chore is given: where it works, and for how long it may."""

    database: Database
    settings: Settings
    now: datetime
    tell: Callable[[str], None]
    """Tell operators something, from any thread."""
    go_on: Callable[[], bool]
    """False: the engine ends or leads no more; long work stops after the piece it is at."""
    office: Leadership

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write as the only one who does; raises NotLeadingError when that is over.

        Nobody else becomes leader while the block lasts: keep it short.
        """
        with self.office.acting(self.now) as session:
            yield session


@dataclass(frozen=True, slots=True)
class Chore:
    """Work that the leader does again and again, in a thread; two of a name never run at once."""

    name: str
    every: timedelta
    work: Callable[[Duty], object]


class Chores:
    """The chores of one engine: it does them while it leads."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        engine: str,
        chores: Sequence[Chore],
        publish: Callable[[EngineEvent], None],
        *,
        clock: Callable[[], datetime],
        every: timedelta | None = None,
    ) -> None:
        """`every`: so often each of them, not as often as it asks for."""
        self._database = database
        self._settings = settings
        self._chores = tuple(chores)
        self._publish = publish
        self._clock = clock
        self._every = every
        self._office = Leadership(database, OFFICE, engine)
        self._engine = engine
        self._told: bool | None = None
        """Whether we lead, as it was told last."""
        self._over = Event()

    @property
    def leads(self) -> bool:
        """This engine did the chores when it was last asked."""
        return self._office.leads

    def join(self, heart: Heart) -> None:
        """Do them at the beats of a heart."""
        heart.every(self._every or LOOKS, self._seek)
        for each in self._chores:
            heart.every(self._every or each.every, partial(self.do, each))

    async def do(self, chore: Chore) -> bool:
        """Do one chore now, if we lead; say whether we do.

        Raises StoreError, and then it is done at the next beat. No other fault of a chore touches
        a call: it is told, and the chore done again at its beat.
        """
        if not await self._seek():
            return False
        loop = asyncio.get_running_loop()

        def tell(text: str) -> None:
            loop.call_soon_threadsafe(self._publish, Trouble(text))

        duty = Duty(self._database, self._settings, self._clock(), tell, self._may, self._office)
        try:
            await asyncio.to_thread(chore.work, duty)
        except NotLeadingError as late:
            log.info("%s: %s", chore.name, late)
            return False
        except StoreError:
            raise
        except Exception as error:
            # Others bring in chores; calls must not end for the fault of one.
            log.exception("a fault in the chore %s", chore.name)
            self._publish(Trouble(f"A fault in {chore.name}, calls go on: {error}"))
        return True

    async def leave(self) -> None:
        """Let another engine lead; chores at work stop after the piece they are at."""
        self._over.set()
        try:
            await asyncio.to_thread(self._office.leave, self._clock())
        except StoreError as error:
            log.warning("the lead could not be given back: %s", error)

    async def _seek(self) -> bool:
        if self._over.is_set():
            return False
        leads = await asyncio.to_thread(self._office.seek, self._clock())
        if leads is not self._told:
            self._told = leads
            self._publish(EngineLeads(self._engine, leads))
        return leads

    def _may(self) -> bool:
        return not self._over.is_set() and self._office.leads
