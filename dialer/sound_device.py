"""A microphone and a speaker of this computer, 20 ms of telephone sound at a time."""

from __future__ import annotations

from typing import Protocol

from audio.pcm import Frame


class SoundDeviceError(Exception):
    """There is no usable microphone or speaker; the message says what to do."""


class SoundDevice(Protocol):
    """What a leg on a sound device needs; used by one thread."""

    def read(self) -> Frame:
        """Wait for the next 20 ms of the microphone; raises SoundDeviceError when it is gone."""

    def write(self, frame: Frame) -> None:
        """Play 20 ms, waiting while the device is full; raises SoundDeviceError when it is gone."""

    def close(self) -> None:
        """Give the device back."""


class ScriptedDevice:
    """Stand-in without hardware: a microphone that holds `heard`, and then silence for ever."""

    def __init__(self, *heard: Frame, silence: Frame) -> None:
        self._heard = list(heard)
        self._silence = silence
        self.played: list[Frame] = []
        """What came out of the speaker."""
        self.is_closed = False

    def read(self) -> Frame:
        """Return the next frame at once."""
        return self._heard.pop(0) if self._heard else self._silence

    def write(self, frame: Frame) -> None:
        """Keep a frame."""
        self.played.append(frame)

    def close(self) -> None:
        """Take note."""
        self.is_closed = True
