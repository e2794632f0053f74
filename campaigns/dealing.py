"""Dealer: deals the free lines to the campaigns of one engine, and the agents behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from campaigns.events import CallMoved, CallPlaced, CallSettled, EngineEvent
from campaigns.order import CallStage
from campaigns.pacemaker import Pacemaker
from campaigns.pacing.allowance import Allowance
from campaigns.pacing.desk_reading import DeskView, share_of
from campaigns.pacing.forecasting import Count
from campaigns.pacing.rules import AbandonLimit, PacingRules
from campaigns.pacing.sharing import Claim, Turns
from store.database import Database
from store.desk_values import AgentFacts
from store.pacing_queries import answers_since, desk_now

REST: Final = timedelta(seconds=1)
"""A campaign in which nobody could be called is asked again after that."""
WORKER_CALLS_PER_SECOND: Final = 25.0
"""What one worker process sets up without being late for the calls it holds."""


class Dealer:
    """Says how many calls each campaign may place now.

    What a campaign wants follows from its mode; whose turn it is, from priorities and weights.
    """

    def __init__(self, database: Database, engine: str, workers: int) -> None:
        self._database = database
        self._engine = engine
        self._paces: dict[int, Pacemaker] = {}
        self._rests: dict[int, datetime] = {}
        """Campaigns in which nobody could be called, and until when they are left alone."""
        self._turns = Turns()
        self._claims: dict[int, Claim] = {}
        self._desk = DeskView()
        self._calls_per_second = WORKER_CALLS_PER_SECOND * workers
        self._rate: Allowance | None = None

    async def take_up(self, campaign: int, rules: PacingRules, now: datetime) -> None:
        """Begin with a campaign; what was abandoned before counts. Raises StoreError."""
        answers: tuple[tuple[datetime, bool], ...] = ()
        if rules.mode.is_for_agents:
            answers = await asyncio.to_thread(self._answers, campaign, now - rules.longest)
        self._paces[campaign] = Pacemaker(rules, answers)

    async def hold(self, campaign: int, laws: tuple[AbandonLimit, ...], now: datetime) -> None:
        """Keep to the laws of where people of a campaign are called now. Raises StoreError."""
        pace = self._paces[campaign]
        if laws != pace.rules.laws:
            longest = replace(pace.rules, laws=laws).longest
            pace.hold(laws, await asyncio.to_thread(self._answers, campaign, now - longest))

    def let_go(self, campaign: int) -> None:
        """Forget a campaign that is called no more."""
        self._paces.pop(campaign, None)
        self._rests.pop(campaign, None)
        self._turns = self._turns.without([campaign])

    def rest_no_more(self) -> None:
        """Look again in the campaigns in which nobody could be called."""
        self._rests.clear()

    def hear(self, campaign: int, event: EngineEvent, now: datetime) -> None:
        """Learn from what happens in a campaign."""
        if (pace := self._paces.get(campaign)) is None:
            return
        match event:
            case CallPlaced(attempt=attempt):
                pace.placed(attempt, now)
            case CallMoved(progress=progress) if progress.stage is CallStage.TALKING:
                pace.answered(progress.attempt, now)
            case CallSettled(attempt=attempt, settled=settled):
                pace.settled(attempt, settled.disposition, now)
            case _:
                pass

    def taken(self, attempt: int, now: datetime) -> None:
        """Note that an agent has a call."""
        for pace in self._paces.values():
            pace.taken(attempt, now)

    async def ask(self, in_progress: Mapping[int, int], lines: int, now: datetime) -> None:
        """Ask each campaign how many calls it wants; `in_progress`: how many each holds now.

        Raises StoreError.
        """
        self._rate = (self._rate or Allowance.full(self._calls_per_second, now)).at(now)
        eager = [
            (key, self._paces[key])
            for key in in_progress
            if key in self._paces and self._rests.get(key, now) <= now
        ]
        if any(pace.rules.mode.is_for_agents for _, pace in eager):
            await self._look()
        claims = [_claim(key, pace, 0) for key, pace in eager]
        self._claims = {}
        demand = {
            key: pace.expected(now)
            for key, pace in self._paces.items()
            if pace.rules.mode.is_for_agents
        }
        for key in self._turns.in_order(claims):
            pace = self._paces[key]
            allowed = min(lines, pace.allowed(in_progress[key], now))
            others = Count()
            if pace.rules.mode.is_for_agents:
                for other, count in demand.items():
                    others = others if other == key else others.plus(count)
            agents = self._desk.agents_for((), pace.attempts, now)
            wanted = pace.decide(agents, others, allowed, now).calls
            if pace.rules.mode.is_for_agents:
                demand[key] = pace.expected(now, wanted)
            self._claims[key] = _claim(key, pace, wanted)

    def deal(self, lines: int) -> dict[int, int]:
        """Return how many calls each campaign may place now; empty: none."""
        most = self._rate.whole if self._rate else 0
        dealt = self._turns.deal(min(lines, most), tuple(self._claims.values()))
        return {key: calls for key, calls in dealt.items() if calls}

    def placed(self, campaign: int, dealt: int, placed: int, now: datetime) -> None:
        """Note how many of the calls dealt to it a campaign has placed."""
        claims = tuple(self._claims.values())
        self._turns = self._turns.placed({campaign: placed}, claims)
        self._rate = self._rate.less(placed) if self._rate else None
        left = self._claims[campaign].calls - dealt if placed == dealt else 0
        self._claims[campaign] = replace(self._claims[campaign], calls=left)
        if not placed:
            self._rests[campaign] = now + REST

    def figures(self, now: datetime) -> dict[str, object]:
        """Return what people see of the pace of each campaign."""
        return {
            str(key): {
                "mode": pace.rules.mode.value,
                "reason": pace.last.reason.value,
                "abandoned": round(pace.rate(now), 4),
            }
            for key, pace in self._paces.items()
        }

    async def _look(self) -> None:
        """Look at the desk, and learn from what has changed there."""
        agents, waiting, engines = await asyncio.to_thread(self._read)
        view = DeskView(share_of(agents, self._engine, engines), waiting)
        lasted = view.lasted_since(self._desk)
        for pace in self._paces.values():
            pace.learn(lasted)
        self._desk = view

    def _read(self) -> tuple[tuple[AgentFacts, ...], frozenset[int], tuple[str, ...]]:
        with self._database.reading() as session:
            return desk_now(session)

    def _answers(self, campaign: int, since: datetime) -> tuple[tuple[datetime, bool], ...]:
        with self._database.reading() as session:
            return answers_since(session, campaign, since)


def _claim(campaign: int, pace: Pacemaker, calls: int) -> Claim:
    return Claim(campaign, calls, pace.rules.priority, pace.rules.weight)
