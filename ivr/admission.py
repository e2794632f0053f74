"""Admission: who may come into a call, and as what."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialer.room import Mode, Party, Role
from ivr.attendance import Attendance
from ivr.brief import brief_of
from ivr.desk import Desk
from ivr.fetching import Fetching
from ivr.flagging import wanted_by
from ivr.people import (
    BrowserDevice,
    HowJoinEnded,
    JoinCall,
    JoinFailed,
    JoinMode,
    JoinRole,
    Refused,
)
from ivr.takeover import WITH_PEOPLE, Holder

MODES: Mapping[JoinMode, Mode] = MappingProxyType(
    {
        JoinMode.TALK: Mode.TALK,
        JoinMode.TAKE_OVER: Mode.TALK,
        JoinMode.LISTEN: Mode.LISTEN,
        JoinMode.WHISPER: Mode.WHISPER,
        JoinMode.BARGE: Mode.BARGE,
    }
)
_ROLES = {JoinRole.AGENT: Role.AGENT, JoinRole.SUPERVISOR: Role.SUPERVISOR}


class Admission:
    """Rings the devices of those who may come in, and refuses the others."""

    def __init__(self, desk: Desk, attendance: Attendance, fetching: Fetching) -> None:
        self._desk = desk
        self._attendance = attendance
        self._fetching = fetching

    async def join(self, order: JoinCall) -> None:
        """Ring somebody's device, or say why not; who comes back leaves his earlier visit."""
        attendance, meeting = self._attendance, self._attendance.meeting
        earlier = meeting.join_of(order.user)
        refused = self._refused(order, earlier)
        if refused is not None:
            self._desk.tell(JoinFailed(order.attempt, order.join, refused))
            return
        if earlier and earlier != attendance.at.talker:
            await attendance.dismiss(earlier, HowJoinEnded.LEFT)
        party = Party(order.join, _ROLES[order.role], MODES[order.mode])
        brief = order.brief or (self._brief() if order.mode is JoinMode.TALK else "")
        meeting.invite(party, order.device, brief, order.user)

    def _refused(self, order: JoinCall, earlier: int) -> Refused | None:
        attendance, mode = self._attendance, order.mode
        at = attendance.at
        if at.holder is Holder.OVER or attendance.ended_by_person:
            return Refused.OVER
        if attendance.robot.talk is None:
            return Refused.NOT_ANSWERED
        if earlier and self._is_there_already(order, earlier):
            return Refused.TWICE
        taken = at.holder in WITH_PEOPLE or attendance.expected_but(earlier)
        if mode is JoinMode.TALK and taken:
            return Refused.TAKEN
        if mode is JoinMode.TALK and at.holder is Holder.ROBOT and self._fetching.withdrawn:
            return Refused.WITHDRAWN
        if mode is JoinMode.WHISPER and at.holder not in WITH_PEOPLE:
            return Refused.NO_AGENT
        return None

    def _is_there_already(self, order: JoinCall, earlier: int) -> bool:
        """Answer whether a second visit of the same user must wait for the end of the first.

        A browser that offers anew has given up what it offered before; a telephone that rings has
        not.
        """
        attendance = self._attendance
        if earlier == attendance.at.talker:
            return order.mode is not JoinMode.TAKE_OVER
        connected = attendance.meeting.is_there(earlier)
        return not connected and not isinstance(order.device, BrowserDevice)

    def _brief(self) -> str:
        talk, wish = self._attendance.robot.talk, self._fetching.wish
        if talk is None:
            return ""
        dialog = wish.before if wish is not None else talk.dialog
        reason = wish.reason if wish is not None else ""
        flag = self._fetching.asked_under or wanted_by(self._fetching.so_far, reason, "")
        return brief_of(self._fetching.flow, dialog, flag, ()).spoken
