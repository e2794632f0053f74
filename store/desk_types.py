"""The words that the columns of the desk hold."""

from __future__ import annotations

from enum import StrEnum


class AgentState(StrEnum):
    """What a person at the desk does now."""

    OFF = "off"
    BREAK = "break"
    """Signed in, and gets no calls."""
    READY = "ready"
    OFFERED = "offered"
    """A call is held out to them."""
    TALKING = "talking"
    """From the moment they accepted."""
    WRAP_UP = "wrap_up"
    """The call is over for them; they write down what came of it."""


class DeviceKind(StrEnum):
    """What a person talks through."""

    SIP = "sip"
    BROWSER = "browser"


class DeskLine(StrEnum):
    """Who should answer: anybody at the desk, or those who may decide more."""

    FIRST = "first"
    SECOND = "second"


class TransferStatus(StrEnum):
    """Where a customer's wait for a person has come to."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    """The agent's device is being reached."""
    JOINED = "joined"
    """Both hear each other."""
    WRAP_UP = "wrap_up"
    """The agent has left; the form is still to come."""
    DONE = "done"
    NOBODY = "nobody"
    """No agent came in time; the robot promised a callback."""
    LOST = "lost"
    """The customer hung up before anybody came."""
    FAILED = "failed"
    """Our own side ended the call before anybody came."""

    @property
    def is_waiting(self) -> bool:
        """The customer hears that somebody is being fetched."""
        return self in (TransferStatus.WAITING, TransferStatus.OFFERED, TransferStatus.ACCEPTED)

    @property
    def is_over(self) -> bool:
        """Nothing changes any more."""
        return self in (
            TransferStatus.DONE,
            TransferStatus.NOBODY,
            TransferStatus.LOST,
            TransferStatus.FAILED,
        )


class OrderKind(StrEnum):
    """What a person asks of the engine that holds a call."""

    ACCEPT = "accept"
    DECLINE = "decline"
    LEAVE = "leave"
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take_over"
    END_CALL = "end_call"
    TRANSFER_OUT = "transfer_out"
    COMPLETE = "complete"
    CANCEL = "cancel"
    FORM = "form"
