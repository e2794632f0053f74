"""A call centre in simulated time: agents, people who answer or don't, and a dialler between them.

Discrete events from a heap, dice from one seed. The dialler is asked at its own beat how many calls
to place, and sees what a real one sees: states of agents and calls, never who is going to answer.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

RING_SECONDS = 25.0
"""How long we let it ring; a mailbox answers before."""
MAILBOX_SECONDS = 19.0
WAIT_SECONDS = 2.0
"""Whoever answered and has no agent after that is abandoned (16 CFR 310.4(b)(1)(iv))."""


class State(StrEnum):
    """What an agent does."""

    AWAY = "away"
    FREE = "free"
    TALKING = "talking"
    WRITING = "writing"


class End(StrEnum):
    """How a call ended for the dialler."""

    REACHED = "reached"
    """An agent has taken it."""
    ABANDONED = "abandoned"
    FAILED = "failed"
    """Busy, no answer or a machine."""


@dataclass(frozen=True, slots=True)
class Times:
    """Median seconds, and the spread of their logarithms."""

    answer: tuple[float, float] = (8.0, 0.45)
    detection: tuple[float, float] = (0.8, 0.35)
    """From the answer to knowing that it is a person."""
    talk: tuple[float, float] = (60.0, 0.7)
    wrap_up: tuple[float, float] = (15.0, 0.6)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a day is like."""

    name: str
    agents: int
    answer_rate: Callable[[float], float]
    """Share of people who answer, at a second of the day."""
    times: Times = Times()
    busy: float = 0.12
    """Share of calls that fail within seconds."""
    machines: float = 0.25
    """Share of those whom nobody answers for whom a mailbox does."""
    slow_wrap_ups: Callable[[float], float] = lambda _: 1.0
    """By what wrap-ups last longer, at a second of the day."""
    present: Callable[[float], int] | None = None
    """How many agents should be there, at a second of the day; None: all."""


@dataclass(slots=True)
class Agent:
    """One agent as a dialler sees them."""

    state: State = State.FREE
    since: float = 0.0


@dataclass(slots=True)
class Call:
    """A call nobody has taken yet."""

    placed_at: float
    answered: bool = False


@dataclass(slots=True)
class Figures:
    """What a run came to."""

    placed: int = 0
    reached: int = 0
    """People who answered."""
    abandoned: int = 0
    busy_seconds: float = 0.0
    """That agents talked or wrote."""
    present_seconds: float = 0.0
    answers: list[tuple[float, bool]] = field(default_factory=list)
    """When each person was there, or was abandoned, and which of the two."""


class Dialler(Protocol):
    """What decides how many calls to place."""

    beat_seconds: float

    def calls(self, now: float, world: World) -> int:
        """Return how many calls to place now."""

    def ended(self, now: float, call: Call, end: End) -> None:
        """Learn how a call ended."""

    def agent_was(self, state: State, seconds: float) -> None:
        """Learn how long an agent talked or wrote."""


class World:
    """One call centre on one day with one dialler."""

    def __init__(self, scenario: Scenario, dialler: Dialler, seed: int, seconds: float) -> None:
        self.scenario = scenario
        self.agents = [Agent() for _ in range(scenario.agents)]
        self.calls: set[int] = set()
        self.waiting: list[int] = []
        """Calls of people who wait for an agent, in order."""
        self.known: dict[int, Call] = {}
        self.figures = Figures()
        self._dialler = dialler
        self._dice = random.Random(seed)
        self._seconds = seconds
        self._heap: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()

    def run(self) -> Figures:
        """Let the day pass."""
        self._at(0.0, self._beat)
        if self.scenario.present is not None:
            self._at(0.0, self._shift)
        while self._heap and self._heap[0][0] <= self._seconds:
            now, _, happens = heapq.heappop(self._heap)
            happens(now)
        for agent in self.agents:
            self._leave(agent, self._seconds)
        return self.figures

    @property
    def in_flight(self) -> list[Call]:
        """Calls that nobody has taken yet."""
        return list(self.known.values())

    def _at(self, moment: float, happens: Callable[[float], None]) -> None:
        heapq.heappush(self._heap, (moment, next(self._order), happens))

    def _lasts(self, shape: tuple[float, float], times: float = 1.0) -> float:
        return self._dice.lognormvariate(math.log(shape[0] * times), shape[1])

    def _beat(self, now: float) -> None:
        for _ in range(self._dialler.calls(now, self)):
            self._place(now)
        self._at(now + self._dialler.beat_seconds, self._beat)

    def _place(self, now: float) -> None:
        number = self.figures.placed
        self.figures.placed += 1
        self.known[number] = Call(now)
        setup = self._dice.uniform(0.3, 2.0)
        if self._dice.random() < self.scenario.busy:
            self._at(now + setup + self._dice.uniform(0.5, 3.0), lambda at: self._fail(number, at))
            return
        rings = self._lasts(self.scenario.times.answer)
        luck = self._dice.random()
        self._at(now + setup + min(rings, RING_SECONDS), lambda at: self._decide(number, luck, at))

    def _decide(self, number: int, luck: float, now: float) -> None:
        """Decide now if they answer, so that a change meets the calls that ring already."""
        chance = self.scenario.answer_rate(now) / (1.0 - self.scenario.busy)
        rung = now - self.known[number].placed_at
        if luck < chance and rung < RING_SECONDS:
            self.known[number].answered = True
            self._at(now + self._lasts(self.scenario.times.detection), self._there(number))
        elif self._dice.random() < self.scenario.machines:
            until = max(now, self.known[number].placed_at + MAILBOX_SECONDS)
            self._at(until + self._dice.uniform(1.5, 4.0), lambda at: self._fail(number, at))
        else:
            until = max(now, self.known[number].placed_at + RING_SECONDS)
            self._at(until, lambda at: self._fail(number, at))

    def _there(self, number: int) -> Callable[[float], None]:
        def happens(now: float) -> None:
            free = [each for each in self.agents if each.state is State.FREE]
            if free:
                self._talk(number, min(free, key=lambda each: each.since), now)
                return
            self.waiting.append(number)
            self._at(now + WAIT_SECONDS, lambda at: self._give_up(number, at))

        return happens

    def _talk(self, number: int, agent: Agent, now: float) -> None:
        self.figures.reached += 1
        self.figures.answers.append((now, False))
        self._dialler.ended(now, self.known.pop(number), End.REACHED)
        self._becomes(agent, State.TALKING, now)
        self._at(now + self._lasts(self.scenario.times.talk), lambda at: self._write(agent, at))

    def _write(self, agent: Agent, now: float) -> None:
        self._becomes(agent, State.WRITING, now)
        lasts = self._lasts(self.scenario.times.wrap_up, self.scenario.slow_wrap_ups(now))
        self._at(now + lasts, lambda at: self._back(agent, at))

    def _back(self, agent: Agent, now: float) -> None:
        if self._too_many(now):
            self._becomes(agent, State.AWAY, now)
            return
        self._becomes(agent, State.FREE, now)
        if self.waiting:
            self._talk(self.waiting.pop(0), agent, now)

    def _give_up(self, number: int, now: float) -> None:
        if number in self.waiting:
            self.waiting.remove(number)
            self.figures.reached += 1
            self.figures.abandoned += 1
            self.figures.answers.append((now, True))
            self._dialler.ended(now, self.known.pop(number), End.ABANDONED)

    def _fail(self, number: int, now: float) -> None:
        self._dialler.ended(now, self.known.pop(number), End.FAILED)

    def _becomes(self, agent: Agent, state: State, now: float) -> None:
        self._leave(agent, now)
        if agent.state in (State.TALKING, State.WRITING):
            self._dialler.agent_was(agent.state, now - agent.since)
        agent.state, agent.since = state, now

    def _leave(self, agent: Agent, now: float) -> None:
        seconds = now - agent.since
        if agent.state is not State.AWAY:
            self.figures.present_seconds += seconds
        if agent.state in (State.TALKING, State.WRITING):
            self.figures.busy_seconds += seconds

    def _too_many(self, now: float) -> bool:
        wanted = self.scenario.present
        there = sum(each.state is not State.AWAY for each in self.agents)
        return wanted is not None and there > wanted(now)

    def _shift(self, now: float) -> None:
        """Let agents come and go; one who is free goes at once, one in a call after it."""
        assert self.scenario.present is not None
        there = sum(each.state is not State.AWAY for each in self.agents)
        missing = self.scenario.present(now) - there
        for agent in self.agents:
            if missing > 0 and agent.state is State.AWAY:
                self._becomes(agent, State.FREE, now)
                missing -= 1
                if self.waiting:
                    self._talk(self.waiting.pop(0), agent, now)
            elif missing < 0 and agent.state is State.FREE:
                self._becomes(agent, State.AWAY, now)
                missing += 1
        self._at(now + 10.0, self._shift)
