"""What a worker tells of a call that people come into; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivr.people_wanted import Brief, Flag
from ivr.transcript import Turn


@dataclass(frozen=True, slots=True)
class CallTurn:
    """A turn as it is written.

    It takes the place of an earlier one of the same speaker that began at the same moment.
    """

    attempt: int
    turn: Turn
    state: str
    """State of the flow, or `waiting`, `agent`, `consulting`, `third`."""


@dataclass(frozen=True, slots=True)
class CallFlagged:
    """A rule has found something; each rule tells it once in a call."""

    attempt: int
    flag: Flag


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """The customer was told that somebody is coming and waits."""

    attempt: int
    flag: Flag
    brief: Brief


@dataclass(frozen=True, slots=True)
class WishWithdrawn:
    """The customer does not wait any more: he wants nobody, or something else."""

    attempt: int


@dataclass(frozen=True, slots=True)
class NobodyCame:
    """No agent came in time for a customer who was called for one; the call goes on without."""

    attempt: int


@dataclass(frozen=True, slots=True)
class JoinAnswered:
    """The worker's answer to a browser's offer."""

    attempt: int
    join: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The person's device is connected and hears the call."""

    attempt: int
    join: int


class Refused(StrEnum):
    """Why the call let nobody in, or nobody out."""

    NOT_ANSWERED = "not_answered"
    """Nobody has picked up yet, or a machine has."""
    OVER = "over"
    TAKEN = "taken"
    """Somebody else has the call."""
    NO_AGENT = "no_agent"
    """There is no agent to whom one could whisper."""
    WITHDRAWN = "withdrawn"
    """The customer wants nobody any more."""
    TWICE = "twice"
    """The same user is in the call, or his telephone is being rung for it."""
    NOT_YOURS = "not_yours"
    """Somebody else talks to the customer whom one wants to pass on."""


@dataclass(frozen=True, slots=True)
class JoinFailed:
    """The person's device could not be reached, or the call did not allow it."""

    attempt: int
    join: int
    why: str
    """One of Refused, the HangupCause of the device, or a sentence that says what to do."""


class HowJoinEnded(StrEnum):
    """How a visit ended."""

    LEFT = "left"
    """As was asked for."""
    HUNG_UP = "hung_up"
    """His device hung up after a goodbye; the call is over."""
    LOST = "lost"
    """His device was gone; the robot goes on."""
    CALL_ENDED = "call_ended"
    """The customer hung up."""


@dataclass(frozen=True, slots=True)
class JoinEnded:
    """A person who had joined is gone."""

    attempt: int
    join: int
    how: HowJoinEnded


@dataclass(frozen=True, slots=True)
class VoiceMissing:
    """Nothing is heard from whoever has the call, or (not missing) he is heard again."""

    attempt: int
    join: int
    missing: bool


class TransferStage(StrEnum):
    """Where a transfer to a third stands."""

    RINGING = "ringing"
    CONSULTING = "consulting"
    """The agent talks to the third; the customer waits."""
    CONNECTED = "connected"
    """The customer talks to the third, and the agent has left."""
    RETURNED = "returned"
    """The agent talks to the customer again."""
    FAILED = "failed"
    """The third could not be reached; the agent has the customer as before."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TransferMoved:
    """A transfer to a third has come further."""

    attempt: int
    join: int
    stage: TransferStage
    why: str = ""


PeopleNews = (
    CallTurn
    | CallFlagged
    | PersonWanted
    | WishWithdrawn
    | NobodyCame
    | JoinAnswered
    | Joined
    | JoinFailed
    | JoinEnded
    | VoiceMissing
    | TransferMoved
)
"""What a worker tells of one call."""
