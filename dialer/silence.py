"""A WAV of silence without a place on disk, to follow what is played."""

from __future__ import annotations

import io
import os
import wave

from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE, silence

TAIL_SECONDS = 30.0
"""Far longer than a busy SIP thread takes to notice that a playback is over."""


class SilentTail:
    """Silence that pjsip reads by a path, for as long as this object lives.

    A player that comes to its end tells a thread of pjsip's, which crashes if the player is
    destroyed meanwhile. So no player ever comes to its end: each is followed by this silence
    and destroyed within it.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("silence.wav")
        content = io.BytesIO()
        with wave.open(content, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(SAMPLE_BYTES)
            wav.setframerate(SAMPLE_RATE)
            wav.writeframes(silence(TAIL_SECONDS))
        os.write(self._file, content.getvalue())
        self.path = f"/proc/self/fd/{self._file}"
