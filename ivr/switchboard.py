"""Switchboard: obeys what people want of a call, and what becomes of their devices.

    orders: JoinCall, LeaveCall, … ──▶┐
    customer's frames, 50 a second ──▶│ Switchboard ──▶ Meeting    who hears whom
    news of visitors' devices      ──▶┘             ──▶ RobotPart  steps aside, goes on, ends

It is asked at each frame of the customer, who is the clock. Who holds the call, and what may
happen next, is the table of `ivr/takeover.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine

from asr.hearing import Utterance
from dialer.leg import Leg, Sound
from dialer.room import Mode
from ivr.admission import MODES, Admission
from ivr.agent_opener import AgentOpener
from ivr.arrivals import Arrivals
from ivr.attendance import Attendance
from ivr.desk import Desk
from ivr.exchange import CallFacts, DialogResult
from ivr.fetching import Fetching
from ivr.flow_model import Flow
from ivr.meeting import Meeting
from ivr.minutes import Minutes
from ivr.overhearing import Overhearing
from ivr.passing import Passing
from ivr.people import (
    CancelTransfer,
    ChangeMode,
    CompleteTransfer,
    EndCall,
    Flag,
    HowJoinEnded,
    JoinCall,
    JoinFailed,
    LeaveCall,
    NobodyComes,
    PeopleOrder,
    Refused,
    ShowOut,
    SomebodyComes,
    TransferOut,
    Visit,
)
from ivr.reception import Reception
from ivr.robot_part import RobotPart
from ivr.standing import never_again, with_people, with_tickets
from ivr.takeover import WITH_PEOPLE, Holder, IllegalMove
from tts.speech import Speech

log = logging.getLogger(__name__)


class Switchboard:
    """Lets people into one call and out of it; all times are seconds of call audio."""

    def __init__(
        self, desk: Desk, leg: Leg, speech: Speech, flow: Flow, facts: CallFacts, minutes: Minutes
    ) -> None:
        self._desk = desk
        self._meeting = Meeting(desk, speech, leg, lambda: minutes.seconds)
        self.fetching = Fetching(
            desk, flow, facts, minutes, lambda: self._attendance.at.holder, self._wanted
        )
        """Looks at the steps of the dialog."""
        robot = RobotPart(leg, desk, speech, minutes, self.fetching)
        self._attendance = Attendance(desk, self._meeting, robot, minutes)
        self.opener = AgentOpener(desk, desk.agent_call, flow, facts, self._attendance)
        """Looks for an agent where the call was made for one."""
        self._admission = Admission(desk, self._attendance, self.fetching)
        self._passing = Passing(self._attendance)
        self._overhearing = Overhearing(flow, facts, minutes, self.fetching)
        self._arrivals = Arrivals(self._attendance, self._passing, self._overhearing)

    @property
    def has_people(self) -> bool:
        """A person has the call, so the robot is not asked."""
        return self._attendance.at.holder in WITH_PEOPLE

    @property
    def is_attended(self) -> bool:
        """Somebody hears the call, so no sound may wait."""
        return self._meeting.is_attended

    @property
    def is_over(self) -> bool:
        """The call was ended by whoever had it."""
        return self._attendance.at.holder is Holder.OVER

    @property
    def may_end(self) -> bool:
        """The robot has the call, so it may end it."""
        return self._attendance.at.holder in (Holder.ROBOT, Holder.OVER)

    @property
    def state(self) -> str:
        """What people see of where the call stands: a state of the flow, or who has the call."""
        holder = self._attendance.at.holder
        return self._attendance.robot.state if holder is Holder.ROBOT else holder.value

    @property
    def opted_out(self) -> bool:
        """The customer told a person, or by key, that he wants no more calls."""
        return self._overhearing.opted_out

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Who was in the call."""
        return self._meeting.visits

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Why the call deserves a person's eye."""
        return self.fetching.so_far.raised

    def result(self, result: DialogResult | None) -> DialogResult | None:
        """Return what dispatch should know, people's part in it included."""
        if any(visit.spoke for visit in self.visits):
            promised = self._attendance.robot.promises
            result = with_tickets(result, self.fetching.put_off, promised=promised)
        result = with_people(result, self.visits, self._attendance.ended_by_person)
        return never_again(result) if self.opted_out else result

    def received_by(self, reception: Reception) -> None:
        """Take note that the call was answered."""
        self._attendance.robot.received_by(reception)

    def deafened(self) -> None:
        """Take note that the robot can't hear the customer any more."""
        self._attendance.is_deaf = True

    def sound(self, sound: Sound) -> None:
        """Pass 20 ms of the customer on, at once."""
        self._meeting.customer_said(sound)

    def playback_ended(self, playback: int, now: float) -> None:
        """Take note that something was heard to its end."""
        self._attendance.robot.playback_ended(playback, now)

    async def tick(self, now: float) -> None:
        """Obey what waits and let 20 ms pass."""
        self._overhearing.pass_time(now)
        await self._attendance.send_away()
        for news in self._meeting.news():
            await self._unless_late(self._arrivals.take(news, now))
        while self._desk.orders:
            await self._unless_late(self._do(self._desk.orders.popleft(), now))
        if self.opener.is_on:
            await self._unless_late(self.opener.tick(now))
        await self._attendance.keep_company(now)

    def customer_said(self, utterance: Utterance) -> None:
        """Take what the customer said to a person."""
        self._overhearing.customer_said(utterance)

    def customer_speaks(self, now: float) -> None:
        """Take note that the customer is speaking to a person."""
        self._attendance.customer_spoke(now)

    def customer_pressed(self, digit: str, now: float) -> None:
        """Take a key that the customer pressed while a person had the call."""
        self._overhearing.customer_pressed(digit, now)

    async def close(self) -> None:
        """Send everybody home: the customer's line is dead."""
        self._overhearing.close()
        while self._desk.orders:
            self._refuse(self._desk.orders.popleft())
        for join in self._meeting.joins():
            await self._attendance.dismiss(join, HowJoinEnded.CALL_ENDED)

    def _wanted(self, waits: bool) -> None:
        self._attendance.wanted(waits)

    async def _unless_late(self, doing: Coroutine[None, None, None]) -> None:
        try:
            await doing
        except IllegalMove as error:
            # What crossed with something else that happened must not end the call.
            log.info("attempt %d: too late: %s", self._desk.attempt, error)

    async def _do(self, order: PeopleOrder, now: float) -> None:
        attendance = self._attendance
        match order:
            case JoinCall():
                await self._admission.join(order)
                attendance.heard_of(now)
            case ChangeMode():
                await self._change(order, now)
            case LeaveCall():
                await attendance.leave(order, now)
            case ShowOut(join=join):
                await self._arrivals.show_out(join, now)
            case SomebodyComes():
                self.opener.coming()
            case NobodyComes() if self.opener.is_on:
                await self.opener.nobody(now)
            case NobodyComes():
                await attendance.nobody_comes(now)
            case EndCall():
                await attendance.end(now)
            case TransferOut():
                await self._passing.begin(order, now)
            case CompleteTransfer():
                await self._passing.complete(order, now)
            case CancelTransfer():
                await self._passing.cancel(order, now)

    async def _change(self, order: ChangeMode, now: float) -> None:
        party = self._meeting.party(order.join)
        if party is None or not self._meeting.is_there(order.join):
            return
        attendance, mode = self._attendance, MODES[order.mode]
        has_it = order.join == attendance.at.talker
        if mode is Mode.TALK:
            if not has_it:
                await attendance.take_over(order.join, now)
                attendance.briefed(order.join, now)
            return
        self._meeting.admit(order.join, mode)
        if has_it:
            await attendance.give_back(now)

    def _refuse(self, order: PeopleOrder) -> None:
        if isinstance(order, JoinCall):
            self._desk.tell(JoinFailed(order.attempt, order.join, Refused.OVER))
