"""When a sentence that is ready may be said."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audio.pcm import silence
from audio.wav import write_wav
from dialer.leg import Answered, DialRequest, LegState
from dialer.loopback import LoopbackLeg, answering
from ivr.exchange import BargeIn, Say
from ivr.mouth import Mouth
from ivr.transcript import Turn
from ivr.voice import LAG_SECONDS, Voice
from tts.speech import PLAIN, Manner, Piece


class Studio:
    """Speaks with a voice that takes a while to make each sentence."""

    def __init__(self, wav: Path, seconds: float = 0.0) -> None:
        self._wav = wav
        self._seconds = seconds
        self.clock = 0.0
        self.turns: list[Turn] = []
        self.asked: list[tuple[str, Manner, tuple[Piece, ...]]] = []
        self.leg = LoopbackLeg(*answering())
        self.voice = Voice(Mouth(self.leg), self, self.turns.append, lambda: self.clock)

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Make a sentence."""
        self.asked.append((text, manner, pieces))
        self.clock += self._seconds
        return self._wav

    def say(self, *texts: str, now: float, over: bool = False, kind: BargeIn = BargeIn.SPEECH):
        """Have sentences said; `over`: the callee is talking."""

        async def saying() -> bool:
            if self.leg.state is LegState.IDLE:
                self.leg.dial(DialRequest("sip:1@127.0.0.1"))
                assert isinstance(await self.leg.receive(), Answered)
            says = [Say(text, "prompt", kind) for text in texts]
            return await self.voice.say(says, now, talked_over=over, answers=now - 0.3)

        return asyncio.run(saying())


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    """A sentence of one second."""
    path = tmp_path / "sentence.wav"
    write_wav(path, silence(1.0))
    return path


@pytest.mark.parametrize(
    ("took", "talked_over", "at_once"),
    [
        (0.0, False, True),
        (LAG_SECONDS, False, True),
        (LAG_SECONDS + 0.01, False, False),
        (0.0, True, False),
        (1.0, True, False),
    ],
)
def test_a_sentence_is_said_at_once_when_it_was_made_at_once_and_nobody_talks(
    wav, took, talked_over, at_once
):
    studio = Studio(wav, took)
    assert studio.say("好的", now=2.0, over=talked_over)
    assert studio.voice.is_speaking is at_once


def test_a_sentence_that_took_long_waits_until_the_frames_have_caught_up(wav):
    studio = Studio(wav, seconds=0.4)
    studio.say("好的", now=2.0)
    assert not studio.voice.speak(2.38)
    assert studio.voice.speak(2.42)
    assert studio.voice.is_speaking


def test_nothing_waits_twice(wav):
    studio = Studio(wav)
    studio.say("好的", now=2.0, over=True)
    assert studio.voice.speak(2.5)
    assert not studio.voice.speak(2.6)


def test_what_waited_is_forgotten_when_we_fall_silent(wav):
    studio = Studio(wav)
    studio.say("好的", now=2.0, over=True)
    studio.voice.fall_silent(2.2)
    assert not studio.voice.speak(2.5)


def test_there_is_no_silence_while_a_sentence_waits(wav):
    studio = Studio(wav)
    studio.voice.count_from(1.0)
    assert studio.voice.silence(3.0) == pytest.approx(2.0)
    studio.say("好的", now=3.0, over=True)
    assert studio.voice.silence(4.0) == 0.0


def test_the_last_sentence_is_the_question(wav):
    studio = Studio(wav)
    studio.say("您好", "方便吗", now=2.0)
    assert not studio.voice.is_asking
    studio.voice.fall_silent(2.5)
    studio.say("方便吗", now=3.0)
    assert studio.voice.is_asking


def test_a_sentence_that_must_be_heard_is_not_replaced(wav):
    studio = Studio(wav)
    studio.say("再见", now=2.0, kind=BargeIn.NEVER)
    assert not studio.voice.may_be_interrupted
    studio.say("还有", now=2.5)
    assert not studio.turns


def test_the_time_from_their_last_word_counts_what_making_it_took(wav):
    studio = Studio(wav, seconds=0.4)
    studio.say("好的", now=2.0)
    studio.voice.speak(2.42)
    studio.voice.fall_silent(3.0)
    assert [turn.latency_seconds for turn in studio.turns] == [pytest.approx(0.72)]


def test_nothing_to_say_is_told(wav):
    assert not Studio(wav).say(now=2.0)


def test_a_sentence_is_made_in_the_manner_that_was_asked_for_and_with_its_recordings(wav: Path):
    studio = Studio(wav)
    pieces = (
        Piece("好的,", "flow/confirmed.1"),
        Piece("明天下午"),
        Piece("送到。", "flow/confirmed.2"),
    )
    say = Say("好的,明天下午送到。", "confirmed", manner=Manner(slow=True), pieces=pieces)

    async def saying() -> None:
        studio.leg.dial(DialRequest("sip:1@127.0.0.1"))
        await studio.leg.receive()
        await studio.voice.say([say], 1.0, talked_over=False, answers=None)

    asyncio.run(saying())
    assert studio.asked == [(say.text, Manner(slow=True), pieces)]
