"""When a frame that somebody speaks is heard, if frames come now early, now late; pure.

    read     the frame the bridge takes with its next tick
    place    read, unless earlier frames still wait; then after them

Who speaks for the first time, or comes too late, is heard with the next tick. Frames that come in a
bunch after a pause wait for one another, and from then on every frame comes that much earlier than
it is needed: the delay has grown by what the pause was long. It shrinks again, a frame at a time,
when nothing has needed it for a while.
"""

from __future__ import annotations

MOST_WAITING = 5
"""Frames; one that would wait longer is not heard: a talk does not bear more delay."""
WATCHED_FRAMES = 50
"""How many frames in a row must have come too early before one is left out."""
PATIENCE_FRAMES = 25
"""For so many frames more a quiet one is waited for; then any is left out."""


class Playout:
    """Gives every frame of one speaker its place in time; counted in ticks of the bridge."""

    def __init__(self) -> None:
        self._next = 0
        """The place after the last frame."""
        self._watched = 0
        """How many frames in a row have come earlier than needed."""

    @property
    def could_be_shorter(self) -> bool:
        """A frame that nobody would miss is looked for."""
        return self._watched >= WATCHED_FRAMES

    def place(self, read: int, *, quiet: bool = False) -> int | None:
        """Return the tick at which a frame is heard, or None: leave it out.

        `read` is the next tick; `quiet` says that nobody would miss this frame.
        """
        early = self._next - read
        if early <= 0:
            self._watched = 0
            self._next = read + 1
            return read
        if early >= MOST_WAITING:
            return None
        self._watched += 1
        patient = self._watched < WATCHED_FRAMES + PATIENCE_FRAMES
        if self.could_be_shorter and (quiet or not patient):
            self._watched = 0
            return None
        place = self._next
        self._next += 1
        return place
