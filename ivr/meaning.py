"""Meaning: what an utterance amounts to, for a dialog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Intent(StrEnum):
    """What the callee wants, in any flow."""

    YES = "yes"
    NO = "no"
    RESCHEDULE = "reschedule"
    """Another time is wanted; the slot `window` may say which."""
    NOT_HOME = "not_home"
    """Nobody is there at the announced time, and nothing else is proposed."""
    CHANGE_ADDRESS = "change_address"
    HAND_OVER = "hand_over"
    """Somewhere else than into the hands; the slot `hand_over` may say where."""
    WHO = "who"
    WHICH_PARCEL = "which_parcel"
    FROM_WHOM = "from_whom"
    WHEN = "when"
    HOW_MUCH = "how_much"
    IS_IT_A_SCAM = "is_it_a_scam"
    HOW_DID_YOU_GET_MY_NUMBER = "how_did_you_get_my_number"
    REPEAT = "repeat"
    SLOWER = "slower"
    WAIT = "wait"
    BACK = "back"
    """"我回来了": the callee is there again after a wait."""
    CALL_LATER = "call_later"
    WRONG_NUMBER = "wrong_number"
    NOT_THE_RECIPIENT = "not_the_recipient"
    """The right number, another person speaks."""
    OPT_OUT = "opt_out"
    REFUSE = "refuse"
    PERSON = "person"
    ANGRY = "angry"
    DONT_KNOW = "dont_know"
    GREETING = "greeting"
    """喂, 你好, 哪位 and the like at the start of a call."""
    BACKCHANNEL = "backchannel"
    """嗯, 哦 while we speak."""
    LOUDER = "louder"
    """大声点: the callee hears us badly."""
    CHILD = "child"
    """A child has taken the call; nothing is settled with it."""
    OTHER_LANGUAGE = "other_language"
    """The callee doesn't speak the language of the call."""
    QUESTION = "question"
    """Something is asked that no other intent covers."""
    THANKS = "thanks"
    GOODBYE = "goodbye"
    TELL = "tell"
    """Only slots: "下午三点", "三号楼二单元"."""
    NOTHING = "nothing"
    """Nothing we understand."""


class HandOver(StrEnum):
    """Where the courier leaves the parcel."""

    DOOR = "door"
    """Into the hands, at the door (上门)."""
    STATION = "station"
    LOCKER = "locker"
    DOORSTEP = "doorstep"
    PROPERTY_OFFICE = "property_office"
    NEIGHBOUR = "neighbour"


class WindowProblem(StrEnum):
    """Why a time that was named can't be used as it was said."""

    PAST = "past"
    """It is over; the window is the next one like it."""
    CLOSED = "closed"
    """No courier is about at that hour."""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in the recipient's zone; an open end is None."""

    start: datetime
    end: datetime | None = None
    certain: bool = True
    """False: a part was guessed (which half of the day, which week) and must be confirmed."""
    problem: WindowProblem | None = None
    """Set: ask for another time; `certain` is False then."""
    begins: datetime | None = field(default=None, compare=False)
    """Where the part of the day began of which `start` is what is left today."""


@dataclass(frozen=True, slots=True)
class Address:
    """A place as it was said."""

    text: str
    complete: bool
    """A street or estate and a door, enough for a courier."""


SlotValue = str | int | HandOver | Window | Address

FactValue = str | int | bool | datetime | tuple[datetime, datetime]
"""What is known before a call; money is in fen, a pair is a span of time."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was understood, and how surely."""

    intent: Intent
    confidence: float
    slots: Mapping[str, SlotValue] = field(default_factory=lambda: MappingProxyType({}))
    """By name: window, address, hand_over, number, name."""
    also: tuple[Intent, ...] = ()
    """Further intents of the same breath, in the order they were said."""
    text: str = ""
