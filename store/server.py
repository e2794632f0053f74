"""PostgreSQL: how its connections are opened, and what they are not to wait for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from store.clean_text import written_as_json

ALWAYS_OPEN: Final = 5
AT_MOST_BESIDE: Final = 15
"""Connections of a process when much goes on at once; a server lets a hundred in by default."""

WAITS_FOR_ANOTHER: Final = timedelta(seconds=15)
"""So long a statement waits for a lock of somebody else, and a thread for a free connection."""

MIGRATION_WAITS: Final = timedelta(seconds=0.02)
"""So long a migration waits for each table: everybody who comes after it waits, too, and would be
ended for a deadlock after a second, the server's deadlock_timeout."""

LONGEST_STATEMENT: Final = timedelta(minutes=5)

LONGEST_PAUSE: Final = timedelta(minutes=1)
"""After that the server ends a transaction in which nothing happens: whoever stalls, or was cut
off, gives back what it locked."""

_REACHING: Final[dict[str, str]] = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""A server that is cut off is noticed within some 20 s; the URL may say otherwise."""

_MANNERS: Final = "; ".join(
    f"SET {name} = {value}"
    for name, value in (
        ("lock_timeout", int(WAITS_FOR_ANOTHER.total_seconds() * 1000)),
        ("statement_timeout", int(LONGEST_STATEMENT.total_seconds() * 1000)),
        ("idle_in_transaction_session_timeout", int(LONGEST_PAUSE.total_seconds() * 1000)),
        ("tcp_keepalives_idle", 10),
        ("tcp_keepalives_interval", 5),
        ("tcp_keepalives_count", 3),
    )
)


def server_engine(url: sa.URL) -> sa.Engine:
    """Return the engine of all ordinary transactions; a connection that died is replaced."""
    engine = sa.create_engine(
        _reaching(url),
        pool_pre_ping=True,
        pool_size=ALWAYS_OPEN,
        max_overflow=AT_MOST_BESIDE,
        pool_timeout=WAITS_FOR_ANOTHER.total_seconds(),
        hide_parameters=True,
        json_serializer=written_as_json,
    )
    event.listen(engine, "connect", _teach_manners)
    return engine


def connection_apart(url: sa.URL) -> sa.Connection:
    """Open a connection outside the pool, without transactions: what it holds ends with it."""
    engine = sa.create_engine(
        _reaching(url), poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )
    event.listen(engine, "connect", _teach_manners)
    return engine.connect()


def stand_in_line(connection: sa.Connection) -> None:
    """Let one migration run at a time, for as long as it takes."""
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {name} = 0")
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('menling migration'))")


def take_all_tables(connection: sa.Connection) -> None:
    """Lock all tables, or fail soon: whoever takes one after the other as it changes them meets
    programs at work, each with a table that the other one waits for.
    """
    names = sorted(sa.inspect(connection).get_table_names())
    if not names:
        return
    quote = connection.dialect.identifier_preparer.quote
    patience = int(MIGRATION_WAITS.total_seconds() * 1000)
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience}")
    connection.exec_driver_sql(f"LOCK TABLE {', '.join(quote(name) for name in names)}")
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")


def _reaching(url: sa.URL) -> sa.URL:
    missing = {name: value for name, value in _REACHING.items() if name not in url.query}
    return url.update_query_dict(missing)


def _teach_manners(connection: Any, _record: object) -> None:
    # Outside a transaction: one that is rolled back would take the settings with it.
    before = connection.autocommit
    connection.autocommit = True
    try:
        connection.execute(_MANNERS)
    finally:
        connection.autocommit = before
