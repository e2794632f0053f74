"""What people say into a call, played by pjsip itself, frame by frame.

A WAV player of pjmedia keeps its file in a buffer, plays it, and at the end reads the file again. A
file of silence that fits into the buffer makes a ring that is silent for ever, unless somebody
writes a frame into the buffer before it is played: no Python runs on the media thread, and it
never waits for a lock.

    buffer | played | read next | to be written | ...      filled with silence at each turn
                      ^ position, which pjsip moves on

A frame beyond the end of the buffer is written into the file too, because the buffer is filled from
it before the frame is due; afterwards the file is silent again.
"""

from __future__ import annotations

import ctypes
import io
import mmap
import os
import threading
import wave
from collections.abc import Callable
from dataclasses import dataclass

from audio.level import dbfs
from audio.pcm import FRAME_BYTES, SAMPLE_BYTES, SAMPLE_RATE, SILENCE, Frame
from audio.wav import HEADER_BYTES
from dialer.capture import CaptureError
from dialer.playout import Playout

RING_FRAMES = 150
RING_BYTES = RING_FRAMES * FRAME_BYTES
QUIET_DBFS = -50.0
"""A frame below this is nobody's word."""

_WORD = ctypes.sizeof(ctypes.c_size_t)
_SEARCHED_WORDS = 80
_HALF = 0xFFFFFFFF


class SilentFile:
    """A WAV of silence in memory, which pjsip reads by a path and we may write into."""

    def __init__(self) -> None:
        content = io.BytesIO()
        with wave.open(content, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(SAMPLE_BYTES)
            wav.setframerate(SAMPLE_RATE)
            wav.writeframes(bytes(RING_BYTES))
        file = os.memfd_create("voice.wav")
        os.write(file, content.getvalue())
        self._map = mmap.mmap(file, HEADER_BYTES + RING_BYTES)
        self.path = f"/proc/self/fd/{file}"

    def write(self, cell: int, frame: Frame) -> None:
        """Put a frame at that place of the ring."""
        start = HEADER_BYTES + cell * FRAME_BYTES
        self._map[start : start + FRAME_BYTES] = frame


class PlayerView:
    """The buffer of one WAV player and its position in it, where they are in memory."""

    def __init__(self, buffer: int, position: int) -> None:
        """Take the addresses of both."""
        self._buffer = buffer
        self._position = ctypes.c_size_t.from_address(position)

    def cell(self) -> int:
        """Return the number of the frame that is played next."""
        return (self._position.value - self._buffer) // FRAME_BYTES

    def write(self, cell: int, frame: Frame) -> None:
        """Put a frame at that place of the ring."""
        ctypes.memmove(self._buffer + cell * FRAME_BYTES, frame, FRAME_BYTES)

    def silence(self) -> None:
        """Forget all that was written."""
        ctypes.memset(self._buffer, 0, RING_BYTES)


def find_player(player: int, file: SilentFile, read: Callable[[], Frame]) -> PlayerView:
    """Return where the buffer of a new player of `file` is; `read` must play a frame of it.

    Its place is not promised by pjsip, so it is looked for: the length of the buffer, then its
    address twice (its beginning, and where the next frame comes from). The ring is then played
    once: what is written into the buffer and, beyond its end, into the file must be played, and
    nothing of it twice; else CaptureError is raised.
    """
    words = (ctypes.c_size_t * _SEARCHED_WORDS).from_address(player)
    for place in range(1, _SEARCHED_WORDS - 1):
        length, begin, position = words[place - 1 : place + 2]
        if RING_BYTES in (length & _HALF, length >> 32) and begin == position and begin:
            view = PlayerView(begin, player + (place + 1) * _WORD)
            break
    else:
        raise CaptureError("the buffer of a WAV player is not where it is expected")
    probe = bytes(range(256)) + bytes(FRAME_BYTES - 256)
    view.write(0, probe)
    view.write(RING_FRAMES - 1, probe)
    file.write(0, probe)
    played = [read() for _ in range(RING_FRAMES + 1)]
    file.write(0, SILENCE)
    expected = [probe, *[SILENCE] * (RING_FRAMES - 2), probe, probe]
    if played != expected or view.cell() != 1:
        raise CaptureError("what is written into the buffer of a WAV player is not played")
    return view


@dataclass(frozen=True, slots=True)
class VoicePort:
    """A place of the bridge to speak from, used by one voice after the other."""

    view: PlayerView
    file: SilentFile
    slot: int
    """Its number on the bridge."""


class Voice:
    """What people say in one call, from any thread; nothing of the call before is heard."""

    def __init__(self, port: VoicePort) -> None:
        self.port = port
        self._lock = threading.Lock()
        self._playout = Playout()
        self._read = self._cell = port.view.cell()
        """How many frames were played; the remainder is the cell."""
        self._beyond: list[int] = []
        """Places of frames that were written into the file."""
        self._is_closed = False
        port.view.silence()

    def speak(self, frame: Frame) -> None:
        """Let a frame be heard as soon as those before it have been."""
        with self._lock:
            if self._is_closed:
                return
            self._follow()
            quiet = self._playout.could_be_shorter and dbfs(frame) < QUIET_DBFS
            place = self._playout.place(self._read, quiet=quiet)
            if place is not None:
                self._write(place, frame)

    def follow(self) -> None:
        """See how far pjsip has come; to be called more often than the ring goes round."""
        with self._lock:
            self._follow()

    def close(self) -> None:
        """Forget what was spoken and not yet heard; nothing more is spoken."""
        with self._lock:
            self._is_closed = True
            for place in self._beyond:
                self.port.file.write(place % RING_FRAMES, SILENCE)
            self._beyond.clear()
            self.port.view.silence()

    def _write(self, place: int, frame: Frame) -> None:
        cell = place % RING_FRAMES
        if cell < self._cell:
            self.port.file.write(cell, frame)
            self._beyond.append(place)
        self.port.view.write(cell, frame)

    def _follow(self) -> None:
        cell = self.port.view.cell()
        self._read += (cell - self._cell) % RING_FRAMES
        self._cell = cell
        while self._beyond and self._beyond[0] <= self._read:
            self.port.file.write(self._beyond.pop(0) % RING_FRAMES, SILENCE)
