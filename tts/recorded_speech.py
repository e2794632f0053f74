"""Speech from recordings, with what changes from call to call synthesised between them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from audio.wav import WavError, read_wav
from tts.cache import Cache
from tts.joining import Sound, joined
from tts.recordings import Recording, Recordings
from tts.speech import PLAIN, Manner, Piece, Speech, Voice

_log = logging.getLogger(__name__)

Spoken = Recording | str
"""A stretch of a sentence: recorded, or text to synthesise."""


class RecordedSpeech:
    """Speech that says with recordings what was recorded; the rest is another's."""

    def __init__(
        self, synthesis: Speech, recordings: Recordings, cache: Cache, voice: Voice
    ) -> None:
        self._synthesis = synthesis
        self._recordings = recordings
        self._cache = cache
        self._voice = voice

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Return the telephone WAV of one sentence; raises SpeechError.

        A recording that can't be read is noted in the log, and the sentence synthesised.
        """
        spoken = self._spoken(pieces)
        if not any(isinstance(stretch, Recording) for stretch in spoken):
            return await self._synthesis.wav(text, manner)
        if manner == PLAIN and len(spoken) == 1 and isinstance(spoken[0], Recording):
            path = spoken[0].path
            if path.is_file():
                return path
        name = "".join(_named(stretch) for stretch in spoken)
        found = self._cache.find(name, self._voice, manner)
        if found is not None:
            return found
        try:
            return await self._join(name, spoken, manner)
        except (OSError, WavError) as error:
            _log.warning("a recording can't be used (%s); the sentence is synthesised", error)
            return await self._synthesis.wav(text, manner)

    def _spoken(self, pieces: Sequence[Piece]) -> list[Spoken]:
        """Return the sentence in stretches; what is synthesised side by side is one of them."""
        spoken: list[Spoken] = []
        for piece in pieces:
            recording = self._recordings.find(self._voice.language, piece) if piece.clip else None
            if recording is not None:
                spoken.append(recording)
            elif spoken and isinstance(spoken[-1], str):
                spoken[-1] += piece.text
            else:
                spoken.append(piece.text)
        return [
            stretch
            for stretch in spoken
            if isinstance(stretch, Recording) or any(char.isalnum() for char in stretch)
        ]

    async def _join(self, name: str, spoken: Sequence[Spoken], manner: Manner) -> Path:
        slow = Manner(slow=manner.slow)  # the level is that of the whole sentence
        sounds = []
        for stretch in spoken:
            if isinstance(stretch, Recording):
                pcm = await asyncio.to_thread(read_wav, stretch.path)
                sounds.append(Sound(pcm, stretch.says, recorded=True))
            else:
                path = await self._synthesis.wav(stretch, slow)
                sounds.append(Sound(read_wav(path), stretch, recorded=False))
        pcm = await asyncio.to_thread(joined, sounds, manner)
        synthetic = any(isinstance(stretch, str) for stretch in spoken)
        return self._cache.store(name, self._voice, pcm, manner, synthetic=synthetic)


def _named(stretch: Spoken) -> str:
    return f"[{stretch.digest}]" if isinstance(stretch, Recording) else stretch
