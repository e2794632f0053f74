"""Passing: an agent passes the customer on to a third, blindly or after a word with him."""

from __future__ import annotations

from dataclasses import replace

from dialer.room import Mode, Party, Role
from ivr.attendance import Attendance
from ivr.murmurs import Murmur, not_reached
from ivr.people import (
    CancelTransfer,
    CompleteTransfer,
    HowJoinEnded,
    Refused,
    SipDevice,
    TransferMoved,
    TransferOut,
    TransferStage,
)
from ivr.takeover import Holder, Move


class Passing:
    """Brings a third into the call; all times are seconds of call audio."""

    def __init__(self, attendance: Attendance) -> None:
        self._attendance = attendance
        self._thirds = 0

    async def begin(self, order: TransferOut, now: float) -> None:
        """Ring the third; the customer hears the hold sound meanwhile."""
        attendance, at = self._attendance, self._attendance.at
        if at.holder is not Holder.AGENT or order.join != at.talker:
            self._tell(order.join, TransferStage.FAILED, Refused.NOT_YOURS)
            return
        self._thirds += 1
        third = -self._thirds
        attendance.at = replace(at.moved(Move.CONSULT), third=third, attended=order.attended)
        attendance.meeting.admit(at.talker, Mode.CONSULT)
        attendance.meeting.invite(Party(third, Role.THIRD), SipDevice(order.uri))
        self._tell(order.join, TransferStage.RINGING)
        if not attendance.robot.keeps_company:
            await attendance.robot.keep_company(now)

    async def arrived(self, now: float) -> None:
        """Let the third talk to the agent, or to the customer."""
        attendance, at = self._attendance, self._attendance.at
        if at.holder is not Holder.RINGING:
            return
        attendance.meeting.admit(at.third, Mode.TALK)
        if at.attended and attendance.meeting.is_there(at.talker):
            attendance.at = at.moved(Move.THIRD_ANSWERED)
            self._tell(at.talker, TransferStage.CONSULTING)
        else:
            await self._pass_on(now)

    async def complete(self, order: CompleteTransfer, now: float) -> None:
        """Leave the customer with the third, or do so as soon as he answers."""
        at = self._attendance.at
        if order.join != at.talker:
            return
        if at.holder is Holder.CONSULTING:
            await self._pass_on(now)
        elif at.holder is Holder.RINGING:
            self._attendance.at = replace(at, attended=False)

    async def cancel(self, order: CancelTransfer, now: float) -> None:
        """Give up the third; the agent talks to the customer again."""
        at = self._attendance.at
        if order.join == at.talker and at.holder in (Holder.RINGING, Holder.CONSULTING):
            await self._return(Move.CANCELLED, TransferStage.RETURNED, now)

    async def third_gone(self, why: str, now: float, *, politely: bool) -> None:
        """Return to the agent; if the customer was already with the third, end politely."""
        attendance, at = self._attendance, self._attendance.at
        if at.holder is Holder.THIRD:
            self._tell(at.passed_by, TransferStage.ENDED, why)
            await attendance.third_hung_up(now, politely=politely)
        elif at.talker == 0:
            self._tell(at.passed_by, TransferStage.FAILED, why)
            await attendance.meeting.dismiss(at.third)
            await attendance.lost(now)
        else:
            rang = at.holder is Holder.RINGING
            stage = TransferStage.FAILED if rang else TransferStage.RETURNED
            await self._return(Move.THIRD_GONE, stage, now, why)
            # She may look elsewhere; the customer hears the tune until she has heard and speaks.
            attendance.at = replace(attendance.at, hold_until=None)
            said = not_reached(why) if rang else Murmur.THIRD_LEFT
            attendance.meeting.inform(at.talker, said, attendance.robot.language)

    async def agent_gone(self, now: float, *, politely: bool) -> None:
        """Pass the customer on if the agent hung up; return to the customer if he was lost."""
        attendance, at = self._attendance, self._attendance.at
        if politely and at.holder is Holder.CONSULTING:
            await self._pass_on(now)
        elif politely and at.holder is Holder.RINGING:
            await attendance.dismiss(at.talker, HowJoinEnded.LEFT)
            attendance.at = replace(attendance.at, talker=0, passed_by=at.talker)
        else:
            await attendance.meeting.dismiss(at.third)
            await attendance.dismiss(at.talker, HowJoinEnded.LOST)
            await attendance.lost(now)

    async def _pass_on(self, now: float) -> None:
        attendance, at = self._attendance, self._attendance.at
        attendance.at = replace(
            at.moved(Move.PASSED),
            talker=at.third,
            passed_by=at.talker or at.passed_by,
            hold_until=now,
        )
        attendance.robot.leave_alone(now)
        self._tell(attendance.at.passed_by, TransferStage.CONNECTED)
        await attendance.dismiss(at.talker, HowJoinEnded.LEFT)

    async def _return(self, move: Move, stage: TransferStage, now: float, why: str = "") -> None:
        attendance, at = self._attendance, self._attendance.at
        await attendance.meeting.dismiss(at.third)
        attendance.at = replace(at.moved(move), third=0, hold_until=now)
        attendance.meeting.admit(at.talker, Mode.TALK)
        if move is Move.CANCELLED:
            attendance.robot.leave_alone(now)
        self._tell(at.talker, stage, why)

    def _tell(self, join: int, stage: TransferStage, why: str = "") -> None:
        desk = self._attendance.desk
        desk.tell(TransferMoved(desk.attempt, join, stage, why))
