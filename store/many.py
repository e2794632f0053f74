"""Many values as one parameter, so that a statement is the same however many they are.

A list of parameters is written, sent and read anew each time, which takes longer than the answer.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

POSTGRESQL = "postgresql"


def among(dialect: str, column: Any, name: str) -> sa.ColumnElement[bool]:
    """Say that a column is one of the values of a parameter, which `many` makes."""
    if dialect == POSTGRESQL:
        found: sa.ColumnElement[bool] = column == sa.any_(_array(column, name))
    else:
        found = column.in_(_json(name))
    return found


def not_among(dialect: str, column: Any, name: str) -> sa.ColumnElement[bool]:
    """Say that a column is none of the values of a parameter."""
    if dialect == POSTGRESQL:
        left: sa.ColumnElement[bool] = column != sa.all_(_array(column, name))
    else:
        left = column.not_in(_json(name))
    return left


def each_of(dialect: str, kind: Any, name: str) -> sa.TableValuedAlias:
    """Return the values of a parameter as a table with the column `value`."""
    if dialect == POSTGRESQL:
        wanted = sa.bindparam(name, type_=ARRAY(kind))
        return sa.func.unnest(wanted).table_valued(sa.column("value", kind)).render_derived()
    return sa.func.json_each(sa.bindparam(name, type_=sa.Text)).table_valued(
        sa.column("value", kind)
    )


def many(dialect: str, values: Collection[Any]) -> object:
    """Return values as such a parameter."""
    return list(values) if dialect == POSTGRESQL else json.dumps(list(values))


def _array(column: Any, name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=ARRAY(column.type))


def _json(name: str) -> sa.Select[Any]:
    each = sa.func.json_each(sa.bindparam(name, type_=sa.Text)).table_valued("value")
    return sa.select(each.c.value)
