"""SIPp as those who are called: it answers by the last digit of a number, and what it received is
the truth about how often anybody was called.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.free_ports import free_port_range
from store.types import Disposition

SCENARIO: Final = Path(__file__).with_name("sipp") / "answers_by_number.xml"
UDP_SOCKETS: Final = Path("/proc/net/udp")
STARTING_SECONDS: Final = 60.0

BY_DIGIT: Final = {
    "5": {Disposition.NO_CONVERSATION, Disposition.HUNG_UP_MIDWAY},
    "6": {Disposition.NO_CONVERSATION, Disposition.HUNG_UP_MIDWAY},
    "7": {Disposition.INTERRUPTED, Disposition.NO_ANSWER},
    "8": {Disposition.NO_ANSWER},
    "9": {Disposition.TRUNK_FAILURE},
}
"""What a call of a number with that last digit ends as."""
ENGAGED: Final = {Disposition.BUSY}


def ends_as(phone: str) -> set[Disposition]:
    """Return what a call of a number ends as when nothing fails."""
    return BY_DIGIT.get(phone[-1:], ENGAGED)


_one_at_a_time = threading.Lock()


def free_ports(ports: int) -> int:
    """Return the first of so many ports that nobody else of this process gets."""
    with _one_at_a_time:
        return free_port_range(ports)


@dataclass(frozen=True, slots=True)
class Invite:
    """An INVITE transaction that SIPp received; repeats of its packet are not counted."""

    phone: str
    call_id: str
    branch: str


class Callee:
    """SIPp at work."""

    def __init__(self, folder: Path) -> None:
        self.port = free_ports(1)
        self._messages = folder / "messages.log"
        self._process = subprocess.Popen(
            ["sipp", "127.0.0.1", "-sf", str(SCENARIO), "-i", "127.0.0.1", "-p", str(self.port),
             "-mi", "127.0.0.1", "-mp", str(free_ports(4)), "-nostdin", "-nd",
             "-trace_msg", "-message_file", str(self._messages)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait_until_it_listens()

    def stop(self) -> None:
        """End it; all it received was written at once."""
        self._process.terminate()
        self._process.wait()

    @property
    def is_alive(self) -> bool:
        """It takes calls."""
        return self._process.poll() is None

    def invites(self) -> list[Invite]:
        """Return what it was asked to ring, in order."""
        text = self._messages.read_text("utf-8", errors="replace")
        found: dict[Invite, None] = {}
        for received in _RECEIVED.finditer(text):
            message = received.group(1)
            if not message.startswith("INVITE "):
                continue
            parts = [pattern.search(message) for pattern in (_PHONE, _CALL_ID, _BRANCH)]
            found[Invite(*(part.group(1) if part else "" for part in parts))] = None
        return list(found)

    def _wait_until_it_listens(self) -> None:
        until = time.monotonic() + STARTING_SECONDS
        while f" 0100007F:{self.port:04X} " not in UDP_SOCKETS.read_text(encoding="ascii"):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("SIPp does not listen; install it: apt-get install sip-tester")
            time.sleep(0.02)


_RECEIVED: Final = re.compile(r"message received \[\d+\] bytes *:\s+(.*?)(?=\n-{20,}|\Z)", re.S)
_PHONE: Final = re.compile(r"^INVITE sip:([^@;]+)@")
_CALL_ID: Final = re.compile(r"^Call-ID: *(\S+)", re.M | re.I)
_BRANCH: Final = re.compile(r"^Via:.*?branch=([^;\s]+)", re.M | re.I)


@contextmanager
def callee(folder: Path) -> Iterator[Callee]:
    """Run SIPp for as long as the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    running = Callee(folder)
    try:
        yield running
    finally:
        running.stop()
