"""Messages that nobody waits for, whatever their reader does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from processes.outbox import MOST_WAITING, Outbox

PATIENCE_SECONDS = 60.0
"""What takes longer hangs, however busy the machine is."""
LONG = "x" * 100_000


@pytest.fixture
def ends() -> Iterator[tuple[Connection, Connection]]:
    """A pipe: our end and the reader's."""
    ours, theirs = Pipe()
    yield ours, theirs
    ours.close()
    theirs.close()


def _read_all(theirs: Connection) -> list[object]:
    read = []
    while theirs.poll():
        read.append(theirs.recv())
    return read


def test_messages_arrive_in_order(ends):
    ours, theirs = ends
    outbox = Outbox(ours, "outbox")
    for number in range(100):
        outbox.send(number)
    outbox.close(PATIENCE_SECONDS)
    assert _read_all(theirs) == list(range(100))


def test_nobody_waits_for_a_reader_who_does_not_read(ends):
    ours, theirs = ends
    outbox = Outbox(ours, "outbox")
    for _ in range(50):
        outbox.send(LONG)
    read = []
    reading = threading.Thread(target=lambda: read.extend(theirs.recv() for _ in range(50)))
    assert theirs.poll(PATIENCE_SECONDS)
    reading.start()
    outbox.close(PATIENCE_SECONDS)
    reading.join(PATIENCE_SECONDS)
    assert len(read) == 50
    assert outbox.stuck_seconds() == 0.0


def test_what_is_only_shown_is_dropped_and_everything_else_is_kept(ends):
    ours, theirs = ends
    outbox = Outbox(ours, "outbox", may_drop=lambda message: message == "shown")
    outbox.send(LONG * 20)  # fills the pipe
    for _ in range(MOST_WAITING + 500):
        outbox.send("shown")
    outbox.send("report")
    read: list[object] = []

    def until_the_report() -> None:
        while not read or read[-1] != "report":
            read.append(theirs.recv())

    reading = threading.Thread(target=until_the_report)
    reading.start()
    outbox.close(PATIENCE_SECONDS)
    reading.join(PATIENCE_SECONDS)
    assert read[-1] == "report"
    assert MOST_WAITING - 1 <= read.count("shown") <= MOST_WAITING + 1


def test_a_reader_who_never_reads_holds_up_no_end(ends):
    ours, _theirs = ends
    outbox = Outbox(ours, "outbox")
    for _ in range(50):
        outbox.send(LONG)
    outbox.close(0.1)
    outbox.send("too late")


def test_what_is_sent_to_a_reader_who_is_gone_is_lost_without_a_word(ends):
    ours, theirs = ends
    outbox = Outbox(ours, "outbox")
    theirs.close()
    for _ in range(3):
        outbox.send("hello")
    outbox.close(PATIENCE_SECONDS)


def test_what_can_not_be_packed_is_told_and_holds_up_nothing_behind_it(ends, caplog):
    ours, theirs = ends
    outbox = Outbox(ours, "outbox")
    outbox.send(threading.Lock())
    outbox.send("report")
    outbox.close(PATIENCE_SECONDS)
    assert _read_all(theirs) == ["report"]
    assert "a lock can't be sent" in caplog.text
