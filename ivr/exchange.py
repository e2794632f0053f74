"""What passes between a dialog (pure) and the conversation that runs it on a leg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from asr.hearing import Expectation, Utterance
from ivr.meaning import Address, FactValue, HandOver, Intent, Meaning, Window
from ivr.slot_specs import SlotSpec
from tts.speech import PLAIN, Manner, Piece


class BargeIn(StrEnum):
    """May the callee interrupt this sentence?"""

    NEVER = "never"
    SPEECH = "speech"


class Machine(StrEnum):
    """Who answered, when it is not a person."""

    VOICEMAIL = "voicemail"
    ASSISTANT = "assistant"
    ANNOUNCEMENT = "announcement"
    FAX = "fax"


@dataclass(frozen=True, slots=True)
class Said:
    """The callee's turn is over; this is what we understood."""

    meaning: Meaning
    utterance: Utterance
    interrupted: bool
    """We were speaking when it began; our sentence was cut."""
    rival: Meaning | None = None
    """Another likely reading of it, which would settle something else."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The callee pressed a key."""

    digit: str
    at_seconds: float = 0.0
    """Seconds of call audio."""


@dataclass(frozen=True, slots=True)
class NoInput:
    """Nothing was said or pressed in the time the question allows."""


@dataclass(frozen=True, slots=True)
class AnsweredBy:
    """A machine took the call; it has finished speaking and records."""

    machine: Machine


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """The flow's time limit has passed."""


DialogEvent = Said | Pressed | NoInput | AnsweredBy | TimeIsUp


@dataclass(frozen=True, slots=True)
class Say:
    """Speak one sentence; ready to be synthesised, no slot left in it."""

    text: str
    prompt: str
    """The prompt id it came from, for transcripts and figures."""
    barge_in: BargeIn = BargeIn.SPEECH
    manner: Manner = PLAIN
    pieces: tuple[Piece, ...] = field(default=(), compare=False)
    """Its parts, for which there may be recordings; none: all of it is synthesised."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for an answer once everything was said."""

    question: str
    """Id of the question, for transcripts and figures."""
    expecting: tuple[Intent, ...]
    """Intents the question hopes for; passed to `understand`."""
    expectation: Expectation
    no_input_seconds: float
    fills: SlotSpec | None = None
    """The declared slot that the answer is for."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on from the start of the sentence that was cut, then listen as before."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the sound of the last utterance as evidence under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call once everything was said."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Keep the line: a person is being fetched."""


Action = Say | Listen | Resume | Keep | HangUp | Wait
"""A step returns Say and Keep actions in order and then exactly one of Listen, Resume, HangUp.

Wait takes the place of a HangUp that is put off.
"""


class DialogOutcome(StrEnum):
    """What a conversation settled."""

    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    ADDRESS_CHANGED = "address_changed"
    HAND_OVER_CHANGED = "hand_over_changed"
    REFUSED = "refused"
    WRONG_NUMBER = "wrong_number"
    OPTED_OUT = "opted_out"
    CALLBACK_PROMISED = "callback_promised"
    """A person calls back; `needs_person` says why."""
    MESSAGE_LEFT = "message_left"
    INFORMED = "informed"
    """The recipient knows what we called to say."""
    RECEIVED = "received"
    """The parcel is there, whole and complete."""
    PROBLEM_REPORTED = "problem_reported"
    """Something is wrong with the parcel; a ticket says what."""
    SOLUTION_CHOSEN = "solution_chosen"
    PICKUP_AGREED = "pickup_agreed"
    """A courier fetches a parcel from the recipient."""
    RATED = "rated"
    """The survey was answered."""
    UNFINISHED = "unfinished"
    """The conversation ended before its question was answered."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The recipient's own words for an unattended hand-over."""

    choice: HandOver
    words: str
    """What was said, or the key that was pressed."""
    at_seconds: float
    """Seconds of call audio; where to find it in the recording."""


@dataclass(frozen=True, slots=True)
class TicketWish:
    """A ticket that the conversation asks for."""

    kind: str
    """A type of the exception taxonomy: late, damaged, inquiry, …"""
    words: str = ""
    """What the callee said that led to it."""
    urgent: bool = False
    callback_by: datetime | None = None
    """When a person was promised to have called back."""


@dataclass(frozen=True, slots=True)
class DialogResult:
    """What dispatch should know after the conversation."""

    outcome: DialogOutcome
    finished: bool
    """False: it was cut short (hung up midway)."""
    new_window: Window | None = None
    new_address: Address | None = None
    hand_over: HandOver | None = None
    consent: Consent | None = None
    needs_person: str = ""
    """Why a person must look at it; empty when nobody must."""
    call_again_at: datetime | None = None
    callback_by: datetime | None = None
    """Until when we said that a person calls back; None: nobody was promised."""
    notes: Mapping[str, str] | None = None
    collected: Mapping[str, str] = field(default_factory=dict)
    """Declared slots that count, as text."""
    tickets: tuple[TicketWish, ...] = ()
    wishes: tuple[str, ...] = ()
    """Tags of what the callee would have liked, to be counted."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known about the delivery before the call; everything a prompt may speak of."""

    now: datetime
    """Aware, in the recipient's time zone; the dialog's only clock."""
    company: str
    recipient: str
    waybill: str
    window_start: datetime | None
    """The promised window; None: nothing is promised, and the flow doesn't speak of it."""
    window_end: datetime | None
    address: str
    item: str = ""
    merchant: str = ""
    cod_amount_fen: int = 0
    callback_number: str = ""
    more: Mapping[str, FactValue] = field(default_factory=dict)
    """Facts of `ivr/facts.yaml`, by name."""
    recorded: bool = False
    """The call is recorded, and whoever answers is told so."""
    cut_minutes_ago: float | None = None
    """Minutes since a call about this was cut midway, which this one takes up; None: it is new."""
