"""Workers forked before an engine has a second thread, in the place of a nursery: a nursery loads
for seconds, and hundreds of engines are started to try faults.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from processes.lifeline import end_with


class Forked:
    """A child process, handled like one of multiprocessing."""

    def __init__(self, pid: int) -> None:
        self.pid: int | None = pid
        self.sentinel = os.pidfd_open(pid)
        self._exit_code: int | None = None

    @property
    def exitcode(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        if self._exit_code is None and select.select([self.sentinel], [], [], 0)[0]:
            _, status = os.waitpid(self.pid or 0, 0)
            self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def join(self) -> None:
        """Wait until it has ended."""
        select.select([self.sentinel], [], [])
        self.exitcode  # noqa: B018  remembers what was told

    def _send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.sentinel, number)


@dataclass(frozen=True, slots=True)
class Spare:
    """A process that waits for its work."""

    process: Forked
    pipe: Connection
    work: Connection


class SpareWorkers:
    """A number of processes that wait for their work."""

    def __init__(self, number: int) -> None:
        """Fork them; nobody may have started a thread yet."""
        self._waiting: deque[Spare] = deque()
        for _ in range(number):
            self._waiting.append(self._fork())

    def start_child(self, target: Callable[..., None], *arguments: Any, name: str) -> Spare:
        """Give work to one that waits, as `processes.nursery` does."""
        spare = self._waiting.popleft()
        spare.work.send((target, arguments))
        spare.work.close()
        return spare

    def close(self) -> None:
        """End those that still wait."""
        for each in self._waiting:
            each.process.kill()
            each.process.join()
        self._waiting.clear()

    def _fork(self) -> Spare:
        ours, theirs = Pipe()
        orders, work = Pipe(duplex=False)
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            # Who keeps an end of a pipe open hides from others that it was closed.
            for each in (
                ours,
                work,
                *(end for one in self._waiting for end in (one.pipe, one.work)),
            ):
                each.close()
            _wait_for_work(orders, theirs, parent)
        theirs.close()
        orders.close()
        return Spare(Forked(pid), ours, work)


def _wait_for_work(orders: Connection, pipe: Connection, parent: int) -> None:
    code = 1
    try:
        if end_with(parent):
            target, arguments = orders.recv()
            orders.close()
            target(pipe, *arguments)
            code = 0
    except EOFError:
        pass
    except BaseException:  # what follows is the engine's, and must not go on in its child
        traceback.print_exc()
    finally:
        os._exit(code)
