"""A new worker keeps away from ports that somebody still sends to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from console.free_ports import free_port_range
from dialer.quiet_ports import NoQuietPortsError, quiet_block

HERE = "127.0.0.1"
SIZE = 4


@pytest.fixture
def first() -> int:
    """Return the first of two blocks of ports that nobody else takes."""
    return free_port_range(2 * SIZE)


@pytest.fixture
def talker(first: int) -> Iterator[None]:
    """Send to the third port of the first block all the time, as a forgotten far end does.

    More often than a far end: whenever the block is looked at, on a busy machine too, something
    must come.
    """
    enough = threading.Event()

    def talk() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            while not enough.wait(0.001):
                sock.sendto(bytes(172), (HERE, first + 2))

    thread = threading.Thread(target=talk)
    thread.start()
    yield
    enough.set()
    thread.join()


def test_a_silent_block_is_taken_at_once(first: int) -> None:
    assert quiet_block(HERE, first, 2, SIZE) == first


@pytest.mark.usefixtures("talker")
def test_a_block_that_somebody_still_talks_to_is_left_alone(first: int) -> None:
    assert quiet_block(HERE, first, 2, SIZE) == first + SIZE


def test_a_block_with_a_taken_port_is_passed_over(first: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HERE, first + 1))
        assert quiet_block(HERE, first, 2, SIZE) == first + SIZE


@pytest.mark.usefixtures("talker")
def test_no_quiet_port_at_all_says_what_to_change(first: int) -> None:
    with pytest.raises(NoQuietPortsError, match="choose another dialing"):
        quiet_block(HERE, first, 1, SIZE)
