"""Speech for conversations: the synthesis process with its cache, and a stand-in without either."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from time import monotonic

import numpy as np

from audio.pcm import SAMPLE_RATE
from tts.cache import Cache
from tts.loudness import level_for
from tts.prompts import spoken_seconds
from tts.service import request_line
from tts.shaping import telephone
from tts.speech import PLAIN, Manner, Piece, SpeechError, Voice
from tts.stretch import SLOW_RATE

_PATIENCE_SECONDS = 20.0
_RESTART_SECONDS = 5.0
"""How long a speaker looks for the synthesis process; starting another one takes 1 to 2 s."""
_LOOK_AGAIN_SECONDS = 0.05


class Speaker:
    """Speaks with one voice: from the cache at once, else from the synthesis process.

    A sentence is waited for `patience_seconds`, a process that is away `restart_seconds` of them.
    """

    def __init__(
        self,
        socket: Path,
        cache: Cache,
        voice: Voice | None = None,
        patience_seconds: float = _PATIENCE_SECONDS,
        restart_seconds: float = _RESTART_SECONDS,
    ) -> None:
        self._socket = socket
        self._cache = cache
        self._voice = voice or Voice()
        self._patience_seconds = patience_seconds
        self._restart_seconds = restart_seconds

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Return the telephone WAV of one sentence, all of it synthesised; raises SpeechError."""
        found = self._cache.find(text, self._voice, manner)
        if found is not None:
            return found
        try:
            async with asyncio.timeout(self._patience_seconds):
                return await self._ask(text, manner)
        except TimeoutError as error:
            raise SpeechError(
                f"speech synthesis gave no answer in {self._patience_seconds:g} s; "
                "look at its log, tts.log"
            ) from error

    async def _ask(self, text: str, manner: Manner) -> Path:
        give_up = monotonic() + self._restart_seconds
        while True:
            try:
                line = await self._request(text, manner)
            except OSError as error:
                if monotonic() > give_up:
                    raise SpeechError(
                        f"speech synthesis is not running ({error}); start it with the engine"
                    ) from error
            else:
                break
            # Nothing tells when a process that died was replaced: look again until it is there.
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        reply: dict[str, str] = json.loads(line)
        if "error" in reply:
            raise SpeechError(reply["error"])
        return Path(reply["wav"])

    async def _request(self, text: str, manner: Manner) -> bytes:
        """Return the answer of the process; raises OSError when it is away or dies meanwhile."""
        reader, writer = await asyncio.open_unix_connection(self._socket)
        with closing(writer):
            writer.write(request_line(text, self._voice, manner))
            await writer.drain()
            line = await reader.readline()
        if not line:
            raise ConnectionResetError("it ended before it answered")
        return line


class LocalSpeaker:
    """Stand-in without an engine: hums for as long as the text would take; always the same.

    It is for conversations in virtual time and for rehearsals; nobody understands it.
    """

    def __init__(self, directory: Path, voice: Voice | None = None) -> None:
        self._cache = Cache(directory)
        self._voice = voice or Voice(name="hum")

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Return a WAV of plausible length; raises SpeechError when there is nothing to say."""
        if not any(char.isalnum() for char in text):
            raise SpeechError(f"there is nothing to say in {text!r}")
        found = self._cache.find(text, self._voice, manner)
        return found or self._cache.store(
            text, self._voice, hum(text, manner), manner, synthetic=False
        )


def hum(text: str, manner: Manner = PLAIN) -> bytes:
    """Return telephone sound that rises and falls like the text's syllables, without words."""
    pace = SLOW_RATE if manner.slow else 1.0
    length = round(max(spoken_seconds(text), 0.2) / pace * SAMPLE_RATE)
    seed = int.from_bytes(sha256(text.encode()).digest()[:8], "little")
    random = np.random.default_rng(seed)
    at = np.arange(length) / SAMPLE_RATE
    pitch = 2 * np.pi * 140 * at + 2 * np.sin(2 * np.pi * 1.3 * at)
    voiced = sum(np.sin(n * pitch) / n for n in range(1, 9))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4.5 * at)
    sound = (voiced + 0.3 * random.standard_normal(length)) * syllables
    loudness = level_for(loud=manner.loud)
    return telephone((sound * 4000).astype("<i2").tobytes(), SAMPLE_RATE, loudness)
