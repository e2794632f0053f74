"""Work that would keep pages waiting, done by a process of its own, one piece after the other.

An interpreter runs one thread at a time and lets the others wait for 5 ms: a page that asks the
store fifty times would wait a quarter of a second beside somebody who counts calls.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar

from processes.child import Child, start_child
from store.errors import StoreError

log = logging.getLogger(__name__)

Value = TypeVar("Value")

NICENESS: Final = 10
"""Calls are made on the same machine."""


class ApartError(Exception):
    """The process died, or was ended."""


class WorkError(Exception):
    """The work failed with a fault of its own, which the process has told on its error output."""


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    trouble: Exception | None


class Apart:
    """Does work in another process, which is started when it is needed, and again after it died."""

    def __init__(self) -> None:
        """Nothing is started yet."""
        self._child: Child | None = None
        self._ended = False

    def __call__(self, work: Callable[[], Value]) -> Value:
        """Return what `work` returns; both must be picklable. On one thread, which stays.

        Raises ApartError, StoreError as the work did, and WorkError when it failed otherwise.
        """
        child = self._child or start_child(_work_on, name="counting", daemon=True)
        self._child = child
        if self._ended:
            self.end()
        try:
            child.pipe.send(work)
            answer: _Answer = child.pipe.recv()
        except (EOFError, OSError) as error:
            self._child = None
            child.kill()
            if not self._ended:
                log.warning("The counting process died; another one is started when it is needed.")
            raise ApartError("the counting process is gone") from error
        if answer.trouble is not None:
            raise answer.trouble
        value: Value = answer.value
        return value

    def end(self) -> None:
        """End the process for good, from any thread; whoever waits for it gets an ApartError."""
        self._ended = True
        child = self._child
        if child is not None:
            child.process.kill()

    def close(self) -> None:
        """End the process and wait until it is gone; nobody waits for it any more."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()


def _work_on(pipe: Connection) -> None:
    os.nice(NICENESS)
    while True:
        try:
            work: Callable[[], Any] = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer_of(work))


def _answer_of(work: Callable[[], Any]) -> _Answer:
    try:
        return _Answer(work(), None)
    except StoreError as error:
        return _Answer(None, StoreError(*error.args))
    except Exception as error:  # told to whoever asked, and this process goes on
        log.exception("What was to be counted could not be")
        return _Answer(None, WorkError(f"{type(error).__name__} where it was counted"))
