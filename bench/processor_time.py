"""Processor time of the processes that make calls, as the kernel counts it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def seconds_of(groups: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Return the seconds each group of process ids has used; a process that is gone counts 0."""
    return {name: sum(map(_seconds, pids)) for name, pids in groups.items()}


def with_descendants(pid: int) -> list[int]:
    """Return a process and all it has started, however deep."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _fields(int(folder.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def _seconds(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND if fields else 0.0


def _fields(pid: int) -> list[str]:
    """Return what stands behind the name in /proc/PID/stat: state, parent, …"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def proportional_megabytes(pids: Iterable[int]) -> float:
    """Return the memory of these processes; a page shared by several counts in parts."""
    return sum(map(_proportional_kilobytes, pids)) / 1024


def _proportional_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
