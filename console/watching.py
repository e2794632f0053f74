"""Watching over processes: whoever dies is started again, until all are told to stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from time import monotonic
from types import FrameType
from typing import Final

from dialer.restart import GiveUp, RestartPolicy, after_death
from processes.child import Child

PATIENCE: Final = RestartPolicy(
    quick=timedelta(seconds=10),
    first_delay=timedelta(seconds=1),
    longest_delay=timedelta(seconds=30),
    quick_deaths=8,
)

LAST_SECONDS: Final = 10
"""So long whoever needs no farewell may take to end."""


class WatchError(Exception):
    """A process can't be kept alive; the message says which and why."""


@dataclass(slots=True)
class _Life:
    """A process, from its start to its end."""

    child: Child
    began: float
    """By the monotonic clock."""
    has_spoken: bool = False
    """It said its first word, which may be that it can't work."""


class Watched:
    """A process that is to live as long as we do.

    It says first why it can't work, or nothing when it can, and may say last why it ends. What
    keeps it from ever working ends the watch; what comes later is told, and it is started again.
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], Child],
        say: Callable[[str], None],
        greeting: str = "",
    ) -> None:
        """`greeting`: what is said once it works, the first time."""
        self.name = name
        self.has_worked = False
        """It said once that it can work."""
        self.again_at: float | None = None
        """When it is started again; None: not at all."""
        self._start = start
        self._say = say
        self._greeting = greeting
        self._life: _Life | None = None
        self._quick_deaths = 0

    @property
    def runs(self) -> bool:
        """There is a process."""
        return self._life is not None

    @property
    def signs(self) -> tuple[int | Connection, ...]:
        """What becomes readable when it says its first word, or has ended."""
        if self._life is None:
            return ()
        child = self._life.child
        if self._life.has_spoken:
            return (child.process.sentinel,)
        return (child.process.sentinel, child.pipe)

    def start(self) -> None:
        """Start it; what it says comes later."""
        self.again_at = None
        began = monotonic()
        self._life = _Life(self._start(), began)

    def look(self, stopping: bool) -> None:
        """Hear what it says and see whether it lives; raises WatchError when it never will."""
        life = self._life
        if life is None:
            return
        alive = life.child.process.is_alive()
        if (not life.has_spoken or not alive) and life.child.pipe.poll():
            self._listen(life)
        if alive:
            return
        self._life = None
        life.child.process.join()
        life.child.pipe.close()
        if not stopping:
            code = life.child.process.exitcode
            self._say(f"The {self.name} ended (exit code {code}); it is started again.")
            self._rest(life)

    def tell_to_stop(self) -> None:
        """Ask it to end; a second time means at once."""
        self.again_at = None
        if self._life is not None:
            os.kill(self._life.child.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it now."""
        if self._life is not None:
            self._life.child.kill()
            self._life = None

    def give_up(self, why: str) -> None:
        """Do without it from now on."""
        self.again_at = None
        self.kill()
        self._say(f"{why} The rest goes on without the {self.name}.")

    def _listen(self, life: _Life) -> None:
        try:
            while life.child.pipe.poll():
                word = str(life.child.pipe.recv())
                if word and not self.has_worked:
                    raise WatchError(word)
                if word:
                    self._say(word)
                if self._greeting:
                    self._say(self._greeting)
                    self._greeting = ""
                life.has_spoken = self.has_worked = True
        except EOFError:
            life.has_spoken = True

    def _rest(self, life: _Life) -> None:
        lived = timedelta(seconds=monotonic() - life.began)
        verdict = after_death(PATIENCE, lived, self._quick_deaths)
        if isinstance(verdict, GiveUp):
            raise WatchError(f"The {self.name} can't be kept alive; see its log, and start again.")
        self._quick_deaths = verdict.quick_deaths
        self.again_at = monotonic() + verdict.delay.total_seconds()


def watch(first: Watched, *others: Watched) -> None:
    """Keep all alive until told to stop by Ctrl-C or a polite kill; then `first` ends in peace.

    The others end after it, so that people see how its calls end. Once `first` works, it goes on
    whatever becomes of the others. Raises WatchError.
    """
    everybody = (first, *others)
    with _bell() as bell:
        try:
            for each in everybody:
                each.start()
            rung = 0
            while first.runs or (first.again_at is not None and not rung):
                signs = [sign for each in everybody for sign in each.signs]
                if bell in wait([bell, *signs], _pause(everybody)):
                    rung += len(os.read(bell, 16))
                    first.tell_to_stop()
                for each in everybody:
                    try:
                        each.look(stopping=bool(rung))
                    except WatchError as error:
                        if each is first or not first.has_worked:
                            raise
                        each.give_up(str(error))
                    if not rung and each.again_at is not None and each.again_at <= monotonic():
                        each.start()
            for each in others:
                each.tell_to_stop()
                wait(each.signs[:1], LAST_SECONDS)
        finally:
            for each in everybody:
                each.kill()


def _pause(everybody: Sequence[Watched]) -> float | None:
    due = [each.again_at for each in everybody if each.again_at is not None]
    return max(0.0, min(due) - monotonic()) if due else None


@contextmanager
def _bell() -> Iterator[int]:
    """Lend a descriptor that becomes readable when somebody wants us to stop."""
    read, write = os.pipe()

    def ring(number: int, frame: FrameType | None) -> None:
        os.write(write, b"x")

    before = {number: signal.signal(number, ring) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield read
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(read)
        os.close(write)
