"""RTP ports on which nobody is talking any more.

The far ends of a worker that died go on sending to its ports until they give up. pjsip takes a
stranger's packets for its own call's and even sends our answers to him, so a new worker must not
use a port that somebody still sends to.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

LISTEN_SECONDS = 0.1
"""Anybody who talks sends every 20 ms, or every 60 ms at worst."""


class NoQuietPortsError(OSError):
    """Every block of ports is taken or talked to; the message says what to do."""


def quiet_block(address: str, first: int, blocks: int, size: int) -> int:
    """Return the first port of a block of `size` ports that are free and silent.

    Looks at `blocks` blocks from port `first` on. Raises NoQuietPortsError.
    """
    for number in range(blocks):
        start = first + number * size
        try:
            with _bound(address, range(start, start + size)) as sockets:
                talking, _, _ = select.select(sockets, [], [], LISTEN_SECONDS)
        except OSError:
            continue
        if not talking:
            return start
    last = first + blocks * size - 1
    raise NoQuietPortsError(
        f"no {size} UDP ports in a row are free and silent between {first} and {last} on "
        f"{address}; choose another dialing.rtp_port_base"
    )


@contextmanager
def _bound(address: str, ports: range) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        sockets = []
        for port in ports:
            each = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            each.bind((address, port))
            sockets.append(each)
        yield sockets
