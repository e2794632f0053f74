"""Our pacing in simulated days, shorter than those of the benchmark."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.pacing_diallers import Adaptive, Cap, Ours
from bench.pacing_figures import Run, drawing, run_of, table
from bench.pacing_scenarios import SCENARIOS
from bench.pacing_world import World
from campaigns.pacing.deciding import Mode

BY_NAME = {each.name: each for each in SCENARIOS}


def early_jump(now: float) -> float:
    return 0.6 if now >= 1500 else 0.2


def came_to(name: str, dialler, seed: int, seconds: float, **changes) -> Run:
    scenario = replace(BY_NAME[name], **changes)
    return run_of(name, "", seed, World(scenario, dialler, seed, seconds).run())


@pytest.mark.parametrize("seed", range(4))
def test_the_ceiling_holds_when_three_times_as_many_answer_from_one_second_to_the_next(seed):
    run = came_to("40 agents, jump", Ours(beat_seconds=3.0), seed, 2100, answer_rate=early_jump)
    assert run.worst <= 0.03
    assert run.abandoned > 0


@pytest.mark.parametrize("name", ["steady 60 %", "bursts of wrap-up", "agents come and go"])
def test_the_ceiling_holds_from_the_first_answers_on(name: str) -> None:
    assert came_to(name, Ours(beat_seconds=3.0), 7, 2400).worst <= 0.03


def test_predictive_keeps_agents_busier_than_progressive() -> None:
    predictive = came_to("40 agents", Ours(beat_seconds=3.0), 1, 2400)
    progressive = came_to("40 agents", Ours(Mode.PROGRESSIVE, beat_seconds=3.0), 1, 2400)
    assert progressive.abandoned == 0
    assert predictive.utilisation > progressive.utilisation + 0.1


def test_the_adaptive_scheme_passes_the_ceiling_before_it_brakes() -> None:
    assert came_to("40 agents", Adaptive(Cap.HARD, 2400.0), 1, 2400).worst > 0.03


def test_one_seed_always_makes_one_day() -> None:
    days = [came_to("3 agents", Ours(beat_seconds=3.0), 3, 900) for _ in range(2)]
    assert days[0] == days[1]


def test_table_and_drawing_name_every_scenario() -> None:
    runs = [
        Run("steady", "ours", 0, 0.8, 0.02, 0.025),
        Run("steady", "hard limit", 0, 0.7, 0.04, 0.2),
    ]
    assert "| steady | **80.0 · 2.0 / 2.5** | 70.0 · 4.0 / 20.0 |" in table(
        runs, ("ours", "hard limit")
    )
    assert "steady" in drawing(runs)
