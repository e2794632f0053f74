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


class AgentNews(StrEnum):
    """Why what was in front of a person at the desk is gone."""

    CUSTOMER_GONE = "customer_gone"
    """The customer hung up."""
    UNWANTED = "unwanted"
    """The customer wants nobody any more; the robot goes on."""
    GIVEN_UP = "given_up"
    """The customer has waited long enough and was promised a callback."""
    CALL_OVER = "call_over"
    """Our own side ended the call."""
    TAKEN = "taken"
    """A colleague has taken the customer."""
    ENGINE_GONE = "engine_gone"
    LET_PASS = "let_pass"
    """Their time to accept is over."""
    TWO_PASSED = "two_passed"
    """They let two pass in a row and have a break."""
    DEVICE_FAILED = "device_failed"
    """Their device could not be reached."""
    DEVICE_LOST = "device_lost"
    """Their device was gone in the middle of the call."""


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
    UNWANTED = "unwanted"
    """The customer said that nobody need come any more; the robot goes on."""
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
            TransferStatus.UNWANTED,
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
