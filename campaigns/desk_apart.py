"""Apart: a fault about one thing at the desk is that thing's alone.

Whatever is taken at a tick would come again at every tick, and nobody would be served any more.
What is known to go wrong is for the caller, and a store that is away is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exc
from sqlalchemy.orm import Session

from campaigns.desk_asking import Refused
from campaigns.desk_effects import Effect
from store.errors import DeskError, StoreError

log = logging.getLogger(__name__)

STORE_AWAY: Final = (StoreError, exc.OperationalError, exc.InterfaceError)
"""What is done again at a later tick; whatever else goes wrong with one thing is no other's."""

QUIET: Final = timedelta(minutes=1)
"""So long a fault that comes with every tick is not told again."""


@contextmanager
def apart(session: Session, what: str) -> Iterator[None]:
    """Do what concerns one call, or undo it alone."""
    try:
        with session.begin_nested():
            yield
    except (DeskError, Refused, *STORE_AWAY):
        raise
    except Exception:
        # Whatever it is, it would come again with every tick and stop the desk of all calls.
        log.exception("%s is left alone", what)


class Parts:
    """The parts of a tick: one that fails, as by a row that it can't read, leaves the others."""

    def __init__(self) -> None:
        self._told: dict[str, datetime] = {}
        """When each part was said to fail, for the last time."""

    def do(
        self, session: Session, what: str, now: datetime, work: Callable[[], Iterable[Effect]]
    ) -> tuple[Effect, ...]:
        """Do a part and return what follows from it, or undo it alone: then nothing follows."""
        try:
            with session.begin_nested():
                return tuple(work())
        except DeskError as error:
            # Somebody else was quicker; the next tick sees it.
            log.info("%s: %s", what, error)
        except STORE_AWAY:
            raise
        except Exception:
            # As in `apart`: one part that can't be done must not keep the others undone.
            if what not in self._told or not timedelta() <= now - self._told[what] < QUIET:
                self._told[what] = now
                log.exception("the desk can't see to %s, and goes on with the rest", what)
        return ()
