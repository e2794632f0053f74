"""Mouth: what Menling says on one leg, sentence by sentence, and where it was cut."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dialer.leg import Leg
from ivr.exchange import BargeIn
from ivr.transcript import Speaker, Turn

UNHEARD_SECONDS = 0.1
"""Nobody has heard a sentence that was cut so soon."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence ready to be played."""

    text: str
    prompt: str
    barge_in: BargeIn
    wav: Path


class Mouth:
    """Plays sentences in order and remembers what was heard of them.

        say [A, B, C] -> A played, B cut by the callee -> resume plays [B, C] again

    Times are seconds of call audio, given by the caller.
    """

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._playing: deque[tuple[int, Sentence]] = deque()
        self._cut: tuple[Sentence, ...] = ()
        self._began = 0.0

    def say(self, sentences: Iterable[Sentence], now: float) -> None:
        """Play these sentences after those already queued."""
        if not self._playing:
            self._began = now
        self._cut = ()
        for sentence in sentences:
            self._playing.append((self._leg.play(sentence.wav), sentence))

    def is_speaking(self) -> bool:
        """Answer whether a sentence is being played."""
        return bool(self._playing)

    def may_be_interrupted(self) -> bool:
        """Answer whether the callee may cut the sentence being played."""
        return bool(self._playing) and self._playing[0][1].barge_in is BargeIn.SPEECH

    def is_before_the_last(self) -> bool:
        """Answer whether more follows what is being said or was cut: the question, mostly."""
        return len(self._playing or self._cut) > 1

    def playback_ended(self, playback: int, now: float) -> Turn | None:
        """Take note that a WAV was played out; return the turn it completes.

        A playback that was stopped meanwhile is none of ours any more.
        """
        if not self._playing or self._playing[0][0] != playback:
            return None
        _, sentence = self._playing.popleft()
        turn = self._turn(sentence, now, interrupted=False)
        self._began = now
        return turn

    def fall_silent(self, now: float) -> Turn | None:
        """Stop at once and keep the rest for `resume`; return the turn that was cut, if heard."""
        if not self._playing:
            return None
        self._leg.stop()
        self._cut = tuple(sentence for _, sentence in self._playing)
        self._playing.clear()
        if now - self._began < UNHEARD_SECONDS:
            return None
        return self._turn(self._cut[0], now, interrupted=True)

    def resume(self, now: float) -> None:
        """Say again the sentence that was cut and what was to follow it."""
        self.say(self._cut, now)

    def _turn(self, sentence: Sentence, now: float, *, interrupted: bool) -> Turn:
        return Turn(
            speaker=Speaker.MENLING,
            text=sentence.text,
            began_seconds=self._began,
            ended_seconds=now,
            prompt=sentence.prompt,
            interrupted=interrupted,
        )
