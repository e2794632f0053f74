"""Whole conversations on a loopback leg, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from asr.hearing import Hearing, Recognition, RecognitionStream
from asr.listener import Listener
from asr.scripted_stream import ScriptedStream
from asr.vad import LevelVoiceDetector, VoiceDetector
from audio.level import pcm_of, samples, tone
from audio.pcm import silence
from dialer.leg import DialRequest
from dialer.loopback import (
    AfterSilence,
    Answer,
    At,
    LoopbackLeg,
    Played,
    Speak,
    Step,
)
from dialer.script import Cue
from ivr.conversation import Conversation, ConversationReport, Equipment, Notice
from ivr.exchange import BargeIn, CallFacts, DialogResult
from ivr.flow_model import Flow
from ivr.transcript import Speaker, Turn
from tts.speaker import LocalSpeaker
from tts.speech import PLAIN, Manner, Piece, Speech

REQUEST = DialRequest("sip:13800138000@127.0.0.1", timedelta(seconds=30))
AFTER_OUR_TURN = AfterSilence(0.5)


@dataclass(frozen=True, slots=True)
class Says:
    """The callee speaks, and this is what the recogniser makes of it."""

    text: str
    cue: Cue = AFTER_OUR_TURN
    seconds: float = 1.0
    confidence: float = 0.9
    sound: Path | None = None
    """A clip to play instead of a tone."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Something loud on the callee's side that is no speech."""

    cue: Cue
    seconds: float = 0.2


@dataclass(frozen=True, slots=True)
class Picks:
    """The callee picks up at this moment; without it, at once."""

    cue: Cue


Doing = Says | Noise | Picks | Step


def voice(seconds: float) -> bytes:
    """Return what a level takes for a voice and nobody for a beep: two overtones of 150 Hz."""
    low, high = (samples(tone(hertz, seconds, -23.0)) for hertz in (750.0, 1050.0))
    return pcm_of(low + high)


class Callee:
    """Words for what a callee may do, besides the steps of a loopback script."""

    voice = staticmethod(voice)

    says = Says
    makes_noise = Noise
    picks_up = Picks


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence of Menling's as the callee heard it."""

    text: str
    began: float
    """Seconds of call audio."""
    ended: float
    whole: bool


class NotingSpeaker:
    """Hums like LocalSpeaker, and remembers which WAV is which sentence."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self.texts: dict[Path, str] = {}

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Return the WAV of one sentence."""
        wav = await self._speech.wav(text, manner, pieces)
        self.texts[wav] = text
        return wav


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that is over."""

    report: ConversationReport
    leg: LoopbackLeg
    stream: RecognitionStream
    spoken: tuple[Spoken, ...]
    notices: tuple[Notice, ...]

    @property
    def result(self) -> DialogResult:
        """What was settled."""
        assert self.report.result is not None
        return self.report.result

    @property
    def menling(self) -> list[Turn]:
        """Menling's turns, as written down."""
        return [turn for turn in self.report.turns if turn.speaker is Speaker.MENLING]

    @property
    def callee(self) -> list[Turn]:
        """The callee's turns, as written down."""
        return [turn for turn in self.report.turns if turn.speaker is Speaker.CALLEE]

    def heard(self, part: str) -> list[Spoken]:
        """Return the sentences with `part` in them, as the callee heard them."""
        return [spoken for spoken in self.spoken if part in spoken.text]

    def only(self, part: str) -> Spoken:
        """Return the one sentence with `part` in it."""
        [spoken] = self.heard(part)
        return spoken

    @property
    def last(self) -> Spoken:
        """Menling's last sentence."""
        return self.spoken[-1]


Hold = Callable[..., Held]


@pytest.fixture(scope="session")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> LocalSpeaker:
    """A voice without an engine."""
    return LocalSpeaker(tmp_path_factory.mktemp("speech"))


@pytest.fixture(scope="session")
def callee() -> type[Callee]:
    """What the callee may do."""
    return Callee


@pytest.fixture
def hold(flow: Flow, facts: CallFacts, speaker: LocalSpeaker) -> Hold:
    """Hold a whole conversation with a callee who does what is listed."""

    def held(
        *doings: Doing,
        detector: VoiceDetector | None = None,
        recording: Path | None = None,
        with_flow: Flow = flow,
        with_speech: Speech = speaker,
        with_hearing: Callable[[Hearing], Hearing] = lambda hearing: hearing,
        with_stream: RecognitionStream | None = None,
    ) -> Held:
        stream = with_stream or ScriptedStream(_recognitions(doings))
        leg = LoopbackLeg(*_steps(doings))
        speech = NotingSpeaker(with_speech)
        hearing = with_hearing(Listener(stream, detector or LevelVoiceDetector()))
        notices: list[Notice] = []
        conversation = Conversation(
            leg,
            Equipment(hearing, speech, lambda: 0.0),
            with_flow,
            facts,
            recording,
            notices.append,
        )
        report = asyncio.run(conversation.hold(REQUEST))
        spoken = tuple(_spoken(played, speech, leg) for played in leg.played)
        return Held(report, leg, stream, spoken, tuple(notices))

    return held


@pytest.fixture
def hasty_flow(flow: Flow) -> Flow:
    """The same conversation with a time limit of thirty seconds."""
    return replace(flow, limits=replace(flow.limits, time_limit_seconds=30.0))


@pytest.fixture
def insistent_flow(flow: Flow) -> Flow:
    """The same conversation, whose introduction has to be heard out."""
    prompts = dict(flow.script.prompts)
    prompts["introduction"] = replace(prompts["introduction"], barge_in=BargeIn.NEVER)
    return replace(flow, script=replace(flow.script, prompts=prompts))


def _recognitions(doings: Iterable[Doing]) -> list[Recognition]:
    return [
        Recognition(doing.text, doing.confidence)
        if isinstance(doing, Says)
        else Recognition("", 0.0)
        for doing in doings
        if isinstance(doing, Says | Noise)
    ]


def _steps(doings: tuple[Doing, ...]) -> Iterable[Step]:
    early = any(isinstance(doing, Picks) for doing in doings)
    if not early:
        yield Step(At(0.0), Answer())
    for doing in doings:
        match doing:
            case Step():
                yield doing
            case Picks(cue):
                yield Step(cue, Answer())
            case Says(cue=cue, seconds=seconds, sound=sound):
                yield Step(cue, Speak(sound or voice(seconds)))
            case Noise(cue, seconds):
                yield Step(cue, Speak(voice(seconds) + silence(0.02)))


def _spoken(played: Played, speech: NotingSpeaker, leg: LoopbackLeg) -> Spoken:
    ended = played.ended if played.ended is not None else leg.seconds
    return Spoken(speech.texts[played.wav], played.began, ended, played.whole)
