"""A conversation rehearsed by text: what is typed goes the way that speech goes.

call = TextCall(flow, facts)         门铃: 您好,…到时候方便收吗?
call.take(Typed.of("可以"))          门铃: 好的,…再见。
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from asr.hearing import Utterance
from ivr.dialog import begin, result
from ivr.dialog_state import Dialog
from ivr.exchange import (
    Action,
    AnsweredBy,
    CallFacts,
    DialogEvent,
    DialogResult,
    HangUp,
    Listen,
    Machine,
    NoInput,
    Pressed,
    Resume,
    Say,
    TimeIsUp,
)
from ivr.explanation import Explanation, explain
from ivr.flow_model import Flow
from ivr.interpreter import Asked, Interpreter
from tts.prompts import spoken_seconds

SURE = 1.0
"""What is typed was heard without a doubt."""
THINKING_SECONDS = 0.8
"""Between our question and an answer."""
KEY_SECONDS = 0.3
MACHINES = tuple(f"/{machine.value}" for machine in Machine)
TIME_IS_UP = "/timeout"


class TypedError(ValueError):
    """A line that can't be taken; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One line of somebody who rehearses: words, a key, silence, or what else may happen."""

    words: str = ""
    key: str = ""
    interrupts: bool = False
    happening: TimeIsUp | AnsweredBy | None = None

    @classmethod
    def of(cls, line: str) -> Self:
        """Read `可以`, `#1` (a key), `!不用` (into our words), nothing (silence), `/voicemail`.

        Raises TypedError.
        """
        text = line.strip()
        if text.startswith(("#", "＃")) and len(text) > 1:
            if text[1:] not in tuple("0123456789*#"):
                raise TypedError(f"{text[1:]!r} is no key; write #0 to #9, #* or ##.")
            return cls(key=text[1:])
        if text == TIME_IS_UP:
            return cls(happening=TimeIsUp())
        if text in MACHINES:
            return cls(happening=AnsweredBy(Machine(text[1:])))
        if text.startswith("/"):
            raise TypedError(f"There is no command {text!r}; /help tells which there are.")
        if text.startswith(("!", "！")):
            return cls(words=text[1:].strip(), interrupts=True)
        return cls(words=text)


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a rehearsed conversation stands after one event."""

    dialog: Dialog
    actions: tuple[Action, ...]
    seconds: float
    """Call audio so far, as far as it can be estimated from text."""
    typed: Typed | None = None
    """None: the call has just begun."""
    explanation: Explanation | None = None

    @property
    def says(self) -> tuple[Say, ...]:
        """What is said now."""
        return tuple(each for each in self.actions if isinstance(each, Say))

    @property
    def resumes(self) -> bool:
        """The sentence that was cut is said again."""
        return isinstance(self.actions[-1], Resume)

    @property
    def is_over(self) -> bool:
        """Menling hangs up."""
        return isinstance(self.actions[-1], HangUp)


class TextCall:
    """One conversation by text, with every moment kept, so that any can be gone back to."""

    def __init__(self, flow: Flow, facts: CallFacts) -> None:
        self.flow = flow
        self.facts = facts
        self._interpreter = Interpreter(flow, facts, 0.0)
        dialog, actions = begin(flow, facts)
        self.moments: list[Moment] = [Moment(dialog, actions, _spoken(actions))]

    @property
    def now(self) -> Moment:
        """The newest moment."""
        return self.moments[-1]

    @property
    def is_over(self) -> bool:
        """Everything was said."""
        return self.now.is_over

    @property
    def result(self) -> DialogResult:
        """What dispatch would learn if the line went dead now."""
        return result(self.flow, self.now.dialog)

    def take(self, typed: Typed) -> Moment:
        """Go on by one line; raises TypedError once the call is over."""
        if self.is_over:
            raise TypedError("The call is over; /undo goes back by one turn.")
        now = self.now
        event, ended = self._event(typed, now)
        dialog, actions, why = explain(self.flow, now.dialog, event)
        self.moments.append(Moment(dialog, actions, ended + _spoken(actions), typed, why))
        return self.now

    def undo(self) -> bool:
        """Forget the last turn; answer whether there was one."""
        if len(self.moments) == 1:
            return False
        self.moments.pop()
        return True

    def _event(self, typed: Typed, now: Moment) -> tuple[DialogEvent, float]:
        """Return what happens, and the call audio at its end."""
        listen = self._listening()
        if typed.happening is not None:
            return typed.happening, now.seconds
        if typed.key:
            ended = now.seconds + KEY_SECONDS
            return Pressed(typed.key, ended), ended
        if not typed.words:
            waited = listen.no_input_seconds if listen else 0.0
            return NoInput(), now.seconds + waited
        began = now.seconds + THINKING_SECONDS
        ended = began + spoken_seconds(typed.words)
        utterance = Utterance(typed.words, SURE, began, ended)
        # Whoever speaks into our words has not heard the question yet.
        asked = Asked() if typed.interrupts else Asked.by(listen)
        return self._interpreter.said(utterance, asked, interrupted=typed.interrupts), ended

    def _listening(self) -> Listen | None:
        """Return the question that is open."""
        for moment in reversed(self.moments):
            if isinstance(moment.actions[-1], Listen):
                return moment.actions[-1]
        return None


def _spoken(actions: tuple[Action, ...]) -> float:
    return sum(spoken_seconds(each.text) for each in actions if isinstance(each, Say))
