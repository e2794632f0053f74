"""The synthesis process under watch, with the real engine."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from audio.pcm import seconds
from audio.wav import read_wav
from campaigns.synthesis_watch import KeptSynthesizer
from tts.cache import Cache
from tts.speaker import Speaker
from tts.speech import SpeechError, Voice

pytestmark = pytest.mark.tts
HANGS_SECONDS = 120.0
"""What takes longer hangs, however busy the machine is."""


def kept_in(folder: Path, told: asyncio.Queue[str], voice: Voice) -> KeptSynthesizer:
    return KeptSynthesizer(folder, folder / "s.sock", folder / "cache", (voice,), told.put_nowait)


def speaker_of(kept: KeptSynthesizer, folder: Path) -> Speaker:
    cache = Cache(folder / "cache")
    return Speaker(kept.socket, cache, None, HANGS_SECONDS, HANGS_SECONDS)


def test_a_killed_synthesiser_is_replaced_and_speaks_again(tmp_path: Path) -> None:
    async def kill_and_speak() -> None:
        told: asyncio.Queue[str] = asyncio.Queue(10)
        kept = kept_in(tmp_path, told, Voice())
        await kept.start()
        try:
            first = kept.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            assert "died" in await told.get()
            assert "is back" in await told.get()
            assert kept.pid not in (None, first)
            speaker = speaker_of(kept, tmp_path)
            assert seconds(read_wav(await speaker.wav("门铃又能说话了。"))) > 0.8
        finally:
            await kept.stop()
        assert kept.pid is None
        assert told.empty()
        await kept.stop()

    asyncio.run(asyncio.wait_for(kill_and_speak(), HANGS_SECONDS))


def test_a_call_that_needs_a_sentence_meanwhile_waits_for_the_replacement(tmp_path: Path) -> None:
    async def kill_and_ask() -> None:
        kept = kept_in(tmp_path, asyncio.Queue(10), Voice())
        await kept.start()
        try:
            os.kill(kept.pid or 0, signal.SIGKILL)
            speaker = speaker_of(kept, tmp_path)
            assert seconds(read_wav(await speaker.wav("请您稍等。"))) > 0.5
        finally:
            await kept.stop()

    asyncio.run(asyncio.wait_for(kill_and_ask(), HANGS_SECONDS))


def test_stopping_while_it_is_being_replaced_leaves_no_process(tmp_path: Path) -> None:
    async def kill_and_stop() -> None:
        told: asyncio.Queue[str] = asyncio.Queue(10)
        kept = kept_in(tmp_path, told, Voice())
        await kept.start()
        os.kill(kept.pid or 0, signal.SIGKILL)
        assert "died" in await told.get()
        await kept.stop()
        assert kept.pid is None
        assert not kept.socket.exists()

    asyncio.run(asyncio.wait_for(kill_and_stop(), HANGS_SECONDS))


def test_a_voice_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    async def start() -> None:
        await kept_in(tmp_path, asyncio.Queue(10), Voice(name="nobody")).start()

    with pytest.raises(SpeechError, match="nobody"):
        asyncio.run(asyncio.wait_for(start(), HANGS_SECONDS))
