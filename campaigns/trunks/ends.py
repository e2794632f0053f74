"""What the end of a call says of the trunk that carried it; pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from dialer.leg import HangupCause


class TrunkEnd(StrEnum):
    """How a trunk served a call."""

    CARRIED = "carried"
    """Something beyond it answered: it works."""
    REFUSED = "refused"
    """It said no itself, or could not be reached, and certainly nobody was rung."""
    SILENT = "silent"
    """Our INVITE left and was never answered: nobody knows whether somebody is rung."""
    UNSAID = "unsaid"
    """The end was ours, or nobody saw it."""


_ENDS: Mapping[HangupCause, TrunkEnd] = MappingProxyType(
    {
        HangupCause.WE_HUNG_UP: TrunkEnd.CARRIED,
        HangupCause.THEY_HUNG_UP: TrunkEnd.CARRIED,
        HangupCause.BUSY: TrunkEnd.CARRIED,
        HangupCause.NO_ANSWER: TrunkEnd.CARRIED,
        HangupCause.DECLINED: TrunkEnd.CARRIED,
        HangupCause.UNAVAILABLE: TrunkEnd.CARRIED,
        HangupCause.BARRED: TrunkEnd.CARRIED,
        HangupCause.INVALID_NUMBER: TrunkEnd.CARRIED,
        HangupCause.FORBIDDEN: TrunkEnd.REFUSED,
        HangupCause.CONGESTION: TrunkEnd.REFUSED,
        HangupCause.TRUNK_UNREACHABLE: TrunkEnd.REFUSED,
        HangupCause.UNANSWERED_INVITE: TrunkEnd.SILENT,
        HangupCause.INCOMPATIBLE_MEDIA: TrunkEnd.UNSAID,
        HangupCause.MEDIA_LOST: TrunkEnd.UNSAID,
        HangupCause.CANCELLED: TrunkEnd.UNSAID,
        HangupCause.FAILED: TrunkEnd.REFUSED,
    }
)


def trunk_end(
    cause: HangupCause, sip_status: int, *, answered: bool = False, rang: bool = False
) -> TrunkEnd:
    """Return what the end of a call says of its trunk.

    `rang`: it rang or was heard before it ended, so that a refusal came from beyond the trunk.
    """
    if answered:
        return TrunkEnd.CARRIED
    end = _ENDS[cause]
    if end is not TrunkEnd.REFUSED:
        return end
    if rang:
        return TrunkEnd.CARRIED
    if cause is HangupCause.FAILED and not sip_status:
        return TrunkEnd.UNSAID  # a fault of ours, before anything was sent
    return TrunkEnd.REFUSED


def explained(cause: HangupCause, sip_status: int) -> str:
    """Return what happened, and what to do about it, as a sentence for an operator."""
    if sip_status in (401, 407):
        return (
            f"it does not take our name and password (SIP {sip_status}): check user, realm and "
            "password"
        )
    if sip_status == 403:
        return (
            "it forbids our calls (SIP 403): check user, password and caller_id, and ask the "
            "provider whether this number may call out"
        )
    if cause is HangupCause.UNANSWERED_INVITE:
        return "it did not answer an INVITE: check host, port, transport and the firewall"
    if cause is HangupCause.TRUNK_UNREACHABLE:
        return "it can't be reached: check host, port, transport and the firewall"
    return f"it refused calls: {cause.value} (SIP {sip_status})"
