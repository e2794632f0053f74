"""Many new rows at once, as fast as each database takes them.

Their keys are given out beforehand, so that nothing has to be read back and rows of several tables
can point to each other.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from store.clean_text import IS_CLEAN
from store.database import Database
from store.errors import BusyError
from store.schema import Base

_CACHE_KIB: Final = 32 * 1024
_OBJECTS_AT_ONCE: Final = 200_000


def make_room(session: Session) -> None:
    """Let SQLite keep more of its indexes in memory while many rows come in."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")


@contextmanager
def few_collections() -> Iterator[None]:
    """Look seldom for cycles among objects while millions of them come and go without any."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_AT_ONCE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def count_anew(database: Database) -> None:
    """Let PostgreSQL know how its tables look after many new rows: it plans by old figures until
    it counts by itself. SQLite plans without.
    """
    if not database.is_server:
        return
    try:
        with database.transaction() as session:
            session.execute(sa.text("ANALYZE"))
    except BusyError:
        # Somebody else counts already.
        return


def new_keys(session: Session, model: type[Base], count: int) -> list[int]:
    """Return so many keys that no other row of a table has or will get.

    On SQLite they are free because nobody else writes before this transaction ends.
    """
    table = _table(model)
    if session.get_bind().dialect.name == "sqlite":
        newest = session.scalar(sa.select(sa.func.max(table.c.id))) or 0
        return list(range(newest + 1, newest + 1 + count))
    sequence = sa.func.pg_get_serial_sequence(table.name, "id")
    each = sa.func.generate_series(1, count).table_valued("number")
    taken = sa.select(sa.func.nextval(sa.cast(sequence, sa.Text))).select_from(each)
    return [int(key) for key in session.scalars(taken)]


def insert_rows(
    session: Session, model: type[Base], columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows, their values in the order of `columns`.

    Texts must be such as a database takes (`store.clean_text`): nobody looks again.
    """
    if not rows:
        return
    table, connection = _table(model), session.connection()
    written = _written(connection, table, columns, rows)
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {table.name} ({names}) VALUES ({places})"
        connection.exec_driver_sql(insert, written, execution_options={IS_CLEAN: True})
        return
    _copy(connection, f"COPY {table.name} ({names}) FROM STDIN", written)


def _table(model: type[Base]) -> sa.Table:
    return Base.metadata.tables[model.__tablename__]


def _copy(connection: sa.Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection
    dialect = connection.dialect
    errors: Any = dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except errors as error:
        raise exc.DBAPIError.instance(
            statement, None, error, errors, hide_parameters=True, dialect=dialect
        ) from error


def _written(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> list[tuple[Any, ...]]:
    """Return rows as the driver takes them."""
    processors = [_processor(table.c[name].type, connection.dialect) for name in columns]
    by_column = zip(zip(*rows, strict=True), processors, strict=True)
    return list(
        zip(
            *(values if process is None else map(process, values) for values, process in by_column),
            strict=True,
        )
    )


def _processor(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """Return how the driver takes a value; many rows have the same one."""
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return None
    if isinstance(kind, sa.JSON):
        nothing, nobody = process({}), process([])
        return lambda value: process(value) if value else (nothing if value == {} else nobody)
    return cache(process)
