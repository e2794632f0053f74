"""Our pacing against others in simulated time: `python -m bench.pacing_simulation --write`.

Days of a call centre, drawn by a seed, the same for every dialler. A day of four hours takes ours
some ten seconds, the others one; `--rows FILE` keeps every run there and goes on from those.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from multiprocessing import Pool
from pathlib import Path

from bench.latency import put_between
from bench.pacing_diallers import Adaptive, Cap, Ours, Ratio
from bench.pacing_figures import Run, drawing, run_of, table
from bench.pacing_scenarios import SCENARIOS
from bench.pacing_world import Dialler, World
from campaigns.pacing.deciding import Mode

DOCS = Path(__file__).parent.parent / "docs"
BEGIN = "<!-- figures of bench.pacing_simulation -->"
END = "<!-- end of the figures of bench.pacing_simulation -->"
BEAT_SECONDS = 2.0

DIALLERS: Mapping[str, Callable[[float], Dialler]] = {
    "ours": lambda _: Ours(beat_seconds=BEAT_SECONDS),
    "hard limit": lambda shift: Adaptive(Cap.HARD, shift),
    "hard limit, level ≤ 1.5": lambda shift: Adaptive(Cap.HARD, shift, most=1.5),
    "tapered": lambda shift: Adaptive(Cap.TAPERED, shift),
    "average": lambda shift: Adaptive(Cap.AVERAGE, shift),
    "ratio 1.5": lambda _: Ratio(1.5),
    "ratio 2": lambda _: Ratio(2.0),
    "progressive": lambda _: Ours(mode=Mode.PROGRESSIVE, beat_seconds=BEAT_SECONDS),
}


def day(job: tuple[int, str, int, float]) -> Run:
    """Let a day pass: scenario, dialler, seed, seconds."""
    scenario, dialler, seed, seconds = job
    world = World(SCENARIOS[scenario], DIALLERS[dialler](seconds), seed, seconds)
    return run_of(SCENARIOS[scenario].name, dialler, seed, world.run())


def main() -> None:
    """Run what is missing, print the table, and write it into the pages if told to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--write", action="store_true")
    told = parser.parse_args()
    rows = told.rows.read_text().splitlines() if told.rows and told.rows.exists() else []
    known = {(each.scenario, each.dialler, each.seed): each for each in map(_read, rows)}
    jobs = [
        (at, dialler, seed, 3600.0 * told.hours)
        for at, scenario in enumerate(SCENARIOS)
        for dialler in DIALLERS
        for seed in range(told.seeds)
        if (scenario.name, dialler, seed) not in known
    ]
    with Pool(told.processes) as pool:
        for each in pool.imap_unordered(day, jobs):
            known[each.scenario, each.dialler, each.seed] = each
            if told.rows:
                with told.rows.open("a") as file:
                    file.write(json.dumps(asdict(each)) + "\n")
    places = {scenario.name: at for at, scenario in enumerate(SCENARIOS)}
    runs = sorted(known.values(), key=lambda each: (places[each.scenario], each.seed))
    text = table(runs, tuple(DIALLERS))
    print(text)
    if told.write:
        for page in ("performance.md", "pacing.md"):
            put_between(DOCS / page, BEGIN, END, text)
        (DOCS / "pacing.svg").write_text(drawing(runs), encoding="utf-8")


def _read(row: str) -> Run:
    return Run(**json.loads(row))


if __name__ == "__main__":
    main()
