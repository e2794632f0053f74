"""Hearing that other people's sound does not wait for."""

from __future__ import annotations

import asyncio

import pytest

from asr.hearing import Expectation, ListenerEvent, SpeechStarted, Utterance
from asr.stream import RecognitionError
from audio.pcm import SILENCE, Frame
from ivr.ear import Ear


class Thinking:
    """A hearing that takes its time over every third frame, and may fail."""

    def __init__(self, fails_at: int = 0) -> None:
        self.frames = 0
        self.go_on = asyncio.Event()
        self._fails_at = fails_at

    def expect(self, expectation: Expectation) -> None:
        """Expect anything."""

    async def hear(self, frame: Frame) -> list[ListenerEvent]:
        self.frames += 1
        if self.frames == self._fails_at:
            raise RecognitionError("gone")
        if self.frames % 3:
            return []
        await self.go_on.wait()
        return [SpeechStarted(1.0), Utterance("好", 0.9, 1.0, 2.0)]

    async def close(self) -> None:
        self.go_on.set()


async def _turns(times: int = 10) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


def test_frames_are_taken_while_the_recogniser_thinks_and_none_is_lost():
    async def run() -> None:
        hearing = Thinking()
        ear = Ear(hearing, offset=10.0)
        heard = []
        for _ in range(5):
            heard += ear.hear_apart(SILENCE)
            await _turns()
        assert not heard
        hearing.go_on.set()
        await _turns()
        heard = ear.hear_apart(SILENCE)
        await _turns()
        assert [type(each) for each in heard] == [SpeechStarted, Utterance]
        assert heard[0] == SpeechStarted(11.0)
        assert (heard[1].began, heard[1].ended) == (11.0, 12.0)
        assert hearing.frames == 6
        await ear.close()

    asyncio.run(run())


def test_who_waits_again_still_gets_what_was_heard_apart_in_order():
    async def run() -> None:
        hearing = Thinking()
        ear = Ear(hearing)
        for _ in range(3):
            ear.hear_apart(SILENCE)
        await _turns()
        assert await ear.hear(SILENCE) == []
        hearing.go_on.set()
        await _turns()
        assert len(await ear.hear(SILENCE)) == 2
        assert hearing.frames == 5
        await ear.close()

    asyncio.run(run())


async def _hear_all(ear: Ear, *, apart: bool) -> None:
    for _ in range(4):
        if apart:
            ear.hear_apart(SILENCE)
        else:
            await ear.hear(SILENCE)
        await _turns()


@pytest.mark.parametrize("apart", [True, False])
def test_a_failure_is_told_once_and_then_nothing_is_heard(apart):
    async def run() -> None:
        ear = Ear(Thinking(fails_at=2))
        with pytest.raises(RecognitionError):
            await _hear_all(ear, apart=apart)
        assert ear.is_deaf
        assert await ear.hear(SILENCE) == []
        assert ear.hear_apart(SILENCE) == []
        await ear.close()

    asyncio.run(run())
