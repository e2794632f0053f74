"""A child process: a fresh interpreter with a pipe, which lives no longer than its starter."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from processes.lifeline import end_with

_spawn = multiprocessing.get_context("spawn")


class ChildError(Exception):
    """The child did not start; the message says whether it died or kept silent."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running child and our end of its pipe."""

    process: SpawnProcess
    pipe: Connection

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid or 0

    def first_word(self, patience_seconds: float) -> str:
        """Return what it says first: nothing when it can work, else why it can't.

        Blocks. Raises ChildError when it dies or says nothing for so long.
        """
        if not self.pipe.poll(patience_seconds):
            raise ChildError(f"it did not answer within {patience_seconds:.0f} s")
        try:
            return str(self.pipe.recv())
        except EOFError:
            raise ChildError("it died while starting") from None

    def kill(self) -> None:
        """End it at once and wait until it is gone."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def start_child(
    target: Callable[..., None], *arguments: object, name: str, daemon: bool = False
) -> Child:
    """Run `target(pipe, *arguments)` in a fresh interpreter; all of it must be picklable.

    Fresh, because a fork would inherit native threads and their locks. Call it on a thread that
    lives as long as the child should: the kernel kills it with that thread. Ctrl-C is kept from
    it, so that its parent decides when it stops. A `daemon` is ended when its parent's
    interpreter ends, and may have no children itself.
    """
    ours, theirs = _spawn.Pipe()
    process = _spawn.Process(
        target=_live, args=(target, theirs, os.getpid(), arguments), name=name, daemon=daemon
    )
    process.start()
    theirs.close()
    return Child(process, ours)


def _live(
    target: Callable[..., None], pipe: Connection, parent: int, arguments: tuple[object, ...]
) -> None:
    if not end_with(parent):
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    target(pipe, *arguments)
