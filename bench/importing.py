"""How fast a manifest of a million rows comes in, and how long others wait meanwhile.

    python -m bench.importing --rows 1000000
    python -m bench.importing --rows 1000000 --store postgresql://user@/name

The file is made here. Beside the import, in the same run: the bare rows of the same file by `csv`
and `executemany` (SQLite) or `COPY` (PostgreSQL), without any law: what the database alone takes.
Another process writes all the time, as calls do, and says how long it waited for its turn.
"""

from __future__ import annotations

import argparse
import csv
import io
import multiprocessing
import random
import resource
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

from campaigns.importer import ImportReport, import_manifest
from store.database import Database
from store.queries import create_campaign

HEADER: Final = (
    "运单号", "收件人", "电话", "地址", "预约时段", "物品", "商家", "代收货款", "区域", "产品线",
)  # fmt: skip
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


def imported(url: str, content: bytes, done: Any) -> None:
    """Import in a process of its own, for its memory is measured."""
    database = Database(url)
    now = datetime.now(UTC)
    with database.transaction() as session:
        made = create_campaign(
            session, name=f"测试 {now}", flow="pre-delivery", company="顺达", now=now
        )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    report: ImportReport = import_manifest(database, made.id, "m.csv", content, now)
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counts = (report.rows, report.new, report.merged, len(report.problems))
    done.send((seconds, before / 1024, peak / 1024, counts))
    database.close()


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


def bare(url: str, content: bytes) -> float:
    """Write the same rows into one table without any law; return the seconds."""
    began = time.monotonic()
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8", newline=""))
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
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
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
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--store", default="")
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.store or f"sqlite:///{Path(folder) / 'bench.db'}"
        database = Database(url)
        database.upgrade()
        database.close()
        content = manifest(chosen.rows)
        print(f"{chosen.rows} rows, {len(content) / 2**20:.0f} MiB, {url.split(':')[0]}")
        print(f"bare rows, no laws: {bare(url, content):.1f} s")
        spawn = multiprocessing.get_context("spawn")
        here, there = spawn.Pipe()
        waits, waited = spawn.Pipe()
        over = spawn.Event()
        other = spawn.Process(target=written_meanwhile, args=(url, over, waited))
        importing = spawn.Process(target=imported, args=(url, content, there))
        other.start()
        importing.start()
        seconds, before, peak, counts = here.recv()
        over.set()
        took = sorted(waits.recv())
        other.join()
        importing.join()
        print(f"import: {seconds:.1f} s, {counts[0] / seconds:.0f} rows/s")
        print("{} rows: {} new, {} merged, {} problems".format(*counts))
        print(f"memory: {before:.0f} MiB before, {peak:.0f} MiB at most")
        print(
            f"another writer meanwhile: {len(took)} writes, median {statistics.median(took):.3f} s,"
            f" p95 {took[int(len(took) * 0.95)]:.3f} s, longest {took[-1]:.3f} s"
        )


if __name__ == "__main__":
    main()
