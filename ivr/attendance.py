"""Attendance: who has the call, and what happens when somebody takes it, leaves it or is lost."""

from __future__ import annotations

from dataclasses import replace

from dialer.room import Mode
from ivr.desk import Desk
from ivr.meeting import Meeting
from ivr.minutes import Minutes
from ivr.people import Afterwards, HowJoinEnded, JoinEnded, JoinFailed, LeaveCall, Refused
from ivr.robot_part import RobotPart
from ivr.standing import SPEAK_UP_SECONDS, Standing, is_hopeless, said_goodbye
from ivr.takeover import ALONE, WITH_PEOPLE, Holder, Move, may
from ivr.unheard import Silence
from ivr.voice_watch import VoiceWatch


class Attendance:
    """Passes a call from hand to hand; all times are seconds of call audio."""

    def __init__(self, desk: Desk, meeting: Meeting, robot: RobotPart, minutes: Minutes) -> None:
        self.at = Standing()
        self.desk = desk
        self.meeting = meeting
        self.robot = robot
        self.minutes = minutes
        self.ended_by_person = False
        self.is_deaf = False
        """The robot can't hear the customer any more."""
        self._watch = VoiceWatch(desk, meeting)

    def wanted(self, waits: bool) -> None:
        """Take note that the customer waits for somebody, or no longer."""
        now = self.minutes.seconds
        if waits and self.at.holder is Holder.ROBOT:
            self.robot.wait(now)
        if not (waits and self.at.holder is Holder.WAITING):
            self.at = self.at.moved(Move.WANTED if waits else Move.WITHDRAWN)
        self.at = replace(self.at, news_at=now, staffed_at=now, withdrawn=not waits)
        if not waits:
            self.robot.come_back(now)

    def heard_of(self, now: float) -> None:
        """Take note that the engine does something for a customer who waits."""
        self.at = replace(self.at, news_at=now)

    def is_expected(self) -> bool:
        """Answer whether a device is being rung of somebody who will have the call."""
        return bool(self._expected())

    def expected_but(self, join: int) -> bool:
        """Answer the same, one of them left out."""
        return any(each != join for each in self._expected())

    def _expected(self) -> list[int]:
        parties = (self.meeting.party(join) for join in self.meeting.joins())
        return [
            party.number
            for party in parties
            if party is not None
            and party.mode is Mode.TALK
            and not self.meeting.is_there(party.number)
        ]

    async def send_away(self) -> None:
        """Stop ringing whoever was to have the call of a customer who does not wait any more."""
        if not self.at.withdrawn:
            return
        self.at = replace(self.at, withdrawn=False)
        for join in self._expected():
            await self.dismiss(join, HowJoinEnded.LEFT)

    async def take_over(self, join: int, now: float) -> None:
        """Give the call to somebody whose device is connected."""
        before = self.at
        for other in {before.talker, before.third} - {0, join}:
            await self.dismiss(other, HowJoinEnded.LEFT)
        self.at = replace(before.moved(Move.JOINED), talker=join, third=0, hold_until=None)
        self.meeting.admit(join, Mode.TALK)
        if before.holder not in WITH_PEOPLE:
            await self.robot.step_aside(now, bridge=before.holder is Holder.ROBOT)

    def spoke_up(self, join: int, now: float) -> None:
        """Stop the hold sound: whoever has the call has begun to speak."""
        if join == self.at.talker and self.at.holder in (Holder.AGENT, Holder.THIRD):
            self.meeting.hush(join)
            self.robot.leave_alone(now)
            self.at = replace(self.at, hold_until=now)

    def briefed(self, join: int, now: float) -> None:
        """Take note that somebody has heard his brief and is about to speak."""
        if join == self.at.talker and self.at.hold_until is None:
            self.at = replace(self.at, hold_until=now + SPEAK_UP_SECONDS)

    async def leave(self, order: LeaveCall, now: float) -> None:
        """Let somebody leave, and the call go on as he wishes if it was his."""
        had_it = order.join == self.at.talker and self.at.holder in WITH_PEOPLE
        if had_it and self.at.third:
            await self.dismiss(self.at.third, HowJoinEnded.LEFT)
        await self.dismiss(order.join, HowJoinEnded.LEFT)
        if not had_it:
            return
        if self.at.holder in (Holder.RINGING, Holder.CONSULTING):
            self.at = self.at.moved(Move.CANCELLED)
        if order.then is Afterwards.HANG_UP and self._said_goodbye(now):
            self._nobody_has_it(Move.SAID_GOODBYE)
            return
        if order.then is Afterwards.HANG_UP:
            self._nobody_has_it(Move.ENDED)
            await self.robot.say_goodbye(now)
            return
        self._nobody_has_it(Move.HANDED_BACK)
        if order.then is Afterwards.CALLBACK or self.is_deaf:
            await self.robot.promise_callback(now)
        elif order.flow:
            await self.robot.begin_flow(order.flow, now)
        else:
            await self.robot.go_on_at(order.point, now)

    async def give_back(self, now: float) -> None:
        """Let the robot go on while whoever had the call only listens."""
        if self.at.third:
            await self.dismiss(self.at.third, HowJoinEnded.LEFT)
            self.at = self.at.moved(Move.CANCELLED)
        self._nobody_has_it(Move.HANDED_BACK)
        await (self.robot.promise_callback(now) if self.is_deaf else self.robot.go_on_at("", now))

    async def hung_up(self, join: int, now: float, *, politely: bool) -> None:
        """Take note that whoever has the call is gone; after a goodbye the call is over."""
        if politely and self._said_goodbye(now):
            await self.dismiss(join, HowJoinEnded.HUNG_UP)
            self._nobody_has_it(Move.SAID_GOODBYE)
            return
        await self.dismiss(join, HowJoinEnded.LOST)
        await self.lost(now)

    async def third_hung_up(self, now: float, *, politely: bool) -> None:
        """Take note that the third has left the customer; nobody is fetched for him again."""
        await self.meeting.dismiss(self.at.third)
        if politely and self._said_goodbye(now):
            self._nobody_has_it(Move.SAID_GOODBYE)
        else:
            self._nobody_has_it(Move.THIRD_GONE)
            await self.robot.promise_callback(now)

    async def lost(self, now: float) -> None:
        """Apologise and fetch somebody else, once; then promise that a person calls back."""
        first = not self.at.losses and self.desk.staffed(self.robot.language)
        self.at = replace(self.at, losses=self.at.losses + 1, talker=0, third=0)
        if may(self.at.holder, Move.LOST) and first:
            self.at = replace(self.at.moved(Move.LOST), news_at=now, staffed_at=now)
            await self.robot.apologise(now)
            return
        self.at = replace(self.at, holder=Holder.ROBOT)
        await self.robot.nobody_came(now)

    async def nobody_comes(self, now: float) -> None:
        """End the wait, unless somebody's device is just being rung."""
        if self.at.holder is Holder.WAITING and not self.is_expected():
            self._nobody_has_it(Move.NOBODY)
            await self.robot.nobody_came(now)

    async def unserved(self, now: float) -> None:
        """Let the robot have a customer again for whom nobody came in time."""
        for join in self._expected():
            await self.dismiss(join, HowJoinEnded.LEFT)
        if self.at.holder is Holder.WAITING:
            self._nobody_has_it(Move.NOBODY)

    async def end(self, now: float) -> None:
        """Send everybody home and say goodbye."""
        for join in self.meeting.joins():
            await self.dismiss(join, HowJoinEnded.LEFT)
        if self.robot.talk is None or not may(self.at.holder, Move.ENDED):
            self.at = replace(self.at, holder=Holder.OVER)
        else:
            self._nobody_has_it(Move.ENDED)
            await self.robot.say_goodbye(now)
        self.ended_by_person = True

    async def dismiss(self, join: int, how: HowJoinEnded) -> None:
        """Let one person go and tell the engine."""
        party, was_there = self.meeting.party(join), self.meeting.is_there(join)
        if party is None:
            return
        await self.meeting.dismiss(join)
        if join < 0:
            return  # a third is told of by TransferMoved
        attempt = self.desk.attempt
        if was_there:
            self.desk.tell(JoinEnded(attempt, join, how))
        else:
            self.desk.tell(JoinFailed(attempt, join, Refused.OVER))

    async def keep_company(self, now: float) -> None:
        """See that nobody waits in silence, or for ever."""
        at = self.at
        if self.desk.staffed(self.robot.language) or self.is_expected():
            at = self.at = replace(at, staffed_at=now)
        hopeless = at.holder is Holder.WAITING and is_hopeless(at, now)
        if hopeless and not self.is_expected():
            await self.nobody_comes(now)
            return
        silence = self._watch.look(at, now, self.robot.language)
        if silence is Silence.GONE:
            await self._unheard(now)
            return
        unheard = silence is Silence.KEEP_COMPANY
        hold_over = at.hold_until is not None and now >= at.hold_until
        alone = at.holder in ALONE or unheard or (at.holder is Holder.AGENT and not hold_over)
        if alone and not self.robot.keeps_company and self.robot.is_quiet(now):
            await self.robot.keep_company(now, talks=unheard)
        elif not alone and self.robot.keeps_company:
            self.robot.leave_alone(now)

    def customer_spoke(self, now: float) -> None:
        """Take note that the customer speaks."""
        self._watch.customer_spoke(now)

    async def _unheard(self, now: float) -> None:
        if self.at.holder is Holder.THIRD:
            await self.third_hung_up(now, politely=False)
        else:
            await self.hung_up(self.at.talker, now, politely=False)

    def _said_goodbye(self, now: float) -> bool:
        return said_goodbye(self.minutes.turns, now)

    def _nobody_has_it(self, move: Move) -> None:
        self.at = replace(self.at.moved(move), talker=0, third=0, hold_until=None)
