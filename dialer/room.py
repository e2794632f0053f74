"""Who hears whom when several people are on one call; pure.

    hears        callee       agent        third      supervisor
    callee       -            talks        talks      barges in
    agent        yes          talks        talks      whispers, barges in
    third        yes          talks        talks      barges in
    supervisor   yes          talks        talks      barges in

Who only listens, or whispers, hears the callee and all that the callee hears, the robot included,
as it is told with the callee's sound. While an agent consults a third party, the callee hears
neither of the two and neither of them hears the callee.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from audio.mixing import mix
from audio.pcm import SILENCE, Frame

__all__ = ["HEARD", "HEARD_WHILE_CONSULTING", "Mode", "Party", "Role", "Room", "mix"]

MOST_WAITING = 2
"""Frames of one party that wait for another's; then they are heard without that one."""


class Role(StrEnum):
    """What somebody is to a call."""

    CALLEE = "callee"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    THIRD = "third"
    """Whom an agent has called up for the callee."""


class Mode(StrEnum):
    """How somebody takes part."""

    TALK = "talk"
    CONSULT = "consult"
    """An agent talks with the third party while the callee waits."""
    LISTEN = "listen"
    WHISPER = "whisper"
    """Only agents hear it."""
    BARGE = "barge"
    """Everybody hears it."""


_Heard = Mapping[Role, frozenset[tuple[Role, Mode]]]
_BARGING = frozenset({(Role.SUPERVISOR, Mode.BARGE), (Role.SUPERVISOR, Mode.TALK)})
_WHISPERING = frozenset({(Role.SUPERVISOR, Mode.WHISPER)})
_CALLEE = frozenset({(Role.CALLEE, Mode.TALK)})
_AGENT = frozenset({(Role.AGENT, Mode.TALK), (Role.AGENT, Mode.BARGE)})
_CONSULTING = frozenset({(Role.AGENT, Mode.CONSULT)})
_THIRD = frozenset({(Role.THIRD, Mode.TALK)})

HEARD: _Heard = {
    Role.CALLEE: _AGENT | _THIRD | _BARGING,
    Role.AGENT: _CALLEE | _AGENT | _THIRD | _BARGING | _WHISPERING,
    Role.THIRD: _CALLEE | _AGENT | _THIRD | _BARGING,
    Role.SUPERVISOR: _CALLEE | _AGENT | _THIRD | _BARGING,
}
"""Whom each role hears, and in which mode."""
HEARD_WHILE_CONSULTING: _Heard = {
    Role.CALLEE: _BARGING,
    Role.AGENT: _CONSULTING | _THIRD | _BARGING | _WHISPERING,
    Role.THIRD: _CONSULTING | _THIRD | _BARGING,
    Role.SUPERVISOR: _CALLEE | _CONSULTING | _THIRD | _BARGING,
}
"""The same while an agent consults a third party."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody on the call."""

    number: int
    role: Role
    mode: Mode = Mode.TALK

    @property
    def overhears(self) -> bool:
        """He hears the call as the callee does."""
        return self.mode in (Mode.LISTEN, Mode.WHISPER)


class _Listener:
    """What one party is to hear: frames of the others, lined up in time.

    Whoever is awaited has a frame in each round; who comes in is heard at once, and awaited from
    then on; who keeps the others waiting for a frame is no longer awaited. So nobody waits for
    somebody whose sound has stopped, and one alone is heard at once.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, deque[Frame]] = {}
        self._awaited: frozenset[int] = frozenset()

    def hear(self, number: int, frame: Frame) -> list[Frame]:
        """Take a frame of that party; return what is heard now."""
        mine = self._waiting.setdefault(number, deque())
        mine.append(frame)
        if number not in self._awaited:
            self._awaited |= {number}
            return [self._round()]
        if len(mine) >= MOST_WAITING:
            self._awaited = frozenset(self._waiting)
        heard = []
        while self._waiting and self._awaited <= self._waiting.keys():
            heard.append(self._round())
        return heard

    def _round(self) -> Frame:
        heard = mix([frames.popleft() for frames in self._waiting.values()])
        self._waiting = {number: frames for number, frames in self._waiting.items() if frames}
        return heard

    def forget(self, number: int) -> None:
        """Drop what waits of a party who is not to be heard here."""
        self._waiting.pop(number, None)
        self._awaited -= {number}


class Room:
    """The people on one call; a party enters when his sound begins."""

    def __init__(self) -> None:
        self._parties: dict[int, Party] = {}
        self._listeners: dict[int, _Listener] = {}
        self._heard_by: dict[int, tuple[Party, ...]] = {}

    @property
    def parties(self) -> tuple[Party, ...]:
        """Return who is on the call, in the order they came."""
        return tuple(self._parties.values())

    def enter(self, party: Party) -> None:
        """Let somebody take part, or take part in another mode."""
        self._parties[party.number] = party
        self._listeners.setdefault(party.number, _Listener())
        self._settle()

    def leave(self, number: int) -> None:
        """Let somebody go; who is not here is not missed."""
        if self._parties.pop(number, None) is not None:
            del self._listeners[number]
            self._settle(number)

    def hears(self, number: int) -> frozenset[int]:
        """Return whose frames that party is given."""
        listener = self._parties[number]
        table = HEARD_WHILE_CONSULTING if self._somebody_consults() else HEARD
        # What the callee hears is told with his sound: given once more it would echo.
        told = table[Role.CALLEE] if listener.overhears else frozenset()
        heard = table[listener.role] - told
        return frozenset(
            each.number
            for each in self._parties.values()
            if each.number != number and (each.role, each.mode) in heard
        )

    def hear(self, number: int, frame: Frame, said: Frame = SILENCE) -> list[tuple[int, Frame]]:
        """Take 20 ms of a party; return who is to be told what now, in order.

        `said` is what we said to the callee meanwhile, and given only with the callee's sound.
        """
        given: list[tuple[int, Frame]] = []
        for listener in self._heard_by.get(number, ()):
            sound = mix((frame, said)) if listener.overhears and said != SILENCE else frame
            heard = self._listeners[listener.number].hear(number, sound)
            given.extend((listener.number, each) for each in heard)
        return given

    def _settle(self, *gone: int) -> None:
        heard = {listener: self.hears(listener) for listener in self._parties}
        self._heard_by = {
            number: tuple(each for each in self._parties.values() if number in heard[each.number])
            for number in self._parties
        }
        for listener, numbers in heard.items():
            for number in {*self._parties, *gone} - numbers:
                self._listeners[listener].forget(number)

    def _somebody_consults(self) -> bool:
        return any(party.mode is Mode.CONSULT for party in self._parties.values())
