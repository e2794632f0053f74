"""People: what the engine and a worker tell each other about people who join calls; pure.

    engine                                    worker
      DeskStaffed, JoinCall, ChangeMode, LeaveCall,
      ShowOut, NobodyComes, EndCall, TransferOut, …  ──▶
                                             ◀── CallTurn, CallFlagged, PersonWanted,
                                                 WishWithdrawn, JoinAnswered, Joined, JoinEnded,
                                                 VoiceMissing, TransferMoved

Plain frozen values that cross a pipe between processes. A join is one visit of one person; its
number is chosen by the engine and never used twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.transcript import Turn


class Line(StrEnum):
    """Who should answer: anybody at the desk, or those who may decide more."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a call deserves a person's eye."""

    rule: str
    """Id of the rule in `ivr/flagging.yaml`."""
    priority: int
    """Who waits with a higher one is served first."""
    line: Line
    label: Mapping[str, str]
    """What an operator reads, by language: `zh`, `en`."""
    words: str = ""
    """What was said that raised it."""
    transfer: bool = False
    """It may interrupt the robot: a person is wanted now, not only when the talk comes to it."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a person has to know before they talk."""

    reason: Mapping[str, str]
    """Why a person is wanted, by language: `zh`, `en`."""
    recipient: str
    waybill: str
    language: str
    """Of the call, such as `zh-CN`."""
    settled: tuple[tuple[str, str], ...] = ()
    """What is agreed so far: name of the slot or outcome, and its value."""
    last_turns: tuple[Turn, ...] = ()
    question: str = ""
    """State of the flow whose question is open."""
    points: tuple[str, ...] = ()
    """States of the flow at which the robot can go on afterwards."""
    spoken: str = ""
    """The same in one sentence of at most 5 s, played to the agent only."""


class JoinRole(StrEnum):
    """As what somebody joins a call."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"


class JoinMode(StrEnum):
    """How somebody takes part in a call."""

    TALK = "talk"
    LISTEN = "listen"
    WHISPER = "whisper"
    """Only the agent hears it."""
    BARGE = "barge"
    """Everybody hears it, and the robot or the agent stays."""
    TAKE_OVER = "take_over"
    """The robot falls silent and this person talks."""


@dataclass(frozen=True, slots=True)
class SipDevice:
    """A telephone that is rung."""

    uri: str


@dataclass(frozen=True, slots=True)
class BrowserDevice:
    """A browser that has made an offer."""

    offer_sdp: str


Device = SipDevice | BrowserDevice


class Afterwards(StrEnum):
    """What becomes of the call when somebody leaves it."""

    HANG_UP = "hang_up"
    """He has said goodbye himself."""
    ROBOT = "robot"
    """The robot goes on."""
    CALLBACK = "callback"
    """The robot promises a callback and says goodbye."""


@dataclass(frozen=True, slots=True)
class DeskStaffed:
    """For which languages somebody could come now; sent whenever that changes."""

    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class JoinCall:
    """Bring a person into a call."""

    attempt: int
    join: int
    role: JoinRole
    mode: JoinMode
    device: Device
    brief: str = ""
    """Spoken to that person first; empty: the worker's own words."""
    user: int = 0
    """Who it is: nobody is in a call twice; 0: not known."""


@dataclass(frozen=True, slots=True)
class ChangeMode:
    """Let a supervisor take part in another way."""

    attempt: int
    join: int
    mode: JoinMode


@dataclass(frozen=True, slots=True)
class LeaveCall:
    """Let a person leave."""

    attempt: int
    join: int
    then: Afterwards
    point: str = ""
    """State of the flow at which the robot goes on; empty: the question that was open."""
    flow: str = ""
    """Another flow that the robot holds in the same call, such as `survey`."""


@dataclass(frozen=True, slots=True)
class ShowOut:
    """Let a person go at once who may take part no more.

    If he has the call, it goes on as if his device were lost: somebody else is fetched.
    """

    attempt: int
    join: int


@dataclass(frozen=True, slots=True)
class NobodyComes:
    """Stop waiting for a person."""

    attempt: int


@dataclass(frozen=True, slots=True)
class EndCall:
    """End the call with a goodbye."""

    attempt: int


@dataclass(frozen=True, slots=True)
class TransferOut:
    """Pass the customer on to any SIP address."""

    attempt: int
    join: int
    """The agent who asks for it."""
    uri: str
    attended: bool
    """The agent talks to the third first, while the customer waits."""


@dataclass(frozen=True, slots=True)
class CompleteTransfer:
    """Leave the customer with the third."""

    attempt: int
    join: int


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    """Give up the third and return to the customer."""

    attempt: int
    join: int


PeopleOrder = (
    JoinCall
    | ChangeMode
    | LeaveCall
    | ShowOut
    | NobodyComes
    | EndCall
    | TransferOut
    | CompleteTransfer
    | CancelTransfer
)
"""What the engine may ask of one call."""


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
    """Why the call let nobody in."""

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
    | JoinAnswered
    | Joined
    | JoinFailed
    | JoinEnded
    | VoiceMissing
    | TransferMoved
)
"""What a worker tells of one call."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A person's part in a call."""

    join: int
    """Below zero: a third, whom an agent called up."""
    role: str
    """`agent`, `supervisor` or `third`."""
    began: float
    """Seconds of call audio."""
    ended: float
    spoke: bool = False
    """Words of theirs were heard by the customer."""
