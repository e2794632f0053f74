"""A recipient's mouth and fingers: one RTP payload every 20 ms, without a gap. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import lru_cache

from audio.g711 import Law, encode, level_dbfs
from audio.pcm import frames
from dialer.callee.rtp import key_payloads

GAP_BETWEEN_KEYS = 5
"""Frames of line noise after a key: 100 ms."""
_SPOKEN_BELOW_PEAK_DB = 30.0
_SOUNDS_KEPT = 256


@dataclass(frozen=True, slots=True)
class Sending:
    """What goes out in one 20 ms slot."""

    payload: bytes
    key_started_frames_ago: int | None = None
    """Set for telephone events: how many slots ago the key went down (its RTP timestamp)."""
    first_word: bool = False
    """The first frame of a clip in which something is heard, or of a row of keys."""
    last_word: bool = False
    """The last one."""


class Mouth:
    """What is still to be sent; line noise when there is nothing."""

    def __init__(self, noise: bytes, law: Law) -> None:
        self._law = law
        self._noise = _payloads(noise, law)
        self._noise_position = 0
        self._queue: deque[Sending] = deque()

    @property
    def busy(self) -> bool:
        """Tell whether a clip or a key is still going out."""
        return bool(self._queue)

    def say(self, pcm: bytes) -> None:
        """Speak a clip after what is already going out."""
        payloads = _payloads(pcm, self._law)
        levels = [level_dbfs(payload, self._law) for payload in payloads]
        audible = max(levels) - _SPOKEN_BELOW_PEAK_DB
        spoken = [number for number, level in enumerate(levels) if level > audible]
        self._queue.extend(
            Sending(
                payload,
                first_word=number == spoken[0],
                last_word=number == spoken[-1],
            )
            for number, payload in enumerate(payloads)
        )

    def pause(self, count: int) -> None:
        """Send so many frames of line noise before what comes next."""
        self._queue.extend(Sending(self._next_noise()) for _ in range(count))

    def press(self, digits: str) -> None:
        """Press keys one after the other; nothing is said meanwhile."""
        last_key = len(digits) - 1
        for position, digit in enumerate(digits):
            payloads = list(key_payloads(digit))
            for number, payload in enumerate(payloads):
                self._queue.append(
                    Sending(
                        payload,
                        key_started_frames_ago=number,
                        first_word=position == number == 0,
                        last_word=position == last_key and number == len(payloads) - 1,
                    )
                )
            self.pause(GAP_BETWEEN_KEYS)

    def next_slot(self) -> Sending:
        """Return what goes out now."""
        return self._queue.popleft() if self._queue else Sending(self._next_noise())

    def _next_noise(self) -> bytes:
        payload = self._noise[self._noise_position]
        self._noise_position = (self._noise_position + 1) % len(self._noise)
        return payload


@lru_cache(maxsize=_SOUNDS_KEPT)
def _payloads(pcm: bytes, law: Law) -> tuple[bytes, ...]:
    return tuple(encode(frame, law) for frame in frames(pcm))
