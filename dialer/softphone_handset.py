"""Microphone and speaker of a softphone, each served by a thread at its own pace."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from audio.level import QUIETEST_DBFS, dbfs, tone
from audio.pcm import SILENCE, Frame, frames, silence
from dialer.softphone_stack import Sounds
from dialer.softphone_state import PhoneState
from dialer.sound_device import SoundDevice, SoundDeviceError
from dialer.webrtc_sound import Reserve

STOP_SECONDS = 2.0
RING = tuple(frames(tone(523.0, 0.2, -24.0) + tone(659.0, 0.3, -24.0) + silence(1.5)))
"""What is heard here while somebody rings."""


class Handset:
    """Speaks into a call and hears it, rings, and shows how loud both sides are."""

    def __init__(self, device: SoundDevice, lost: Callable[[str], None]) -> None:
        """`lost` is told, on a thread of ours, why the device can't be used any more."""
        self.sounds = Sounds(heard=Reserve(), said=Reserve())
        self.state = PhoneState.WAITING
        """What the telephone is doing; set by whoever knows."""
        self.muted = False
        self._device = device
        self._lost = lost
        self._stopping = threading.Event()
        self._meters = _Meters()
        # A microphone that pauses must not keep the speaker waiting, which would fall silent.
        self._threads = tuple(
            threading.Thread(target=self._serve, args=(turn,), name=turn.__name__, daemon=True)
            for turn in (self._listen, self._speak)
        )

    def start(self) -> None:
        """Begin to listen."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Give the device back."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        if not any(thread.is_alive() for thread in self._threads):
            with contextlib.suppress(SoundDeviceError):
                self._device.close()

    def levels(self) -> tuple[float, float]:
        """Return the loudest frame since the last time, in dBFS: of the microphone, the speaker."""
        return self._meters.microphone.read(), self._meters.speaker.read()

    def _serve(self, turn: Callable[[Iterator[Frame]], None]) -> None:
        ring = itertools.cycle(RING)
        try:
            while not self._stopping.is_set():
                turn(ring)
        except SoundDeviceError as error:
            if not self._stopping.is_set():
                self._lost(str(error))

    def _listen(self, _: Iterator[Frame]) -> None:
        frame = self._device.read()
        said = SILENCE if self.muted else frame
        if self.state is PhoneState.TALKING:
            self.sounds.said.add(said)
        else:
            self.sounds.said.clear()
        self._meters.microphone.note(said)

    def _speak(self, ring: Iterator[Frame]) -> None:
        if self.state is PhoneState.RINGING:
            heard = next(ring)
        else:
            heard = self.sounds.heard.take() or SILENCE
        self._device.write(heard)
        self._meters.speaker.note(heard)


class _Meter:
    def __init__(self) -> None:
        self._loudest = QUIETEST_DBFS

    def note(self, frame: Frame) -> None:
        self._loudest = max(self._loudest, dbfs(frame))

    def read(self) -> float:
        loudest, self._loudest = self._loudest, QUIETEST_DBFS
        return loudest


@dataclass(frozen=True, slots=True)
class _Meters:
    microphone: _Meter = field(default_factory=_Meter)
    speaker: _Meter = field(default_factory=_Meter)
