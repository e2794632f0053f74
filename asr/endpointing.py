"""Where a turn began and where it ended, in audio time.

    frames     . . v . . . v v v v v v . v v v v . . . . . . . . . . .
    state      quiet           | speaking          | pausing         | quiet
                         ^began ^SpeechStarted     ^ended            ^decided
                         |-----| debounce          |- end silence ---|

A turn starts when enough of the last frames hold a voice, so that a click does not; it began at
the first of them. It ends when the voice has been away for so long as the caller of `step` says
that this silence must be, which may change from frame to frame, or when it has lasted too long.
A lone voiced frame inside the silence does not prolong the turn.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from audio.pcm import FRAME_SECONDS


class TurnState(StrEnum):
    """Where the endpointer is."""

    QUIET = "quiet"
    SPEAKING = "speaking"
    PAUSING = "pausing"
    """The voice is away; the turn is not over yet."""


class TurnEnd(StrEnum):
    """Why a turn was taken to be over."""

    SILENCE = "silence"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """Somebody speaks."""

    began: float
    """Seconds of audio before the first voiced frame."""
    noticed: float
    """Seconds of audio heard when it was sure."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """Somebody has spoken."""

    began: float
    ended: float
    """Seconds of audio at the end of the last voiced frame."""
    decided: float
    """Seconds of audio heard when the turn was taken to be over."""
    why: TurnEnd
    voiced_share: float
    """Part of the frames between began and ended that held a voice, 0 to 1."""


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """How much voice makes a turn."""

    start_window_seconds: float = 0.16
    """The stretch looked back over to find a start; also the longest delay of noticing one."""
    start_voiced_seconds: float = 0.10
    """Voice needed within that stretch; shorter noises start nothing."""
    resume_voiced_seconds: float = 0.04
    """Unbroken voice needed to prolong a turn that is pausing."""

    def __post_init__(self) -> None:
        if not 0.0 < self.start_voiced_seconds <= self.start_window_seconds:
            raise ValueError("start_voiced_seconds must lie within start_window_seconds")


class Endpointer:
    """Follows one leg frame by frame; its only clock is the number of frames."""

    def __init__(self, settings: EndpointSettings | None = None) -> None:
        self._settings = settings or EndpointSettings()
        self._window = deque[bool](maxlen=_frames(self._settings.start_window_seconds))
        self._state = TurnState.QUIET
        self._heard = 0
        self._began = 0
        self._ended = 0
        self._run = 0
        self._voiced = 0

    @property
    def state(self) -> TurnState:
        """Where the endpointer is after the last frame."""
        return self._state

    @property
    def silent_seconds(self) -> float:
        """Seconds since the last voiced frame of the turn in progress; 0.0 without one."""
        if self._state is not TurnState.PAUSING:
            return 0.0
        return (self._heard - self._ended) * FRAME_SECONDS

    @property
    def heard_seconds(self) -> float:
        """Seconds of audio taken so far."""
        return self._heard * FRAME_SECONDS

    def step(
        self, voiced: bool, end_silence_seconds: float, max_speech_seconds: float = 20.0
    ) -> TurnBegan | TurnEnded | None:
        """Take one frame and return what it made certain."""
        self._heard += 1
        self._window.append(voiced)
        self._run = self._run + 1 if voiced else 0
        if self._state is TurnState.QUIET:
            return self._maybe_begin()
        self._voiced += voiced
        if self._state is TurnState.SPEAKING:
            if voiced:
                self._ended = self._heard
            else:
                self._state = TurnState.PAUSING
        elif self._run >= _frames(self._settings.resume_voiced_seconds):
            self._state = TurnState.SPEAKING
            self._ended = self._heard
        return self._maybe_end(end_silence_seconds, max_speech_seconds)

    def _maybe_begin(self) -> TurnBegan | None:
        voiced = sum(self._window)
        # An unvoiced last frame waits: otherwise the turn would begin inside a pause.
        if not self._window[-1] or voiced < _frames(self._settings.start_voiced_seconds):
            return None
        first = self._window.index(True)
        self._state = TurnState.SPEAKING
        self._began = self._heard - len(self._window) + first
        self._ended = self._heard
        self._voiced = voiced
        return TurnBegan(self._began * FRAME_SECONDS, self.heard_seconds)

    def _maybe_end(self, end_silence: float, max_speech: float) -> TurnEnded | None:
        silent = self._heard - self._ended
        # On a voiced frame it is open whether the voice is back.
        if self._state is TurnState.PAUSING and not self._run and silent >= _frames(end_silence):
            return self._end(TurnEnd.SILENCE)
        if self._heard - self._began >= _frames(max_speech):
            return self._end(TurnEnd.TOO_LONG)
        return None

    def _end(self, why: TurnEnd) -> TurnEnded:
        self._state = TurnState.QUIET
        self._window.clear()
        self._run = 0
        return TurnEnded(
            began=self._began * FRAME_SECONDS,
            ended=self._ended * FRAME_SECONDS,
            decided=self.heard_seconds,
            why=why,
            voiced_share=min(1.0, self._voiced / max(1, self._ended - self._began)),
        )


def _frames(duration_seconds: float) -> int:
    return max(1, round(duration_seconds / FRAME_SECONDS))
