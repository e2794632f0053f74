"""Many new rows at once, as fast as each database takes them.

Their keys are given out beforehand, so that nothing has to be read back and rows of several tables
can point to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.clean_text import clean


def new_keys(session: Session, table: sa.Table, count: int) -> list[int]:
    """Return so many keys that no other row of a table has or will get.

    On SQLite they are free because nobody else writes before this transaction ends.
    """
    if session.get_bind().dialect.name == "sqlite":
        newest = session.scalar(sa.select(sa.func.max(table.c.id))) or 0
        return list(range(newest + 1, newest + 1 + count))
    sequence = sa.func.pg_get_serial_sequence(table.name, "id")
    each = sa.func.generate_series(1, count).table_valued("number")
    taken = sa.select(sa.func.nextval(sa.cast(sequence, sa.Text))).select_from(each)
    return [int(key) for key in session.scalars(taken)]


def insert_rows(
    session: Session, table: sa.Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows, their values in the order of `columns`."""
    if not rows:
        return
    connection = session.connection()
    written = _written(connection, table, columns, rows)
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({places})", written)
        return
    driver: Any = connection.connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
    ):
        for row in written:
            copy.write_row(clean(row))


def _written(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> list[tuple[Any, ...]]:
    """Return rows as the driver takes them."""
    processors: list[Callable[[Any], Any] | None] = [
        table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for name in columns
    ]
    by_column = zip(zip(*rows, strict=True), processors, strict=True)
    return list(
        zip(
            *(values if process is None else map(process, values) for values, process in by_column),
            strict=True,
        )
    )
