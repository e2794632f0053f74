"""The script of a scripted callee: what the far end does and when; pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from audio.pcm import FRAME_SECONDS, SILENCE, Frame, frames
from dialer.leg import HangupCause


@dataclass(frozen=True, slots=True)
class At:
    """When the leg's clock shows this: seconds of audio, or since the dial while none flows."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AfterSilence:
    """When Menling has spoken since the last step and has now been silent for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AfterStart:
    """So long into what Menling says next: how a callee interrupts."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """So long after the step before it was over."""

    seconds: float


Cue = At | AfterSilence | AfterStart | Pause


@dataclass(frozen=True, slots=True)
class Ring:
    """The far end rings."""


@dataclass(frozen=True, slots=True)
class StartEarlyMedia:
    """Sound begins before the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The callee picks up."""


@dataclass(frozen=True, slots=True)
class Speak:
    """The callee says something."""

    sound: Path | bytes
    """A telephone WAV, or samples."""


@dataclass(frozen=True, slots=True)
class Press:
    """The callee presses a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The callee, or the network, ends the call."""

    cause: HangupCause = HangupCause.THEY_HUNG_UP
    sip_status: int = 0
    reason: str = ""


Deed = Ring | StartEarlyMedia | Answer | Speak | Press | HangUp


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the far end does, and when. Steps are done in order."""

    cue: Cue
    deed: Deed


def answering(*steps: Step) -> tuple[Step, ...]:
    """Return a script that picks up at once and goes on with these steps."""
    return (Step(At(0.0), Answer()), *steps)


class Mouth:
    """What one side is saying, frame by frame, and since when it is silent."""

    def __init__(self, hiss: bytes = SILENCE) -> None:
        """`hiss` is the noise of the line on which nobody speaks, repeated."""
        self._hiss = cycle(frames(hiss))
        self._left: deque[Frame] = deque()
        self.silent_since: float | None = None
        """None until it has spoken."""
        self.speaking_since: float | None = None

    @property
    def speaks(self) -> bool:
        """True while frames are left."""
        return bool(self._left)

    def say(self, pcm: bytes, now: float) -> None:
        """Begin to speak."""
        self._left.extend(frames(pcm))
        self.speaking_since = now

    def next_frame(self, now: float) -> Frame:
        """Return what is said in the 20 ms before `now`."""
        if not self._left:
            return next(self._hiss)
        frame = self._left.popleft()
        if not self._left:
            self.silent_since, self.speaking_since = now, None
        return frame

    def shut(self, now: float) -> None:
        """Fall silent."""
        if self._left:
            self._left.clear()
            self.silent_since, self.speaking_since = now, None


class Script:
    """The far end's steps and whose turn it is."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = deque(steps)
        self._previous = 0.0

    def restart_clock(self) -> None:
        """Count from zero again: audio begins."""
        self._previous = 0.0

    def next_moment(self) -> float | None:
        """Return when the next step is due on a clock without audio; None: never."""
        if not self._steps:
            return None
        cue = self._steps[0].cue
        if isinstance(cue, At):
            return max(cue.seconds, self._previous)
        return self._previous + cue.seconds

    def take(self, now: float, menling: Mouth, callee: Mouth) -> Deed | None:
        """Return the next deed if its cue has come; nothing is done while the callee speaks."""
        if not self._steps or callee.speaks:
            return None
        if callee.silent_since is not None:
            self._previous = max(self._previous, callee.silent_since)
        if not self._is_due(self._steps[0].cue, now, menling):
            return None
        self._previous = now
        return self._steps.popleft().deed

    def _is_due(self, cue: Cue, now: float, menling: Mouth) -> bool:
        late_enough = now - cue.seconds + FRAME_SECONDS / 2
        match cue:
            case At():
                return late_enough >= 0
            case Pause():
                return late_enough >= self._previous
            case AfterStart():
                since = menling.speaking_since
                return since is not None and late_enough >= since
            case AfterSilence():
                since = menling.silent_since
                if menling.speaks or since is None or since < self._previous:
                    return False
                return late_enough >= since
