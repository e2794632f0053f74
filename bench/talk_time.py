"""How long each conversation takes who simply agrees: `python -m bench.talk_time [--write]`.

Calls one simulated recipient of every flow (`audio_fixtures/conversations`) over real SIP and RTP,
with the real recogniser and synthesiser, and compares the time from the answer to the hang-up with
the physical limit: the words of both sides one after the other, without any pause. Takes about two
minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from audio.pcm import seconds
from audio_fixtures.clips import clip_sound
from audio_fixtures.scenarios import Scenario, load_scenarios
from audio_fixtures.script import SayClip
from bench.latency import PAGE, put_between
from campaigns.callers import Callers
from campaigns.host import dialing_host
from campaigns.order import CallOrder, CallReport
from campaigns.settings import Settings
from console.demo import demo_settings
from dialer.callee.process import CalleeProcess
from dialer.supervisor import WorkerLost, WorkerMessage
from ivr.flow import load_flow
from ivr.invented import facts_for, invented_facts
from ivr.transcript import Speaker

CONVERSATIONS = Path(__file__).parents[1] / "audio_fixtures" / "conversations"
BEGIN, END = "<!-- figures of bench.talk_time -->", "<!-- end of the figures of talk_time -->"
NOW = datetime(2026, 11, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
BARS = {"pre-delivery": 25, "survey": 40}
"""Seconds; what nobody should be kept longer than."""


class WorkerDiedError(RuntimeError):
    """A worker ended with calls in progress."""


def conversations() -> tuple[Scenario, ...]:
    """Return the recipients, one for each flow; a scenario has the id of its flow."""
    return load_scenarios(CONVERSATIONS)


def order_of(key: int, scenario: Scenario, port: int) -> CallOrder:
    """Return the order to call the recipient of a flow about an invented parcel."""
    flow = load_flow(scenario.id, "zh-CN")
    return CallOrder(
        attempt=key,
        uri=f"sip:{scenario.number}@127.0.0.1:{port};transport=udp",
        flow=flow.id,
        language=flow.language,
        facts=facts_for(flow, invented_facts(NOW), {}),
        ring_timeout=timedelta(seconds=12),
        recording=None,
    )


async def call_everybody(settings: Settings, port: int) -> Mapping[str, CallReport]:
    """Call the recipients of all flows, as many as there are lines; raises WorkerDiedError."""
    orders = [order_of(key, each, port) for key, each in enumerate(conversations(), 1)]
    async with dialing_host(settings) as callers:
        await callers.start()
        try:
            held = await _reports(callers, orders)
        finally:
            await callers.stop()
    return {order.flow: held[order.attempt] for order in orders}


async def _reports(callers: Callers, orders: Sequence[CallOrder]) -> Mapping[int, CallReport]:
    waiting, held = list(orders), dict[int, CallReport]()
    while len(held) < len(orders):
        while waiting and callers.free_slots():
            order = waiting.pop(0)
            callers.submit(order.attempt, order)
        match await callers.receive():
            case WorkerMessage(message=CallReport() as report):
                callers.release(report.attempt)
                held[report.attempt] = report
            case WorkerLost() as lost:
                raise WorkerDiedError(str(lost))
    return held


def table(reports: Mapping[str, CallReport]) -> str:
    """Return the figures as they stand in the handbook."""
    lines = [
        "| flow | came to | talk, s | both sides' words alone, s | bar, s |",
        "|---|---|---|---|---|",
    ]
    for scenario in conversations():
        report = reports[scenario.id]
        came_to = report.result.outcome.value if report.result else report.error
        bar = BARS.get(scenario.id)
        lines.append(
            f"| {scenario.id} | {came_to} | {report.talk_seconds:.1f} "
            f"| {_words_alone(scenario, report):.1f} | {f'≤ {bar}' if bar else ''} |"
        )
    return "\n".join(lines)


def _words_alone(scenario: Scenario, report: CallReport) -> float:
    """Return how long the words of both sides are, said without a pause between them."""
    ours = (turn for turn in report.turns if turn.speaker is Speaker.MENLING)
    theirs = sum(turn.speaker is Speaker.CALLEE for turn in report.turns)
    said = [step.clip for step in scenario.script if isinstance(step, SayClip)][:theirs]
    return sum(turn.ended_seconds - turn.began_seconds for turn in ours) + sum(
        seconds(clip_sound(clip)) for clip in said
    )


def main() -> None:
    """Call everybody and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=4, help="at once (4)")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "observations.jsonl"
        with CalleeProcess(noted, scenarios=CONVERSATIONS) as recipients:
            settings = demo_settings(Path(folder), recipients.port, arguments.calls)
            figures = table(asyncio.run(call_everybody(settings, recipients.port)))
    print(figures)
    if arguments.write:
        put_between(PAGE, BEGIN, END, figures)


if __name__ == "__main__":
    main()
