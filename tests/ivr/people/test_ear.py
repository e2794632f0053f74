"""Hearing that other people's sound does not wait for."""

from __future__ import annotations

import asyncio

import pytest

from asr.hearing import Expectation, ListenerEvent, SpeechStarted, Utterance, Word
from asr.stream import RecognitionError
from audio.pcm import FRAME_SECONDS, SILENCE, Frame
from ivr.ear import FRAMES_WAITING, Ear


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
        ear = Ear(hearing)
        heard = []
        for frame in range(5):
            heard += ear.hear_apart(SILENCE, 10.0 + FRAME_SECONDS * (frame + 1))
            await _turns()
        assert not heard
        hearing.go_on.set()
        await _turns()
        heard = ear.hear_apart(SILENCE, 10.0 + FRAME_SECONDS * 6)
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
            ear.hear_apart(SILENCE, 0.0)
        await _turns()
        assert await ear.hear(SILENCE, 0.0) == []
        hearing.go_on.set()
        await _turns()
        assert len(await ear.hear(SILENCE, 0.0)) == 2
        assert hearing.frames == 5
        await ear.close()

    asyncio.run(run())


async def _hear_all(ear: Ear, *, apart: bool) -> None:
    for _ in range(4):
        if apart:
            ear.hear_apart(SILENCE, 0.0)
        else:
            await ear.hear(SILENCE, 0.0)
        await _turns()


@pytest.mark.parametrize("apart", [True, False])
def test_a_failure_is_told_once_and_then_nothing_is_heard(apart):
    async def run() -> None:
        ear = Ear(Thinking(fails_at=2))
        with pytest.raises(RecognitionError):
            await _hear_all(ear, apart=apart)
        assert ear.is_deaf
        assert await ear.hear(SILENCE, 0.0) == []
        assert ear.hear_apart(SILENCE, 0.0) == []
        await ear.close()

    asyncio.run(run())


class Counting:
    """A hearing that tells of words whose time it counts in frames, as it is asked."""

    def __init__(self, began: int, ended: int) -> None:
        self.frames = 0
        self._began, self._ended = began, ended

    def expect(self, expectation: Expectation) -> None:
        """Expect anything."""

    async def hear(self, frame: Frame) -> list[ListenerEvent]:
        self.frames += 1
        if self.frames != self._ended:
            return []
        seconds = [each * FRAME_SECONDS for each in (self._began, self._ended)]
        words = (Word("好", 0.9, *seconds),)
        return [Utterance("好", 0.9, *seconds, words, decided=seconds[1])]

    async def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize("apart", [True, False])
def test_words_after_frames_that_are_missing_are_told_in_the_time_of_the_call(apart):
    async def run() -> None:
        ear, heard = Ear(Counting(60, 90)), []
        moments = [3.0 + FRAME_SECONDS * (each + 1) for each in range(50)]
        moments += [6.0 + FRAME_SECONDS * (each + 1) for each in range(50)]
        for now in moments:
            heard += ear.hear_apart(SILENCE, now) if apart else await ear.hear(SILENCE, now)
            await _turns(2)
        [said] = heard
        assert said.began == pytest.approx(6.0 + 10 * FRAME_SECONDS)
        assert said.ended == said.decided == pytest.approx(6.0 + 40 * FRAME_SECONDS)
        assert said.words[0].ended == said.ended

    asyncio.run(run())


def test_words_around_a_gap_began_before_it_and_ended_after_it():
    async def run() -> None:
        ear, heard = Ear(Counting(40, 90)), []
        for frame in range(100):
            late = 2.0 if frame >= 50 else 0.0
            heard += await ear.hear(SILENCE, late + FRAME_SECONDS * (frame + 1))
        [said] = heard
        assert said.began == pytest.approx(0.8)
        assert said.ended == pytest.approx(3.8)

    asyncio.run(run())


def test_words_after_sound_that_nobody_took_in_time_are_told_when_they_were():
    async def run() -> None:
        hearing = Counting(1, 10)
        ear = Ear(hearing)
        for frame in range(FRAMES_WAITING + 100):
            ear.hear_apart(SILENCE, FRAME_SECONDS * (frame + 1))
        await _turns(FRAMES_WAITING)
        [said] = ear.hear_apart(SILENCE, FRAME_SECONDS * (FRAMES_WAITING + 101))
        assert said.ended == pytest.approx(110 * FRAME_SECONDS)

    asyncio.run(run())


def test_frames_that_come_in_bursts_move_nothing():
    async def run() -> None:
        ear, heard = Ear(Counting(60, 90)), []
        for frame in range(100):
            now = FRAME_SECONDS * (4 * (frame // 4) + 4)
            heard += await ear.hear(SILENCE, now)
        [said] = heard
        assert said.ended - said.began == pytest.approx(30 * FRAME_SECONDS)

    asyncio.run(run())
