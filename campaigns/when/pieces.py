"""Pieces of a day: the stretches of a wall clock in which something is open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from typing import Final

DAY: Final = 24 * 60 * 60

Pieces = tuple[tuple[int, int], ...]
"""Seconds of the wall clock since midnight, from (included) and to (not included), in order."""

ALL_DAY: Final[Pieces] = ((0, DAY),)
CLOSED: Final[Pieces] = ()

_PIECE = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至到]\s*(\d{1,2}):(\d{2})")
_CLOSED_WORDS: Final = ("closed", "不拨打", "关闭")


def pieces_of(text: str) -> Pieces:
    """Return the pieces written as `09:00-12:00, 14:00-20:30`, or `closed`.

    A piece may end at 24:00; one that runs past midnight (21:00-02:00) is open early and late on
    the same day; one with equal ends is all day. Raises ValueError when it isn't written that way.
    """
    plain = text.strip().casefold()
    if plain in _CLOSED_WORDS:
        return CLOSED
    pieces: list[tuple[int, int]] = []
    for written in re.split(r"[,;，、]", plain):
        match = _PIECE.fullmatch(written.strip())
        if match is None:
            raise ValueError(
                "write times of day such as 09:00-12:00, 14:00-20:30, or closed, "
                f"not {text.strip()!r}"
            )
        opens_hour, opens_minute, closes_hour, closes_minute = map(int, match.groups())
        if (closes_hour, closes_minute) == (24, 0):
            closes_hour = 0
        pieces += between(time(opens_hour, opens_minute), time(closes_hour, closes_minute))
    return united(pieces)


def between(opens: time, closes: time) -> Pieces:
    """Return the pieces from one time of day to another, past midnight when that is earlier."""
    start, end = _seconds(opens), _seconds(closes) or DAY
    if opens == closes:
        return ALL_DAY
    if start < end:
        return ((start, end),)
    return ((0, end), (start, DAY))


def united(pieces: Iterable[tuple[int, int]]) -> Pieces:
    """Return pieces in order, those that overlap or touch made one."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return tuple(whole)


def common(some: Pieces, others: Pieces) -> Pieces:
    """Return what lies in both."""
    return tuple(
        (max(start, begins), min(end, ends))
        for start, end in some
        for begins, ends in others
        if max(start, begins) < min(end, ends)
    )


def without(pieces: Pieces, rest: Pieces) -> Pieces:
    """Return what is left of pieces outside a rest."""
    return common(pieces, _outside(rest))


def holds(pieces: Pieces, second: float) -> bool:
    """Say whether a second of the day lies in one of the pieces."""
    return any(start <= second < end for start, end in pieces)


def text_of(pieces: Pieces) -> str:
    """Return pieces as people write them; nothing open is `closed`."""
    if not pieces:
        return "closed"
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in pieces)


def _outside(pieces: Pieces) -> Pieces:
    ends = [0, *(end for _, end in pieces)]
    starts = [*(start for start, _ in pieces), DAY]
    return tuple((end, start) for end, start in zip(ends, starts, strict=True) if end < start)


def _seconds(clock: time) -> int:
    return (clock.hour * 60 + clock.minute) * 60 + clock.second


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"
