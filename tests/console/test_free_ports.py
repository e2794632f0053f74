"""Ports for a run on this machine: free, its own, and out of the kernel's hands."""

from __future__ import annotations

import socket
import subprocess
import sys

from console.free_ports import SLICE, free_port_range

KERNELS_FIRST = 32768
"""The lowest port that Linux gives away by itself, unless it was told otherwise."""

ASKS = "from console.free_ports import free_port_range; print(free_port_range(64))"


def test_ranges_that_are_asked_for_in_a_row_do_not_overlap() -> None:
    first, second = free_port_range(64), free_port_range(64)
    assert abs(first - second) >= 64
    assert max(first, second) + 64 <= KERNELS_FIRST


def test_a_range_with_a_taken_port_is_passed_over() -> None:
    before = free_port_range(4)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", before + 5))
        assert free_port_range(4) != before + 4


def test_two_processes_do_not_get_the_same_ports() -> None:
    ours = free_port_range(64)
    theirs = int(subprocess.check_output([sys.executable, "-c", ASKS], timeout=60))
    assert ours // SLICE != theirs // SLICE


def test_ports_are_handed_out_again_when_all_were() -> None:
    given = [free_port_range(SLICE // 4) for _ in range(9)]
    assert len(set(given)) < len(given)


def test_more_ports_than_a_process_leases_are_found_too() -> None:
    first = free_port_range(SLICE + 1)
    assert 0 < first < 65536 - SLICE
