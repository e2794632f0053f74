"""Faults that a process of an engine brings upon itself, and the book in which it notes them."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from campaigns.checkpoints import Point


class How(StrEnum):
    """What becomes of the process that comes to its point."""

    KILLED = "killed"
    MACHINE_LOST = "machine lost"
    """The engine and all its workers are killed at once."""
    STOPPED = "stopped"
    """Stopped (SIGSTOP), until somebody lets it go on."""


class Meddling(StrEnum):
    """What becomes of the reports of workers on their way."""

    NONE = ""
    TWICE = "report twice"
    LATE = "report late"
    LOST = "report lost"


class StoreFault(StrEnum):
    """How the store of one engine fails, seen from within; for SQLite."""

    NONE = ""
    COMMIT_FAILS = "commit fails"
    FULL = "disk full"


@dataclass(frozen=True, slots=True)
class Book:
    """One line per event, in one write: it is there, whatever becomes of the process."""

    file: Path

    def note(self, *words: object) -> None:
        """Write a line."""
        book = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(book, f"{' '.join(map(str, words))}\n".encode())
        finally:
            os.close(book)

    def lines(self, word: str) -> list[list[str]]:
        """Return what stands behind that word, line by line."""
        if not self.file.exists():
            return []
        lines = (line.split(" ") for line in self.file.read_text("utf-8").splitlines())
        return [rest for first, *rest in lines if first == word]


FAULT, REPORTED = "fault", "reported"


@dataclass(frozen=True, slots=True)
class ComesTo:
    """A checkpoint at which processes end, so often and no more."""

    book: Book
    points: tuple[Point, ...] = ()
    how: How = How.KILLED
    at_most: int = 1
    """At each point."""
    share: float = 0.5
    """Of the attempts that come to the point."""

    def __call__(self, point: Point, attempt: int) -> None:
        """Note what was reported, and end where it is time to."""
        if point is Point.REPORTED:
            self.book.note(REPORTED, attempt, os.getpid())
        if point not in self.points or random.random() > self.share or not self._is_due(point):
            return
        self.book.note(FAULT, attempt, os.getpid(), point)
        match self.how:
            case How.KILLED:
                os.kill(os.getpid(), signal.SIGKILL)
            case How.MACHINE_LOST:
                os.killpg(os.getpgrp(), signal.SIGKILL)
            case How.STOPPED:
                os.kill(os.getpid(), signal.SIGSTOP)

    def _is_due(self, point: Point) -> bool:
        """Say whether a fault is left; no two processes get the same one."""
        for number in range(self.at_most):
            try:
                self.book.file.with_suffix(f".{point}-{number}").touch(exist_ok=False)
            except FileExistsError:
                continue
            return True
        return False


FULL_SECONDS: Final = 1.5
"""So long the disk is full, and so long there is room again."""
EVERY_COMMIT: Final = 6


def fail_in_the_store(fault: StoreFault, book: Book) -> None:
    """Let the SQLite of this process fail from now on, now and then."""
    if fault is StoreFault.COMMIT_FAILS:
        sa.event.listen(sa.Engine, "commit", _CommitFails(book))
    elif fault is StoreFault.FULL:
        sa.event.listen(sa.Engine, "begin", _limit_the_pages)

        @sa.event.listens_for(sa.Engine, "handle_error")
        def note(context: sa.engine.ExceptionContext) -> None:
            if "full" in str(context.original_exception):
                book.note(FAULT, 0, os.getpid())


class _CommitFails:
    """Fails now and then as a disk with a bad block does: nothing was written."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._commits = 0

    def __call__(self, connection: sa.Connection) -> None:
        self._commits += 1
        if self._commits % EVERY_COMMIT:
            return
        self._book.note(FAULT, 0, os.getpid())
        raise sa.exc.OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))


def _limit_the_pages(connection: sa.Connection) -> None:
    is_full = int(time.monotonic() / FULL_SECONDS) % 2
    # Less than there are now means: no more than now.
    connection.exec_driver_sql(f"PRAGMA max_page_count = {1 if is_full else 2**30}")
