"""Minutes: everything that is written down of a call while it goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audio.pcm import Frame
from audio.wav import write_wav
from dialer.leg import Answered, Ringing
from ivr.evidence import RecentSound
from ivr.transcript import Turn, is_begun_with

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NeverAgain:
    """Whoever is there surely wants no more calls."""


Notice = Turn | Ringing | Answered | NeverAgain
"""What those who watch a call are told."""


class Minutes:
    """The turns of a call, the sound of answers that must be provable, and the call's clock."""

    def __init__(self, recording: Path | None, tell: Callable[[Notice], None]) -> None:
        """Clips are written beside `recording`; without one there are none."""
        self.recording = recording
        self.tell = tell
        self._sound = RecentSound()
        self._turns: list[Turn] = []
        self._trouble = ""

    @property
    def seconds(self) -> float:
        """Call audio so far: the clock of the conversation."""
        return self._sound.seconds

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said so far, in order."""
        return tuple(self._turns)

    @property
    def trouble(self) -> str:
        """What went wrong on our side, for an operator; empty when nothing did."""
        return self._trouble

    def hear(self, frame: Frame) -> None:
        """Take the callee's next frame."""
        self._sound.add(frame)

    def sound(self, began: float, ended: float) -> bytes:
        """Return the callee's sound between two moments, as far as it is still kept."""
        return self._sound.clip(began, ended)

    def write(self, turn: Turn) -> None:
        """Write down a turn and tell who watches.

        A turn that began when an earlier one of the same speaker did is that one, now longer.
        """
        for index, earlier in enumerate(self._turns):
            if is_begun_with(turn, earlier):
                self._turns[index] = turn
                break
        else:
            self._turns.append(turn)
        self.tell(turn)

    def complain(self, trouble: str) -> None:
        """Write down what went wrong on our side; the first complaint stays."""
        log.error("%s", trouble)
        self._trouble = self._trouble or trouble

    def keep(self, name: str, began: float, ended: float) -> None:
        """Keep the callee's sound between two moments as a clip; a full disk ends no call."""
        if self.recording is None:
            return
        clip = self.recording.with_suffix(f".{name}.wav")
        try:
            clip.parent.mkdir(parents=True, exist_ok=True)
            write_wav(clip, self._sound.clip(began, ended))
        except OSError as error:
            self.complain(f"{clip} could not be written ({error}); make room on the disk.")
