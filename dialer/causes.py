"""Why a call ended: SIP status, Q.850 cause and who ended it, told as one HangupCause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from dialer.leg import HangupCause, LegState


class Ender(StrEnum):
    """Who or what ended the call."""

    WE = "we"
    """The conversation hung up or cancelled."""
    RING_TIMEOUT = "ring_timeout"
    MEDIA_TIMEOUT = "media_timeout"
    """No RTP arrived for too long after the answer."""
    THEY = "they"
    """A SIP message from the far side."""
    NOBODY = "nobody"
    """No message at all: a SIP timer ran out or the transport failed."""


STATUS_CAUSES: Mapping[int, HangupCause] = MappingProxyType(
    {
        401: HangupCause.FORBIDDEN,
        402: HangupCause.FORBIDDEN,
        403: HangupCause.FORBIDDEN,
        404: HangupCause.INVALID_NUMBER,
        406: HangupCause.INCOMPATIBLE_MEDIA,
        407: HangupCause.FORBIDDEN,
        408: HangupCause.NO_ANSWER,
        410: HangupCause.INVALID_NUMBER,
        415: HangupCause.INCOMPATIBLE_MEDIA,
        416: HangupCause.INVALID_NUMBER,
        433: HangupCause.FORBIDDEN,
        480: HangupCause.UNAVAILABLE,
        484: HangupCause.INVALID_NUMBER,
        485: HangupCause.INVALID_NUMBER,
        486: HangupCause.BUSY,
        487: HangupCause.NO_ANSWER,
        488: HangupCause.INCOMPATIBLE_MEDIA,
        500: HangupCause.CONGESTION,
        502: HangupCause.CONGESTION,
        503: HangupCause.CONGESTION,
        504: HangupCause.CONGESTION,
        600: HangupCause.BUSY,
        603: HangupCause.DECLINED,
        604: HangupCause.INVALID_NUMBER,
        606: HangupCause.INCOMPATIBLE_MEDIA,
        607: HangupCause.BARRED,
        608: HangupCause.BARRED,
    }
)
"""Final SIP statuses (RFC 3261 21, RFC 5079, RFC 8197, RFC 8688) that have a word of their own."""

CLASS_CAUSES: Mapping[int, HangupCause] = MappingProxyType(
    {
        3: HangupCause.FAILED,
        4: HangupCause.FAILED,
        5: HangupCause.CONGESTION,
        6: HangupCause.DECLINED,
    }
)
"""An unknown status is read as the x00 of its class (RFC 3261 8.1.3.2)."""

VAGUE_STATUSES = frozenset({400, 403, 408, 480, 487, 500, 502, 503, 504, 580})
"""Gateways use these for anything; a Q.850 cause beside one knows more."""

Q850_CAUSES: Mapping[int, HangupCause] = MappingProxyType(
    {
        1: HangupCause.INVALID_NUMBER,
        2: HangupCause.INVALID_NUMBER,
        3: HangupCause.INVALID_NUMBER,
        5: HangupCause.INVALID_NUMBER,
        17: HangupCause.BUSY,
        18: HangupCause.UNAVAILABLE,
        19: HangupCause.NO_ANSWER,
        20: HangupCause.UNAVAILABLE,
        21: HangupCause.DECLINED,
        22: HangupCause.INVALID_NUMBER,
        25: HangupCause.CONGESTION,
        27: HangupCause.UNAVAILABLE,
        28: HangupCause.INVALID_NUMBER,
        29: HangupCause.FORBIDDEN,
        34: HangupCause.CONGESTION,
        38: HangupCause.CONGESTION,
        41: HangupCause.CONGESTION,
        42: HangupCause.CONGESTION,
        44: HangupCause.CONGESTION,
        47: HangupCause.CONGESTION,
        49: HangupCause.CONGESTION,
        50: HangupCause.FORBIDDEN,
        52: HangupCause.FORBIDDEN,
        53: HangupCause.FORBIDDEN,
        54: HangupCause.BARRED,
        55: HangupCause.BARRED,
        57: HangupCause.FORBIDDEN,
        58: HangupCause.CONGESTION,
        63: HangupCause.CONGESTION,
        65: HangupCause.INCOMPATIBLE_MEDIA,
        87: HangupCause.BARRED,
        88: HangupCause.INCOMPATIBLE_MEDIA,
        102: HangupCause.UNAVAILABLE,
    }
)
"""ITU-T Q.850 causes that say more than a vague SIP status."""

NETWORK_DROPS = frozenset({27, 38, 41, 47, 102})
"""Q.850 causes with which a network, not a person, ends an answered call."""

NEVER_LEFT = (
    "Connection refused",
    "Network is unreachable",
    "No route to host",
    "Invalid argument",
    "Transport endpoint is not connected",
    "Cannot assign requested address",
    "Operation not permitted",
    "Permission denied",
)
"""What the system says of a message that it did not send (connect(2), sendto(2))."""

_Q850 = re.compile(r"q\.850\s*;[^,]*?cause\s*=\s*(\d+)", re.IGNORECASE)


def q850_cause(reason_header: str) -> int | None:
    """Return the Q.850 value of a Reason header (RFC 3326), or None."""
    match = _Q850.search(reason_header)
    return int(match[1]) if match else None


def cause_of(
    sip_status: int,
    reason_header: str,
    who_ended: Ender,
    was_answered: bool,
    state: LegState,
    phrase: str = "",
) -> HangupCause:
    """Return why a call ended; `state` is the leg's last state before the end.

    `phrase` is the fault of the transport where no message ended the call.
    """
    if was_answered:
        return _cause_after_answer(q850_cause(reason_header), who_ended)
    if who_ended is Ender.NOBODY:
        return _cause_without_answer_from_network(sip_status, state, phrase)
    if who_ended is not Ender.THEY and (sip_status < 300 or sip_status == 487):
        return HangupCause.NO_ANSWER if who_ended is Ender.RING_TIMEOUT else HangupCause.CANCELLED
    if who_ended is not Ender.THEY and sip_status == 408 and state is LegState.DIALING:
        return HangupCause.UNANSWERED_INVITE
    return _cause_of_status(sip_status, q850_cause(reason_header))


def _cause_after_answer(q850: int | None, who_ended: Ender) -> HangupCause:
    if who_ended is Ender.WE:
        return HangupCause.WE_HUNG_UP
    if who_ended is Ender.THEY and q850 not in NETWORK_DROPS:
        return HangupCause.THEY_HUNG_UP
    return HangupCause.MEDIA_LOST


def _cause_without_answer_from_network(
    sip_status: int, state: LegState, phrase: str
) -> HangupCause:
    if STATUS_CAUSES.get(sip_status) is HangupCause.INCOMPATIBLE_MEDIA:
        return HangupCause.INCOMPATIBLE_MEDIA
    if state is LegState.DIALING and phrase.startswith(NEVER_LEFT):
        return HangupCause.TRUNK_UNREACHABLE
    return HangupCause.UNANSWERED_INVITE


def _cause_of_status(sip_status: int, q850: int | None) -> HangupCause:
    if sip_status in VAGUE_STATUSES and q850 is not None and q850 in Q850_CAUSES:
        return Q850_CAUSES[q850]
    return STATUS_CAUSES.get(sip_status) or CLASS_CAUSES.get(sip_status // 100, HangupCause.FAILED)
