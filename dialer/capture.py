"""Sound of the bridge of pjsip, kept by pjsip itself until somebody fetches it.

A port of pjsua2 runs Python on the media thread for every frame, which costs more than all else a
call does and lets sound wait for the interpreter lock. A WAV writer of pjmedia copies frames into
a buffer in C and writes it out when it is full: here to nowhere. Its buffer is then a ring of the
last seconds, which can be read at any time, from any thread, without a lock.

    buffer   | frame | frame | frame | frame |   total = 6 frames written since the start
                       ^ read     ^ next to be written: total modulo the length
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from audio.pcm import FRAME_BYTES, SILENCE

RING_FRAMES = 150
"""Three seconds; a reader who is further behind loses the oldest frames."""
RING_BYTES = RING_FRAMES * FRAME_BYTES

_WORD = ctypes.sizeof(ctypes.c_size_t)
_SEARCHED_WORDS = 80
"""The description of a port takes some 40 words; what a writer adds follows it."""


class CaptureError(Exception):
    """This build of pjsip can't be listened to; the message says what differs."""


class RingView:
    """The buffer of one writer and the count of bytes written into it, where they are in memory."""

    def __init__(self, buffer: int, total: int) -> None:
        """Take the addresses of both."""
        self._bytes = memoryview((ctypes.c_ubyte * RING_BYTES).from_address(buffer))
        self._total = ctypes.c_size_t.from_address(total)

    def written(self) -> int:
        """Return how many bytes were written since the start."""
        return self._total.value

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from number `start` to before `end`; the ring must still hold them."""
        first, last = start % RING_BYTES, end % RING_BYTES
        if start == end:
            return b""
        if first < last or not last:
            return bytes(self._bytes[first : last or RING_BYTES])
        return bytes(self._bytes[first:]) + bytes(self._bytes[:last])


def find_ring(writer: int, write: Callable[[bytes], None]) -> RingView:
    """Return where the ring of a new writer is; `write` must write a frame into it.

    Its place is not promised by pjsip, so it is looked for: the length of the buffer, its address
    twice (its beginning, and where the next frame goes), and the count. A frame is then written
    and must be found there, and the count must have grown by it; else CaptureError is raised.
    """
    words = (ctypes.c_size_t * _SEARCHED_WORDS).from_address(writer)
    for place in range(_SEARCHED_WORDS - 3):
        length, begin, position, count = words[place : place + 4]
        if length == RING_BYTES and begin == position and begin and count == 0:
            ring = RingView(begin, writer + (place + 3) * _WORD)
            break
    else:
        raise CaptureError("the buffer of a WAV writer is not where it is expected")
    probe = bytes(range(256)) + bytes(FRAME_BYTES - 256)
    for frame in (probe, SILENCE):
        before = ring.written()
        write(frame)
        if ring.written() != before + FRAME_BYTES or ring.read(before, ring.written()) != frame:
            raise CaptureError("what a WAV writer is given is not found in its buffer")
    return ring


class Ear:
    """What has arrived at one place of the bridge since it was last asked."""

    def __init__(self, ring: RingView, slot: int) -> None:
        self.slot = slot
        """Its number on the bridge."""
        self._ring = ring
        self._read = ring.written()

    def pending(self) -> int:
        """Return how many frames wait to be taken."""
        return (self._ring.written() - self._read) // FRAME_BYTES

    def skip(self) -> None:
        """Forget what has arrived so far."""
        self._read = self._ring.written()

    def take(self, frames: int) -> bytes:
        """Return the next frames, at most so many; those that were overwritten are silent."""
        end = self._read + min(frames, self.pending()) * FRAME_BYTES
        # The frame that is being written now overwrites the oldest one.
        oldest = max(self._read, self._ring.written() - RING_BYTES + FRAME_BYTES)
        lost = min(end, oldest) - self._read
        sound = bytes(lost) + self._ring.read(self._read + lost, end)
        self._read = end
        return sound
