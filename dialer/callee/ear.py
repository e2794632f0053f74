"""A recipient's ear: who speaks, since when, and has he finished? Pure, by loudness alone."""

from __future__ import annotations

from dataclasses import dataclass

LOUD_DBFS = -45.0
"""Louder than this is a voice; the noise of a line is not."""
ONSET_FRAMES = 2
"""So many loud frames in a row begin a voice; a single click does not."""
PAUSE_SECONDS = 0.4
"""A shorter silence is a breath within the same speech."""
TURN_FRAMES = 10
"""Less speech than 200 ms is no turn."""


@dataclass(frozen=True, slots=True)
class VoiceBegan:
    """The other side began to speak after a silence."""

    at: float
    """When its first loud frame arrived."""


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """The other side has been silent long enough to call it that."""

    at: float
    """When its last loud frame arrived."""


class Ear:
    """Follows the other side's voice from frame to frame."""

    def __init__(self) -> None:
        self._loud_in_a_row = 0
        self._first_loud = 0.0
        self._last_loud = float("-inf")
        self._speaking_since: float | None = None
        self._turn_frames = 0

    def hear(self, level_dbfs: float, now: float) -> VoiceBegan | VoiceStopped | None:
        """Take the level of one 20 ms frame that arrived at `now`; return what it changed."""
        if level_dbfs <= LOUD_DBFS:
            self._loud_in_a_row = 0
            return self.listen(now)
        if self._loud_in_a_row == 0:
            self._first_loud = now
        self._loud_in_a_row += 1
        self._turn_frames += 1
        if self._speaking_since is not None:
            self._last_loud = now
        elif self._loud_in_a_row >= ONSET_FRAMES:
            self._speaking_since, self._last_loud = self._first_loud, now
            return VoiceBegan(self._first_loud)
        return None

    def listen(self, now: float) -> VoiceStopped | None:
        """Notice a silence in which not even packets arrive."""
        if self._speaking_since is not None and now - self._last_loud >= PAUSE_SECONDS:
            self._speaking_since = None
            return VoiceStopped(self._last_loud)
        return None

    def speaking_seconds(self, now: float) -> float:
        """Return for how long the other side has been speaking; 0 while it is silent."""
        return 0.0 if self._speaking_since is None else now - self._speaking_since

    def turn_is_over(self, silence_seconds: float, now: float) -> bool:
        """Tell whether the other side has spoken to us and then been silent for so long."""
        return self._turn_frames >= TURN_FRAMES and now - self._last_loud >= silence_seconds

    def begin_turn(self) -> None:
        """Count only what the other side says from now on as its next turn."""
        self._turn_frames = 0
