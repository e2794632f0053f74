"""The world in which faults are tried: a store, people to call, SIPp for them, and engines."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.fault_callee import Callee, free_ports
from bench.fault_engine import EngineSpec, run_engine
from bench.fault_kinds import FAULT, Book, ComesTo, How, Meddling, StoreFault
from bench.fault_people import People
from bench.fault_settings import ENGINES, LEGS, RTP_PORTS, WORKERS, Premises
from campaigns.checkpoints import Point
from campaigns.host import SpeechServices, sip_settings, speech_source, voices_of
from campaigns.worker import WorkerSettings
from campaigns.worker_loading import load_for_calls
from processes.nursery import Fledgling, Nursery

PATIENCE_SECONDS: Final = 240.0
"""For what takes a second on a quiet machine."""
AT_ENGINE: Final = frozenset(
    {
        Point.CLAIMING,
        Point.CLAIMED,
        Point.MARKING,
        Point.MARKED,
        Point.SUBMITTED,
        Point.REPORT_TAKEN,
        Point.SETTLING,
        Point.SETTLED,
    }
)
"""Points that an engine comes to; the others are a worker's."""


class SharedNursery(Nursery):
    """A nursery that several threads start engines from."""

    def __init__(self) -> None:
        super().__init__(load)
        self._one_at_a_time = threading.RLock()

    def start_child(self, target: Callable[..., None], *arguments: object, name: str) -> Fledgling:
        """Fork a child."""
        with self._one_at_a_time:
            return super().start_child(target, *arguments, name=name)

    def pid_of(self, number: int) -> int | None:
        """Return its process id, None while it is not known."""
        with self._one_at_a_time:
            return super().pid_of(number)


def load() -> None:
    """Load what engines and workers need."""
    load_for_calls()


@dataclass(frozen=True, slots=True)
class Episode:
    """What is done to one engine."""

    kind: str
    point: Point | None = None
    how: How = How.KILLED
    at_most: int = 1
    """Faults; at each point."""
    further: tuple[Point, ...] = ()
    """Points at which the same happens, all of workers or none."""
    clock: timedelta = timedelta(0)
    meddling: Meddling = Meddling.NONE
    store_fault: StoreFault = StoreFault.NONE

    @property
    def is_in_worker(self) -> bool:
        """A worker brings the fault about."""
        return self.point is not None and self.point not in AT_ENGINE

    @property
    def points(self) -> tuple[Point, ...]:
        """Where it happens."""
        return () if self.point is None else (self.point, *self.further)

    @property
    def faults(self) -> int:
        """So many are to happen."""
        return self.at_most * max(1, len(self.points))


@dataclass(slots=True, eq=False)
class Running:
    """An engine at work, or one that was."""

    episode: Episode
    child: Fledgling
    book: Book
    slot: int
    """Of its ports: no two engines at once have the same one."""
    pid: int
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    was_killed: bool = False
    further_faults: int = 0
    """Brought about from outside."""

    @property
    def faults(self) -> int:
        """So many were brought about."""
        return len(self.book.lines(FAULT)) + self.further_faults

    @property
    def killed_workers(self) -> frozenset[str]:
        """Processes of workers that died by a fault."""
        return frozenset(pid for _, pid, *_ in self.book.lines(FAULT))


class World:
    """A store with its people and its engines."""

    def __init__(
        self, url: str, folder: Path, callee: Callee, services: SpeechServices, nursery: Nursery,
        data: Path,
    ) -> None:  # fmt: skip
        """`data`: where sentences and signs of life lie, as in a data folder."""
        self.people = People(url)
        self.engines: list[Running] = []
        self._url = url
        self._folder = folder
        self._services = services
        self._nursery = nursery
        self._numbers = itertools.count(1)
        ports = ENGINES * WORKERS
        self._premises = Premises(
            data, callee.port, free_ports(ports), free_ports(ports * LEGS * RTP_PORTS)
        )

    def start(self, episode: Episode, url: str | None = None) -> Running:
        """Start an engine and wait until it can call; it may have ended by then."""
        number = next(self._numbers)
        taken = {each.slot for each in self.engines if each.ended is None}
        # The longest unused: workers of an engine that was killed give their ports back soon.
        slot = next(
            each % ENGINES for each in itertools.count(number) if each % ENGINES not in taken
        )
        book = Book(self._folder / f"engine-{number}.book")
        settings = self._premises.settings(url or self._url, slot)
        mishap = ComesTo(book, episode.points, episode.how, episode.at_most)
        calm = replace(mishap, points=())
        worker = WorkerSettings(
            sip=sip_settings(settings),
            recognizers=self._services.recognizers.sockets,
            speech=speech_source(settings, self._services),
            voices=voices_of(settings),
            log_file=self._folder / "workers.log",
            checkpoint=mishap if episode.is_in_worker else calm,
        )
        spec = EngineSpec(
            settings,
            worker,
            book,
            calm if episode.is_in_worker else mishap,
            2 + (episode.faults if episode.is_in_worker else 0),
            episode.clock,
            episode.meddling,
            episode.store_fault,
        )
        child = self._nursery.start_child(run_engine, spec, name=f"engine-{number}")
        until(lambda: child.process.pid is not None)
        running = Running(episode, child, book, slot, child.process.pid or 0)
        self.engines.append(running)
        until(lambda: child.pipe.poll() or child.process.exitcode is not None)
        return running

    def end(self, running: Running) -> None:
        """Let it end in peace, after its calls."""
        for _ in range(2):
            # Who waits for a report that was lost ends when it is told again.
            if running.child.process.exitcode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(running.pid, signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    until(lambda: running.child.process.exitcode is not None, 20.0)
        self.see(running)
        if running.ended is None:
            self.kill(running)

    def kill(self, running: Running) -> None:
        """Lose its machine."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.child.process.join()
        self.see(running)

    def see(self, running: Running) -> bool:
        """Say whether it has ended, and note how."""
        code = running.child.process.exitcode
        if code is not None and running.ended is None:
            running.ended = time.monotonic()
            running.was_killed = code == -signal.SIGKILL
            running.child.pipe.close()
        return code is not None

    def play(self, episode: Episode) -> Running:
        """Run an engine until all that was to happen to it has happened, and it has ended."""
        self.people.keep_busy(60 + 6 * episode.faults)
        running = self.start(episode)
        with contextlib.suppress(TimeoutError):
            until(lambda: self.see(running) or running.faults >= episode.faults)
        if self.see(running):
            return running
        if episode.is_in_worker and episode.how is How.MACHINE_LOST and running.faults:
            until(lambda: self.see(running))
        self.end(running)
        return running

    def warm_up(self) -> None:
        """Call some people, so that all that is said lies in the cache."""
        self.people.invite(20)
        calm = self.start(Episode("none"))
        until(lambda: self.people.settled() >= 15)
        self.end(calm)

    def settle_all(self) -> None:
        """Let an engine at which nothing fails put everything in order; nobody else is called."""
        self.people.stop_calling()
        calm = self.start(Episode("none"))
        until(lambda: not self.people.open_attempts())
        self.end(calm)


def until(holds: Callable[[], object], patience: float = PATIENCE_SECONDS) -> None:
    """Wait until something holds; raises TimeoutError."""
    limit = time.monotonic() + patience
    while not holds():
        if time.monotonic() > limit:
            raise TimeoutError(f"it did not come to that within {patience:g} s")
        time.sleep(0.02)


@contextmanager
def world(
    url: str, folder: Path, callee: Callee, services: SpeechServices, nursery: Nursery, data: Path
) -> Iterator[World]:
    """Lend a world; no engine of it outlives the block."""
    folder.mkdir(parents=True, exist_ok=True)
    made = World(url, folder, callee, services, nursery, data)
    try:
        yield made
    finally:
        for each in made.engines:
            if not made.see(each):
                made.kill(each)
        made.people.database.close()
