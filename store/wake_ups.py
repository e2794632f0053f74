"""Wake-ups: what one process writes, the engines on other machines hear of at once.

PostgreSQL carries them: NOTIFY in the transaction that writes, so that nobody hears of what was
rolled back, and nobody hears too early. They carry a topic and nothing else; whoever hears one
looks into the store. On SQLite nobody is told, and none of it may be relied on: an engine looks
by itself at its beat, too.
"""

from __future__ import annotations

import logging
import os
import selectors
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from threading import Thread
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from store.database import Database
from store.errors import StoreError

log = logging.getLogger(__name__)

CHANNEL: Final = "menling"

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0
"""Seconds after which a listener whose connection was lost opens another."""


class Topic(StrEnum):
    """What there is something new of."""

    CAMPAIGNS = "campaigns"
    """One was started, paused, resumed or cancelled."""
    CONTACTS = "contacts"
    """Some came into a campaign, or may be called earlier than it seemed."""
    SUPPRESSIONS = "suppressions"
    """Somebody must not be called any more."""


def wake(session: Session, topic: Topic) -> None:
    """Let all engines look once this transaction is committed; many at once count as one.

    Not for what happens with every call: PostgreSQL commits those who notify one after the other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_NOTIFY, {"channel": CHANNEL, "topic": topic.value})


_NOTIFY: Final = sa.text("SELECT pg_notify(:channel, :topic)")


class Listener:
    """A thread that hears wake-ups; where there are none it does nothing.

    It opens its connection anew when that is lost, and then says all topics, for whatever was
    written meanwhile.
    """

    def __init__(self, database: Database, heard: Callable[[Topic], None]) -> None:
        """`heard` is called on the thread of the listener."""
        self._database = database
        self._heard = heard
        self._thread: Thread | None = None
        self._bell: tuple[int, int] | None = None
        """A pipe; what is written into it ends the thread."""

    def start(self) -> None:
        """Listen from now on."""
        if self._database.is_server:
            self._bell = os.pipe()
            self._thread = Thread(target=self._listen, args=(self._bell[0],), name="wake-ups")
            self._thread.start()

    def stop(self) -> None:
        """Listen no more; returns when the thread has ended."""
        if self._thread is None or self._bell is None:
            return
        os.write(self._bell[1], b"!")
        self._thread.join()
        for end in self._bell:
            os.close(end)
        self._thread = self._bell = None

    def _listen(self, bell: int) -> None:
        pause = FIRST_PAUSE
        with selectors.DefaultSelector() as over:
            over.register(bell, selectors.EVENT_READ)
            while True:
                try:
                    with self._database.apart() as connection:
                        connection.exec_driver_sql(f"LISTEN {CHANNEL}")
                        pause = FIRST_PAUSE
                        for topic in Topic:
                            self._heard(topic)
                        if self._hear(connection.connection.driver_connection, bell):
                            return
                except (StoreError, exc.SQLAlchemyError, OSError) as error:
                    log.warning("wake-ups are not heard for now: %s", error)
                if over.select(pause):
                    return
                pause = min(2 * pause, LONGEST_PAUSE)

    def _hear(self, connection: Any, bell: int) -> bool:
        """Hear until the connection is lost; True: until somebody rang the bell."""
        with selectors.DefaultSelector() as either:
            either.register(bell, selectors.EVENT_READ)
            either.register(connection.fileno(), selectors.EVENT_READ)
            while True:
                if any(key.fd == bell for key, _ in either.select()):
                    return True
                # psycopg's own error, of the driver that only a server needs.
                try:
                    said = {each.payload for each in connection.notifies(timeout=0)}
                except Exception as error:
                    log.warning("wake-ups are not heard for now: %s", type(error).__name__)
                    with suppress(Exception):
                        connection.close()
                    return False
                for topic in Topic:
                    if topic.value in said:
                        self._heard(topic)
