"""What may go wrong with the database, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event, exc


class StoreError(Exception):
    """The database can't do what was asked; the message says what to do about it."""


class StaleClaimError(StoreError):
    """An attempt is no longer where the caller believed it to be; somebody else moved it on."""


class BusyError(StoreError):
    """Another writer was in the way; nothing was written, and the same may be tried at once."""


class DeskError(StoreError):
    """A step of an agent, a transfer or an order that makes no sense where things stand."""


_ADVICE = (
    (
        ("disk is full", "no space left", "disk full"),
        "The disk that holds {url} is full; free some space and start again. "
        "What was saved before stays saved.",
    ),
    (
        ("disk i/o error",),
        "The disk that holds {url} is full or failing; free some space or use another disk, and "
        "start again. What was saved before stays saved.",
    ),
    (
        ("readonly database", "read-only transaction", "query_only"),
        "{url} is read-only; make the file and its folder writable for this user.",
    ),
    (
        ("unable to open database file",),
        "{url} can't be opened; create its folder and make it writable for this user.",
    ),
    (
        ("database is locked", "database table is locked"),
        "Another program holds {url} for too long; stop it, or use PostgreSQL for many writers.",
    ),
    (
        ("no such table", "does not exist", "no such column"),
        "{url} has no tables of this version yet; run: menling init",
    ),
    (
        ("not a database", "malformed"),
        "{url} is damaged or no database; restore it from a backup or choose another file.",
    ),
    (
        ("statement timeout", "idle-in-transaction timeout", "idle transaction"),
        "{url} was too slow, or somebody held it for too long; nothing was written. If that "
        "happens often, look at what the server is busy with.",
    ),
    (
        (
            "terminating connection",
            "closed the connection",
            "connection is closed",
            "connection is lost",
            "connection already closed",
            "connection reset",
            "broken pipe",
            "starting up",
            "shutting down",
            "recovery mode",
            "bad connection",
        ),
        "The connection to {url} was lost; it is opened again as soon as the server answers. What "
        "was saved before stays saved.",
    ),
    (
        ("too many clients", "remaining connection slots"),
        "{url} lets no further connection in; raise max_connections of the server to 25 for each "
        "engine and console.",
    ),
    (
        ("connection refused", "could not connect", "connection failed", "no such file", "timeout"),
        "No PostgreSQL answers at {url}; start it or correct the URL in the settings.",
    ),
)


_IN_THE_WAY: Final = ("40P01", "40001", "55P03")
"""SQLSTATEs of a deadlock, of transactions that can't be put in an order, and of a lock that
somebody else held for too long."""


@contextmanager
def explain(url: str) -> Iterator[None]:
    """Turn what the driver says about the database itself into a StoreError."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.TimeoutError as error:
        raise StoreError(
            f"All connections of this process to {url} are in use; it goes on when one is free."
        ) from error
    except exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _IN_THE_WAY:
            raise BusyError(
                f"Somebody else writes to {url} at the same place; nothing was written."
            ) from error
        said = str(error.orig).lower()
        for signs, advice in _ADVICE:
            if any(sign in said for sign in signs):
                raise StoreError(advice.format(url=url)) from error
        raise StoreError(f"The database {url} refused: {error.orig}") from error


_ABOUT_DATA: Final = "22"
"""Class of SQLSTATE whose sentence may quote what could not be stored, after a colon."""


def keep_values_out(engine: sa.Engine) -> None:
    """Let errors of an engine say what was wrong, and nothing of the row.

    PostgreSQL quotes the row in further lines, as in `DETAIL: Key (phone)=(...) already exists`;
    errors are logged, and the row may be personal.
    """
    event.listen(engine, "handle_error", _without_values)


def _without_values(context: sa.ExceptionContext) -> None:
    orig, wrapped = context.original_exception, context.sqlalchemy_exception
    diagnosis = getattr(orig, "diag", None)
    said = getattr(diagnosis, "message_primary", None)
    if diagnosis is None or not said:
        return
    if str(diagnosis.sqlstate or "").startswith(_ABOUT_DATA):
        said = str(said).partition(":")[0]
    # In place: whoever catches either of them, or logs both, sees no more than that.
    orig.args = (said,)
    if wrapped is not None:
        kind = type(orig)
        wrapped.args = (f"({kind.__module__}.{kind.__name__}) {said}",)
