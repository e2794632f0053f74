"""The days that diallers are tried on."""

from __future__ import annotations

import math
from collections.abc import Callable

from bench.pacing_world import Scenario, Times

HOURS = 8.0
SECONDS = 3600 * HOURS


def _steady(rate: float) -> Callable[[float], float]:
    return lambda _: rate


def _drift(now: float) -> float:
    """Return a rate that goes up and down between 15 and 45 % in three hours."""
    return 0.30 + 0.15 * math.sin(2 * math.pi * now / (3 * 3600))


def _jump(before: float, after: float) -> Callable[[float], float]:
    """Return a rate that changes every hour from one second to the next."""
    return lambda now: after if (now / 3600) % 2 >= 1 else before


def _late_jump(before: float, after: float) -> Callable[[float], float]:
    return lambda now: after if now >= 2 * 3600 else before


def _bursts(now: float) -> float:
    """Return three times longer wrap-ups for five minutes of every half hour."""
    return 3.0 if now % 1800 < 300 else 1.0


def _coming_and_going(now: float) -> int:
    """Return 20 agents, half of whom are at lunch for an hour, six in meetings now and then."""
    hour = now / 3600
    there = 20
    if 3.0 <= hour < 4.0:
        there -= 10
    if hour % 1.5 >= 1.25:
        there -= 6
    return there


SCENARIOS = (
    Scenario("steady 20 %", 15, _steady(0.20)),
    Scenario("steady 60 %", 15, _steady(0.60)),
    Scenario("slow drift 15-45 %", 15, _drift),
    Scenario("jump 20 to 60 %", 15, _late_jump(0.20, 0.60)),
    Scenario("jump 60 to 20 %", 15, _late_jump(0.60, 0.20)),
    Scenario("20 and 60 % every hour", 15, _jump(0.20, 0.60)),
    Scenario("3 agents", 3, _steady(0.30)),
    Scenario("40 agents", 40, _steady(0.30)),
    Scenario("40 agents, jump", 40, _late_jump(0.20, 0.60)),
    Scenario("long talks", 15, _steady(0.30), Times(talk=(240.0, 0.6))),
    Scenario("bursts of wrap-up", 15, _steady(0.30), slow_wrap_ups=_bursts),
    Scenario("agents come and go", 20, _steady(0.30), present=_coming_and_going),
)
