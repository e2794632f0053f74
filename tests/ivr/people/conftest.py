"""Conversations that people come into, on loopback legs, in virtual time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from asr.hearing import Hearing, Recognition
from asr.listener import Listener
from asr.scripted_stream import ScriptedStream
from asr.stream import RecognitionError
from asr.vad import LevelVoiceDetector
from audio.level import dbfs, pcm_of, samples, tone
from audio.pcm import FRAME_SECONDS, Frame, frames
from audio.wav import read_stereo
from dialer.hold_sound import hold_wav
from dialer.leg import Answered, DialRequest, HangupCause, LegEvent
from dialer.loopback import AfterSilence, Answer, At, HangUp, LoopbackLeg, Press, Speak, Step
from dialer.script import Cue
from ivr.agent_opening import AgentCall
from ivr.conversation import Conversation, ConversationReport, Equipment, Notice
from ivr.desk import Desk, NoWayIn, PersonLeg
from ivr.exchange import CallFacts, DialogResult
from ivr.flow import load_flow
from ivr.flow_model import Flow
from ivr.people import (
    BrowserDevice,
    Device,
    JoinCall,
    JoinMode,
    JoinRole,
    PeopleNews,
    PeopleOrder,
    PersonWanted,
    SipDevice,
)
from ivr.transcript import Speaker, Turn
from tts.speaker import LocalSpeaker
from tts.speech import PLAIN, Manner, Piece, Speech

ATTEMPT = 7
REQUEST = DialRequest("sip:13800138000@127.0.0.1", timedelta(seconds=30))
AUDIBLE_DBFS = -50.0
VOICE_DBFS = -30.0
LONGEST_SECONDS = 300.0
AGENT_HZ = 750.0
AFTER_OUR_TURN = AfterSilence(0.5)


def voice(seconds: float, hertz: float = AGENT_HZ) -> bytes:
    """Return what a level takes for a voice."""
    low, high = (samples(tone(each, seconds, -20.0)) for each in (hertz, hertz * 1.4))
    return pcm_of(low + high)


@dataclass(frozen=True, slots=True)
class Says:
    """Somebody speaks, and this is what a recogniser makes of it."""

    text: str
    cue: Cue = AFTER_OUR_TURN
    seconds: float = 1.0


Doing = Says | Step


@dataclass(frozen=True, slots=True)
class Phone:
    """A person's device: when it answers, and what its owner does then."""

    doings: tuple[Doing, ...] = ()
    answers_after: float = 0.4
    never: bool = False
    stuck: bool = False
    """Its address is looked up for ever."""
    faulty: bool = False
    """We make a mistake with it."""
    ear_takes_turns: int = 0
    """Its recogniser answers only after so many turns of the loop."""


class Following:
    """A loopback leg whose clock follows that of the customer's."""

    def __init__(self, leg: LoopbackLeg, leader: LoopbackLeg, answers_after: float) -> None:
        self.leg = leg
        self.heard: list[tuple[float, Frame]] = []
        """What its owner was told, and when, in seconds of the customer's audio."""
        self.began: float | None = None
        self._leader = leader
        self._due = leader.seconds + answers_after

    def dial(self, request: DialRequest) -> None:
        self.leg.dial(request)

    async def receive(self) -> LegEvent:
        # The leader's clock stands still unless other tasks get their turn; it signals nothing.
        while self._leader.seconds < self._due - FRAME_SECONDS / 2:  # noqa: ASYNC110
            await asyncio.sleep(0)
        event = await self.leg.receive()
        if isinstance(event, Answered):
            self.began = self._leader.seconds
        if self.began is not None:
            self._due = self.began + self.leg.seconds
        return event

    def play(self, wav: Path) -> int:
        return self.leg.play(wav)

    def stop(self) -> None:
        self.leg.stop()

    def speak(self, frame: Frame) -> None:
        self.heard.append((self._leader.seconds, frame))
        self.leg.speak(frame)

    def record(self, wav: Path) -> None:
        self.leg.record(wav)

    def hang_up(self) -> None:
        self.leg.hang_up()


class Customer:
    """The customer's leg; orders are given when its clock shows their time."""

    def __init__(self, leg: LoopbackLeg, office: Office) -> None:
        self.leg = leg
        self._office = office

    def dial(self, request: DialRequest) -> None:
        self.leg.dial(request)

    async def receive(self) -> LegEvent:
        assert self.leg.seconds < LONGEST_SECONDS, "nobody ends this call"
        self._office.give_orders(self.leg.seconds)
        return await self.leg.receive()

    def play(self, wav: Path) -> int:
        return self.leg.play(wav)

    def stop(self) -> None:
        self.leg.stop()

    def speak(self, frame: Frame) -> None:
        self._office.voices.append((self.leg.seconds, frame))
        self.leg.speak(frame)

    def record(self, wav: Path) -> None:
        self.leg.record(wav)

    def hang_up(self) -> None:
        self.leg.hang_up()


React = Callable[["Office", PeopleNews], None]


@dataclass(slots=True)
class Office:
    """The engine's part: it is told what happens in a call and gives orders."""

    devices: dict[str, Phone] = field(default_factory=dict)
    """By address."""
    languages: set[str] = field(default_factory=lambda: {"zh-CN"})
    reactions: list[React] = field(default_factory=list)
    news: list[tuple[float, PeopleNews]] = field(default_factory=list)
    """With the second of call audio at which it was told."""
    notices: list[tuple[float, Notice]] = field(default_factory=list)
    """What those who watch the call were told, and when."""
    orders: deque[PeopleOrder] = field(default_factory=deque)
    due: list[tuple[float, PeopleOrder]] = field(default_factory=list)
    legs: dict[str, Following] = field(default_factory=dict)
    clock: Callable[[], float] = lambda: 0.0
    rung: list[str] = field(default_factory=list)
    """Addresses that were rung, in order."""
    voices: list[tuple[float, Frame]] = field(default_factory=list)
    """What people gave the customer to hear, and when."""

    def tell(self, news: PeopleNews) -> None:
        """Take news of the call and react to it."""
        self.news.append((self.clock(), news))
        for react in self.reactions:
            react(self, news)

    def send(self, order: PeopleOrder, after: float = 0.0) -> None:
        """Give an order, so many seconds of call audio from now."""
        self.due.append((self.clock() + after, order))

    def at(self, seconds: float, order: PeopleOrder) -> None:
        """Give an order at that second of call audio."""
        self.due.append((seconds, order))

    def give_orders(self, now: float) -> None:
        """Give the orders whose time has come."""
        ready = [order for when, order in self.due if when <= now + FRAME_SECONDS / 2]
        self.due = [(when, o) for when, o in self.due if when > now + FRAME_SECONDS / 2]
        self.orders.extend(ready)

    def on(self, kind: type[PeopleNews], do: Callable[[PeopleNews], None]) -> None:
        """React to the first news of a kind."""
        done: list[bool] = []

        def react(_: Office, news: PeopleNews) -> None:
            if isinstance(news, kind) and not done:
                done.append(True)
                do(news)

        self.reactions.append(react)

    def sends_when_wanted(self, address: str, join: int = 1, after: float = 1.0) -> None:
        """Let whoever has that device accept the first call that wants a person."""
        self.on(PersonWanted, lambda _: self.send(joining(address, join), after))

    def told(self, kind: type[PeopleNews]) -> list[PeopleNews]:
        """Return the news of a kind, in order."""
        return [news for _, news in self.news if isinstance(news, kind)]

    def when(self, kind: type[PeopleNews]) -> list[float]:
        """Return when news of a kind were told."""
        return [when for when, news in self.news if isinstance(news, kind)]


def joining(
    address: str,
    join: int = 1,
    role: JoinRole = JoinRole.AGENT,
    mode: JoinMode = JoinMode.TALK,
    brief: str = "",
    user: int = 0,
) -> JoinCall:
    """Return the order to bring somebody in."""
    return JoinCall(ATTEMPT, join, role, mode, SipDevice(address), brief, user)


class NotingSpeaker:
    """Remembers which WAV is which sentence; at one of them it makes a mistake."""

    def __init__(self, speech: Speech, mistaken_at: str = "") -> None:
        self._speech = speech
        self._mistaken_at = mistaken_at
        self.texts: dict[Path, str] = {}

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Return the WAV of one sentence."""
        if self._mistaken_at and self._mistaken_at in text:
            raise RuntimeError("a mistake of ours")
        wav = await self._speech.wav(text, manner, pieces)
        self.texts[wav] = text
        return wav


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that is over."""

    report: ConversationReport
    leg: LoopbackLeg
    office: Office
    texts: dict[Path, str]
    recording: Path

    @property
    def result(self) -> DialogResult:
        """What was settled."""
        assert self.report.result is not None
        return self.report.result

    @property
    def played(self) -> list[str]:
        """What the customer heard of the robot: sentences, and `hold`."""
        return [self.texts.get(each.wav, "hold") for each in self.leg.played]

    @property
    def ending(self) -> str:
        """What the customer heard of the robot after the last hold sound, or at last."""
        last = max((i for i, each in enumerate(self.played) if each == "hold"), default=-4)
        return "".join(self.played[last + 1 :])

    def turns(self, speaker: Speaker) -> list[Turn]:
        """Return somebody's turns as they were written down."""
        return [turn for turn in self.report.turns if turn.speaker is speaker]

    def began(self, part: str) -> float:
        """Return when the customer first heard a sentence with `part` in it."""
        return next(
            each.began for each in self.leg.played if part in self.texts.get(each.wav, "hold")
        )

    @property
    def said(self) -> bytes:
        """What the customer heard, by the recording."""
        return read_stereo(self.recording)[1]

    def longest_silence(self, began: float, ended: float) -> float:
        """Return the longest silence on the customer's side between two moments, in seconds."""
        longest = silent = 0
        first, last = round(began / FRAME_SECONDS), round(ended / FRAME_SECONDS)
        for frame in list(frames(self.said))[first:last]:
            silent = 0 if dbfs(frame) > AUDIBLE_DBFS else silent + 1
            longest = max(longest, silent)
        return longest * FRAME_SECONDS

    @property
    def heard_people(self) -> float:
        """Return the seconds of voice that people gave the customer to hear."""
        return sum(dbfs(frame) > VOICE_DBFS for frame in self.leg.spoken) * FRAME_SECONDS


def first_voice(heard: list[tuple[float, Frame]]) -> float:
    """Return when a voice is first heard in frames with their moments."""
    return next(when for when, frame in heard if dbfs(frame) > VOICE_DBFS)


def voice_seconds(heard: list[tuple[float, Frame]]) -> float:
    """Return how long voices are heard in frames with their moments."""
    return sum(dbfs(frame) > VOICE_DBFS for _, frame in heard) * FRAME_SECONDS


class Deafening:
    """A hearing whose recogniser fails after so many frames."""

    def __init__(self, hearing: Hearing, after_seconds: float) -> None:
        self._hearing = hearing
        self._left = round(after_seconds / FRAME_SECONDS)
        self.expect = hearing.expect
        self.close = hearing.close

    async def hear(self, frame: Frame):
        self._left -= 1
        if self._left < 0:
            raise RecognitionError("every recogniser is gone")
        return await self._hearing.hear(frame)


Hold = Callable[..., Held]


@pytest.fixture(scope="session")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> LocalSpeaker:
    """A voice without an engine."""
    return LocalSpeaker(tmp_path_factory.mktemp("speech"))


@pytest.fixture(scope="session")
def tune(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a customer hears who waits."""
    return hold_wav(tmp_path_factory.mktemp("hold"))


@pytest.fixture
def office() -> Office:
    """An office in which somebody speaks Mandarin."""
    return Office()


@pytest.fixture(scope="session")
def people() -> type[Words]:
    """Words for what people do."""
    return Words


class Words:
    """Words for what people do."""

    says = Says
    phone = Phone
    joining = staticmethod(joining)
    voice = staticmethod(voice)
    first_voice = staticmethod(first_voice)
    voice_seconds = staticmethod(voice_seconds)
    attempt = ATTEMPT

    @staticmethod
    def at(seconds: float) -> Cue:
        """Return the moment so many seconds after the answer."""
        return At(seconds)

    @staticmethod
    def after_silence(seconds: float) -> Cue:
        """Return the moment at which nothing was said to somebody for so long."""
        return AfterSilence(seconds)

    @staticmethod
    def hangs_up(seconds: float) -> Step:
        """Return the step of a far end that hangs up, so many seconds after the answer."""
        return Step(At(seconds), HangUp(HangupCause.THEY_HUNG_UP))

    @staticmethod
    def dies(seconds: float) -> Step:
        """Return the step of a device that is gone without a word."""
        return Step(At(seconds), HangUp(HangupCause.MEDIA_LOST))

    @staticmethod
    def presses(digit: str, seconds: float) -> Step:
        """Return the step of a far end that presses a key."""
        return Step(At(seconds), Press(digit))


@pytest.fixture
def hold(
    flow: Flow, facts: CallFacts, speaker: LocalSpeaker, tune: Path, tmp_path: Path, office: Office
) -> Hold:
    """Hold a whole conversation with a customer who does what is listed."""

    def held(
        *doings: Doing,
        with_flow: Flow = flow,
        deaf_after: float | None = None,
        mistaken_at: str = "",
        agent_call: AgentCall | None = None,
    ) -> Held:
        leg = LoopbackLeg(Step(At(0.0), Answer()), *_steps(doings))
        office.clock = lambda: leg.seconds
        speech = NotingSpeaker(speaker, mistaken_at)
        hearing: Hearing = Listener(ScriptedStream(_heard(doings)), LevelVoiceDetector())
        if deaf_after is not None:
            hearing = Deafening(hearing, deaf_after)
        opened: deque[str] = deque()

        async def leg_to(device: Device) -> PersonLeg:
            if isinstance(device, BrowserDevice):
                raise NoWayIn("no browser here")
            found = office.devices.get(device.uri)
            office.rung.append(device.uri)
            if found is None:
                raise NoWayIn("nobody there")
            if found.stuck:
                await asyncio.Event().wait()
            if found.faulty:
                raise RuntimeError("a mistake of ours")
            theirs = LoopbackLeg()
            if not found.never:
                opened.append(device.uri)
                theirs = LoopbackLeg(Step(At(0.0), Answer()), *_steps(found.doings))
            following = Following(theirs, leg, found.answers_after)
            office.legs[device.uri] = following
            return PersonLeg(following, device.uri)

        async def further_hearing() -> Hearing:
            device = office.devices[opened.popleft()]
            for _ in range(device.ear_takes_turns):
                await asyncio.sleep(0)
            doings = device.doings
            return Listener(ScriptedStream(_heard(doings)), LevelVoiceDetector())

        desk = Desk(
            attempt=ATTEMPT,
            tell=office.tell,
            leg_to=leg_to,
            hearing=further_hearing,
            flow=lambda name: load_flow(name, with_flow.language),
            hold_sound=tune,
            staffed=lambda language: language in office.languages,
            orders=office.orders,
            agent_call=agent_call,
        )
        recording = tmp_path / "call.wav"
        conversation = Conversation(
            Customer(leg, office),
            Equipment(hearing, speech, lambda: 0.0, desk=desk),
            with_flow,
            facts,
            recording,
            lambda notice: office.notices.append((leg.seconds, notice)),
        )
        report = asyncio.run(conversation.hold(REQUEST))
        return Held(report, leg, office, speech.texts, recording)

    return held


def _heard(doings: tuple[Doing, ...]) -> list[Recognition]:
    return [Recognition(each.text, 0.9) for each in doings if isinstance(each, Says)]


def _steps(doings: tuple[Doing, ...]) -> Iterator[Step]:
    for doing in doings:
        if isinstance(doing, Says):
            yield Step(doing.cue, Speak(voice(doing.seconds)))
        else:
            yield doing
