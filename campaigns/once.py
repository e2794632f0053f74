"""Once: what an engine does only as long as no other engine on its store does it.

chores       one engine leads, and does what must be done once
write-back   one engine hands results over as files: what it writes are whole copies of what the
             store says, into the folder of its own machine, and two who wrote in turns would
             leave each of their folders half a day old
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from campaigns.chores import Chore, Chores
from campaigns.dispatch import Dispatch
from campaigns.events import EngineEvent
from campaigns.heart import Heart
from campaigns.settings import Settings
from campaigns.write_back import WriteBackReport
from store.database import Database
from store.errors import StoreError
from store.leadership import Leadership

log = logging.getLogger(__name__)

WRITE_BACK: Final = "write-back"

WriteBack = Callable[[], WriteBackReport]


class Once:
    """The share of one engine in what only one does."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        engine: str,
        publish: Callable[[EngineEvent], None],
        clock: Callable[[], datetime],
        *,
        chores: Sequence[Chore],
        write_back: WriteBack | None,
        every: timedelta | None = None,
    ) -> None:
        """`write_back` hands over what is new; None: this engine never does. `every`: so often the
        chores, instead of each at its own beat.
        """
        self.chores = Chores(database, settings, engine, chores, publish, clock=clock, every=every)
        self._writer = (
            None if write_back is None else _SoleWriter(database, engine, write_back, clock)
        )
        self._dispatch = None if self._writer is None else Dispatch(self._writer, publish)

    def join(self, heart: Heart, write_back_every: timedelta) -> None:
        """Do it at the beats of a heart."""
        self.chores.join(heart)
        if self._dispatch is not None:
            heart.every(write_back_every, self._dispatch.tell)

    async def leave(self) -> None:
        """Hand over what is left, and let others do it all from now on."""
        if self._dispatch is not None and self._writer is not None:
            await self._dispatch.tell_all()
            try:
                await asyncio.to_thread(self._writer.leave)
            except StoreError as error:
                log.warning("the office could not be given back: %s", error)
        await self.chores.leave()


class _SoleWriter:
    """Writes results back as long as nobody else does; both calls block."""

    def __init__(
        self,
        database: Database,
        engine: str,
        write_back: WriteBack,
        clock: Callable[[], datetime],
    ) -> None:
        self._office = Leadership(database, WRITE_BACK, engine)
        self._write_back = write_back
        self._clock = clock

    def __call__(self) -> WriteBackReport:
        """Write what is new, if it is ours to do so. Raises StoreError and WriteBackError."""
        if not self._office.seek(self._clock()):
            return WriteBackReport(outcomes=0)
        return self._write_back()

    def leave(self) -> None:
        """Let another engine write; raises StoreError."""
        self._office.leave(self._clock())
