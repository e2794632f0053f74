"""Visits to the console: how long each page takes, and what it costs to watch the board."""

from __future__ import annotations

import math
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlencode

from bench.processor_time import proportional_megabytes, seconds_of
from console.web.sessions import csrf_of

CYCLE: Final = 10_000
"""Seconds are told without their thousands: the board hides longer numbers."""
PAGES: Final = (
    "/",
    "/campaigns",
    "/campaigns/1",
    "/campaigns/1/contacts",
    "/campaigns/1/contacts?status=done&after={old}",
    "/contacts/{old}",
    "/calls",
    "/calls?campaign=3",
    "/calls?outcome=opted_out",
    "/calls?shortest=9000",
    "/calls/{old}",
    "/flow-map",
    "/flow-map/pre-delivery/zh-CN",
    "/flow-map?stretch=month&campaign=3",
    "/supervise",
    "/callbacks",
    "/reviews",
    "/cases",
    "/suppression",
    "/audit",
    "/users",
    "/metrics",
    "/api/calls",
    "/api/contacts?waybill=SF{old:012}",
    "/api/campaigns/1/contacts",
    "/api/campaigns/1/contacts?status=waiting",
    "/api/outcomes",
    "/api/suppressions",
)
SEARCHES: Final = (
    ("a waybill", "/calls", "SF{old:012}"),
    ("a number", "/calls", "138{old:08}"),
    ("a name", "/calls", "王小明{old}"),
    ("nobody", "/calls", "诸葛孔明"),
    ("a name in a campaign", "/campaigns/1/contacts", "王小明{old}"),
)
BAR_SECONDS: Final = 0.3
PAUSE_SECONDS: Final = 0.05
"""Between two visits, so that the console rests now and then."""
_WORDS: Final = re.compile(r"said at (\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser in which an administrator is signed in."""

    port: int
    secret: str

    def seconds(self, path: str, form: dict[str, str] | None = None) -> float:
        """Return how long the console takes to answer, from the first byte to the last."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"menling_session={self.secret}"}
        body = None
        if form is not None:
            body = urlencode({"csrf": csrf_of(self.secret)} | form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        took = time.perf_counter() - began
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        return took

    def ages(self, seconds: float) -> list[float]:
        """Watch the board; return how old each word is when it comes, but of the first picture."""
        ends, found = time.monotonic() + seconds, []
        while time.monotonic() < ends:  # a stream ends now and then, and the browser asks again
            connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            cookie = {"Cookie": f"menling_session={self.secret}"}
            connection.request("GET", "/live/board", headers=cookie)
            found += list(_ages(connection.getresponse(), ends))
            connection.close()
        return found


def page_rows(visitor: Visitor, console: int, contacts: int, rounds: int) -> str:
    """Return a table of all pages; `console`: its process id."""
    rows = [
        "| | first after the start, ms | p50, ms | p95, ms | longest, ms | processor, ms |",
        "|---|---|---|---|---|---|",
    ]
    old = contacts // 20 * 10 + 5
    asked: list[tuple[str, str, dict[str, str] | None]] = [
        (page.format(old=old), page.format(old=old), None) for page in PAGES
    ]
    asked += [
        (f"{path}, looking for {what}", path, {"who": who.format(old=old)})
        for what, path, who in SEARCHES
    ]
    started = visitor.seconds("/healthz")
    print(f"It answers after {started:.1f} s.", flush=True)
    # All of them once, before anything has been counted, or asked of the database.
    first = {name: visitor.seconds(path, form) for name, path, form in asked}
    for name, path, form in asked:
        took, before = [], _used(console)
        for _ in range(rounds):
            took.append(visitor.seconds(path, form))
            time.sleep(PAUSE_SECONDS)  # a visitor reads; without it the console never rests
        used = (_used(console) - before) / rounds
        figures = (first[name], *_spread(took), used)
        bold = "**" if figures[2] > BAR_SECONDS else ""
        rows.append(f"| {bold}{name}{bold} | {_in_ms(figures)} |")
        print(rows[-1], flush=True)
    return "\n".join(rows)


def watching_rows(visitor: Visitor, console: int, boards: int, seconds: float) -> str:
    """Return a table of what one board costs, and many; `console`: its process id."""
    rows = [
        "| boards | age of a word on the board, p50 / p95 / longest, ms "
        "| console, % of a core | its memory before and after, MB |",
        "|---|---|---|---|",
    ]
    for count in (1, boards):
        memory, used, began = proportional_megabytes([console]), _used(console), time.monotonic()
        with ThreadPoolExecutor(count) as watchers:
            watched = [watchers.submit(visitor.ages, seconds) for _ in range(count)]
            ages = [age for each in watched for age in each.result()]
        share = (_used(console) - used) / (time.monotonic() - began)
        now = proportional_megabytes([console])
        told = " / ".join(f"{1000 * each:.0f}" for each in _spread(ages))
        rows.append(f"| {count} | {told} | {100 * share:.0f} | {memory:.0f}, {now:.0f} |")
        print(rows[-1], flush=True)
    return "\n".join(rows)


def _ages(answer: Any, ends: float) -> Iterator[float]:
    pictures = 0
    while time.monotonic() < ends and (line := answer.readline().decode()):
        if line.startswith("event: calls"):
            pictures += 1
        elif pictures > 1:
            yield from ((time.time() - float(said)) % CYCLE for said in _WORDS.findall(line))


def _used(process: int) -> float:
    """Return the processor time of a process without that of its children, in seconds."""
    return seconds_of({"console": [process]})["console"]


def _spread(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return median, 95th percentile and longest; raises SystemExit when nothing came."""
    if not seconds:
        raise SystemExit("no word came")
    ordered = sorted(seconds)
    return statistics.median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1], ordered[-1]


def _in_ms(seconds: Sequence[float]) -> str:
    return " | ".join(f"{1000 * each:.0f}" for each in seconds)
