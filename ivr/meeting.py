"""Meeting: the people on one call, and their sound.

    customer's leg ──Sound──▶ Meeting ──▶ Room ──frames──▶ everybody who hears it
    visitor's leg  ──Sound──▶    │
                                 └──▶ news: arrived, spoke up, said, gone

A frame is passed on when it comes; nobody's sound waits for a recogniser or for the robot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from audio.pcm import SILENCE, Frame
from dialer.leg import HangupCause, Leg, Sound
from dialer.room import Mode, Party, Role, Room
from ivr.desk import Desk
from ivr.murmurs import Murmur, murmur
from ivr.people import Device, Visit
from ivr.visitor import Attending, Failed, Visitor, VisitorNews
from tts.speech import Speech

CUSTOMER = 0
"""The customer's number in the room; joins begin with one, thirds count down from minus one."""


class Meeting:
    """Lets people in and out and passes their sound on."""

    def __init__(
        self, desk: Desk, speech: Speech, customer: Leg, clock: Callable[[], float]
    ) -> None:
        """`clock` tells seconds of call audio."""
        self._desk = desk
        self._speech = speech
        self._customer = customer
        self._clock = clock
        self._room = Room()
        self._room.enter(Party(CUSTOMER, Role.CALLEE))
        self._visitors: dict[int, Visitor] = {}
        self._news: deque[VisitorNews] = deque()
        self._visits: list[Visit] = []

    @property
    def is_attended(self) -> bool:
        """Somebody's device is connected."""
        return any(each.at.began is not None for each in self._visitors.values())

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Who has left, in order."""
        return tuple(self._visits)

    def customer_said(self, sound: Sound) -> None:
        """Pass 20 ms of the customer on, and what we said to him meanwhile."""
        self._pass_on(CUSTOMER, sound.frame, sound.said)

    def news(self) -> list[VisitorNews]:
        """Return what has happened since the last time, in order."""
        overdue = [each.join for each in self._visitors.values() if each.is_overdue()]
        news = [*self._news, *(Failed(join, HangupCause.NO_ANSWER.value) for join in overdue)]
        self._news.clear()
        return news

    def invite(self, party: Party, device: Device, brief: str = "", user: int = 0) -> None:
        """Ring somebody's device; he hears the brief when he answers, and is let in by `admit`."""
        visitor = Visitor(
            Attending(party, self._clock(), user=user, brief=brief),
            self._desk,
            self._speech,
            self._news.append,
            self._pass_on,
            self._clock,
        )
        self._visitors[party.number] = visitor
        visitor.ring(device)

    def party(self, join: int) -> Party | None:
        """Return somebody who was asked in and has not left."""
        visitor = self._visitors.get(join)
        return None if visitor is None else visitor.at.party

    def is_there(self, join: int) -> bool:
        """Answer whether somebody's device is connected."""
        visitor = self._visitors.get(join)
        return visitor is not None and visitor.at.began is not None

    def join_of(self, user: int) -> int:
        """Return the newest visit of a user that is not over; 0: there is none."""
        joins = [join for join, each in self._visitors.items() if user and each.at.user == user]
        return joins[-1] if joins else 0

    def joins(self) -> tuple[int, ...]:
        """Return who was asked in and has not left, in order."""
        return tuple(self._visitors)

    def admit(self, join: int, mode: Mode) -> None:
        """Let somebody whose device is connected take part in this way from now on."""
        visitor = self._visitors[join]
        visitor.at.party = replace(visitor.at.party, mode=mode)
        visitor.at.speaks, visitor.at.heard_at = False, None
        self._room.enter(visitor.at.party)

    def heard_at(self, join: int) -> float | None:
        """Return when somebody was last audible, in the way in which he takes part now."""
        visitor = self._visitors.get(join)
        return None if visitor is None else visitor.at.heard_at

    def last_voice(self) -> float:
        """Return when anybody was last audible to the customer; 0: never."""
        return max((each.at.heard_at or 0.0 for each in self._visitors.values()), default=0.0)

    def inform(self, join: int, what: Murmur, language: str) -> None:
        """Tell one person something that nobody else hears."""
        if self.is_there(join):
            self._visitors[join].inform(murmur(what, language))

    def hush(self, join: int) -> None:
        """Stop what plays to one person."""
        self._visitors[join].hush()

    async def dismiss(self, join: int) -> None:
        """Let somebody go, or stop ringing him."""
        visitor = self._visitors.pop(join, None)
        if visitor is None:
            return
        self._room.leave(join)
        at = visitor.at
        if at.began is not None:
            visit = Visit(join, at.party.role.value, at.began, self._clock(), at.spoke)
            self._visits.append(visit)
        await visitor.leave()
        others = [each for each in self._news if each.join != join]
        self._news.clear()
        self._news.extend(others)

    def _pass_on(self, number: int, frame: Frame, said: Frame = SILENCE) -> None:
        for listener, sound in self._room.hear(number, frame, said):
            if listener == CUSTOMER:
                self._customer.speak(sound)
            elif listener in self._visitors:
                self._visitors[listener].speak(sound)
