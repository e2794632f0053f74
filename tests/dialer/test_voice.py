from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from audio.pcm import FRAME_BYTES, SILENCE, Frame
from audio.wav import HEADER_BYTES
from dialer.capture import CaptureError
from dialer.voice import (
    RING_BYTES,
    RING_FRAMES,
    SilentFile,
    Voice,
    VoicePort,
    find_player,
)

WORDS = 80


class PlayerInMemory:
    """A WAV player as pjmedia lays it out: length, buffer, position in it; it plays for ever."""

    def __init__(self, file: SilentFile, place: int = 45) -> None:
        self._path = Path(file.path)
        self._buffer = ctypes.create_string_buffer(RING_BYTES)
        self._begin = ctypes.addressof(self._buffer)
        self._words = (ctypes.c_size_t * (WORDS + 4))()
        self._place = place
        self._words[place : place + 3] = [RING_BYTES, self._begin, self._begin]
        self.address = ctypes.addressof(self._words)
        self.deaf = False

    def play(self) -> Frame:
        at = self._words[self._place + 2] - self._begin
        frame = self._buffer.raw[at : at + FRAME_BYTES]
        at = (at + FRAME_BYTES) % RING_BYTES
        if at == 0:
            self._buffer.raw = self._path.read_bytes()[HEADER_BYTES:]
        self._words[self._place + 2] = self._begin + at
        return SILENCE if self.deaf else frame


def frame(number: int) -> Frame:
    return (number + 1).to_bytes(2, "little") * (FRAME_BYTES // 2)


def voice_of(player: PlayerInMemory, file: SilentFile) -> Voice:
    return Voice(VoicePort(find_player(player.address, file, player.play), file, slot=7))


@pytest.fixture
def file() -> SilentFile:
    return SilentFile()


@pytest.fixture
def player(file: SilentFile) -> PlayerInMemory:
    return PlayerInMemory(file)


def test_what_is_spoken_is_played_with_the_next_tick_and_once(
    player: PlayerInMemory, file: SilentFile
) -> None:
    voice = voice_of(player, file)
    heard = []
    for number in range(3 * RING_FRAMES):
        voice.speak(frame(number))
        heard.append(player.play())
    assert heard == [frame(number) for number in range(3 * RING_FRAMES)]
    for _ in range(2 * RING_FRAMES):
        assert player.play() == SILENCE
        voice.follow()


@pytest.mark.parametrize("before", range(RING_FRAMES - 6, RING_FRAMES + 2))
def test_a_bunch_is_played_in_order_wherever_the_ring_ends_and_nothing_comes_again(
    player: PlayerInMemory, file: SilentFile, before: int
) -> None:
    voice = voice_of(player, file)
    for _ in range(before):
        player.play()
        voice.follow()
    for number in range(4):
        voice.speak(frame(number))
    heard = []
    for _ in range(3 * RING_FRAMES):
        heard.append(player.play())
        voice.follow()
    assert heard == [*map(frame, range(4)), *[SILENCE] * (3 * RING_FRAMES - 4)]


@pytest.mark.parametrize("before", [0, RING_FRAMES - 3])
def test_what_the_last_call_did_not_hear_the_next_one_does_not_hear_either(
    player: PlayerInMemory, file: SilentFile, before: int
) -> None:
    voice = voice_of(player, file)
    for _ in range(before):
        player.play()
    for number in range(4):
        voice.speak(frame(number))
    voice.close()
    voice.speak(frame(9))
    following = Voice(voice.port)
    following.speak(SILENCE)
    assert {player.play() for _ in range(2 * RING_FRAMES)} == {SILENCE}


def test_a_player_laid_out_otherwise_is_refused(file: SilentFile) -> None:
    with pytest.raises(CaptureError, match="not where it is expected"):
        voice_of(PlayerInMemory(file, place=WORDS), file)


def test_a_player_that_plays_something_else_is_refused(
    player: PlayerInMemory, file: SilentFile
) -> None:
    player.deaf = True
    with pytest.raises(CaptureError, match="is not played"):
        voice_of(player, file)
