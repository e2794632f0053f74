"""Arrivals: what becomes of the devices of people who come into a call, and leave it."""

from __future__ import annotations

from dialer.leg import HangupCause
from dialer.room import Mode
from ivr.attendance import Attendance
from ivr.overhearing import Overhearing
from ivr.passing import Passing
from ivr.people import HowJoinEnded, Joined, JoinFailed
from ivr.visitor import (
    Arrived,
    Failed,
    Gone,
    PlayedOut,
    SaidByVisitor,
    SpokeUp,
    VisitorNews,
)


class Arrivals:
    """Acts on news of visitors' devices; all times are seconds of call audio."""

    def __init__(self, attendance: Attendance, passing: Passing, overhearing: Overhearing) -> None:
        self._attendance = attendance
        self._passing = passing
        self._overhearing = overhearing

    async def take(self, news: VisitorNews, now: float) -> None:
        """Act on what has become of a device."""
        attendance, third = self._attendance, self._attendance.at.third
        match news:
            case Arrived(join) if join == third:
                await self._passing.arrived(now)
            case Arrived(join):
                await self._arrived(join, now)
            case SpokeUp(join):
                attendance.spoke_up(join, now)
            case PlayedOut(join):
                attendance.briefed(join, now)
            case SaidByVisitor(join, utterance):
                party = attendance.meeting.party(join)
                if party is not None:
                    self._overhearing.visitor_said(party, utterance)
            case Failed(join, why) if join == third:
                await self._passing.third_gone(why, now, politely=False)
            case Failed(join, why):
                await attendance.meeting.dismiss(join)
                attendance.desk.tell(JoinFailed(attendance.desk.attempt, join, why))
                attendance.heard_of(now)
            case Gone(join, ended):
                politely = ended.cause is HangupCause.THEY_HUNG_UP
                await self._gone(join, now, politely=politely, why=ended.cause.value)

    async def show_out(self, join: int, now: float) -> None:
        """Let somebody go at once who may take part no more."""
        if join == self._attendance.at.talker:
            await self._gone(join, now, politely=False, why="shown_out")
        else:
            await self._attendance.dismiss(join, HowJoinEnded.LEFT)

    async def _arrived(self, join: int, now: float) -> None:
        attendance = self._attendance
        party = attendance.meeting.party(join)
        if party is None:
            return
        attendance.desk.tell(Joined(attendance.desk.attempt, join))
        if party.mode is Mode.TALK:
            await attendance.take_over(join, now)
        else:
            attendance.meeting.admit(join, party.mode)

    async def _gone(self, join: int, now: float, *, politely: bool, why: str) -> None:
        attendance, at = self._attendance, self._attendance.at
        if join == at.third:
            await self._passing.third_gone(why, now, politely=politely)
        elif join != at.talker:
            how = HowJoinEnded.LEFT if politely else HowJoinEnded.LOST
            await attendance.dismiss(join, how)
        elif at.third:
            await self._passing.agent_gone(now, politely=politely)
        else:
            await attendance.hung_up(join, now, politely=politely)
