"""What a network announcement means: recognised text -> kind."""

from __future__ import annotations

from enum import StrEnum

from asr.phrasebook import Phrasebook, announcement_phrases


class Announcement(StrEnum):
    """Why the network did not put the call through."""

    SWITCHED_OFF = "switched_off"
    """关机"""
    VACANT_NUMBER = "vacant_number"
    """空号"""
    SUSPENDED = "suspended"
    """停机: the subscription is on hold, usually for unpaid bills."""
    OUT_OF_REACH = "out_of_reach"
    """无法接通"""
    BUSY_TALKING = "busy_talking"
    """正在通话中"""
    RESTRICTED = "restricted"
    """呼入限制: the subscriber takes no incoming calls, or not ours."""
    NOT_IN_SERVICE = "not_in_service"
    """不在服务区"""


def announcement_in(text: str, phrases: Phrasebook | None = None) -> Announcement | None:
    """Return what was announced, tolerating recognition errors; None for any other speech."""
    kind = (phrases or announcement_phrases()).kind_of(text)
    return Announcement(kind) if kind else None
