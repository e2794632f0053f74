"""What a line tells about its call, without pjsua2."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol


class SipError(Exception):
    """pjsip refused; the message says what and why."""


class CallStage(Enum):
    """How far an INVITE has come (RFC 3261 13)."""

    TRYING = auto()
    EARLY = auto()
    CONFIRMED = auto()
    DISCONNECTED = auto()


@dataclass(frozen=True, slots=True)
class CallNews:
    """A change in the state of a call."""

    stage: CallStage
    sip_status: int
    phrase: str
    reason_header: str
    has_sound: bool
    """The message describes media (SDP)."""
    from_network: bool
    """False: a timer, the transport or we ourselves caused it."""


class LineObserver(Protocol):
    """Who is told what happens on a line."""

    def changed(self, news: CallNews) -> None:
        """The call came further, or ended."""

    def media_flows(self) -> None:
        """Sound can pass from now on."""

    def redirected(self, target: str) -> None:
        """A 3xx asked us to call `target` instead; it is not followed."""

    def key_pressed(self, digit: str) -> None:
        """A key arrived (any thread)."""


def header(message: str, *names: str) -> str:
    """Return the value of the first header with one of these lower-case names, or nothing."""
    for line in message.partition("\r\n\r\n")[0].splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() in names:
            return value.strip()
    return ""
