"""Many machines on one PostgreSQL: `python -m bench.many_machines [--attempts 20000] [--write]`.

Four engines, each a process of its own with two dialling processes, call for one campaign; a third
of the way through one leaves and another joins. Engines, store, pipes and processes are those of
`menling dial`; the calls are not: a dialling process waits as long as a call would take and reports
a confirmation. What was dialled is counted from what the dialling processes wrote down, not from
the store.

A server of its own is started, which writes safely. All of it shares this machine: choose calls per
second that it can carry.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bench.latency import PAGE, put_between
from bench.postgresql_server import own_server
from bench.simulated_dialling import dialler, load
from campaigns.serving import Service
from campaigns.serving_runs import Site
from campaigns.settings import Settings
from campaigns.settings_calling import CallingSettings
from campaigns.settings_sections import (
    CampaignSettings,
    DialingSettings,
    PathSettings,
    StoreSettings,
    TrunkSettings,
)
from dialer.supervisor import Supervisor
from processes.child import Child, start_child
from processes.nursery import Nursery
from store.database import Database
from store.models import Attempt, Contact, Delivery, OutcomeRecord, Recipient
from store.queries import create_campaign, set_campaign_status
from store.types import AttemptStatus, CampaignStatus, ContactStatus, Disposition

BEGIN, END = (
    "<!-- figures of bench.many_machines -->",
    "<!-- end of the figures of many_machines -->",
)
LOOKS_SECONDS: Final = 0.5
STARTING_SECONDS: Final = 600.0
AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    attempts: int
    managers: int
    workers: int
    """Dialling processes of each manager."""
    calls_per_second: float
    """Of all together."""
    call_seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it."""

    dialled: int
    """Lines that the dialling processes wrote."""
    numbers: int
    """Different numbers among them."""
    outcomes: int
    """Contacts whose outcome the store knows."""
    interrupted: int
    left_open: int
    """Attempts that nobody settled, and contacts that still wait."""
    seconds: float
    """From the first call to the last."""
    engines: int
    """That dialled at all."""

    @property
    def duplicates(self) -> int:
        """Numbers dialled more than once, counted for each time too many."""
        return self.dialled - self.numbers


def manage(pipe: Connection, settings: Settings, folder: Path, number: int, seconds: float) -> None:
    """Live as one engine until told to stop."""
    os.setsid()
    asyncio.run(_serve(settings, folder, number, seconds, pipe))


async def _serve(
    settings: Settings, folder: Path, number: int, seconds: float, pipe: Connection
) -> None:
    database = Database(settings.store_url)
    callers = Supervisor(
        dialler(folder, number, seconds),
        settings.dialing.workers,
        settings.dialing.legs_per_worker,
        nursery=Nursery(load),
    )
    service = Service(Site(database, callers, settings), ready=lambda: pipe.send(""))
    try:
        await service.run()
    finally:
        database.close()


def measure(plan: Plan) -> Result:
    """Call everybody once and say what came of it."""
    with (
        tempfile.TemporaryDirectory(prefix="menling-") as made,
        own_server("max_connections=200") as url,
    ):
        folder = Path(made)
        database = Database(url)
        database.upgrade()
        _seed(database, plan)
        engines = [_start(plan, url, folder, number) for number in range(plan.managers)]
        try:
            for each in engines:
                each.first_word(STARTING_SECONDS)
            _begin(database)
            _wait(database, plan.attempts // 3)
            # One leaves in peace, another joins.
            leaver = engines.pop(0)
            os.kill(leaver.pid, signal.SIGTERM)
            engines.append(_start(plan, url, folder, plan.managers))
            leaver.process.join()
            _wait(database, plan.attempts)
            for each in engines:
                os.kill(each.pid, signal.SIGTERM)
            for each in engines:
                each.process.join()
            return _result(database, folder)
        finally:
            for each in engines:
                each.kill()
            database.close()


def _start(plan: Plan, url: str, folder: Path, number: int) -> Child:
    rate = plan.calls_per_second / plan.managers
    # Twice as many lines as are needed on average, so that the rate is what limits.
    lines = max(4, round(2 * rate * (plan.call_seconds + 1) / plan.workers))
    settings = Settings(
        store=StoreSettings(url=url),
        trunk=TrunkSettings(
            host="127.0.0.1",
            # Nobody answers there: the calls are simulated.
            options_ping_seconds=0,
            # Of all engines together; they share it.
            calls_per_second=plan.calls_per_second,
            max_channels=lines * plan.workers * plan.managers,
        ),
        dialing=DialingSettings(workers=plan.workers, legs_per_worker=min(64, lines)),
        campaign=CampaignSettings(
            calling_window="00:00-24:00", max_concurrent_calls=lines * plan.workers
        ),
        calling=CallingSettings(jurisdiction="none"),
        paths=PathSettings(data_dir=folder / f"engine-{number}"),
    )
    return start_child(manage, settings, folder, number, plan.call_seconds, name=f"engine-{number}")


def _seed(database: Database, plan: Plan) -> None:
    """Write the campaign, not started yet, and so many people with a parcel each."""
    now = datetime.now(UTC)
    until = now + timedelta(days=2)
    with database.transaction() as session:
        made = create_campaign(
            session, name="bench", flow="pre-delivery", company="顺达快递", now=now
        )
        for start in range(1, plan.attempts + 1, AT_ONCE):
            some = range(start, min(start + AT_ONCE, plan.attempts + 1))
            phones = {number: f"+86138{number:08}" for number in some}
            session.execute(
                sa.insert(Recipient),
                [{"id": n, "name": f"收件人{n}", "phone": phones[n]} for n in some],
            )
            session.execute(
                sa.insert(Contact),
                [
                    {
                        "id": n,
                        "campaign_id": made.id,
                        "recipient_id": n,
                        "phone": phones[n],
                        "language": "zh-CN",
                        "time_zone": "Asia/Shanghai",
                        "useful_until": until,
                    }
                    for n in some
                ],
            )
            session.execute(
                sa.insert(Delivery),
                [
                    {
                        "campaign_id": made.id,
                        "contact_id": n,
                        "waybill": f"SD{n:08}",
                        "address": f"幸福路{n}号",
                        "window_start": until - timedelta(hours=2),
                        "window_end": until,
                    }
                    for n in some
                ],
            )
    with database.transaction() as session:
        session.execute(sa.text("ANALYZE"))


def _begin(database: Database) -> None:
    with database.transaction() as session:
        set_campaign_status(session, 1, CampaignStatus.RUNNING, datetime.now(UTC))


def _wait(database: Database, outcomes: int) -> None:
    """Wait until so many people have their outcome."""
    while True:
        with database.reading() as session:
            if (session.scalar(sa.select(sa.func.count(OutcomeRecord.id))) or 0) >= outcomes:
                return
        time.sleep(LOOKS_SECONDS)


def _result(database: Database, folder: Path) -> Result:
    numbers: Counter[str] = Counter()
    times: list[float] = []
    engines = set()
    for book in folder.glob("*.calls"):
        engines.add(book.name.split("-")[0])
        for line in book.read_text("utf-8").splitlines():
            when, uri, _ = line.split(" ")
            numbers[uri] += 1
            times.append(float(when))
    with database.reading() as session:
        outcomes = session.scalar(sa.select(sa.func.count(sa.distinct(OutcomeRecord.contact_id))))
        interrupted = session.scalar(
            sa.select(sa.func.count(OutcomeRecord.id)).where(
                OutcomeRecord.disposition == Disposition.INTERRUPTED
            )
        )
        unsettled = session.scalar(
            sa.select(sa.func.count(Attempt.id)).where(Attempt.status != AttemptStatus.SETTLED)
        )
        waiting = session.scalar(
            sa.select(sa.func.count(Contact.id)).where(Contact.status != ContactStatus.DONE)
        )
    return Result(
        dialled=sum(numbers.values()),
        numbers=len(numbers),
        outcomes=outcomes or 0,
        interrupted=interrupted or 0,
        left_open=(unsettled or 0) + (waiting or 0),
        seconds=max(times) - min(times),
        engines=len(engines),
    )


def table(plan: Plan, result: Result) -> str:
    """Return the figures as a table of the page."""
    reached = result.dialled / result.seconds
    rows = (
        ("engines, dialling processes", f"{plan.managers}, {plan.managers * plan.workers}"),
        ("engines that dialled, with the one that joined", f"{result.engines}"),
        ("calls of", f"{plan.call_seconds:g} s, simulated"),
        ("attempts", f"{plan.attempts:,}"),
        ("dialled, by the dialling processes' own books", f"{result.dialled:,}"),
        ("dialled twice", f"{result.duplicates}"),
        ("contacts without an outcome", f"{plan.attempts - result.outcomes}"),
        ("attempts or contacts left open", f"{result.left_open}"),
        ("interrupted", f"{result.interrupted}"),
        ("calls per second, configured", f"{plan.calls_per_second:g}"),
        ("calls per second, reached", f"{reached:.2f} ({reached / plan.calls_per_second:.1%})"),
    )
    return "\n".join(("| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)))


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, print the table, and fail where somebody was called twice or not at all."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python -m bench.many_machines --attempts 2000 --cps 16",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--attempts", type=int, default=20_000)
    parser.add_argument("--cps", type=float, default=16.0, help="calls per second of all together")
    parser.add_argument("--managers", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2, help="dialling processes of each manager")
    parser.add_argument("--call-seconds", type=float, default=2.0)
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    asked = parser.parse_args(argv)
    plan = Plan(asked.attempts, asked.managers, asked.workers, asked.cps, asked.call_seconds)
    result = measure(plan)
    told = table(plan, result)
    print(told)
    if asked.write:
        put_between(PAGE, BEGIN, END, told)
    if result.duplicates or result.outcomes < plan.attempts or result.left_open:
        raise SystemExit("Somebody was called twice, or not at all.")


if __name__ == "__main__":
    main()
