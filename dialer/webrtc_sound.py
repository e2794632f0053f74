"""The sound of a browser's call on its way in and out, 20 ms at a time."""

from __future__ import annotations

from collections import deque

from audio.mixing import mix
from audio.pcm import FRAME_BYTES, SILENCE, Frame, frames

LEAST_WAITING = 2
"""So many frames wait before the first is taken, that a late one leaves no gap."""
MOST_WAITING = 6
"""More are too old to be heard; the oldest are dropped."""
CALM_TURNS = 100
"""A reserve that was never needed for 2 s is given up, a frame at a time."""


class Reserve:
    """Frames that come unevenly and are taken evenly."""

    def __init__(self) -> None:
        self._waiting: deque[Frame] = deque(maxlen=MOST_WAITING)
        self._flows = False
        self._calm = 0
        """Turns since the reserve was last needed."""

    def add(self, frame: Frame) -> None:
        """Take a frame in; the oldest goes when there are too many."""
        self._waiting.append(frame)

    def clear(self) -> None:
        """Forget what has not been taken."""
        self._waiting.clear()

    def take(self) -> Frame | None:
        """Return the frame of this turn, None when there is none yet."""
        if not self._flows and len(self._waiting) < LEAST_WAITING:
            return None
        self._flows = bool(self._waiting)
        if not self._flows:
            return None
        self._calm = self._calm + 1 if len(self._waiting) > LEAST_WAITING else 0
        if self._calm > CALM_TURNS:
            self._waiting.popleft()
            self._calm = 0
        return self._waiting.popleft()


class Cutter:
    """Cuts sound that comes in pieces of any length into frames."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, pcm: bytes) -> list[Frame]:
        """Return the frames that are complete by now."""
        self._rest += pcm
        whole = len(self._rest) // FRAME_BYTES * FRAME_BYTES
        cut, self._rest = self._rest[:whole], self._rest[whole:]
        return list(frames(cut))


class Mouth:
    """What a browser is told: WAVs one after the other, and frames said beside them."""

    def __init__(self) -> None:
        self._queued: deque[tuple[int, deque[Frame]]] = deque()
        self._spoken = Reserve()
        self._newest = 0

    def play(self, pcm: bytes) -> int:
        """Queue sound; return its number."""
        self._newest += 1
        self._queued.append((self._newest, deque(frames(pcm) if pcm else (SILENCE,))))
        return self._newest

    def speak(self, frame: Frame) -> None:
        """Say a frame as soon as can be, beside what plays."""
        self._spoken.add(frame)

    def stop(self) -> int:
        """Forget what plays and what is queued; return the newest playback's number."""
        self._queued.clear()
        return self._newest

    def turn(self) -> tuple[Frame, int]:
        """Return the frame to say now, and the playback that ends with it; 0: none."""
        spoken = self._spoken.take()
        if not self._queued:
            return spoken or SILENCE, 0
        number, left = self._queued[0]
        played = left.popleft()
        if left:
            number = 0
        else:
            self._queued.popleft()
        return played if spoken is None else mix((played, spoken)), number
