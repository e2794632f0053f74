"""How long it takes to claim the next 50 contacts, however many there are.

    python -m bench.claims --contacts 10000,100000,1000000 --rounds 200 --write

Fills an SQLite file and a PostgreSQL server of its own (Debian package postgresql) with campaigns
of that size: four of ten contacts were called already, one of ten waits for a later moment, some
are due again, all others wait for their first call; with parcels, what dispatch told of them,
calls of before and numbers that nobody may call. Then it claims 50 contacts again and again by the
laws of the shipped settings, each time in a transaction of its own; between two claims those of
the last one are settled, which is not measured. Beside it stands what the store and the disk cost
alone: a transaction that reads one row by its key and adds one row.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.latency import put_between
from campaigns.laws import judge_of, laws_of
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from campaigns.tickets_rules import shipped_ticket_rules
from store.claims import LEASE, claim_some
from store.database import Database

AT_ONCE: Final = 50
NOON: Final = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""A Monday noon in China."""
PERFORMANCE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures of bench.claims -->"
END: Final = "<!-- end of the figures of bench.claims -->"
WARMING: Final = 10
"""Claims that are not measured: statements are compiled and pages read for the first time."""

_SERIES: Final = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :n) "
_CALLED: Final = "n.i % 10 < 4"
_LATER: Final = "n.i % 10 = 4"
_DUE: Final = "n.i % 100 = 5"
_ROWS: Final = (
    "INSERT INTO campaigns (id, name, flow, language, time_zone, company, callback_number, status,"
    " policy, created_at) SELECT n.i, 'bench', 'pre-delivery', 'zh-CN', 'Asia/Shanghai', '', '',"
    " 'running', '{}', {now} FROM n WHERE n.i = 1",
    "INSERT INTO recipients (id, name, phone, extension) SELECT n.i, '收件人' || n.i,"
    " '+86138' || (10000000 + n.i), '' FROM n",
    "INSERT INTO contacts (id, campaign_id, recipient_id, phone, extension, language, time_zone,"
    " status, priority, next_call_at, useful_until) SELECT n.i, 1, n.i,"
    " '+86138' || (10000000 + n.i), '', 'zh-CN', 'Asia/Shanghai',"
    f" CASE WHEN {_CALLED} THEN 'done' ELSE 'waiting' END, 0,"
    f" CASE WHEN {_LATER} THEN {{later}} WHEN {_DUE} THEN {{before}} END, {{useful}} FROM n",
    "INSERT INTO deliveries (id, campaign_id, contact_id, waybill, address, window_start,"
    " window_end, item, merchant, cod_fen, remarks) SELECT n.i, 1, n.i, 'SF' || n.i,"
    " '上海市浦东新区世纪大道' || n.i || '号', {from}, {useful}, '手机壳', '小店', 0, '' FROM n",
    "INSERT INTO parcel_events (id, event_id, waybill, status, at, received_at, withdrawn)"
    " SELECT n.i, 'e' || n.i, 'SF' || n.i, 'arrived', {before}, {before}, 0 FROM n"
    " WHERE n.i % 5 = 0",
    "INSERT INTO attempts (id, contact_id, number, phone, status, claimed_by, claimed_at,"
    " dialed_at, settled_at, cause, sip_status, answered, ring_seconds, talk_seconds,"
    " announcement, machine, flow_version, recording, error, media) SELECT n.i, n.i, 1,"
    " '+86138' || (10000000 + n.i), 'settled', 'engine', {before}, {before}, {before}, 'busy', 486,"
    f" false, 0, 0, '', '', '', '', '', '{{}}' FROM n WHERE {_CALLED} OR {_LATER} OR {_DUE}",
    "INSERT INTO outcomes (id, contact_id, attempt_id, disposition, outcome, at, final,"
    " new_address, hand_over, consent_choice, consent_words, needs_person, notes, answers)"
    " SELECT n.i, n.i, n.i, 'busy', 'not_reached', {before}, false, '', '', '', '', '', '{}', '{}'"
    f" FROM n WHERE {_CALLED} OR {_LATER} OR {_DUE}",
    "INSERT INTO suppressions (phone, reason, at, source) SELECT '+86139' || (10000000 + n.i),"
    " 'opted_out', {before}, '' FROM n WHERE n.i % 50 = 0",
)
_SEQUENCES: Final = (
    "campaigns",
    "recipients",
    "contacts",
    "deliveries",
    "parcel_events",
    "attempts",
    "outcomes",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of many rounds."""

    store: str
    contacts: int
    claims: Sequence[float]
    floor: Sequence[float]

    def row(self) -> str:
        """Return a line of the table."""
        figures = [percentile(self.claims, each) for each in (50, 95, 99)]
        floor = [percentile(self.floor, each) for each in (50, 99)]
        told = " | ".join(f"{each:.1f}" for each in (*figures, *floor))
        return f"| {self.store} | {self.contacts:,} | {told} |"


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, -(-len(ordered) * percent // 100) - 1)]


def main() -> None:
    """Measure, and print a table."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--contacts", default="10000,100000,1000000")
    wanted.add_argument("--rounds", type=int, default=200)
    wanted.add_argument("--stores", default="sqlite,postgresql")
    wanted.add_argument("--folder", type=Path, help="where the stores are made; on a real disk")
    wanted.add_argument("--write", action="store_true", help="put the table into docs")
    args = wanted.parse_args()
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="menling-claims-", dir=args.folder) as folder:
        os.chmod(folder, 0o755)
        for store in args.stores.split(","):
            opened = _sqlite if store == "sqlite" else _postgresql
            with opened(Path(folder)) as url:
                for contacts in map(int, args.contacts.split(",")):
                    measured.append(_measure(store, url(contacts), contacts, args.rounds))
                    print(measured[-1].row(), flush=True)
    table = "\n".join(
        (
            "| store | contacts | p50 ms | p95 ms | p99 ms | floor p50 | floor p99 |",
            "|---|--:|--:|--:|--:|--:|--:|",
            *(each.row() for each in measured),
        )
    )
    print(table)
    if args.write:
        put_between(PERFORMANCE, BEGIN, END, table)


def _measure(store: str, url: str, contacts: int, rounds: int) -> Measured:
    database = Database(url)
    database.upgrade()
    _fill(database, contacts)
    rules = rules_of(CampaignSettings(), {})
    judge = judge_of(laws_of(rules, shipped_ticket_rules()), NOON)

    def claim(session: Session) -> None:
        claimed = claim_some(
            session,
            1,
            NOON,
            judge,
            engine="bench",
            lease_until=NOON + LEASE,
            at_most=AT_ONCE,
        )
        if len(claimed) != AT_ONCE:
            raise SystemExit(f"{len(claimed)} contacts were claimed, not {AT_ONCE}")

    claims, floor = [], []
    # Half of all wait for their first call.
    for number in range(min(rounds + WARMING, contacts // 2 // AT_ONCE)):
        claims.append(_milliseconds(database, claim))
        floor.append(_milliseconds(database, partial(_trifle, number)))
        with database.transaction() as session:
            _settle(session)
    database.close()
    return Measured(store, contacts, claims[WARMING:], floor[WARMING:])


def _milliseconds(database: Database, work: Callable[[Session], None]) -> float:
    began = time.perf_counter()
    with database.transaction() as session:
        work(session)
    return (time.perf_counter() - began) * 1000


def _trifle(key: int, session: Session) -> None:
    session.execute(sa.text("SELECT phone FROM contacts WHERE id = :id"), {"id": key + 1}).one()
    session.execute(
        sa.text(
            "INSERT INTO idempotency_keys (user_id, key, digest, created_id, at)"
            " VALUES (1, :key, '', 1, :at)"
        ),
        {"key": str(key), "at": str(NOON.replace(tzinfo=None))},
    )


def _settle(session: Session) -> None:
    contacts = "(SELECT contact_id FROM attempts WHERE attempts.status <> 'settled')"
    session.execute(sa.text(f"UPDATE contacts SET status = 'done' WHERE id IN {contacts}"))
    session.execute(
        sa.text(
            "UPDATE attempts SET status = 'settled', settled_at = claimed_at, dialed_at ="
            " claimed_at WHERE attempts.status <> 'settled'"
        )
    )


def _fill(database: Database, contacts: int) -> None:
    on_postgresql = database.url.startswith("postgresql")
    moments = {
        "now": NOON,
        "before": NOON - timedelta(minutes=90),
        "later": NOON + timedelta(hours=3),
        "from": NOON + timedelta(hours=26),
        "useful": NOON + timedelta(hours=28),
    }

    def written(at: datetime) -> str:
        text = f"'{at.replace(tzinfo=None).isoformat(sep=' ')}.000000'"
        return f"CAST({text} AS timestamp) AT TIME ZONE 'UTC'" if on_postgresql else text

    with database.transaction() as session:
        for statement in _ROWS:
            text = statement
            for name, at in moments.items():
                text = text.replace(f"{{{name}}}", written(at))
            session.execute(sa.text(_SERIES + text), {"n": contacts})
        if on_postgresql:
            # As an import does.
            session.execute(sa.text("ANALYZE"))
            for table in _SEQUENCES:
                session.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                        f"(SELECT max(id) FROM {table}))"
                    )
                )


@contextlib.contextmanager
def _sqlite(folder: Path) -> Iterator[Callable[[int], str]]:
    yield lambda contacts: f"sqlite:///{folder / f'{contacts}.db'}"


@contextlib.contextmanager
def _postgresql(folder: Path) -> Iterator[Callable[[int], str]]:
    """Run a server as it is installed: with fsync, on a socket in the folder."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    home = folder / "server"
    home.mkdir()
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)

    def run(*command: str | Path) -> None:
        subprocess.run(
            [str(each) for each in command],
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
        )

    data, binary = home / "data", binaries
    run(binary / "initdb", "-D", data, "-U", "menling", "-A", "trust", "-E", "UTF8", "--locale=C")
    options = f"-k {home} -c listen_addresses=''"
    run(binary / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
    try:

        def made(contacts: int) -> str:
            run(binary / "createdb", "-h", home, "-U", "menling", f"c{contacts}")
            return f"postgresql+psycopg://menling@/c{contacts}?host={home}"

        yield made
    finally:
        run(binary / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
