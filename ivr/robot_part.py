"""RobotPart: what the robot does in a call that people come into.

It steps aside, keeps a waiting customer company, goes on where it is told to, and says the goodbye
that nobody else says.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dialer.leg import Leg
from ivr.desk import Desk
from ivr.dialog import Step
from ivr.dialog_state import DialogError
from ivr.exchange import Action, HangUp, Say
from ivr.fetching import Fetching
from ivr.flow_faults import FlowError
from ivr.flow_needs import unknown_to
from ivr.hold import Hold
from ivr.minutes import Minutes
from ivr.mouth import Sentence
from ivr.reception import Reception
from ivr.talk import Talk
from ivr.wish import (
    BRIDGE,
    FAREWELL,
    LINE_BROKE,
    NOBODY_FREE,
    ONE_MOMENT,
    STILL_CONNECTING,
    can_bridge,
)
from ivr.withdrawal import going_on
from ivr.wording import speak
from tts.prompts import PromptError
from tts.speech import Speech, SpeechError


class RobotPart:
    """Performs the robot's part; all times are seconds of call audio."""

    def __init__(
        self, leg: Leg, desk: Desk, speech: Speech, minutes: Minutes, fetching: Fetching
    ) -> None:
        self._desk = desk
        self._speech = speech
        self._minutes = minutes
        self.fetching = self._fetching = fetching
        """Has people fetched."""
        self.first_line = ""
        """Prompt that a customer hears first who waits and was told nothing yet."""
        self._hold = Hold(leg, desk.hold_sound)
        self._reception: Reception | None = None
        self._aside_since = 0.0
        self._has_promised = False

    def received_by(self, reception: Reception) -> None:
        """Take note that the call was answered."""
        self._reception = reception

    @property
    def talk(self) -> Talk | None:
        """The talk that is being held, or stands still."""
        return self._reception.talk if self._reception is not None else None

    @property
    def state(self) -> str:
        """State of the flow at which the robot stands; empty before its first word."""
        return self.talk.dialog.state if self.talk is not None else ""

    @property
    def language(self) -> str:
        """What the robot speaks now."""
        return self._fetching.flow.language

    @property
    def keeps_company(self) -> bool:
        """The customer hears the hold sound and a word now and then."""
        return self._hold.is_on

    @property
    def promises(self) -> bool:
        """The robot has promised that a person calls back."""
        if self._has_promised or self.talk is None or self._fetching.wish is not None:
            return self._has_promised
        settled = self.talk.dialog.settled
        return settled is not None and bool(settled.needs_person)

    def is_quiet(self, now: float) -> bool:
        """Answer whether the robot says nothing of its own."""
        return self.talk is None or self.talk.is_quiet(now)

    def wait(self, now: float) -> None:
        """Take note that the customer waits from now on."""
        self._aside_since = now

    async def step_aside(self, now: float, *, bridge: bool) -> None:
        """Let a person have the call; `bridge`: the customer was not told yet."""
        talk = self._talk()
        talk.stand_still(now, at_once=bridge)
        if bridge:
            self._aside_since = now
            await self.keep_company(now, BRIDGE)

    async def keep_company(self, now: float, first: str = "", *, talks: bool = False) -> None:
        """Play the hold sound, after a sentence if there is one, with a word now and then.

        `talks`: he is through to somebody, of whom nothing is heard.
        """
        flow = self._fetching.flow
        opening: list[Sentence] = []
        lines: list[Sentence] = []
        if can_bridge(flow):
            with suppress(SpeechError):  # the tune says enough
                opening += await self._sentences(ONE_MOMENT if talks else first or self.first_line)
                if talks:
                    lines += await self._sentences(ONE_MOMENT, "again")
                else:
                    lines += await self._sentences(STILL_CONNECTING, "first")
                    lines += await self._sentences(STILL_CONNECTING, "again")
        self._hold.begin(tuple(opening), tuple(lines), now)

    def leave_alone(self, now: float) -> None:
        """Stop the hold sound and whatever the robot still says: a person talks."""
        self.first_line = ""
        if self._hold.is_on:
            cut = self._hold.stop(now)
            if cut is not None:
                self._minutes.write(cut)
        if self.talk is not None:
            self.talk.stand_still(now)

    def playback_ended(self, playback: int, now: float) -> None:
        """Take note that a piece of the hold sound, or a line in it, was heard."""
        said = self._hold.playback_ended(playback, now)
        if said is not None:
            self._minutes.write(said)

    def come_back(self, now: float) -> None:
        """Go on by itself: the customer does not wait any more, and his wait does not count."""
        self.leave_alone(now)
        self._talk().excuse(now - self._aside_since)

    async def nobody_came(self, now: float) -> None:
        """Say so, promise what the ending promises, and say goodbye."""
        self._fetching.given_up = self._has_promised = True
        wish = self._fetching.wish or self._fetching.ending(self._talk().dialog)
        await self._go_on((wish.after, (*self._says(NOBODY_FREE), *wish.farewell)), now)

    async def proceed(self, following: Step, now: float) -> None:
        """Take this step, after what the customer was being told of who calls."""
        if self._hold.is_on:
            self.leave_alone(now)
        await self._talk().go_on(following, now, 0.0)

    async def promise_callback(self, now: float) -> None:
        """Promise that a person calls back, and say goodbye."""
        self._has_promised = True
        wish = self._fetching.wish or self._fetching.ending(self._talk().dialog)
        farewell = wish.farewell or (*self._says(FAREWELL), HangUp())
        await self._go_on((wish.after, farewell), now)

    async def say_goodbye(self, now: float) -> None:
        """End the call without any promise."""
        await self._go_on((self._talk().dialog, (*self._says(FAREWELL), HangUp())), now)

    async def apologise(self, now: float) -> None:
        """Tell the customer that the person is gone and another one is being fetched."""
        self.leave_alone(now)
        dialog = self._talk().dialog
        wish = self._fetching.wish or self._fetching.ending(dialog, dialog.gathered.last_words)
        # Whoever has talked to a person is not asked the robot's questions again.
        self._fetching.want(replace(wish, asked_for=False), again=True)
        await self.keep_company(now, LINE_BROKE)

    async def go_on_at(self, point: str, now: float) -> None:
        """Go on at a state of the flow, or (empty) with the question that was open.

        Where that is impossible a callback is promised.
        """
        wish = self._fetching.wish
        dialog = wish.before if wish is not None else self._talk().dialog
        try:
            following = going_on(self._fetching.flow, dialog, point)
        except (DialogError, PromptError):
            await self.promise_callback(now)
            return
        self._fetching.wish = None
        await self._go_on(following, now)

    async def begin_flow(self, name: str, now: float) -> None:
        """Hold another conversation in the same call; where that is impossible, say goodbye."""
        reception, talk = self._reception, self._talk()
        try:
            flow = self._desk.flow(name)
        except FlowError:
            flow = None
        if reception is None or flow is None or unknown_to(talk.dialog.facts, flow):
            await self.say_goodbye(now)
            return
        self.leave_alone(now)
        self._fetching.wish, self._fetching.flow = None, flow
        await reception.begin(flow, now)

    async def _go_on(self, following: Step, now: float) -> None:
        self.leave_alone(now)
        dialog, actions = following
        manner = dialog.manner
        says: tuple[Action, ...] = tuple(
            replace(each, manner=manner) if isinstance(each, Say) else each for each in actions
        )
        await self._talk().go_on((dialog, says), now, now - self._aside_since)

    def _says(self, prompt: str) -> tuple[Say, ...]:
        flow, dialog = self._fetching.flow, self._talk().dialog
        if prompt not in flow.script.prompts:
            return ()
        return speak(flow, dialog.facts, dialog.slots, prompt)

    async def _sentences(self, prompt: str, variant: str = "first") -> list[Sentence]:
        flow, dialog = self._fetching.flow, self._talk().dialog
        if prompt not in flow.script.prompts:
            return []
        return [
            Sentence(say.text, say.prompt, say.barge_in, await self._made(say))
            for say in speak(flow, dialog.facts, dialog.slots, prompt, variant)
        ]

    async def _made(self, say: Say) -> Path:
        return await self._speech.wav(say.text, say.manner, say.pieces)

    def _talk(self) -> Talk:
        if self.talk is None:
            raise DialogError("There is no talk yet that could stand still or go on.")
        return self.talk
