"""How fast Menling answers: `python -m bench.latency --calls 1,8,16 --rounds 3`.

Calls simulated recipients over real SIP with the real engines, and measures at their end:

  voice to voice   from the last speech sample they sent to the first sound of our answer
                   (closed question: they said yes, no or one of several; open: anything else)
  our voice stops  from the first word of an interruption that means something (not 嗯, not 行行行)
                   to our last sound
  physical limit   the silence that ends their turn, plus one frame: nobody who waits so long for
                   the end of a turn can be faster

Stop other work on the machine first. Takes about nine minutes with the defaults.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.crowd import Crowd, crowd
from bench.figures import Inside, Level, table
from bench.processor_time import seconds_of, with_descendants
from bench.replies import is_speech, lost_first_syllables
from campaigns.events import CallMoved, CallSettled, EngineEvent
from campaigns.host import SpeechServices
from campaigns.order import CallStage
from console.cli import DEMO_MANIFESTS
from console.demo import compare, demo_settings
from console.shipped import example
from console.trial import FLOW, Trial, manifest_like
from dialer.callee.process import CalleeProcess
from dialer.supervisor import Supervisor
from ivr.flow import load_flow
from store.queries import call
from store.types import TurnSpeaker

MANIFESTS = tuple(map(example, DEMO_MANIFESTS))
FEWEST_CALLS = 9
PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures of bench.latency -->", "<!-- end of the figures -->"
PARTS = ("engine", "workers", "recognisers", "synthesiser", "simulated recipients")


class Watch:
    """Takes the processor time from the first word of a level to its last settled call."""

    def __init__(self, callee: CalleeProcess) -> None:
        self._callee = callee
        self._services: SpeechServices | None = None
        self._supervisor: Supervisor | None = None
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def through(self, services: SpeechServices, supervisor: Supervisor) -> Supervisor:
        """Remember whose time to take."""
        self._services, self._supervisor = services, supervisor
        return supervisor

    def take(self, event: EngineEvent) -> None:
        """Look at the clock when a call begins to talk for the first time, and at each end."""
        match event:
            case CallMoved(progress) if progress.stage is CallStage.TALKING and not self._first:
                self._first = self._now()
            case CallSettled():
                self._last = self._now()
                print(".", end="", file=sys.stderr, flush=True)

    def used(self) -> dict[str, float]:
        """Return the seconds each part used meanwhile."""
        return {name: self._last.get(name, 0.0) - began for name, began in self._first.items()}

    def _now(self) -> dict[str, float]:
        if self._services is None or self._supervisor is None:
            return {}
        synthesizer = self._services.synthesizer.pid
        pids = (
            [os.getpid()],
            self._supervisor.pids().values(),
            self._services.recognizers.pids,
            with_descendants(synthesizer) if synthesizer else [],
            [self._callee.pid],
        )
        return seconds_of(dict(zip(PARTS, pids, strict=True)))


def measure(folder: Path, calls: int, rounds: int) -> Level:
    """Hold so many calls at once, `rounds` times over, and return what was measured."""
    people = crowd(folder / "scenarios", max(calls * rounds, FEWEST_CALLS), calls)
    with CalleeProcess(folder / "observations.jsonl", scenarios=people.folder) as callee:
        settings = demo_settings(folder / "data", callee.port, calls)
        watch = Watch(callee)
        with closing(Trial(settings, manifest_like(MANIFESTS, people.parcels))) as trial:
            asyncio.run(trial.run(watch.take, watch.through))
            as_expected = count_as_expected(trial, people)
            callee.stop()
            far_end = [entry for entry in callee.observations() if entry["event"] == "call"]
            inside = inside_of(trial, far_end)
    print(file=sys.stderr)
    return Level(calls, far_end, inside, watch.used(), as_expected)


def inside_of(trial: Trial, far_end: Sequence[Mapping[str, Any]]) -> Inside:
    """Return what the transcripts tell of the time between an answer and its reply."""
    states = load_flow(FLOW, "zh-CN").script.states
    inside = Inside()
    for number, contact in trial.contacts().items():
        if contact.last_attempt_id is None:
            continue
        with trial.database.reading() as session:
            turns = call(session, contact.last_attempt_id).turns
        inside.lost_syllables += lost_first_syllables(
            _said(far_end, number),
            [turn.text for turn in turns if turn.speaker is TurnSpeaker.CALLEE],
        )
        silence: float | None = None
        for turn in turns:
            state = states.get(turn.prompt)
            if turn.speaker is TurnSpeaker.CALLEE:
                asked = state.question if state else None
                silence = asked.patience.end_silence_seconds if asked else None
            elif turn.latency_seconds is not None and silence is not None:
                inside.end_silences.append(silence)
                inside.deciding.append(turn.latency_seconds - silence)
                silence = None
    return inside


def _said(far_end: Sequence[Mapping[str, Any]], number: str) -> list[str]:
    """Return the clips that the recipient at a number played."""
    calls = (entry for entry in far_end if entry["number"] == number)
    return [line["what"] for call in calls for line in call["lines"] if is_speech(line["what"])]


def count_as_expected(trial: Trial, people: Crowd) -> int:
    """Return how many calls came to what their scenario says."""
    today = datetime.now(ZoneInfo(trial.settings.campaign.time_zone))
    contacts = trial.contacts()
    return sum(
        not compare(scenario, contacts.get(number), today).differences
        for number, scenario in people.recipients.items()
    )


def machine() -> str:
    """Return what the figures were measured on, in one sentence."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    cores = len(os.sched_getaffinity(0))
    return (
        f"Measured on {cores} core{'s'[: cores > 1]} ({models[0] if models else 'unknown'}), "
        f"Python {platform.python_version()}, loopback, G.711, recipients on the same machine."
    )


def put_between(page: Path, begin: str, end: str, text: str) -> None:
    """Put the figures between two marks of the page."""
    before, begins, rest = page.read_text(encoding="utf-8").partition(begin)
    _, ends, after = rest.partition(end)
    if not (begins and ends):
        raise SystemExit(f"{page} lacks the lines {begin} and {end}; put them where figures belong")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def levels(text: str) -> list[int]:
    """Read `1,8,16`."""
    return [int(part) for part in text.split(",")]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure every level and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python -m bench.latency --calls 1,8,16 --rounds 3 --write",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--calls", type=levels, default=[1, 8, 16], help="calls at once: 1,8,16")
    parser.add_argument("--rounds", type=int, default=3, help="calls one after another per line")
    parser.add_argument("--write", action="store_true", help="put the table into docs/")
    options = parser.parse_args(argv)
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"The machine is busy (load {load:.1f}): the figures will be worse than they are.")
    with tempfile.TemporaryDirectory(prefix="menling-bench-") as folder:
        measured = [
            measure(Path(folder) / str(calls), calls, options.rounds) for calls in options.calls
        ]
    text = f"{machine()}\n\n{table(measured)}"
    print(text)
    if options.write:
        put_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
