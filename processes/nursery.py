"""A nursery: a process that has everything loaded, and forks children that start at once.

A fresh interpreter spends a second and a hundred megabytes on dictionaries and libraries before
it can work. Forked from a process that has them, children share them: only what a child writes to
becomes its own.

    we ---- order, pipe ----> nursery ---- fork ----> child
       <--- process id ------        <--- its end ---
       <--- how it ended ----

The nursery has one thread and never does the work of its children, so that a fork copies no lock
that somebody holds and no engine that runs.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import pickle
import select
import selectors
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle

from processes.child import Child, start_child
from processes.lifeline import end_with

_STATUS = struct.Struct("i")
_LOST = -signal.SIGKILL
"""How a child ended whose nursery is gone: it was killed with it."""


@dataclass(frozen=True, slots=True)
class _Birth:
    """Order to fork a child; its end of the pipe and of the status pipe follow."""

    number: int
    work: bytes
    """Pickled: what it runs, and with which arguments."""


@dataclass(frozen=True, slots=True)
class _Signal:
    """Order to send a child a signal, unless it has ended."""

    number: int
    signal: int


class ForkedProcess:
    """A child of a nursery, handled like a process of one's own."""

    def __init__(self, nursery: Nursery, control: Connection, number: int, status: int) -> None:
        self._nursery = nursery
        self._control = control
        self._number = number
        self._status = status
        self._exit_code: int | None = None

    @property
    def sentinel(self) -> int:
        """What becomes readable when it has ended."""
        return self._status

    @property
    def pid(self) -> int | None:
        """Its process id; None before it has begun to work."""
        return self._nursery.pid_of(self._number)

    @property
    def exitcode(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        if self._exit_code is None and select.select([self._status], [], [], 0)[0]:
            told = os.read(self._status, _STATUS.size)
            self._exit_code = _STATUS.unpack(told)[0] if len(told) == _STATUS.size else _LOST
        return self._exit_code

    def terminate(self) -> None:
        """Ask it to end (SIGTERM)."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._send(signal.SIGKILL)

    def join(self) -> None:
        """Wait until it has ended."""
        if self._exit_code is None:
            select.select([self._status], [], [])
        self.exitcode  # noqa: B018  remembers what was told

    def _send(self, number: int) -> None:
        with contextlib.suppress(OSError):  # the nursery is gone, and the child with it
            self._control.send(_Signal(self._number, number))

    def __del__(self) -> None:
        os.close(self._status)


@dataclass(frozen=True, slots=True)
class Fledgling:
    """A running child and our end of its pipe."""

    process: ForkedProcess
    pipe: Connection


class Nursery:
    """Starts children that share what `prepare` has loaded.

    `prepare` must be picklable; it may import and load, but start no thread and no engine.
    """

    def __init__(self, prepare: Callable[[], object]) -> None:
        self._prepare = prepare
        self._process: Child | None = None
        self._numbers = itertools.count()
        self._pids: dict[int, int] = {}

    @property
    def pid(self) -> int | None:
        """The process of the nursery itself, once there is one."""
        return self._process.pid if self._process else None

    def start_child(self, target: Callable[..., None], *arguments: object, name: str) -> Fledgling:
        """Fork a child that runs `target(pipe, *arguments)`; all of it must be picklable.

        It ends with the nursery, and the nursery with the thread that started the first child. A
        nursery that has died is replaced. Ctrl-C is kept from the children.
        """
        work = pickle.dumps((target, arguments))
        try:
            return self._order(self._control(), work)
        except OSError:
            self.close()
            return self._order(self._control(), work)

    def pid_of(self, number: int) -> int | None:
        """Return the process id of a child, None while it is not known."""
        if number not in self._pids and self._process is not None:
            with contextlib.suppress(EOFError, OSError):
                while self._process.pipe.poll():
                    born, pid = self._process.pipe.recv()
                    self._pids[born] = pid
        return self._pids.get(number)

    def close(self) -> None:
        """End the nursery and all its children."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    def _control(self) -> Connection:
        if self._process is None or self._process.process.exitcode is not None:
            self.close()
            self._process = start_child(_tend, self._prepare, name="nursery", daemon=True)
        return self._process.pipe

    def _order(self, control: Connection, work: bytes) -> Fledgling:
        number = next(self._numbers)
        ours, theirs = Pipe()
        status, told = os.pipe()
        try:
            control.send(_Birth(number, work))
            for handle in (theirs.fileno(), told):
                send_handle(control, handle, 0)
        except OSError:
            os.close(status)
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(told)
        return Fledgling(ForkedProcess(self, control, number, status), ours)


class _Cradle:
    """The inside of a nursery: forks on order, and tells how each child ended."""

    def __init__(self, control: Connection) -> None:
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._children: dict[int, tuple[int, int, int]] = {}
        """By number: process id, descriptor that tells its end, pipe for its status."""

    def tend(self) -> None:
        """Serve until nobody orders any more."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._control:
                    self._settle(key.data)
                    continue
                try:
                    order = self._control.recv()
                except (EOFError, OSError):
                    return
                if isinstance(order, _Birth):
                    self._bear(order)
                elif order.number in self._children:
                    os.kill(self._children[order.number][0], order.signal)

    def _bear(self, order: _Birth) -> None:
        pipe, status = recv_handle(self._control), recv_handle(self._control)
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            with contextlib.suppress(OSError):  # nobody wants to know any more
                self._control.send((order.number, os.getpid()))
            self._leave(status)
            _live(order.work, pipe, parent)
        os.close(pipe)
        end = os.pidfd_open(pid)
        self._children[order.number] = (pid, end, status)
        self._selector.register(end, selectors.EVENT_READ, order.number)

    def _settle(self, number: int) -> None:
        pid, end, status = self._children.pop(number)
        _, ended = os.waitpid(pid, 0)
        self._selector.unregister(end)
        os.close(end)
        with contextlib.suppress(OSError):  # nobody wants to know any more
            os.write(status, _STATUS.pack(os.waitstatus_to_exitcode(ended)))
        os.close(status)

    def _leave(self, status: int) -> None:
        """Let go, as a child, of all that is the nursery's: else no end would be noticed."""
        self._selector.close()
        self._control.close()
        os.close(status)
        for _, end, other in self._children.values():
            os.close(end)
            os.close(other)


def _tend(control: Connection, prepare: Callable[[], object]) -> None:
    prepare()
    if threading.active_count() > 1:
        raise RuntimeError(f"{prepare} started a thread; a nursery must have none")
    # The garbage collector writes to every object it looks at, which would unshare them all.
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError):  # who ordered is gone
        _Cradle(control).tend()


def _live(work: bytes, pipe: int, parent: int) -> None:
    code = 1
    try:
        if end_with(parent):
            target, arguments = pickle.loads(work)
            target(Connection(pipe), *arguments)
            code = 0
    except BaseException:  # the nursery's own loop must not go on in its child
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
