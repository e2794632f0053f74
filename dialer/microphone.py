"""The sound device of this computer through PortAudio; the only importer of pyaudio."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pyaudio

from audio.pcm import FRAME_SAMPLES, SAMPLE_RATE, SILENCE, Frame
from audio.rates import Lowering, Raising, factor_of
from dialer.sound_device import SoundDeviceError

STDERR = 2
"""The file descriptor: the libraries in C know no sys.stderr."""
RATES = (SAMPLE_RATE, 16_000, 48_000, 32_000)
"""Tried in this order; the first that both ends take is used."""
FRAMES_IN_HAND = 3
"""Played before the first word, so that a late frame leaves no gap."""
FRAMES_BEHIND = 5
"""A live microphone that is further behind skips to what is said now."""
_ADVICE = (
    "Plug in a headset, look with `arecord -l` whether it is there, or name another device with "
    "--device."
)


class Microphone:
    """Microphone and speaker at telephone rate; blocks until sound is there or taken."""

    def __init__(self, device: str = "", *, live: bool = False) -> None:
        """`device` is a part of a device's name; empty: the default one.

        `live`: sound that waited for more than 100 ms is never returned, whatever held it up.
        Raises SoundDeviceError when there is none or it can't be opened.
        """
        self._engine = _engine()
        try:
            index = None if not device else self._index(device)
            with _without_chatter():
                self._rate, self._input, self._output = self._open(index)
        except BaseException:
            self._engine.terminate()
            raise
        self._samples = FRAME_SAMPLES * factor_of(self._rate)
        self._live = live
        self._lowering, self._raising = Lowering(self._rate), Raising(self._rate)
        for _ in range(FRAMES_IN_HAND):
            self.write(SILENCE)

    @property
    def rate(self) -> int:
        """Samples per second of the device itself."""
        return self._rate

    def read(self) -> Frame:
        """Wait for the next 20 ms; sound that nobody took in time is lost."""
        with _plainly():
            if self._live:
                self._skip_what_is_old()
            pcm = self._input.read(self._samples, exception_on_overflow=False)
        return self._lowering.lower(pcm)

    def write(self, frame: Frame) -> None:
        """Play 20 ms, waiting while the device is full."""
        with _plainly():
            self._output.write(self._raising.raised(frame), self._samples)

    def close(self) -> None:
        """Give the device back; what was written is played out."""
        with _plainly():
            for stream in (self._input, self._output):
                stream.stop_stream()
                stream.close()
        self._engine.terminate()

    def _skip_what_is_old(self) -> None:
        waiting = self._input.get_read_available()
        if waiting > FRAMES_BEHIND * self._samples:
            self._input.read(waiting - self._samples, exception_on_overflow=False)

    def _index(self, device: str) -> int:
        names = list(_names(self._engine))
        for index, name in enumerate(names):
            if device.lower() in name.lower():
                return index
        known = ", ".join(names) or "none"
        raise SoundDeviceError(f"There is no sound device {device!r}. Devices: {known}.")

    def _open(self, index: int | None) -> tuple[int, pyaudio.Stream, pyaudio.Stream]:
        why = ""
        for rate in RATES:
            size = FRAME_SAMPLES * factor_of(rate)
            try:
                heard = self._engine.open(
                    rate, 1, pyaudio.paInt16, input=True,
                    input_device_index=index, frames_per_buffer=size,
                )  # fmt: skip
            except OSError as error:
                why = str(error)
                continue
            try:
                said = self._engine.open(
                    rate, 1, pyaudio.paInt16, output=True,
                    output_device_index=index, frames_per_buffer=size,
                )  # fmt: skip
            except OSError as error:
                heard.close()
                why = str(error)
                continue
            return rate, heard, said
        raise SoundDeviceError(f"The sound device can't be used ({why}). {_ADVICE}")


def device_names() -> tuple[str, ...]:
    """Return the names of the sound devices of this computer."""
    engine = _engine()
    try:
        return tuple(_names(engine))
    finally:
        engine.terminate()


def _names(engine: pyaudio.PyAudio) -> Iterator[str]:
    for index in range(engine.get_device_count()):
        yield str(engine.get_device_info_by_index(index)["name"])


def _engine() -> pyaudio.PyAudio:
    with _without_chatter():
        return pyaudio.PyAudio()


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep off the screen what ALSA and JACK tell of devices that nobody asked for."""
    kept, nowhere = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDERR)
    try:
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SoundDeviceError(f"The sound device was lost ({error}). {_ADVICE}") from error
