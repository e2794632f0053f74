"""What a network announcement means: recognised text -> kind."""

from __future__ import annotations

from enum import StrEnum

from asr.phrasebook import Phrasebook, announcement_phrases


class Announcement(StrEnum):
    """What the network says of a call it has not put through."""

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
    LINES_BUSY = "lines_busy"
    """线路忙: the network, not the subscriber."""
    RESTRICTED = "restricted"
    """呼入限制: the subscriber takes no incoming calls, or not ours."""
    NOT_IN_SERVICE = "not_in_service"
    """不在服务区"""
    NO_ANSWER = "no_answer"
    """无人接听"""
    REMINDER = "reminder"
    """来电提醒: a text message tells the subscriber that we called."""
    WAITING = "waiting"
    """请不要挂机: he is in another call and is told of ours."""
    FORWARDED = "forwarded"
    """正在转接中"""

    @property
    def is_final(self) -> bool:
        """Say whether nobody will pick up any more."""
        return self not in STILL_RINGING


TRY_LATER = "try_later"
"""What follows every reason, in the phrasebook."""
CUT_SHORT = "cut_short"
"""What noise leaves of it."""
STILL_RINGING = frozenset({Announcement.WAITING, Announcement.FORWARDED})
"""After these somebody may yet pick up."""

_BESIDE = frozenset({Announcement.REMINDER, *STILL_RINGING})
_REASONS = tuple(kind for kind in Announcement if kind not in _BESIDE)


def announcement_in(text: str, phrases: Phrasebook | None = None) -> Announcement | None:
    """Return what was announced, tolerating recognition errors; None for any other speech.

    "请不要挂机,您拨打的用户正在通话中" still rings; "已关机,来电信息将以短信通知" is off. Of a
    reason that noise has swallowed, "请稍后再拨" is left: nobody can be reached now.
    """
    book = phrases or announcement_phrases()
    pending = book.kind_of(text, tuple(STILL_RINGING))
    if pending:
        return Announcement(pending)
    reason, reminder = book.best(text, _REASONS), book.best(text, (Announcement.REMINDER,))
    if reason and (reason.share == 1.0 or not reminder or reminder.share < 1.0):
        return Announcement(reason.kind)
    if reminder:
        return Announcement.REMINDER
    return Announcement.OUT_OF_REACH if book.kind_of(text, (TRY_LATER,)) else None


def early_announcement_in(text: str) -> Announcement | None:
    """Return what was announced before the answer, where no person can have said it."""
    found = announcement_in(text)
    if found is None and announcement_phrases().kind_of(text, (CUT_SHORT,)):
        return Announcement.OUT_OF_REACH
    return found
