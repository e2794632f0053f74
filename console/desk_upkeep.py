"""Keeps the desk true while no engine does: agents of an engine that is gone come free."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from campaigns.desk_clearing import clear_desk
from campaigns.presence import Watch
from store.database import Database
from store.errors import StoreError

log = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=10)


@contextmanager
def desk_kept(
    database: Database,
    engines: Path,
    every: timedelta = EVERY,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[None]:
    """Clear the desk again and again while the block lasts, in a thread of its own.

    `engines`: the folder in which engines of this machine show that they live.
    """
    over = threading.Event()
    watch = Watch(engines)

    def keep() -> None:
        while not over.wait(every.total_seconds()):
            _clear(database, watch, clock())

    thread = threading.Thread(target=keep, name="desk upkeep", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _clear(database: Database, watch: Watch, now: datetime) -> None:
    try:
        clear_desk(database, watch.is_silent, now)
    except StoreError as error:
        log.warning("the desk could not be cleared, it is tried again: %s", error)
    except Exception:
        # No page suffers from it.
        log.exception("a fault while the desk was cleared")
