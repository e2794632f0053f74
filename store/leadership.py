"""Leadership: of all engines on a store one holds an office at a time, and does what must be once.

On PostgreSQL by a lock of a connection of its own, which the server lifts when that connection is
lost, however that comes; on SQLite, whose engines share one machine and one clock, by a lease. In
either case the row of the office says who may write: `acting` looks at it in the transaction that
does the work, so that whoever stalled and was put off meanwhile writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from store.database import Database
from store.errors import StoreError, explain
from store.leadership_models import Leader

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=15)
"""So long an office is kept on SQLite without a word of its holder."""

_OURS: Final = 0x4D4E4C47
"""First half of the numbers of our locks on PostgreSQL."""


class NotLeadingError(StoreError):
    """The office is somebody else's by now; nothing was written."""


class Leadership:
    """An office that one engine seeks; its threads may share it."""

    def __init__(self, database: Database, office: str, engine: str) -> None:
        """Seek nothing yet. `engine`: a name that no other ever has."""
        self._database = database
        self._office = office
        self._engine = engine
        self._one_at_a_time = Lock()
        self._lock: sa.Connection | None = None
        """PostgreSQL: the connection that holds, or seeks, the lock of the office."""
        self._term: int | None = None
        """None: we don't lead."""

    @property
    def leads(self) -> bool:
        """It led when it was last looked at."""
        return self._term is not None

    def seek(self, now: datetime) -> bool:
        """Become leader, or stay it, if nobody else is; say whether we lead.

        Raises StoreError when the store is out of reach: then nobody here leads.
        """
        with self._one_at_a_time:
            try:
                found = self._by_lock(now) if self._database.is_server else self._by_lease(now)
            except BaseException:
                self._step_down()
                raise
            if found != self._term and found is not None:
                log.info("%s leads: %s", self._engine, self._office)
            self._term = found
            return found is not None

    @contextmanager
    def acting(self, now: datetime) -> Iterator[Session]:
        """Write as the leader; raises NotLeadingError when we are none, or none any more.

        Nobody becomes leader while the block lasts: keep it short.
        """
        term = self._term
        with self._database.transaction() as session:
            row = session.scalar(
                sa.select(Leader).where(Leader.office == self._office).with_for_update(read=True)
            )
            if term is None or row is None or (row.holder, row.term) != (self._engine, term):
                self._term = None
                raise NotLeadingError(f"{self._engine} does not lead any more: {self._office}")
            if row.until is not None:
                row.until = now + LEASE
            yield session

    def leave(self, now: datetime) -> None:
        """Give the office back, so that the next one need not wait; raises StoreError."""
        with self._one_at_a_time:
            term, self._term = self._term, None
            try:
                if term is not None:
                    with self._database.transaction() as session:
                        session.execute(
                            sa.update(Leader)
                            .where(Leader.office == self._office, Leader.term == term)
                            .values(holder="", since=now, until=None)
                        )
            finally:
                self._step_down()

    def _step_down(self) -> None:
        self._term = None
        lock, self._lock = self._lock, None
        if lock is not None:
            with suppress(exc.SQLAlchemyError):
                lock.close()

    def _by_lock(self, now: datetime) -> int | None:
        """Return our term, on PostgreSQL."""
        with explain(self._database.url):
            try:
                if self._lock is not None and self._lock.scalar(_WE_HOLD, self._key()):
                    return self._term or self._begin_term(now)
            except exc.DBAPIError:
                # It ended, and the lock with it: whoever came first leads now.
                self._step_down()
            if self._lock is None:
                self._lock = self._database.apart()
            if not self._lock.scalar(_LOCK, self._key()):
                return None
        return self._begin_term(now)

    def _begin_term(self, now: datetime) -> int | None:
        try:
            return self._take_office(now, None)
        except exc.IntegrityError:
            # Whoever led until a moment ago has written the first row of the office meanwhile.
            self._step_down()
            return None
        except BaseException:
            # The lock must not stay with somebody who does not act.
            self._step_down()
            raise

    def _by_lease(self, now: datetime) -> int | None:
        """Return our term, on SQLite."""
        with self._database.reading() as session:
            row = session.get(Leader, self._office)
            ours = row is not None and (row.holder, row.term) == (self._engine, self._term)
            if row is not None and _holds(row, now) and not ours:
                return None
            if row is not None and ours and _fresh(row, now):
                return row.term
        return self._take_office(now, now + LEASE)

    def _take_office(self, now: datetime, until: datetime | None) -> int | None:
        with self._database.transaction() as session:
            row = session.scalar(
                sa.select(Leader).where(Leader.office == self._office).with_for_update()
            )
            if row is None:
                row = Leader(office=self._office, holder="", term=0, since=now)
                session.add(row)
            elif until is not None:
                if (row.holder, row.term) == (self._engine, self._term):
                    row.until = until
                    return row.term
                if _holds(row, now):
                    return None
            row.holder, row.term = self._engine, row.term + 1
            row.since, row.until = now, until
            session.flush()
            return row.term

    def _key(self) -> dict[str, int]:
        return {"ours": _OURS, "office": crc32(self._office.encode()) & 0x7FFFFFFF}


_LOCK: Final = sa.text("SELECT pg_try_advisory_lock(:ours, :office)")
_WE_HOLD: Final = sa.text(
    "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    " AND classid = :ours AND objid = :office AND objsubid = 2 AND granted"
)


def leader(session: Session, office: str) -> str:
    """Return the name of the engine that holds an office, or held it last; empty: none."""
    return session.scalar(sa.select(Leader.holder).where(Leader.office == office)) or ""


def _holds(row: Leader, now: datetime) -> bool:
    """Say whether a lease is somebody's; one from the future is of a clock that was set back."""
    return bool(row.holder) and row.until is not None and now < row.until <= now + 2 * LEASE


def _fresh(row: Leader, now: datetime) -> bool:
    return row.until is not None and now + LEASE / 2 < row.until <= now + 2 * LEASE
