"""How fast and how quietly a person takes a call over: `python -m bench.take_over [--write]`.

Customers who want a person are called over real SIP and RTP by the service that `menling serve`
runs; agents on SIP telephones accept, say a word, talk for a while and leave. Measured on the
recordings: from the acceptance to the agent's first sound, and the longest silence that the
customer heard from the robot's 正在转接 on. A last round of calls loses the agent's telephone in
the middle: how long until the robot speaks again.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from audio.level import dbfs
from audio.pcm import FRAME_SECONDS, frames
from audio.wav import read_stereo
from bench.desk_telephones import write_telephones
from bench.latency import PAGE, put_between
from campaigns.host import speech_services, supervisor_of
from campaigns.serving import Service
from campaigns.serving_runs import Site
from campaigns.settings_people import DeskSettings
from console.cli import DEMO_MANIFESTS
from console.demo import demo_settings
from console.shipped import example
from console.trial import Trial, manifest_like
from dialer.callee.process import CalleeProcess
from store.database import Database
from store.desk_agents import agent_seen, set_agent_state, sign_in
from store.desk_orders import place_order
from store.desk_queries import agents, open_transfers, transfers_of, visits_of
from store.desk_types import AgentState, DeviceKind, OrderKind, TransferStatus
from store.desk_values import TransferFacts, VisitRecord
from store.errors import DeskError
from store.models import Attempt
from store.queries import call, progress, set_campaign_status
from store.types import CampaignStatus, TurnSpeaker
from store.values import Call

BEGIN, END = "<!-- figures of bench.take_over -->", "<!-- end of the figures of take_over -->"
TALK_SECONDS = 4.0
AGENT_WAITS_SECONDS = 0.2
"""An agent who has picked up takes a breath; not counted."""
HEARD_DBFS = -45.0
EXAMPLE = "+8613800138001"
BRIDGE = "bridge"
"""The prompt by which the robot says that somebody is being fetched."""

LOST_AFTER_SECONDS = 3.0
"""An agent whose telephone is lost has spoken so long before."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """One call, all in seconds."""

    first_word: float
    """From the acceptance to the agent's first sound."""
    silence: float
    """The longest, from the robot's bridge sentence to the agent's first sound."""
    robot_again: float | None
    """From the agent's last sound to the robot's next, where the telephone was lost."""


class Desk:
    """Agents who accept at once, talk for a while, leave, write a word, and go on."""

    def __init__(self, database: Database, campaign_id: int, agents_there: int) -> None:
        self._database = database
        self._campaign_id = campaign_id
        self._asked: set[tuple[int, OrderKind, datetime | None]] = set()
        now = datetime.now(UTC)
        with database.transaction() as session:
            for number in range(1, agents_there + 1):
                sign_in(
                    session, number, f"agent {number}", now,
                    device_kind=DeviceKind.SIP, device_address=_extension(number),
                )  # fmt: skip
                set_agent_state(session, number, AgentState.READY, now)

    def work(self) -> bool:
        """Do what is to be done now; say whether somebody is still to be called."""
        now = datetime.now(UTC)
        with self._database.transaction() as session:
            for each in agents(session):
                agent_seen(session, each.user_id, now)
                if each.state is AgentState.BREAK:
                    set_agent_state(session, each.user_id, AgentState.READY, now)
            for transfer in open_transfers(session, tuple(_DUE)):
                self._ask(session, transfer, now)
            counted = progress(session, self._campaign_id)
        return not counted.is_complete

    def _ask(self, session: Session, transfer: TransferFacts, now: datetime) -> None:
        kind, payload = _DUE[transfer.status]
        since = transfer.joined_at
        if kind is OrderKind.LEAVE and (
            since is None or (now - since).total_seconds() < TALK_SECONDS
        ):
            return
        key = (transfer.id, kind, transfer.offered_at)
        if transfer.agent_id is None or key in self._asked:
            return
        self._asked.add(key)
        with suppress(DeskError):  # the call ended in this very moment
            place_order(
                session, kind, transfer.agent_id, "agent", now,
                transfer_id=transfer.id, payload=payload,
            )  # fmt: skip


_DUE: Mapping[TransferStatus, tuple[OrderKind, Mapping[str, str]]] = {
    TransferStatus.OFFERED: (OrderKind.ACCEPT, {}),
    TransferStatus.JOINED: (OrderKind.LEAVE, {"then": "hang_up"}),
    TransferStatus.WRAP_UP: (OrderKind.FORM, {"outcome": "confirmed"}),
}


async def take_calls_over(trial: Trial, agents_there: int) -> None:
    """Call everybody and take every call over; returns when all are settled."""
    settings, database = trial.settings, trial.database
    desk = Desk(database, trial.campaign.id, agents_there)
    with database.transaction() as session:
        set_campaign_status(session, trial.campaign.id, CampaignStatus.RUNNING, datetime.now(UTC))
    async with speech_services(settings, ["zh-CN"]) as services:
        service = Service(Site(database, supervisor_of(settings, services, people=True), settings))
        running = asyncio.create_task(service.run(["zh-CN"]))
        try:
            # As a page of the desk does, the store is asked again and again.
            while await asyncio.to_thread(desk.work):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        finally:
            service.stop()
            await running


def measured(database: Database) -> list[TakeOver]:
    """Return what every call came to that somebody took over."""
    with database.reading() as session:
        attempts = session.scalars(sa.select(Attempt.id).order_by(Attempt.id)).all()
        return [
            each
            for attempt in attempts
            if (each := _take_over(call(session, attempt), transfers_of(session, attempt),
                                   visits_of(session, attempt)))
        ]  # fmt: skip


def _take_over(
    kept: Call, transfers: tuple[TransferFacts, ...], visits: tuple[VisitRecord, ...]
) -> TakeOver | None:
    if not (transfers and visits):
        return None
    first, visit = transfers[0], visits[0]
    if first.accepted_at is None or first.joined_at is None:
        return None
    _, said = read_stereo(Path(kept.recording))
    loud = [dbfs(frame) > HEARD_DBFS for frame in frames(said)]
    bridge = next(turn for turn in kept.turns if turn.prompt == BRIDGE)
    # The customer hears the tune until the agent speaks, so that sound alone tells nothing.
    spoken = next((t for t in kept.turns if t.speaker is TurnSpeaker.AGENT), None)
    if spoken is None:
        return None
    word = _frame(spoken.began_seconds)
    connecting = (first.joined_at - first.accepted_at).total_seconds()
    return TakeOver(
        first_word=connecting + spoken.began_seconds - visit.began_seconds - AGENT_WAITS_SECONDS,
        silence=_longest_silence(loud[_frame(bridge.began_seconds) : word]) * FRAME_SECONDS,
        robot_again=_robot_again(kept, visit, loud),
    )


def _robot_again(kept: Call, visit: VisitRecord, loud: list[bool]) -> float | None:
    after = [
        turn
        for turn in kept.turns
        if turn.speaker is TurnSpeaker.MENLING and turn.began_seconds >= visit.ended_seconds - 0.1
    ]
    if not after:
        return None
    gone = max(i for i, heard in enumerate(loud[: _frame(visit.ended_seconds)]) if heard)
    back = _frame(after[0].began_seconds)
    return (back + _length_until(loud[back:], sound=True) - gone) * FRAME_SECONDS


def _frame(seconds: float) -> int:
    return round(seconds / FRAME_SECONDS)


def _length_until(loud: list[bool], *, sound: bool) -> int:
    return next((place for place, heard in enumerate(loud) if heard is sound), len(loud))


def _longest_silence(loud: list[bool]) -> int:
    return max((len(list(run)) for heard, run in groupby(loud) if not heard), default=0)


def _extension(number: int) -> str:
    return f"+86138001390{number:02}"


def run(
    home: Path, customers: int, agents_there: int, lost_after: float | None = None
) -> tuple[int, list[TakeOver]]:
    """Take the calls of so many customers over; return how many asked, and what it came to.

    `lost_after`: seconds after which an agent who has spoken loses the telephone; None: never.
    """
    scenarios = home / "scenarios"
    called = [f"+86138001370{number:02}" for number in range(1, customers + 1)]
    write_telephones(
        scenarios,
        called,
        [_extension(number) for number in range(1, agents_there + 1)],
        agent_waits=AGENT_WAITS_SECONDS,
        agent_lost_after=lost_after,
    )
    with CalleeProcess(home / "observations.jsonl", scenarios=scenarios) as telephones:
        # With a desk, half of the calls of a worker are kept for people.
        demo = demo_settings(home / "data", telephones.port, 2 * agents_there)
        desk = DeskSettings(
            sip_domain=f"127.0.0.1:{telephones.port}", offer_seconds=60, patience_seconds=40
        )
        trunk = demo.trunk.model_copy(update={"max_channels": agents_there})
        settings = demo.model_copy(update={"desk": desk, "trunk": trunk})
        manifest = manifest_like(
            tuple(map(example, DEMO_MANIFESTS)), dict.fromkeys(called, EXAMPLE)
        )
        with closing(Trial(settings, manifest)) as trial:
            asyncio.run(take_calls_over(trial, agents_there))
            return customers, measured(trial.database)


def table(stayed: tuple[int, list[TakeOver]], lost: tuple[int, list[TakeOver]]) -> str:
    """Return the figures as a table in Markdown."""
    asked, calls = stayed
    asked_lost, calls_lost = lost
    again = [each.robot_again for each in calls_lost if each.robot_again is not None]
    rows = (
        ("taken over, of those who asked", f"{len(calls)} of {asked}", "all"),
        ("accepted to the agent's first sound, s", _spread([c.first_word for c in calls]), "2.0"),
        ("longest silence meanwhile, s", _spread([c.silence for c in calls]), "1.5"),
        ("agent's telephone lost", f"{len(again)} of {asked_lost} back with the robot", "all"),
        ("last sound of the agent to the robot's next, s", _spread(again), "5.0"),
    )
    lines = ["| | p50 / p95 / max | bar |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {value} | {bar} |" for name, value, bar in rows)])


def _spread(values: list[float]) -> str:
    if not values:
        return "-"
    ordered = sorted(values)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95)]
    return " / ".join(f"{value:.2f}" for value in (*at, ordered[-1]))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python -m bench.take_over --customers 20 --write",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--customers", type=int, default=20, help="who ask for a person")
    parser.add_argument("--lost", type=int, default=5, help="calls in which a telephone is lost")
    parser.add_argument("--agents", type=int, default=2, help="agents at the desk")
    parser.add_argument("--write", action="store_true", help="put the table into docs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        stayed = run(Path(home, "stays"), options.customers, options.agents)
        print(table(stayed, (0, [])))
        lost = run(Path(home, "lost"), options.lost, options.agents, LOST_AFTER_SECONDS)
    text = table(stayed, lost)
    print(text)
    if options.write:
        put_between(PAGE, BEGIN, END, text)


if __name__ == "__main__":
    main()
