from __future__ import annotations

import ctypes

import pytest

from audio.pcm import FRAME_BYTES, SILENCE
from dialer.capture import RING_BYTES, RING_FRAMES, CaptureError, Ear, find_ring

WORDS = 80
PLACE = 40


class WriterInMemory:
    """A WAV writer as pjmedia lays it out: length, buffer, position in it, count."""

    def __init__(self, place: int = PLACE) -> None:
        self._buffer = ctypes.create_string_buffer(RING_BYTES)
        begin = ctypes.addressof(self._buffer)
        self._words = (ctypes.c_size_t * (WORDS + 4))()
        self._place = place
        self._words[place : place + 4] = [RING_BYTES, begin, begin, 0]
        self.address = ctypes.addressof(self._words)
        self.deaf = False

    def write(self, frame: bytes) -> None:
        _, begin, position, total = self._words[self._place : self._place + 4]
        if position + len(frame) > begin + RING_BYTES:
            position = begin  # what was in it is written out
        if not self.deaf:
            ctypes.memmove(position, frame, len(frame))
        self._words[self._place + 2] = position + len(frame)
        self._words[self._place + 3] = total + len(frame)


def frame(number: int) -> bytes:
    return number.to_bytes(2, "little") * (FRAME_BYTES // 2)


def ear_on(writer: WriterInMemory) -> Ear:
    return Ear(find_ring(writer.address, writer.write), slot=7)


def test_what_is_written_is_taken_once_and_in_order() -> None:
    writer = WriterInMemory()
    ear = ear_on(writer)
    for number in (1, 2, 3):
        writer.write(frame(number))
    assert ear.pending() == 3
    assert ear.take(2) == frame(1) + frame(2)
    assert ear.take(9) == frame(3)
    assert ear.take(9) == b""


def test_the_ring_goes_round() -> None:
    writer = WriterInMemory()
    ear = ear_on(writer)
    heard = []
    for number in range(3 * RING_FRAMES):
        writer.write(frame(number))
        if number % 7 == 6:
            heard.append(ear.take(RING_FRAMES))
    heard.append(ear.take(RING_FRAMES))
    assert b"".join(heard) == b"".join(frame(number) for number in range(3 * RING_FRAMES))


def test_who_is_too_late_gets_silence_for_what_was_overwritten_and_loses_no_time() -> None:
    writer = WriterInMemory()
    ear = ear_on(writer)
    written = RING_FRAMES + 10
    for number in range(written):
        writer.write(frame(number))
    heard = ear.take(written)
    assert len(heard) == written * FRAME_BYTES
    assert heard[: 11 * FRAME_BYTES] == SILENCE * 11
    assert heard[11 * FRAME_BYTES :] == b"".join(frame(number) for number in range(11, written))
    assert ear.pending() == 0


def test_what_is_skipped_is_not_heard() -> None:
    writer = WriterInMemory()
    ear = ear_on(writer)
    writer.write(frame(1))
    ear.skip()
    writer.write(frame(2))
    assert ear.take(9) == frame(2)


def test_a_writer_laid_out_otherwise_is_refused() -> None:
    with pytest.raises(CaptureError, match="not where it is expected"):
        ear_on(WriterInMemory(place=WORDS))


def test_a_writer_whose_buffer_does_not_hold_what_is_written_is_refused() -> None:
    writer = WriterInMemory()
    writer.deaf = True
    with pytest.raises(CaptureError, match="not found in its buffer"):
        ear_on(writer)
