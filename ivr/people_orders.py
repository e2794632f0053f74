"""What the engine asks of a call for people: to let them in, out, and pass the call on; pure.

A join is one visit of one person; its number is chosen by the engine and never used twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
class SomebodyComes:
    """An agent whose device answers by itself takes the call that was made for one."""

    attempt: int


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
    | SomebodyComes
    | NobodyComes
    | EndCall
    | TransferOut
    | CompleteTransfer
    | CancelTransfer
)
"""What the engine may ask of one call."""
