"""Talk: a dialog being held, from the greeting to the goodbye.

    callee   ...[嗯].[utterance].............................[utterance]...........
    Menling  [say      ][cut]......[say     ][say    ]................[say   ][linger]HangUp
                       ^ first word           question ^ no-input timer runs here

    callee   [可以].......[不过放门口就行]............
    Menling  ......[say][cut]............[say        ]    answers the whole of it

Who may speak when is told in `ivr/floor.py`. Sentences that are ready while the callee talks wait
for his pause. All times are seconds of call audio; silence is counted in frames, never in clock
time.
"""

from __future__ import annotations

from dataclasses import replace

from asr.hearing import Completeness, Expectation, Partial, Utterance
from ivr.agent_opening import introduction
from ivr.barging import NOTHING_YET, answers_us, means_something
from ivr.dialog import Step, begin, result, step
from ivr.dialog_state import Dialog
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
    Wait,
)
from ivr.floor import (
    NOISES_ENDURED,
    Answered,
    Heard,
    Position,
    as_one,
    is_same_course,
)
from ivr.flow_model import Flow
from ivr.interpreter import Asked, Interpreter
from ivr.line import Line
from ivr.meaning import Intent
from ivr.transcript import answered, pressed
from ivr.voice import Voice

LINGER_SECONDS = 0.5
"""Line held after the last word, so that the far end's jitter buffer plays the goodbye out."""
PARTING_SECONDS = 4.0
"""Somebody who speaks into the goodbye is heard out, but no longer than this after it."""
UNASKED = frozenset({Intent.OPT_OUT, Intent.CALL_LATER})
"""Said instead of 喂, these need no greeting any more."""


class Talk:
    """Runs one dialog: performs its actions and tells it what was said, pressed or not said."""

    def __init__(self, flow: Flow, facts: CallFacts, line: Line, began: float) -> None:
        self._flow = flow
        self._facts = facts
        self._interpreter = Interpreter(flow, facts, began)
        self._line = line
        self._began = began
        self._at = Position(begin(flow, facts)[0])
        self._voice = Voice(line.mouth, line.speech, line.notice, line.clock)
        self._voice.count_from(began)
        self._heard = Heard()

    async def greet(
        self, now: float, first_words: Utterance | None = None, *, for_agent: bool = False
    ) -> None:
        """Say the first words, unless what they said instead of 喂 needs an answer at once.

        `for_agent`: only who calls, for an agent is being looked for.
        """
        if first_words is not None:
            said = self._interpreter.said(first_words, Asked())
            if said.meaning.intent in UNASKED:
                await self._tell(said, now)
                return
        _, opening = begin(self._flow, self._facts)
        await self._perform((*introduction(opening)[0], Wait()) if for_agent else opening, now)

    async def meet(self, machine: Machine, now: float) -> None:
        """Speak to a machine instead of a person."""
        await self._tell(AnsweredBy(machine), now)

    def speech_started(self, began: float, now: float) -> None:
        """Take note of a voice; only who goes on with his answer makes us silent at once."""
        goes_on = self._heard.continues(began)
        self._heard = replace(
            self._heard,
            speaking_since=began,
            words=False,
            evidence=NOTHING_YET,
            interrupted=False,
            goes_on=goes_on,
        )
        if goes_on:
            self._give_way(now)

    def partly_said(self, partial: Partial, now: float) -> None:
        """Take the first words of what is being said; give way to them if they mean something."""
        heard, since = self._heard, self._heard.speaking_since
        if since is None:
            return
        language = self._flow.language
        evidence = heard.evidence.with_look(partial, now - since, language)
        self._heard = replace(heard, words=heard.words or bool(partial.text), evidence=evidence)
        answers = self._voice.is_asking and answers_us(partial, evidence, language)
        if not heard.interrupted and (answers or evidence.stops_us):
            self._give_way(now)

    def speech_dismissed(self, now: float) -> None:
        """Go on: it was only noise."""
        heard = self._heard
        self._heard = replace(
            heard, speaking_since=None, interrupted=False, noises=heard.noises + heard.interrupted
        )
        if heard.interrupted:
            self._resume(now)

    def overheard(self) -> None:
        """Take note that words were said which are no answer to us."""
        self._heard = replace(self._heard, speaking_since=None, interrupted=False)

    async def said(self, utterance: Utterance, now: float) -> None:
        """Take the callee's turn to the dialog."""
        heard, voice = self._heard, self._voice
        self._heard = replace(heard, speaking_since=None, interrupted=False)
        if heard.goes_on and heard.last is not None:
            await self._said_on(heard.last, utterance, heard.interrupted, now)
            return
        asked = voice.is_asking or not (heard.interrupted or voice.is_speaking)
        hoped = Asked.by(self._at.listen if asked else None)
        said = self._interpreter.said(utterance, hoped, interrupted=heard.interrupted)
        self._line.notice(answered(utterance, said.meaning, self._question()))
        if utterance.began < heard.pressed_at and said.meaning.intent is not Intent.OPT_OUT:
            return  # the key that was pressed meanwhile said it already
        if self._at.listen is None or not voice.is_speaking:
            await self._answer(said, now)
        elif not voice.may_be_interrupted:
            self._heard = replace(self._heard, held=said)
        elif means_something(utterance.text, asked, self._flow.language):
            voice.fall_silent(now)
            await self._answer(replace(said, interrupted=True), now)

    async def _said_on(
        self, last: Answered, utterance: Utterance, interrupted: bool, now: float
    ) -> None:
        """Take the rest of an answer whose first half was already answered."""
        before = last.before.listen
        whole = as_one(last.said.utterance, utterance)
        said = self._interpreter.said(whole, Asked.by(before), interrupted=last.said.interrupted)
        self._line.notice(answered(whole, said.meaning, before.question if before else ""))
        after, _ = step(self._flow, last.before.dialog, said)
        if not utterance.text or is_same_course(after, self._at.dialog):
            if interrupted:
                self._resume(now)
            return
        self._voice.fall_silent(now)
        self._at = last.before
        await self._answer(said, now)

    async def pressed(self, digit: str, now: float) -> None:
        """Take a key to the dialog; a key always interrupts what may be interrupted."""
        if self._voice.may_be_interrupted:
            self._voice.fall_silent(now)
        self._line.notice(pressed(digit, now, self._question()))
        self._heard = replace(self._heard, pressed_at=now)
        await self._tell(Pressed(digit, now), now)

    async def playback_ended(self, playback: int, now: float) -> None:
        """Take note that a sentence was heard; the question's silence begins after the last."""
        voice, held = self._voice, self._heard.held
        voice.playback_ended(playback, now)
        self._heard = replace(self._heard, noises=0)
        self._expect()
        speaking = voice.is_speaking
        if held is not None and (not speaking or voice.may_be_interrupted):
            voice.fall_silent(now)
            await self._answer(replace(held, interrupted=speaking), now)

    async def tick(self, now: float) -> None:
        """Let time pass."""
        if not self._heard.is_talking(now) and self._voice.speak(now):
            self._expect()
        listen = self._at.listen
        if listen is None or self._heard.speaking_since is not None:
            return
        if self._is_out_of_time(now):
            await self._tell(TimeIsUp(), now)
        elif self._voice.silence(now) >= listen.no_input_seconds:
            await self._tell(NoInput(), now)

    def is_over(self, now: float) -> bool:
        """Answer whether everything is said and the line was held long enough."""
        if self._at.listen is not None or self._at.waits:
            return False
        speaking = self._heard.speaking_since is not None
        return self._voice.silence(now) >= (PARTING_SECONDS if speaking else LINGER_SECONDS)

    @property
    def dialog(self) -> Dialog:
        """Where the dialog stands."""
        return self._at.dialog

    def is_quiet(self, now: float) -> bool:
        """Answer whether nothing is being said or waits to be said."""
        return self._voice.silence(now) > 0

    @property
    def is_waiting(self) -> bool:
        """The robot asks nothing: a person is looked for, or has the call."""
        return self._at.waits

    @property
    def is_spoken_to(self) -> bool:
        """The callee is speaking."""
        return self._heard.speaking_since is not None

    def quiet_seconds(self, now: float) -> float:
        """Return for how long nothing was said of our own."""
        return self._voice.silence(now)

    def stand_still(self, now: float, *, at_once: bool = True) -> None:
        """Fall silent for a person who has the call from now on; `go_on` ends it.

        Not at once: when the sentence that is being said is over.
        """
        if at_once:
            self._voice.fall_silent(now)
        self._voice.forget_waiting()
        self._heard = Heard()
        self._at = replace(self._at, listen=None, waits=True)
        self._expect()

    async def go_on(self, following: Step, now: float, absent_seconds: float) -> None:
        """Take this step after a person had the call for so long."""
        self.excuse(absent_seconds)
        self._heard = Heard()
        dialog, actions = following
        self._at = Position(dialog)
        await self._perform(actions, now)

    def excuse(self, seconds: float) -> None:
        """Leave so long out of the time that the flow allows for the call."""
        self._began += seconds

    def result(self) -> DialogResult:
        """Return what was settled so far."""
        return result(self._flow, self._at.dialog)

    def _is_out_of_time(self, now: float) -> bool:
        limit = self._flow.time_limit_seconds
        return not self._heard.time_is_up and now - self._began >= limit

    def _question(self) -> str:
        return self._at.listen.question if self._at.listen else ""

    def _hoped(self) -> Asked:
        """Return what the turn in progress may answer, together with what it goes on from."""
        last = self._heard.last if self._heard.goes_on else None
        if last is not None and last.before.listen is not None:
            return Asked.by(last.before.listen)
        return Asked.by(self._at.listen)

    def _judge(self, text: str, confidence: float) -> Completeness:
        return self._interpreter.completeness(text, confidence, self._hoped())

    async def _answer(self, said: Said, now: float) -> None:
        before = self._at
        actions = await self._tell(said, now)
        if before.listen is not None:
            kept = any(isinstance(action, Keep) for action in actions)
            is_final = (kept and self._at.listen is None) or self._at.waits
            self._heard = replace(self._heard, last=Answered(before, said, is_final))

    async def _tell(self, event: DialogEvent, now: float) -> tuple[Action, ...]:
        if isinstance(event, TimeIsUp):
            self._heard = replace(self._heard, time_is_up=True)
        self._heard = replace(self._heard, held=None, last=None)
        self._line.stepping(self._at.dialog, event)
        before = self._at.dialog
        dialog, actions = self._line.fetch(before, step(self._flow, before, event), event)
        self._at = replace(self._at, dialog=dialog)
        ended = event.utterance.ended if isinstance(event, Said) else None
        if isinstance(event, Said):
            self._keep(actions, event.utterance)
        await self._perform(actions, now, ended)
        return actions

    def _keep(self, actions: tuple[Action, ...], utterance: Utterance) -> None:
        for action in actions:
            if isinstance(action, Keep):
                self._line.keep(action.name, utterance.began, utterance.ended)

    async def _perform(
        self, actions: tuple[Action, ...], now: float, answers: float | None = None
    ) -> None:
        says = [action for action in actions if isinstance(action, Say)]
        talked_over = self._heard.is_talking(now)
        speaks = await self._voice.say(says, now, talked_over=talked_over, answers=answers)
        if speaks:
            self._heard = replace(self._heard, noises=0)
        if speaks or self._at.listen is not None:  # words into a goodbye don't prolong it
            self._voice.count_from(now)
        match actions[-1]:
            case Listen() as listen:
                self._at = replace(self._at, listen=listen, waits=False)
            case Resume():
                self._voice.resume(now)
            case HangUp() | Wait() as last:
                self._at = replace(self._at, listen=None, waits=isinstance(last, Wait))
        self._expect()

    def _resume(self, now: float) -> None:
        self._voice.resume(now)
        self._expect()

    def _give_way(self, now: float) -> None:
        """Fall silent for the callee, unless this sentence has to be heard."""
        if self._voice.may_be_interrupted and self._heard.noises < NOISES_ENDURED:
            self._voice.fall_silent(now)
            self._heard = replace(self._heard, interrupted=True)
            self._expect()

    def _expect(self) -> None:
        """Tell the ear what we hope for, and to be quick about it while we speak."""
        listen = self._at.listen
        hoped = listen.expectation if listen else Expectation()
        judge = self._judge if listen else None
        self._line.expect(replace(hoped, judge=judge, eager=self._voice.may_be_interrupted))
