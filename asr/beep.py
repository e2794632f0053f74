"""The beep after which an answering machine records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from audio.level import dbfs, strongest_tone
from audio.pcm import FRAME_SECONDS, Frame


class BeepState(StrEnum):
    """Where a beep detector is."""

    WAITING = "waiting"
    TONE = "tone"
    AFTER = "after"
    """The tone is over; is it silent now?"""


@dataclass(frozen=True, slots=True)
class Beep:
    """The signal after which a machine records."""

    hz: float
    began: float
    """Seconds of audio."""
    ended: float


@dataclass(frozen=True, slots=True)
class BeepSettings:
    """What counts as a beep."""

    shortest_seconds: float = 0.2
    longest_seconds: float = 2.0
    """Longer tones are faxes and networks."""
    silence_seconds: float = 0.1
    """Silence that must follow; a tone inside a melody is none."""
    drop_db: float = 12.0
    """How far the level falls after it."""
    low_hz: float = 400.0
    high_hz: float = 2000.0
    share: float = 0.8
    """Part of a frame's energy at one frequency."""
    quietest_dbfs: float = -50.0
    """Softer tones are not looked at: a line hums as loud."""


class BeepDetector:
    """Finds the beep of an answering machine; frames in, its clock is their number."""

    def __init__(self, settings: BeepSettings | None = None) -> None:
        self._settings = settings or BeepSettings()
        self._state = BeepState.WAITING
        self._heard = 0
        self._hz = 0.0
        self._level = 0.0
        self._began = 0
        self._ended = 0

    def hear(self, frame: Frame) -> Beep | None:
        """Take one frame; return the beep once silence has followed it."""
        self._heard += 1
        level = dbfs(frame)
        if level < self._settings.quietest_dbfs:
            return None if self._state is BeepState.WAITING else self._after(level)
        found = strongest_tone(frame, self._settings.low_hz, self._settings.high_hz)
        if found.share >= self._settings.share:
            if self._state is BeepState.TONE and abs(found.hz - self._hz) <= 25.0:
                self._ended = self._heard
                self._level = max(self._level, level)
                return None
            self._state = BeepState.TONE
            self._hz, self._level = found.hz, level
            self._began, self._ended = self._heard - 1, self._heard
            return None
        if self._state is BeepState.WAITING:
            return None
        return self._after(level)

    def _after(self, level: float) -> Beep | None:
        length = (self._ended - self._began) * FRAME_SECONDS
        away = self._heard - self._ended
        # The last frame of a tone is part silence: one frame of grace before it must be quiet.
        loud = level > self._level - self._settings.drop_db and away > 1
        if loud or not self._settings.shortest_seconds <= length <= self._settings.longest_seconds:
            self._state = BeepState.WAITING
            return None
        self._state = BeepState.AFTER
        if away * FRAME_SECONDS < self._settings.silence_seconds:
            return None
        self._state = BeepState.WAITING
        return Beep(self._hz, self._began * FRAME_SECONDS, self._ended * FRAME_SECONDS)
