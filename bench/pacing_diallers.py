"""The diallers that are compared: ours, a fixed ratio, and VICIdial's adaptive scheme.

The adaptive scheme is written after its description (docs/PREDICTIVE.txt of VICIdial) and the
behaviour of its script AST_VDadapt:

- Every 2.5 seconds lines are filled up to agents times dial level; every call counts as a line
  until its talk is over.
- Every second agents that wait for calls and calls that wait for agents are counted. Every 15
  seconds the dial level is multiplied by one plus their mean difference per agent. It stays between
  1 and a maximum, 3 by default.
- Drops are counted against answers since midnight, once more than 50 calls are counted. Above the
  limit, HARD LIMIT sets the level to 1, AVERAGE halves it, TAPERED multiplies it with the share of
  ten hours that is left of the shift. When more than half of the last minute's calls dropped, of
  more than 20, the level is halved.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bench.pacing_world import Call, End, State, World
from campaigns.pacing.abandons import AbandonWindow
from campaigns.pacing.agents import AgentsNow, CallsNow
from campaigns.pacing.deciding import Mode, Situation, decide
from campaigns.pacing.learning import Learned

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CEILING = 0.03


@dataclass(slots=True)
class Ours:
    """Menling's own, on a beat of a second."""

    mode: Mode = Mode.PREDICTIVE
    window: timedelta = timedelta(hours=24)
    beat_seconds: float = 1.0
    learned: Learned = field(default_factory=Learned)
    abandons: AbandonWindow = field(init=False)

    def __post_init__(self) -> None:
        self.abandons = AbandonWindow(CEILING, self.window)

    def calls(self, now: float, world: World) -> int:
        """Return how many calls to place now."""
        by_state: dict[State, list[float]] = {state: [] for state in State}
        for agent in world.agents:
            by_state[agent.state].append(now - agent.since)
        in_flight = world.in_flight
        situation = Situation(
            AgentsNow(
                max(0, len(by_state[State.FREE]) - len(world.waiting)),
                tuple(by_state[State.TALKING]),
                tuple(by_state[State.WRITING]),
            ),
            CallsNow(
                tuple(now - each.placed_at for each in in_flight if not each.answered),
                sum(each.answered for each in in_flight) - len(world.waiting),
            ),
            self.learned,
            self.abandons.budget(START + timedelta(seconds=now)),
            CEILING,
        )
        return decide(self.mode, situation, 25).calls

    def ended(self, now: float, call: Call, end: End) -> None:
        """Learn how a call ended."""
        seconds = now - call.placed_at
        if end is End.FAILED:
            self.learned = self.learned.failed(seconds)
            return
        self.learned = self.learned.reached(seconds)
        at = START + timedelta(seconds=now)
        self.abandons = self.abandons.with_answer(at, abandoned=end is End.ABANDONED)

    def agent_was(self, state: State, seconds: float) -> None:
        """Learn how long an agent talked or wrote."""
        if state is State.TALKING:
            self.learned = self.learned.talked(seconds)
        else:
            self.learned = self.learned.wrapped_up(seconds)


@dataclass(slots=True)
class Ratio:
    """So many lines for each agent, whatever happens."""

    level: float
    beat_seconds: float = 2.5

    def calls(self, now: float, world: World) -> int:
        """Fill the lines."""
        there = [each for each in world.agents if each.state is not State.AWAY]
        # Who writes gets no call, and counts as no agent, as with VICIdial's pause after a call.
        working = [each for each in there if each.state is not State.WRITING]
        talking = sum(each.state is State.TALKING for each in there)
        return max(0, round(len(working) * self.level) - talking - len(world.known))

    def ended(self, now: float, call: Call, end: End) -> None:
        """Nothing is learnt."""

    def agent_was(self, state: State, seconds: float) -> None:
        """Nothing is learnt."""


class Cap(StrEnum):
    """What the adaptive scheme does above its limit."""

    HARD = "hard limit"
    TAPERED = "tapered"
    AVERAGE = "average"


@dataclass(slots=True)
class Adaptive:
    """VICIdial's adaptive scheme as it is described."""

    cap: Cap
    shift_seconds: float
    limit: float = CEILING
    most: float = 3.0
    level: float = 1.0
    beat_seconds: float = 0.5
    answers: int = 0
    drops: int = 0
    recent: deque[tuple[float, bool]] = field(default_factory=deque)
    differences: list[tuple[int, int]] = field(default_factory=list)

    def calls(self, now: float, world: World) -> int:
        """Count every second, adapt every 15, and fill the lines every 2.5."""
        if now % 1.0 < 0.25:
            self._count(world)
        if now and now % 15.0 < 0.25:
            self._adapt(now)
        return Ratio(self.level).calls(now, world) if now % 2.5 < 0.25 else 0

    def ended(self, now: float, call: Call, end: End) -> None:
        """Count answers and drops."""
        if end is not End.FAILED:
            self.answers += 1
            self.drops += end is End.ABANDONED
            self.recent.append((now, end is End.ABANDONED))

    def agent_was(self, state: State, seconds: float) -> None:
        """Nothing is learnt."""

    def _count(self, world: World) -> None:
        free = sum(each.state is State.FREE for each in world.agents)
        working = sum(each.state in (State.FREE, State.TALKING) for each in world.agents)
        self.differences.append((free - len(world.waiting), working))

    def _adapt(self, now: float) -> None:
        difference = sum(each for each, _ in self.differences)
        agents = sum(each for _, each in self.differences)
        self.differences.clear()
        level = self.level * (1.0 + (difference / agents if agents else 0.0))
        level = min(level, self.most)
        while self.recent and self.recent[0][0] < now - 60.0:
            self.recent.popleft()
        dropped = sum(each for _, each in self.recent)
        if len(self.recent) > 20 and dropped > len(self.recent) / 2:
            level /= 2
        if self.answers > 50 and self.drops > self.limit * self.answers:
            match self.cap:
                case Cap.HARD:
                    level = 1.0
                case Cap.AVERAGE:
                    level /= 2
                case Cap.TAPERED:
                    level *= min(1.0, max(0.0, self.shift_seconds - now) / 36000.0)
        self.level = max(1.0, level)
