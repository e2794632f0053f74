"""Conversations of every flow as tables: what the callee says, what must come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from asr.hearing import Recognition
from asr.listener import Listener
from asr.scripted_stream import ScriptedStream
from asr.vad import LevelVoiceDetector
from audio.level import pcm_of, samples, tone
from audio.pcm import SILENCE
from dialer.leg import DialRequest
from dialer.loopback import (
    AfterSilence,
    AfterStart,
    Answer,
    At,
    HangUp,
    LoopbackLeg,
    Press,
    Speak,
    Step,
)
from ivr.conversation import Conversation, ConversationReport, Equipment
from ivr.exchange import CallFacts
from ivr.facts import facts_known, value_of
from ivr.flow_model import Flow
from tts.speaker import LocalSpeaker

REQUEST = DialRequest("sip:13800138000@127.0.0.1", timedelta(seconds=30))
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Monday."""
OUR_TURN_IS_OVER = AfterSilence(0.5)
WE_SPEAK_AGAIN = AfterStart(0.3)
SYLLABLES_PER_SECOND = 4.5

BUILT_IN = ("item", "merchant", "callback_number", "address", "recipient", "company", "waybill")


@dataclass(frozen=True, slots=True)
class Call:
    """A conversation that is over."""

    report: ConversationReport
    seconds: float
    """From the answer to the hang-up."""

    @property
    def our_words(self) -> str:
        """Everything Menling said."""
        return "".join(turn.text for turn in self.report.turns if turn.speaker == "menling")


Ring = Callable[[Flow, CallFacts, Sequence[str]], Call]


def facts_of(given: Mapping[str, str]) -> CallFacts:
    """Return what is known about an invented parcel, as a manifest would bring it."""
    tomorrow = NOW.replace(hour=14, minute=0) + timedelta(days=1)
    facts = CallFacts(
        now=NOW,
        company="顺达快递",
        recipient="王小明",
        waybill="SF1234567890123",
        window_start=tomorrow,
        window_end=tomorrow + timedelta(hours=2),
        address="杭州市西湖区幸福路18号3号楼2单元501室",
    )
    own = {name: value for name, value in given.items() if name in BUILT_IN}
    cod = round(float(given.get("cod", 0)) * 100)
    known = facts_known()
    more = {
        name: value_of(known[name], str(text), NOW)
        for name, text in given.items()
        if name not in (*BUILT_IN, "cod") and text != ""
    }
    return replace(facts, **own, cod_amount_fen=cod, more=more)


@pytest.fixture(scope="session")
def facts_from() -> Callable[[Mapping[str, str]], CallFacts]:
    """Make the facts of a call from texts."""
    return facts_of


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Ring:
    """Hold a whole conversation with a callee who says, presses or leaves out what is listed."""
    speech = LocalSpeaker(tmp_path_factory.mktemp("speech"))

    def ring(flow: Flow, facts: CallFacts, lines: Sequence[str]) -> Call:
        said = [line for line in lines if line[0] not in "#…/"]
        stream = ScriptedStream([Recognition(line, 0.9) for line in said])
        leg = LoopbackLeg(*_steps(lines))
        hearing = Listener(stream, LevelVoiceDetector())
        talk = Conversation(leg, Equipment(hearing, speech, lambda: 0.0), flow, facts)
        report = asyncio.run(talk.hold(REQUEST))
        return Call(report, report.talk_seconds)

    return ring


def _steps(lines: Sequence[str]) -> list[Step]:
    steps = [Step(At(0.0), Answer())]
    for line in lines:
        if line.startswith("#"):
            steps.append(Step(OUR_TURN_IS_OVER, Press(line[1])))
        elif line == "…":
            steps += [Step(OUR_TURN_IS_OVER, Speak(SILENCE)), Step(WE_SPEAK_AGAIN, Speak(SILENCE))]
        elif line == "/hang up":
            steps.append(Step(OUR_TURN_IS_OVER, HangUp()))
        else:
            steps.append(Step(OUR_TURN_IS_OVER, Speak(_voice(_seconds(line)))))
    return steps


def _seconds(line: str) -> float:
    """Return how long a line takes to say: a syllable a character, or one and a half a word."""
    syllables = 1.5 * len(line.split()) if line.isascii() else len(line)
    return syllables / SYLLABLES_PER_SECOND


def _voice(seconds: float) -> bytes:
    """Return what a level takes for a voice: two overtones of 150 Hz."""
    low, high = (samples(tone(hertz, max(0.4, seconds), -23.0)) for hertz in (750.0, 1050.0))
    return pcm_of(low + high)
