"""Recent sound of the callee, kept so that an answer can be cut out as evidence."""

from __future__ import annotations

from collections import deque

from audio.pcm import FRAME_SECONDS, Frame

KEPT_SECONDS = 40.0
MARGIN_SECONDS = 0.3
"""Added on both sides of a clip, so that no first or last sound is missing."""


class RecentSound:
    """The last 40 s of what the callee's line carried, by call-audio time."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque(maxlen=round(KEPT_SECONDS / FRAME_SECONDS))
        self._count = 0

    def add(self, frame: Frame) -> None:
        """Remember one more frame."""
        self._frames.append(frame)
        self._count += 1

    @property
    def seconds(self) -> float:
        """Call audio so far: the clock of the conversation."""
        return self._count * FRAME_SECONDS

    def clip(self, began: float, ended: float) -> bytes:
        """Return the sound between two moments, as far as it is still kept."""
        first = self._count - len(self._frames)
        start = max(0, round((began - MARGIN_SECONDS) / FRAME_SECONDS) - first)
        stop = max(0, round((ended + MARGIN_SECONDS) / FRAME_SECONDS) - first)
        return b"".join(list(self._frames)[start:stop])
