"""What is said, where it was cut, and what is said again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audio.pcm import silence
from audio.wav import write_wav
from dialer.leg import Answered, DialRequest, PlaybackEnded
from dialer.loopback import LoopbackLeg, answering
from ivr.exchange import BargeIn
from ivr.mouth import Mouth, Sentence


@pytest.fixture
def leg() -> LoopbackLeg:
    """A leg that was just answered."""
    answered = LoopbackLeg(*answering())

    async def answer() -> None:
        answered.dial(DialRequest("sip:1@127.0.0.1"))
        assert isinstance(await answered.receive(), Answered)

    asyncio.run(answer())
    return answered


@pytest.fixture
def say(tmp_path: Path):
    """Make a sentence of one second."""

    def sentence(text: str, barge_in: BargeIn = BargeIn.SPEECH) -> Sentence:
        wav = tmp_path / f"{text}.wav"
        write_wav(wav, silence(1.0))
        return Sentence(text, "prompt", barge_in, wav)

    return sentence


def played_to(leg: LoopbackLeg, seconds: float, mouth: Mouth) -> list[str]:
    """Let time pass and return the sentences that came to their end."""
    done: list[str] = []

    async def listen() -> None:
        while leg.seconds < seconds:
            event = await leg.receive()
            if isinstance(event, PlaybackEnded):
                turn = mouth.playback_ended(event.playback, leg.seconds)
                done.extend([turn.text] if turn else [])

    asyncio.run(listen())
    return done


def test_sentences_are_said_one_after_the_other(leg, say):
    mouth = Mouth(leg)
    mouth.say([say("一"), say("二")], leg.seconds)
    assert mouth.is_speaking()
    assert played_to(leg, 2.1, mouth) == ["一", "二"]
    assert not mouth.is_speaking()


def test_a_sentence_that_was_cut_is_said_again_with_what_was_to_follow(leg, say):
    mouth = Mouth(leg)
    mouth.say([say("一"), say("二"), say("三")], leg.seconds)
    assert played_to(leg, 1.5, mouth) == ["一"]
    cut = mouth.fall_silent(leg.seconds)
    assert cut is not None
    assert (cut.text, cut.interrupted) == ("二", True)
    assert cut.ended_seconds - cut.began_seconds == pytest.approx(0.5, abs=0.03)
    assert mouth.is_before_the_last()
    mouth.resume(leg.seconds)
    assert played_to(leg, 3.6, mouth) == ["二", "三"]


def test_something_else_said_meanwhile_takes_the_place_of_what_was_cut(leg, say):
    mouth = Mouth(leg)
    mouth.say([say("一"), say("二")], leg.seconds)
    mouth.fall_silent(leg.seconds)
    mouth.say([say("三")], leg.seconds)
    played_to(leg, 1.1, mouth)
    mouth.resume(leg.seconds)
    assert not mouth.is_speaking()


def test_a_sentence_nobody_can_have_heard_is_no_turn(leg, say):
    mouth = Mouth(leg)
    mouth.say([say("一")], leg.seconds)
    played_to(leg, 0.06, mouth)
    assert mouth.fall_silent(leg.seconds) is None
    assert not mouth.is_speaking()
    mouth.resume(leg.seconds)
    assert mouth.is_speaking()


def test_silence_cannot_be_cut(leg):
    assert Mouth(leg).fall_silent(leg.seconds) is None


def test_only_the_sentence_being_said_decides_whether_it_may_be_cut(leg, say):
    mouth = Mouth(leg)
    assert not mouth.may_be_interrupted()
    mouth.say([say("一", BargeIn.NEVER), say("二")], leg.seconds)
    assert not mouth.may_be_interrupted()
    played_to(leg, 1.1, mouth)
    assert mouth.may_be_interrupted()


def test_the_end_of_a_playback_of_somebody_elses_is_no_turn(leg, say):
    mouth = Mouth(leg)
    mouth.say([say("一")], leg.seconds)
    assert mouth.playback_ended(99, leg.seconds) is None
    assert mouth.is_speaking()
