"""What a call costs: `python -m bench.capacity --calls 8,16,24,32`.

Holds so many calls at once over real SIP with the real engines, everybody talking 40 % of the
time, and takes processor time and memory of all our processes: telephony, voice detection,
recognition, dialog, synthesis. The simulated recipients are left out. In the same run it decodes
with one recogniser per call that is fed continuously, and decodes speech alone.

Takes about a minute per level. Processor time is the better measured the quieter the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asr.arithmetic import KERNELS_VARIABLE, prepare_arithmetic
from bench.latency import MANIFESTS, PAGE, levels, machine, put_between
from bench.processor_time import proportional_megabytes, seconds_of, with_descendants
from bench.talkers import talkers
from campaigns.events import CallMoved, CallSettled, EngineEvent
from campaigns.host import SpeechServices
from campaigns.order import CallStage
from console.demo import demo_settings
from console.trial import Trial, manifest_like
from dialer.callee.process import CalleeProcess
from dialer.supervisor import Supervisor

SHARE = 0.4
SETTLING_SECONDS = 3.0
SPARE_SECONDS = 6.0
BEGIN, END = "<!-- figures of bench.capacity -->", "<!-- end of the figures of bench.capacity -->"
PARTS = ("engine", "workers", "recognisers", "synthesiser")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one level came to."""

    calls: int
    seconds: float
    """Over which processor time was taken."""
    processor_seconds: Mapping[str, float]
    megabytes: Mapping[str, float]
    """At the end of it; a page shared by processes counts once."""
    ended_early: int
    """Calls that were over before the end of the measurement."""

    def percent(self, part: str = "") -> float:
        """Return the per cent of a core that a call costs, in one part or in all."""
        used = self.processor_seconds[part] if part else sum(self.processor_seconds.values())
        return 100 * used / self.seconds / self.calls

    def memory(self) -> float:
        """Return the megabytes of all parts."""
        return sum(self.megabytes.values())


class Meter:
    """Takes processor time over a stretch in which every line talks, and memory at its end."""

    def __init__(self, calls: int, seconds: float, callee: int) -> None:
        self._calls = calls
        self._seconds = seconds
        self._callee = callee
        self._answered: set[int] = set()
        self._over = 0
        self._services: SpeechServices | None = None
        self._supervisor: Supervisor | None = None
        self._measuring: asyncio.Task[Cost] | None = None

    def through(self, services: SpeechServices, supervisor: Supervisor) -> Supervisor:
        """Remember whose time to take."""
        self._services, self._supervisor = services, supervisor
        return supervisor

    def take(self, event: EngineEvent) -> None:
        """Begin when the last line has answered."""
        match event:
            case CallMoved(progress) if progress.stage is CallStage.TALKING:
                self._answered.add(progress.attempt)
                if len(self._answered) == self._calls and self._measuring is None:
                    self._measuring = asyncio.create_task(self._measure())
            case CallSettled():
                self._over += 1

    async def cost(self) -> Cost:
        """Return what was measured; raises SystemExit when the calls did not all talk at once."""
        if self._measuring is None:
            raise SystemExit(
                f"only {len(self._answered)} of {self._calls} calls were answered at the same "
                "time; try fewer, or stop other work on the machine"
            )
        return await self._measuring

    async def _measure(self) -> Cost:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(SETTLING_SECONDS)
        pids = self._pids()
        before, began = seconds_of(pids), loop.time()
        await asyncio.sleep(self._seconds)
        after, ended = seconds_of(pids), loop.time()
        return Cost(
            self._calls,
            ended - began,
            {part: after[part] - before[part] for part in PARTS},
            {part: proportional_megabytes(pids[part]) for part in PARTS},
            self._over,
        )

    def _pids(self) -> dict[str, list[int]]:
        if self._services is None or self._supervisor is None:
            return {part: [] for part in PARTS}
        synthesizer = self._services.synthesizer.pid
        parts = {
            "workers": list(self._supervisor.pids().values()),
            "recognisers": list(self._services.recognizers.pids),
            "synthesiser": with_descendants(synthesizer) if synthesizer else [],
        }
        told = {self._callee, *(pid for pids in parts.values() for pid in pids)}
        rest = [pid for pid in with_descendants(os.getpid()) if pid not in told]
        return {"engine": rest, **parts}


def measure(folder: Path, calls: int, seconds: float) -> Cost:
    """Hold so many calls and return what they cost."""
    lasting = seconds + calls / 4 + SETTLING_SECONDS + SPARE_SECONDS
    people = talkers(folder / "scenarios", calls, lasting, SHARE)
    with CalleeProcess(folder / "observations.jsonl", scenarios=people.folder) as callee:
        settings = demo_settings(folder / "data", callee.port, calls)
        meter = Meter(calls, seconds, callee.pid)

        async def hold(trial: Trial) -> Cost:
            await trial.run(meter.take, meter.through)
            return await meter.cost()

        with closing(Trial(settings, manifest_like(MANIFESTS, people.parcels))) as trial:
            return asyncio.run(hold(trial))


def decoding(how: str, calls: int, seconds: float) -> dict[str, Any]:
    """Return what decoding alone takes, in a process of its own."""
    environment = dict(os.environ)
    if how == "utterances":
        prepare_arithmetic(environment)
    else:  # as it comes out of the box
        environment.pop(KERNELS_VARIABLE, None)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.decoders", how),
            *("--calls", str(calls), "--seconds", str(seconds), "--share", str(SHARE)),
        ],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def table(costs: Sequence[Cost]) -> str:
    """Return the figures as a Markdown table, one column per level."""
    rows: dict[str, list[str]] = {
        f"{part}, % of a core per call": [f"{cost.percent(part):.2f}" for cost in costs]
        for part in PARTS
    }
    rows["**all of it, % of a core per call**"] = [f"**{cost.percent():.2f}**" for cost in costs]
    rows["**calls per core**"] = [f"**{100 / cost.percent():.0f}**" for cost in costs]
    rows["memory of all of it, MB"] = [f"{cost.memory():.0f}" for cost in costs]
    rows["**memory per further call, MB**"] = ["-"] + [
        f"**{(more.memory() - fewer.memory()) / (more.calls - fewer.calls):.1f}**"
        for fewer, more in itertools.pairwise(costs)
    ]
    if any(cost.ended_early for cost in costs):
        rows["calls over before the end"] = [str(cost.ended_early) for cost in costs]
    head = "".join(f" {cost.calls} calls |" for cost in costs)
    lines = [f"| |{head}", "|---" * (len(costs) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    return "\n".join(lines)


def comparison(peer: Mapping[str, float], speech: Mapping[str, float], calls: int) -> str:
    """Return what decoding alone takes, in two sentences."""
    fed = 100 * peer["processor_seconds"] / peer["sound_seconds"]
    least = speech["processor_seconds"] / speech["sound_seconds"]
    return (
        f"In the same run, one Vosk recogniser per call fed continuously: {fed:.2f} % of a core "
        f"and {peer['megabytes'] / calls:.1f} MB per call for the recognition alone. Recognition "
        f"of nothing but speech: {1 / least:.0f} streams per core, so {100 * least * SHARE:.2f} % "
        f"of a core for a call in which somebody talks {SHARE:.0%} of the time."
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Measure every level and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python -m bench.capacity --calls 8,16,24,32 --write",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--calls", type=levels, default=[8, 16, 24, 32], help="calls at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="measured at each level")
    parser.add_argument("--write", action="store_true", help="put the table into docs/")
    options = parser.parse_args(argv)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="menling-bench-") as folder:
        costs = [
            measure(Path(folder) / str(calls), calls, options.seconds) for calls in options.calls
        ]
    fewest = min(options.calls)
    compared = comparison(
        decoding("continuous", fewest, options.seconds),
        decoding("utterances", fewest, options.seconds),
        fewest,
    )
    text = (
        f"{machine()} The load of the machine was {load:.1f} before the run.\n\n"
        f"{table(costs)}\n\n{compared}"
    )
    print(text)
    if options.write:
        put_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
