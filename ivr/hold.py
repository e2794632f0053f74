"""Hold: what a customer hears who waits for a person: a soft sound, and a word now and then.

begin [正在为您转接客服] -> sound, [还在为您转接], sound, [谢谢您等候], sound, ...
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from dialer.leg import Leg
from ivr.exchange import BargeIn
from ivr.mouth import Mouth, Sentence
from ivr.transcript import Turn


class Hold:
    """Keeps a customer company; two pieces are always queued, so that there is no gap."""

    def __init__(self, leg: Leg, sound: Path) -> None:
        self._mouth = Mouth(leg)
        self._sound = Sentence("", "hold", BargeIn.NEVER, sound)
        self._lines: Iterator[Sentence] = iter(())
        self.is_on = False
        """Something is being played, or about to be."""

    def begin(self, first: tuple[Sentence, ...], lines: tuple[Sentence, ...], now: float) -> None:
        """Say the first sentences, then play the sound with these lines in between."""
        self.is_on = True
        self._lines = cycle(lines)
        self._mouth.say((*first, self._sound), now)
        self.keep_on(now)

    def keep_on(self, now: float) -> None:
        """Queue what follows, in time."""
        while self.is_on and not self._mouth.is_before_the_last():
            line = next(self._lines, None)
            self._mouth.say((self._sound,) if line is None else (line, self._sound), now)

    def playback_ended(self, playback: int, now: float) -> Turn | None:
        """Take note that a piece was heard; return what was said in it."""
        turn = self._mouth.playback_ended(playback, now)
        self.keep_on(now)
        return turn if turn is not None and turn.text else None

    def stop(self, now: float) -> Turn | None:
        """Fall silent; return the line that was cut."""
        self.is_on = False
        turn = self._mouth.fall_silent(now)
        return turn if turn is not None and turn.text else None
