"""Voice: what Menling has to say on one leg, said as soon as it may be.

say      ready at once, and nobody talks    -> played
         the callee talks                   -> waits for his pause
         made while the call went on        -> waits until the frames have caught up
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ivr.exchange import Say
from ivr.mouth import Mouth, Sentence
from ivr.transcript import Speaker, Turn
from tts.prompts import sentences
from tts.speech import Speech

LAG_SECONDS = 0.06
"""Sentences that took longer to make than this are said when the frames have caught up."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Sentences that are ready and may not be said yet."""

    sentences: tuple[Sentence, ...]
    due: float
    """Seconds of call audio when they were made."""
    answers: float | None
    """Seconds of call audio at the end of what they answer."""


class Voice:
    """Speaks through a mouth and writes down what was heard of it.

    Times are seconds of call audio.
    """

    def __init__(
        self,
        mouth: Mouth,
        speech: Speech,
        notice: Callable[[Turn], None],
        clock: Callable[[], float],
    ) -> None:
        """`clock` tells seconds of real time, which passes while a sentence is made."""
        self._mouth = mouth
        self._speech = speech
        self._notice = notice
        self._waiting: _Waiting | None = None
        self._clock = clock
        self._quiet_since = 0.0
        self._latency: float | None = None

    @property
    def is_speaking(self) -> bool:
        """A sentence is being played."""
        return self._mouth.is_speaking()

    @property
    def may_be_interrupted(self) -> bool:
        """A sentence is being played that the callee may cut."""
        return self._mouth.may_be_interrupted()

    @property
    def is_asking(self) -> bool:
        """What is being said, or was cut, is the last sentence: the question, mostly."""
        return not self._mouth.is_before_the_last()

    def silence(self, now: float) -> float:
        """Return for how long nothing was said and nothing was waiting to be."""
        busy = self._mouth.is_speaking() or self._waiting is not None
        return 0.0 if busy else now - self._quiet_since

    def count_from(self, now: float) -> None:
        """Let the silence begin now."""
        self._quiet_since = now

    async def say(
        self, says: Iterable[Say], now: float, *, talked_over: bool, answers: float | None
    ) -> bool:
        """Say these instead of what may be cut; return False when there is nothing to say.

        `talked_over`: the callee is talking, so they wait for `speak`.
        """
        began = self._clock()
        ready = tuple(
            [
                Sentence(text, say.prompt, say.barge_in, await self._made(say, text))
                for say in says
                for text in sentences(say.text)
            ]
        )
        took = self._clock() - began
        if not ready:
            return False
        if self._mouth.may_be_interrupted():
            self.fall_silent(now)
        elif self._mouth.is_speaking():
            answers = None
        self._waiting = _Waiting(ready, now + took, answers)
        if not talked_over and took <= LAG_SECONDS:
            self._speak(self._waiting, now)
        return True

    def speak(self, now: float) -> bool:
        """Say what waits, if it is due; the callee is silent. Return whether something was."""
        if self._waiting is None or now < self._waiting.due:
            return False
        self._speak(self._waiting, now)
        return True

    def fall_silent(self, now: float) -> None:
        """Stop at once; what waited is not said any more."""
        self._waiting = None
        self._note(self._mouth.fall_silent(now))

    def forget_waiting(self) -> None:
        """Say no more after what is being said."""
        self._waiting = None

    def resume(self, now: float) -> None:
        """Say again the sentence that was cut and what was to follow it."""
        self._mouth.resume(now)

    def playback_ended(self, playback: int, now: float) -> None:
        """Take note that a sentence was heard to its end."""
        self._note(self._mouth.playback_ended(playback, now))
        if not self._mouth.is_speaking():
            self._quiet_since = now

    async def _made(self, say: Say, text: str) -> Path:
        pieces = say.pieces if text == say.text else ()
        return await self._speech.wav(text, say.manner, pieces)

    def _speak(self, waiting: _Waiting, now: float) -> None:
        self._waiting = None
        if waiting.answers is not None:
            self._latency = max(now, waiting.due) - waiting.answers
        self._mouth.say(waiting.sentences, now)

    def _note(self, turn: Turn | None) -> None:
        if turn is None:
            return
        if turn.speaker is Speaker.MENLING and self._latency is not None:
            turn = replace(turn, latency_seconds=round(self._latency, 3))
            self._latency = None
        self._notice(turn)
