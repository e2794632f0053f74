"""How fast a manifest of a million rows comes in, and how long others wait meanwhile.

    python -m bench.importing --rows 1000000 --write

The file is made here, and so is a PostgreSQL server (Debian package postgresql). Beside the import,
in the same run: the bare rows of the same file by `csv` and `executemany` (SQLite) or `COPY`
(PostgreSQL), without any law: what the database alone takes. Another process writes all the time,
as calls do, and says how long it waited for its turn.
"""

from __future__ import annotations

import argparse
import csv
import io
import multiprocessing
import random
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bench.latency import put_between
from bench.postgresql_server import own_server
from campaigns.importer import ImportReport, import_manifest
from store.database import Database
from store.queries import create_campaign

HEADER: Final = (
    "运单号", "收件人", "电话", "地址", "预约时段", "物品", "商家", "代收货款", "区域", "产品线",
)  # fmt: skip
PERFORMANCE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures of bench.importing -->"
END: Final = "<!-- end of the figures of bench.importing -->"
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = "小明伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛超兰霞平刚桂"


def manifest(rows: int, seed: int = 1) -> bytes:
    """Return a manifest as a dispatch system writes it: one parcel in ten is somebody's second."""
    dice = random.Random(seed)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(HEADER)
    person, window = ("", "", ""), ""
    for number in range(rows):
        if not window or number % 10:
            name = dice.choice(_SURNAMES) + "".join(dice.choices(_GIVEN, k=2))
            phone = f"1{dice.choice('38')}{dice.randrange(10**9):09}"
            person = name, phone, f"幸福路{dice.randrange(2000)}号{dice.randrange(30)}单元"
            hour = 9 + 2 * (number % 4)
            window = f"明天 {hour}:00-{hour + 3}:00"
        table.writerow(
            (
                f"SF{number:012}", *person, window,
                dice.choice(("手机壳", "书", "衣服")), f"店铺{dice.randrange(500)}",
                dice.choice(("", "", "128.50")), dice.choice(("华东", "华南", "华北")),
                dice.choice(("标快", "特快")),
            )
        )  # fmt: skip
    return text.getvalue().encode()


def imported(url: str, file: Path, done: Any) -> None:
    """Import in a process of its own, for its memory is measured."""
    database = Database(url)
    now = datetime.now(UTC)
    with database.transaction() as session:
        made = create_campaign(
            session, name=f"测试 {now}", flow="pre-delivery", company="顺达", now=now
        )
    content = file.read_bytes()
    began, before = time.monotonic(), time.process_time()
    report: ImportReport = import_manifest(database, made.id, file.name, content, now)
    seconds, processor = time.monotonic() - began, time.process_time() - before
    peak = _most_memory()
    done.send((seconds, processor, peak, report.rows))
    database.close()


def _most_memory() -> float:
    """Return the MiB that this program had at most; not those of whoever started it."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    assert found is not None
    return int(found[1]) / 1024


def written_meanwhile(url: str, over: Event, done: Any) -> None:
    """Write again and again, as calls do; tell how long each write took."""
    database = Database(url)
    took: list[float] = []
    while not over.is_set():
        began = time.monotonic()
        with database.transaction() as session:
            session.execute(sa.text("UPDATE recipients SET email = 'a@b.cn' WHERE id = 1"))
        took.append(time.monotonic() - began)
        over.wait(0.2)
    done.send(took)
    database.close()


def bare(url: str, file: Path) -> float:
    """Write the same rows into one table without any law; return the seconds."""
    began = time.monotonic()
    with file.open(encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        next(rows)
        if url.startswith("sqlite"):
            _bare_sqlite(url.removeprefix("sqlite:///"), rows)
        else:
            _bare_postgresql(url, rows)
    return time.monotonic() - began


def _bare_sqlite(path: str, rows: Iterable[Sequence[str]]) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE bare ({', '.join(f'c{n}' for n in range(len(HEADER)))})")
    places = ", ".join("?" * len(HEADER))
    connection.executemany(f"INSERT INTO bare VALUES ({places})", rows)
    connection.commit()
    connection.execute("DROP TABLE bare")
    connection.close()


def _bare_postgresql(url: str, rows: Iterable[Sequence[str]]) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        columns = ", ".join(f"c{n} text" for n in range(len(HEADER)))
        connection.exec_driver_sql(f"CREATE TABLE bare ({columns})")
        driver: Any = connection.connection
        with driver.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.exec_driver_sql("DROP TABLE bare")
    engine.dispose()


def main() -> None:
    """Measure every store and print a table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--stores", default="sqlite,postgresql")
    asked.add_argument("--write", action="store_true", help="put the table into docs")
    chosen = asked.parse_args()
    lines = [
        "| store | rows | file MiB | import s | rows/s | processor s | memory at most MiB"
        " | bare rows s | another writer p50 s | p95 s | longest s |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    print("\n".join(lines), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "manifest.csv"
        file.write_bytes(manifest(chosen.rows))
        for store in chosen.stores.split(","):
            if store == "sqlite":
                lines.append(_line(store, f"sqlite:///{Path(folder) / 'bench.db'}", file))
            else:
                with own_server() as url:
                    lines.append(_line(store, url, file))
            print(lines[-1], flush=True)
    if chosen.write:
        put_between(PERFORMANCE, BEGIN, END, "\n".join(lines))


def _line(store: str, url: str, file: Path) -> str:
    database = Database(url)
    database.upgrade()
    database.close()
    without_laws = bare(url, file)
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    waits, waited = spawn.Pipe()
    over = spawn.Event()
    other = spawn.Process(target=written_meanwhile, args=(url, over, waited))
    importing = spawn.Process(target=imported, args=(url, file, there))
    other.start()
    importing.start()
    seconds, processor, peak, rows = here.recv()
    over.set()
    took = sorted(waits.recv()) or [0.0]
    other.join()
    importing.join()
    waited_for = statistics.median(took), took[int(len(took) * 0.95)], took[-1]
    figures = (
        f"{rows:,}", f"{file.stat().st_size / 2**20:.0f}", f"{seconds:.1f}",
        f"{rows / seconds:,.0f}", f"{processor:.1f}", f"{peak:.0f}", f"{without_laws:.1f}",
        *(f"{each:.3f}" for each in waited_for),
    )  # fmt: skip
    return f"| {store} | {' | '.join(figures)} |"


if __name__ == "__main__":
    main()
