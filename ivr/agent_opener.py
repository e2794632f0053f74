"""AgentOpener: sees one call through that was made for an agent, until somebody has it.

It watches the steps of the dialog from the first word on, calls for an agent once a person is
certain, and says what is said when none comes. When what may happen is told in
`ivr/agent_opening.py`.
"""

from __future__ import annotations

from ivr.agent_opening import (
    CONNECTING,
    HELLO,
    MUTE_SECONDS,
    ROBOT_INSTEAD,
    UNSURE_SECONDS,
    AgentCall,
    AgentOpening,
    Stage,
    WhenNoAgent,
    can_open,
    flag_of_campaign,
    introduction,
    is_heeded,
    message,
)
from ivr.attendance import Attendance
from ivr.desk import Desk
from ivr.dialog import Dialog, Step, begin
from ivr.exchange import AnsweredBy, CallFacts, DialogEvent, HangUp, Said, Wait
from ivr.fetching import Fetching
from ivr.flow_model import Flow
from ivr.people import NobodyCame
from ivr.takeover import WITH_PEOPLE, Holder
from ivr.wish import FAREWELL
from ivr.withdrawal import withdrawal, without_person
from ivr.wording import speak


class AgentOpener:
    """Leads one call from the first word to an agent, or to what is said without one."""

    def __init__(
        self, desk: Desk, call: AgentCall | None, flow: Flow, facts: CallFacts, people: Attendance
    ) -> None:
        """`call`: None for one that the robot holds; then nothing of this happens."""
        self._desk = desk
        self._call = call or AgentCall()
        self._flow = flow
        self._facts = facts
        self._people = people
        applies = call is not None and can_open(flow)
        self._at = AgentOpening() if applies else AgentOpening().over()
        self._coming = False
        self._left_without = False

    @property
    def fetching(self) -> Fetching:
        """Calls for people."""
        return self._people.robot.fetching

    @property
    def is_on(self) -> bool:
        """The robot only says who calls, and looks for an agent."""
        return self._at.stage is not Stage.OVER

    def abandoned(self, now: float) -> bool:
        """Answer whether a person was left without an agent and without the robot."""
        return self._left_without or self._at.has_waited(self._call, now)

    def person(self, ended: float) -> None:
        """Take note that what was said until then, only a person says."""
        talk = self._people.robot.talk
        if self._at.stage is not Stage.GREETING or talk is None:
            return
        fetching = self.fetching
        may = fetching.may_fetch()
        self._at = self._at.person(ended, unattended=not may)
        if may:
            self._people.robot.first_line = CONNECTING
            fetching.want(fetching.ending(talk.dialog), flag=flag_of_campaign())

    def given_up(self) -> None:
        """Take note that a machine was taken for a person: nobody is fetched for it."""
        self._at, self._coming = self._at.machine(), False
        if self._people.at.holder is Holder.WAITING:
            self.fetching.call_off()

    def coming(self) -> None:
        """Take note that an agent takes the call as soon as their device is there."""
        self._coming = True

    def step(self, before: Dialog, following: Step, event: DialogEvent) -> Step:
        """Return the step to take instead of this one."""
        if not self.is_on or isinstance(event, AnsweredBy):
            return self.fetching.step(before, following, event)
        if is_heeded(event, self._flow):
            return self._answered(following)
        if self._at.stage is Stage.SOUGHT and isinstance(event, Said):
            wish = self.fetching.wish
            wants = withdrawal(event.meaning, self._flow.language)
            if wish is not None and wants is not None:
                return self._answered(without_person(self._flow, wish, wants, event))
        return before, (Wait(),)

    async def tick(self, now: float) -> None:
        """Let time pass."""
        holder = self._people.at.holder
        if holder in WITH_PEOPLE or holder is Holder.OVER:
            self._at = self._at.over()
        elif self._at.stage is Stage.GREETING:
            await self._look_for_anybody(now)
        elif self._at.is_due(self._call, now, coming=self._is_coming()):
            await self.nobody(now)

    async def nobody(self, now: float) -> None:
        """Go on without an agent: none came in time."""
        robot, told = self._people.robot, self._people.robot.keeps_company
        if not self._at.unattended:
            self._desk.tell(NobodyCame(self._desk.attempt))
        self._finish()
        await self._people.unserved(now)
        fetching = self.fetching
        fetching.wish, fetching.withdrawn = None, True
        if self._call.when_none is WhenNoAgent.ROBOT:
            await robot.proceed(self._robots_part(told=told), now)
            return
        self._left_without = True
        dialog = robot.talk.dialog if robot.talk is not None else begin(self._flow, self._facts)[0]
        await robot.proceed(message(self._flow, dialog), now)

    def _finish(self) -> None:
        self._at = self._at.over()
        self._people.robot.first_line = ""

    def _is_coming(self) -> bool:
        return self._coming or self._people.is_expected()

    def _answered(self, following: Step) -> Step:
        """Let the dialog answer by itself, which needs no agent any more."""
        sought = self._people.at.holder is Holder.WAITING
        self._finish()
        if sought:
            self.fetching.call_off()
        return following

    def _robots_part(self, *, told: bool) -> Step:
        """Return what the robot says and asks; `told`: that somebody is being fetched."""
        dialog, opening = begin(self._flow, self._facts)
        _, rest = introduction(opening)
        instead = speak(self._flow, self._facts, {}, ROBOT_INSTEAD) if told else ()
        return dialog, (*instead, *rest)

    async def _look_for_anybody(self, now: float) -> None:
        """Ask whether anybody is there who has not said a word, and then go on without an agent."""
        talk, robot = self._people.robot.talk, self._people.robot
        if talk is None or not talk.is_waiting or talk.is_spoken_to:
            return
        asked = self._at.asked_at is not None
        if talk.quiet_seconds(now) < (MUTE_SECONDS if asked else UNSURE_SECONDS):
            return
        if not asked:
            self._at = self._at.asking(now)
            hello = speak(self._flow, self._facts, {}, HELLO)
            await robot.proceed((talk.dialog, (*hello, Wait())), now)
            return
        self._finish()
        if self._call.when_none is WhenNoAgent.ROBOT:
            await robot.proceed(self._robots_part(told=False), now)
        else:
            goodbye = speak(self._flow, self._facts, {}, FAREWELL)
            await robot.proceed((talk.dialog, (*goodbye, HangUp())), now)
