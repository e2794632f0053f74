"""Database: the engine, its transactions and its schema, on SQLite or PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import event, exc
from sqlalchemy.orm import Session

from store.clean_text import keep_clean, written_as_json
from store.errors import BusyError, StoreError, explain, keep_values_out
from store.server import connection_apart, server_engine, stand_in_line, take_all_tables

MIGRATIONS = Path(__file__).parent / "migrations"

LOCK_PATIENCE = timedelta(seconds=15)
"""How long a writer waits for another one on SQLite before it gives up."""

LETS_OTHERS_IN = timedelta(seconds=0.1)
"""So long whoever has much to write rests between two transactions: a writer who waits on SQLite
looks again at least so often."""

T = TypeVar("T")

TRIES: Final = 5
"""So often a piece of work is begun anew that another writer was in the way of."""

MIGRATION_TRIES: Final = 600
"""So often a migration asks for tables that are in use, `LETS_OTHERS_IN` apart."""


class Database:
    """One database, shared by the threads of a process; a Session stays in its own thread."""

    def __init__(self, url: str) -> None:
        """Prepare the engine; nothing is opened before the first transaction.

        What goes wrong is told without what was to be written: it may be personal, and is logged.
        Raises StoreError when the URL names no database that Menling knows.
        """
        try:
            parsed = sa.make_url(url)
        except exc.ArgumentError as error:
            raise StoreError(
                "The database URL can't be read; write sqlite:///menling.db or "
                "postgresql://user:password@host/name"
            ) from error
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed.render_as_string(hide_password=True)
        try:
            if parsed.get_backend_name() == "sqlite":
                self._engine = _sqlite_engine(parsed)
            else:
                self._engine = server_engine(parsed)
        except (exc.NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"No driver for {parsed.drivername}; install menling[postgresql] for PostgreSQL, "
                "or use sqlite:///menling.db"
            ) from error
        keep_clean(self._engine)
        keep_values_out(self._engine)
        self._parsed = parsed
        self._reader = self._engine.execution_options(
            menling_read_only=True, postgresql_readonly=True
        )

    def __reduce__(self) -> tuple[Callable[[str], Database], tuple[str]]:
        """Send it to another process, which opens connections of its own, once for all it gets."""
        return _opened, (self._parsed.render_as_string(hide_password=False),)

    @property
    def is_server(self) -> bool:
        """It is a server that other machines reach, not a file."""
        return self._engine.dialect.name == "postgresql"

    def apart(self) -> sa.Connection:
        """Open a connection of one's own to the server, in which every statement counts at once.

        Raises StoreError; SQLite has none.
        """
        if not self.is_server:
            raise StoreError(f"{self.url} is a file; connections of one's own need PostgreSQL")
        with explain(self.url):
            return connection_apart(self._parsed)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write: all of it is committed at the end of the block, or nothing.

        On SQLite the write lock is taken at the start, so that what was read is still true when
        it is written. Raises StoreError when the database is full, read-only or out of reach.
        """
        with explain(self.url), Session(self._engine) as session, session.begin():
            yield session

    def repeated(self, work: Callable[[Session], T]) -> T:
        """Do a piece of work in a transaction, again when another writer was in its way.

        It must change nothing but the store. Raises what `transaction` raises.
        """
        for _ in range(TRIES - 1):
            try:
                with self.transaction() as session:
                    return work(session)
            except BusyError:
                continue
        with self.transaction() as session:
            return work(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one consistent state; nobody is kept from writing, and nothing is written."""
        with explain(self.url), Session(self._reader) as session:
            yield session
            session.rollback()

    def upgrade(self) -> None:
        """Create the schema, or bring it to the newest version; existing rows stay.

        Programs of the version before may be at work meanwhile. On PostgreSQL one machine migrates
        at a time, and steps back and asks again where a table is in use.
        """
        for _ in range(MIGRATION_TRIES - 1):
            try:
                return self._upgrade()
            except BusyError:
                time.sleep(LETS_OTHERS_IN.total_seconds())
        return self._upgrade()

    def _upgrade(self) -> None:
        migrating = self._engine.execution_options(menling_migrating=True)
        with explain(self.url), migrating.begin() as connection:
            if self.is_server:
                stand_in_line(connection)
                if self._version(connection) != self.newest_schema():
                    take_all_tables(connection)
            try:
                command.upgrade(_alembic(connection), "head")
            except CommandError as error:
                raise StoreError(
                    f"The database {self.url} was written by a newer Menling; upgrade the program "
                    "or choose another database"
                ) from error
            if connection.dialect.name == "sqlite":
                astray = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if astray:
                    raise StoreError(
                        f"{self.url} has rows that belong to nothing, in {astray[0][0]}; it stays "
                        "as it was. Restore it from a backup."
                    )

    @staticmethod
    def newest_schema() -> str:
        """Return the name of the tables of this program."""
        return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""

    def check_schema(self) -> None:
        """Raise StoreError unless the tables are those of this program."""
        with self.reading() as session:
            found = self._version(session.connection())
        if not found:
            raise StoreError(
                f"There is no Menling in {self.url}; start `menling serve` with it first"
            )
        if found == self.newest_schema():
            return
        known = {each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
        if found in known:
            raise StoreError(
                f"{self.url} has the tables of an older Menling; run `menling init` of this "
                "version with it, or start `menling serve`: those who dial with it go on meanwhile"
            )
        raise StoreError(
            f"{self.url} was written by a newer Menling; upgrade the program on this machine"
        )

    @staticmethod
    def _version(connection: sa.Connection) -> str:
        """Return the name of the tables that are there; empty: none."""
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or ""

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


@cache
def _opened(url: str) -> Database:
    return Database(url)


def _alembic(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url,
        connect_args={"timeout": LOCK_PATIENCE.total_seconds()},
        max_overflow=20,
        hide_parameters=True,
        json_serializer=written_as_json,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # sqlite3 must not open transactions by itself: `begin` below says which kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(LOCK_PATIENCE.total_seconds() * 1000)}")
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
        finally:
            cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        read_only = options.get("menling_read_only", False)
        # A migration may replace a table that others point to, which counts as losing its rows;
        # inside a transaction this can't be switched any more.
        pointers_hold = not options.get("menling_migrating", False)
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {int(pointers_hold)}")
        connection.exec_driver_sql(f"PRAGMA query_only = {int(read_only)}")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
