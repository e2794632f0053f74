"""Fetching: looks at every step of a dialog, flags the call, and has a person fetched.

step -> [客服十二点之前给您回电话。再见。] HangUp      nobody could come: as it is
                                                 somebody could: [正在为您转接客服,请稍等。] Wait
step -> [question] Listen, and a rule says so     somebody could: the same
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from asr.hearing import Utterance
from audio.level import dbfs
from ivr.brief import brief_of
from ivr.desk import Desk
from ivr.dialog import Step, step
from ivr.dialog_state import Dialog
from ivr.exchange import (
    AnsweredBy,
    CallFacts,
    DialogEvent,
    Pressed,
    Said,
    TicketWish,
    Wait,
)
from ivr.flagging import FlaggedSoFar, HeardBy, flag_rules, flagged, wanted_by
from ivr.flow_model import Flow
from ivr.meaning import Intent, Meaning
from ivr.minutes import Minutes
from ivr.people import CallFlagged, Flag, PersonWanted, WishWithdrawn
from ivr.takeover import Holder
from ivr.wish import BRIDGE, Wish, can_bridge, wish_in
from ivr.withdrawal import withdrawal, without_person
from ivr.wording import speak

UNFIT = frozenset({Intent.OPT_OUT, Intent.WRONG_NUMBER})
"""Whoever says this wants nobody, whatever else he says."""
ASKING = frozenset({Intent.PERSON, Intent.ANGRY})
GIVEN_UP = "not_understood"
"""The rule by which the robot itself fetches somebody, for it does not understand."""
SOOTHED = frozenset({"angry", "complaint", "legal"})
"""Rules whose customers are told that we are sorry, if nobody comes."""


class Fetching:
    """Decides in one call whether a person is fetched, and remembers the flags it raised."""

    def __init__(
        self,
        desk: Desk,
        flow: Flow,
        facts: CallFacts,
        minutes: Minutes,
        holder: Callable[[], Holder],
        move: Callable[[bool], None],
    ) -> None:
        """`move` is told that the customer waits from now on, or (False) no longer."""
        self.flow = flow
        """What the robot says now."""
        self.wish: Wish | None = None
        """What the customer waits for, and how the call ends without it."""
        self.asked_under: Flag | None = None
        """Under which flag a person was asked for that no words of the customer raised."""
        self.so_far = FlaggedSoFar(flow.language, facts.more)
        self._desk = desk
        self._minutes = minutes
        self._holder = holder
        self._move = move
        self.given_up = False
        """Nobody came, and the customer was told so."""
        self.withdrawn = False
        """The customer wants nobody any more."""
        self.put_off: tuple[TicketWish, ...] = ()
        """Tickets of the endings that were put off for a person."""

    def step(self, before: Dialog, following: Step, event: DialogEvent) -> Step:
        """Return the step to take instead of this one."""
        after, actions = following
        if self._holder() is Holder.WAITING:
            return self._while_waiting(before, following, event)
        flags = self._look(before, after, event)
        if isinstance(event, AnsweredBy) or not self.may_fetch():
            return following
        words = event.meaning.text if isinstance(event, Said) else ""
        wish = wish_in(self.flow, before, after, actions, words)
        if wish is None and isinstance(event, Said):
            wish = self._by_flags(flags, before, event)
        if wish is None:
            return following
        self.want(replace(wish, asked_for=self._is_asked_for(flags, event)))
        bridge = speak(self.flow, wish.after.facts, wish.after.slots, BRIDGE)
        return wish.after, (*wish.lead, *bridge, Wait())

    def may_fetch(self) -> bool:
        """Answer whether somebody could come into this call now."""
        return (
            not self.given_up and can_bridge(self.flow) and self._desk.staffed(self.flow.language)
        )

    def want(self, wish: Wish, *, again: bool = False, flag: Flag | None = None) -> None:
        """Ask for a person, under this flag if there is one; the customer waits from now on."""
        self.wish, self.withdrawn = wish, False
        held = {*wish.before.gathered.tickets, *self.put_off}
        new = (each for each in wish.after.gathered.tickets if each not in held)
        self.put_off = (*self.put_off, *new)
        self.asked_under = flag
        flag = flag or wanted_by(self.so_far, wish.reason, wish.words, again=again)
        brief = brief_of(self.flow, wish.before, flag, self._minutes.turns)
        self._desk.tell(PersonWanted(self._desk.attempt, flag, brief))
        self._move(True)

    def call_off(self) -> None:
        """Take note that the customer does not wait any more."""
        self.wish, self.withdrawn, self.put_off = None, True, ()
        self._desk.tell(WishWithdrawn(self._desk.attempt))
        self._move(False)

    def ending(self, dialog: Dialog, words: str = "") -> Wish:
        """Return how a call that stands here ends with the promise that a person calls back."""
        wish = self._asked_for(dialog, Intent.PERSON, words)
        if wish is not None:
            return wish
        return Wish(dialog, dialog, (), (), "", words)

    def spoken(self, text: str, meaning: Meaning, level: float) -> None:
        """Flag what the customer said to a person."""
        self._flag(HeardBy(text, frozenset((meaning.intent, *meaning.also)), level))

    def pressed(self, digit: str, intent: Intent) -> None:
        """Flag a key that the customer pressed while a person had the call."""
        self._flag(HeardBy(digit, frozenset((intent,))))

    def _while_waiting(self, before: Dialog, following: Step, event: DialogEvent) -> Step:
        """Wait on, unless the customer wants nobody any more, no calls, or is somebody else."""
        state = self.flow.script.states[following[0].state]
        if state.id == before.state or (state.ending is not None and state.ending.needs_person):
            instead = self._withdrawing(event)
            if instead is None:
                return before, (Wait(),)
            following = instead
        self.call_off()
        return following

    def _withdrawing(self, event: DialogEvent) -> Step | None:
        if self.wish is None or not isinstance(event, Said):
            return None
        wants = withdrawal(event.meaning, self.flow.language)
        sure = event.utterance.confidence >= self.flow.limits.sure_confidence
        if wants is None or not sure:
            return None
        return without_person(self.flow, self.wish, wants, event)

    def _is_asked_for(self, flags: tuple[Flag, ...], event: DialogEvent) -> bool:
        """Answer whether the customer himself asked for a person, and the robot could go on."""
        if isinstance(event, Pressed):
            key = self.flow.script.everywhere.keys.get(event.digit)
            return key is not None and key.intent is Intent.PERSON
        if not isinstance(event, Said):
            return False
        asks = ASKING & {event.meaning.intent, *event.meaning.also}
        return bool(asks) or any(flag.transfer and flag.rule != GIVEN_UP for flag in flags)

    def _look(self, before: Dialog, after: Dialog, event: DialogEvent) -> tuple[Flag, ...]:
        if not isinstance(event, Said):
            return ()
        meaning, utterance = event.meaning, event.utterance
        tickets = len(after.gathered.tickets) > len(before.gathered.tickets)
        return self._flag(
            HeardBy(
                text=meaning.text or utterance.text,
                intents=frozenset((meaning.intent, *meaning.also)),
                level_dbfs=dbfs(self._minutes.sound(utterance.began, utterance.ended)),
                misses=after.tally.no_match,
                problem=tickets,
            )
        )

    def _flag(self, heard: HeardBy) -> tuple[Flag, ...]:
        self.so_far, flags = flagged(flag_rules(), self.so_far, heard)
        for flag in flags:
            self._desk.tell(CallFlagged(self._desk.attempt, flag))
        return flags

    def _by_flags(self, flags: tuple[Flag, ...], before: Dialog, event: Said) -> Wish | None:
        """Return the wish of a rule that may interrupt the robot."""
        rules = {flag.rule for flag in flags if flag.transfer}
        if not rules or UNFIT & {event.meaning.intent, *event.meaning.also}:
            return None
        words = event.meaning.text
        if rules & SOOTHED:
            wish = self._asked_for(before, Intent.ANGRY, words, event)
            if wish is not None:
                return wish
        return self._asked_for(before, Intent.PERSON, words, event)

    def _asked_for(
        self, dialog: Dialog, intent: Intent, words: str, event: Said | None = None
    ) -> Wish | None:
        """Return the wish that a dialog leads to once this is meant."""
        if self.flow.script.states[dialog.state].ending is not None:
            return None
        meaning = Meaning(intent, 1.0, text=words)
        ended = dialog.heard_seconds if event is None else event.utterance.ended
        utterance = Utterance(words, 1.0, ended, ended)
        said = Said(meaning, utterance, interrupted=False)
        after, actions = step(self.flow, dialog, said)
        return wish_in(self.flow, replace(dialog, heard_seconds=ended), after, actions, words)
