"""Talk: a dialog being held, from the greeting to the goodbye.

    callee   ....[utterance].............................[utterance]...........
    Menling  [say][cut]......[say     ][say    ]................[say   ][linger]HangUp
                    ^ barge-in          question ^ no-input timer runs here

All times are seconds of call audio; silence is counted in frames, never in clock time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic

from asr.hearing import Expectation, Utterance
from ivr.dialog import begin, result, step
from ivr.exchange import (
    Action,
    AnsweredBy,
    CallFacts,
    DialogEvent,
    DialogResult,
    HangUp,
    Keep,
    Listen,
    Machine,
    NoInput,
    Pressed,
    Resume,
    Said,
    Say,
    TimeIsUp,
)
from ivr.flow_model import Flow
from ivr.meaning import Intent, Meaning
from ivr.mouth import Mouth, Sentence
from ivr.nlu.understanding import understand
from ivr.transcript import Speaker, Turn
from tts.prompts import sentences
from tts.speech import Speech

LINGER_SECONDS = 0.5
"""Line held after the last word, so that the far end's jitter buffer plays the goodbye out."""
PARTING_SECONDS = 4.0
"""Somebody who speaks into the goodbye is heard out, but no longer than this after it."""
NOISES_ENDURED = 2
"""A sentence that noise has cut so often is not cut again before there is a word."""
UNASKED = frozenset({Intent.OPT_OUT, Intent.CALL_LATER})
"""Said instead of 喂, these need no greeting any more."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a talk may use of the call it is held on."""

    mouth: Mouth
    speech: Speech
    expect: Callable[[Expectation], None]
    keep: Callable[[str, float, float], None]
    """Keep the callee's sound between two moments as evidence under a name."""
    notice: Callable[[Turn], None]


class Talk:
    """Runs one dialog: performs its actions and tells it what was said, pressed or not said."""

    def __init__(self, flow: Flow, facts: CallFacts, line: Line, began: float) -> None:
        self._flow = flow
        self._facts = facts
        self._line = line
        self._began = began
        self._dialog, _ = begin(flow, facts)
        self._listen: Listen | None = None
        """None: the goodbye is being said."""
        self._quiet_since = began
        self._heard = _Heard()

    async def greet(self, now: float, first_words: Utterance | None = None) -> None:
        """Say the first words, unless what they said instead of 喂 needs an answer at once."""
        if first_words is not None:
            meaning = self._understand(first_words)
            if meaning.intent in UNASKED:
                await self._tell(Said(meaning, first_words, interrupted=False), now)
                return
        _, opening = begin(self._flow, self._facts)
        await self._perform(opening, now)

    async def meet(self, machine: Machine, now: float) -> None:
        """Speak to a machine instead of a person."""
        await self._tell(AnsweredBy(machine), now)

    def speech_started(self, now: float) -> None:
        """Give way to the callee, unless this sentence has to be heard."""
        mouth = self._line.mouth
        gives_way = mouth.may_be_interrupted() and self._heard.noises < NOISES_ENDURED
        if gives_way:
            self._note(mouth.fall_silent(now))
        self._heard = replace(self._heard, speaking=True, interrupted=gives_way)

    def speech_dismissed(self, now: float) -> None:
        """Go on: it was only noise."""
        heard = self._heard
        self._heard = replace(
            heard, speaking=False, interrupted=False, noises=heard.noises + heard.interrupted
        )
        if heard.interrupted:
            self._line.mouth.resume(now)

    def overheard(self) -> None:
        """Take note that words were said which are no answer to us."""
        self._heard = replace(self._heard, speaking=False, interrupted=False)

    async def said(self, utterance: Utterance, now: float) -> None:
        """Take the callee's turn to the dialog."""
        heard, mouth = self._heard, self._line.mouth
        self._heard = replace(heard, speaking=False, interrupted=False)
        into_our_words = heard.interrupted or mouth.is_speaking()
        asked = not (into_our_words and mouth.is_before_the_last())
        meaning = self._understand(utterance, asked)
        self._note(
            Turn(
                speaker=Speaker.CALLEE,
                text=utterance.text,
                began_seconds=utterance.began,
                ended_seconds=utterance.ended,
                prompt=self._listen.question if self._listen else "",
                intent=meaning.intent,
                confidence=meaning.confidence,
            )
        )
        if utterance.began < heard.pressed_at and meaning.intent is not Intent.OPT_OUT:
            return  # the key that was pressed meanwhile said it already
        said = Said(meaning, utterance, heard.interrupted)
        if self._listen is None or not mouth.is_speaking():
            await self._answer(said, now)
        elif not mouth.may_be_interrupted():
            self._heard = replace(self._heard, held=said)
        elif utterance.text:
            self._note(mouth.fall_silent(now))
            await self._answer(replace(said, interrupted=True), now)

    async def pressed(self, digit: str, now: float) -> None:
        """Take a key to the dialog; a key always interrupts what may be interrupted."""
        mouth = self._line.mouth
        if mouth.may_be_interrupted():
            self._note(mouth.fall_silent(now))
        self._note(
            Turn(
                speaker=Speaker.CALLEE,
                text="",
                began_seconds=now,
                ended_seconds=now,
                prompt=self._listen.question if self._listen else "",
                key=digit,
            )
        )
        self._heard = replace(self._heard, pressed_at=now)
        await self._tell(Pressed(digit, now), now)

    async def playback_ended(self, playback: int, now: float) -> None:
        """Take note that a sentence was heard; the question's silence begins after the last."""
        mouth = self._line.mouth
        self._note(mouth.playback_ended(playback, now))
        self._heard = replace(self._heard, noises=0)
        speaking = mouth.is_speaking()
        if not speaking:
            self._quiet_since = now
        held = self._heard.held
        if held is not None and (not speaking or mouth.may_be_interrupted()):
            self._note(mouth.fall_silent(now))
            await self._answer(replace(held, interrupted=speaking), now)

    async def tick(self, now: float) -> None:
        """Let time pass."""
        if self._listen is None or self._heard.speaking:
            return
        if self._is_out_of_time(now):
            await self._tell(TimeIsUp(), now)
        elif self._silence(now) >= self._listen.no_input_seconds:
            await self._tell(NoInput(), now)

    def is_over(self, now: float) -> bool:
        """Answer whether everything is said and the line was held long enough."""
        if self._listen is not None:
            return False
        return self._silence(now) >= (PARTING_SECONDS if self._heard.speaking else LINGER_SECONDS)

    def result(self) -> DialogResult:
        """Return what was settled so far."""
        return result(self._flow, self._dialog)

    def _silence(self, now: float) -> float:
        """Return for how long we have said nothing."""
        return 0.0 if self._line.mouth.is_speaking() else now - self._quiet_since

    def _is_out_of_time(self, now: float) -> bool:
        limit = self._flow.time_limit_seconds
        return not self._heard.time_is_up and now - self._began >= limit

    def _understand(self, utterance: Utterance, asked: bool = True) -> Meaning:
        """Return what it means; before a question was `asked`, 嗯 answers nothing."""
        elapsed = timedelta(seconds=utterance.ended - self._began)
        expecting = self._listen.expecting if self._listen and asked else ()
        return understand(
            utterance.text,
            utterance.confidence,
            expecting,
            self._facts.now + elapsed,
            self._flow.language,
        )

    async def _answer(self, said: Said, now: float) -> None:
        decided = monotonic()
        was_speaking = self._line.mouth.is_speaking()
        await self._tell(said, now)
        if self._line.mouth.is_speaking() and not was_speaking:
            waited = now - said.utterance.ended + (monotonic() - decided)
            self._heard = replace(self._heard, latency=waited)

    async def _tell(self, event: DialogEvent, now: float) -> None:
        if isinstance(event, TimeIsUp):
            self._heard = replace(self._heard, time_is_up=True)
        self._heard = replace(self._heard, held=None, latency=None)
        self._dialog, actions = step(self._flow, self._dialog, event)
        if isinstance(event, Said):
            self._keep(actions, event.utterance)
        await self._perform(actions, now)

    def _keep(self, actions: tuple[Action, ...], utterance: Utterance) -> None:
        for action in actions:
            if isinstance(action, Keep):
                self._line.keep(action.name, utterance.began, utterance.ended)

    async def _perform(self, actions: tuple[Action, ...], now: float) -> None:
        says = [action for action in actions if isinstance(action, Say)]
        ready = [
            Sentence(text, say.prompt, say.barge_in, await self._line.speech.wav(text))
            for say in says
            for text in sentences(say.text)
        ]
        if ready:
            mouth = self._line.mouth
            if mouth.may_be_interrupted():
                self._note(mouth.fall_silent(now))
            mouth.say(ready, now)
            self._heard = replace(self._heard, noises=0)
        if ready or self._listen is not None:  # what is said into a goodbye doesn't prolong it
            self._quiet_since = now
        match actions[-1]:
            case Listen() as listen:
                self._listen = listen
                self._line.expect(listen.expectation)
            case Resume():
                self._line.mouth.resume(now)
            case HangUp():
                self._listen = None

    def _note(self, turn: Turn | None) -> None:
        if turn is None:
            return
        if turn.speaker is Speaker.MENLING and self._heard.latency is not None:
            turn = replace(turn, latency_seconds=round(self._heard.latency, 3))
            self._heard = replace(self._heard, latency=None)
        self._line.notice(turn)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a talk has to remember about the callee between two frames."""

    speaking: bool = False
    interrupted: bool = False
    """The utterance in progress cut our sentence."""
    held: Said | None = None
    """Said while a sentence was playing that may not be cut; answered after it."""
    pressed_at: float = 0.0
    """When the last key was pressed; what was being said then is not taken for an answer."""
    noises: int = 0
    """How often noise has cut the sentence being said."""
    latency: float | None = None
    time_is_up: bool = False
