"""What may go wrong with the database, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc


class StoreError(Exception):
    """The database can't do what was asked; the message says what to do about it."""


class StaleClaimError(StoreError):
    """An attempt is no longer where the caller believed it to be; somebody else moved it on."""


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
        ("connection refused", "could not connect", "connection failed", "no such file", "timeout"),
        "No PostgreSQL answers at {url}; start it or correct the URL in the settings.",
    ),
)


@contextmanager
def explain(url: str) -> Iterator[None]:
    """Turn what the driver says about the database itself into a StoreError."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.DBAPIError as error:
        said = str(error.orig).lower()
        for signs, advice in _ADVICE:
            if any(sign in said for sign in signs):
                raise StoreError(advice.format(url=url)) from error
        raise StoreError(f"The database {url} refused: {error.orig}") from error
