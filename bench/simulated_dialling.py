"""A dialling process without a telephone: it takes orders over the real pipe, waits as long as a
call takes, and reports. Each order is written down here, where the INVITE would go out.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic, time

from campaigns.order import CallOrder, CallProgress, CallStage
from campaigns.rehearsed import confirms
from dialer.supervisor import Ready, Stop


def dialler(folder: Path, engine: int, seconds: float) -> Callable[[Connection, int], None]:
    """Return the entry of dialling processes whose calls last so long."""
    return partial(simulate, folder, engine, seconds)


def load() -> None:
    """Load nothing further: what a dialling process needs came with this module."""


def simulate(
    folder: Path, engine: int, seconds: float, connection: Connection, number: int
) -> None:
    """Live as a dialling process; every order becomes a line `when phone attempt`."""
    book = os.open(
        folder / f"{engine}-{number}-{os.getpid()}.calls",
        os.O_WRONLY | os.O_CREAT | os.O_APPEND,
        0o600,
    )
    ends: list[tuple[float, int, CallOrder]] = []
    connection.send(Ready())
    while True:
        while ends and ends[0][0] <= monotonic():
            connection.send(confirms(heapq.heappop(ends)[2]))
        if not connection.poll(max(0.0, ends[0][0] - monotonic()) if ends else None):
            continue
        order = connection.recv()
        if isinstance(order, CallOrder):
            # One line in one write: it is there, whatever becomes of this process.
            os.write(book, f"{time():.3f} {order.uri} {order.attempt}\n".encode())
            connection.send(CallProgress(order.attempt, CallStage.DIALING))
            heapq.heappush(ends, (monotonic() + seconds, order.attempt, order))
        elif isinstance(order, Stop):
            return
