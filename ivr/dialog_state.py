"""What a dialog remembers between two events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ivr.exchange import CallFacts, Consent, DialogOutcome, TicketWish
from ivr.flow_model import Rule, Rung
from ivr.meaning import Meaning, SlotValue
from tts.speech import PLAIN, Manner


class DialogError(Exception):
    """An event that the dialog can't take, or a flow that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted, so that no conversation goes round for ever."""

    turns: int = 0
    no_input: int = 0
    """In a row, at the open question."""
    no_match: int = 0
    chatter: int = 0
    """Answers without an answer in them (喂, 嗯), in a row."""
    visits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """What an ending fixed."""

    outcome: DialogOutcome
    finished: bool
    reports: frozenset[str]
    needs_person: str
    call_again_at: datetime | None
    callback_by: datetime | None
    """Until when a person calls back, as it was said."""
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a dialog has gathered besides its slots."""

    confirmed: frozenset[str] = frozenset()
    """Slots that were read back and agreed to."""
    tickets: tuple[TicketWish, ...] = ()
    wishes: tuple[str, ...] = ()
    consent: Consent | None = None
    last_words: str = ""


@dataclass(frozen=True, slots=True)
class Dialog:
    """A conversation between two events."""

    facts: CallFacts
    state: str
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    under: str = ""
    """The question that an aside interrupted."""
    tally: Tally = field(default_factory=Tally)
    gathered: Gathered = field(default_factory=Gathered)
    settled: Settled | None = None
    heard_seconds: float = 0.0
    """Call audio at the end of the callee's last words; a key is placed here too."""
    manner: Manner = PLAIN
    followed: tuple[Rule | Rung, ...] = ()
    """What the last event led along, in order; for explanations only."""

    def along(self, way: Rule | Rung) -> Dialog:
        """Return the dialog with one more rule or rung that was followed."""
        return replace(self, followed=(*self.followed, way))

    def patient_again(self) -> Dialog:
        """Return the dialog with its ladders at the bottom: something was understood."""
        return replace(self, tally=replace(self.tally, no_input=0, no_match=0, chatter=0))

    def counted(self, silent: bool) -> Dialog:
        """Return the dialog one step up the ladder of silence or of misunderstanding."""
        tally = self.tally
        if silent:
            return replace(self, tally=replace(tally, no_input=tally.no_input + 1))
        return replace(self, tally=replace(tally, no_match=tally.no_match + 1))

    def visited(self) -> Dialog:
        """Return the dialog with its state counted as visited once more."""
        visits = dict(self.tally.visits)
        visits[self.state] = visits.get(self.state, 0) + 1
        return replace(self, tally=replace(self.tally, visits=visits))

    def returned(self) -> Dialog:
        """Return the dialog at the question that an aside interrupted."""
        return replace(self, state=self.under, under="")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the callee just said or pressed."""

    meaning: Meaning
    interrupted: bool = False
    has_sound: bool = True
    """False: a key was pressed."""
    names_day: bool = False
    """A window in it stands on a day of its own, whatever day was agreed before."""
    rival: Meaning | None = None
    """Another reading of the same words, which would settle something else."""
