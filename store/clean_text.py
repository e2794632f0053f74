"""What no database takes as text is left out before it gets there: NUL, and half a character.

A browser or a program may send either; PostgreSQL refuses them and would fail the whole request.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

IS_CLEAN: Final = "menling_is_clean"
"""Execution option of who has looked already: a million rows are looked at once."""
_ODD: Final = re.compile("[\x00\ud800-\udfff]")


def clean(value: Any) -> Any:
    """Return a value without what is no text; itself, where there is nothing to leave out."""
    if isinstance(value, str):
        return _ODD.sub("", value) if _ODD.search(value) else value
    if isinstance(value, dict):
        return {clean(key): clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(clean, value))
    return value


def written_as_json(value: Any) -> str:
    """Return a value as it is kept in a column of JSON."""
    return json.dumps(clean(value))


def keep_clean(engine: sa.Engine) -> None:
    """See to it that whatever is written or looked for over an engine is text."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def leave_out(
        _connection: sa.Connection,
        _cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        _many: bool,
    ) -> tuple[str, Any]:
        if context is not None and context.execution_options.get(IS_CLEAN, False):
            return statement, parameters
        return statement, clean(parameters) if _is_odd(parameters) else parameters


def _is_odd(parameters: Any) -> bool:
    """Say whether there is anything to leave out: quickly, for a million rows may be written."""
    rows = parameters if isinstance(parameters, list) else [parameters]
    values = (row.values() if isinstance(row, dict) else row for row in rows)
    text = "".join([each for row in values for each in row if isinstance(each, str)])
    if "\0" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
