from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.pcm import seconds
from audio.wav import read_wav
from tts.cache import Cache
from tts.engine import Engine
from tts.service import SynthesizerHandle, start_synthesizer
from tts.speaker import Speaker
from tts.speech import PLAIN, SpeechError, Voice, VoiceEngine

pytestmark = pytest.mark.tts
HANGS_SECONDS = 120.0
"""What takes longer hangs, however busy the machine is."""


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, cache_dir: Path
) -> Iterator[SynthesizerHandle]:
    directory = tmp_path_factory.mktemp("tts")
    handle = start_synthesizer(
        directory, directory / "socket", cache_dir, sentence_seconds=HANGS_SECONDS
    )
    yield handle
    handle.stop()
    assert not handle.is_alive()


@pytest.fixture
def speaker(service: SynthesizerHandle, cache_dir: Path) -> Speaker:
    return speaker_of(service, cache_dir)


def speaker_of(service: SynthesizerHandle, cache_dir: Path, voice: Voice | None = None) -> Speaker:
    return Speaker(service.socket, Cache(cache_dir), voice, HANGS_SECONDS, HANGS_SECONDS)


def test_a_sentence_becomes_a_telephone_wav_once(speaker: Speaker) -> None:
    first = asyncio.run(speaker.wav("您好,请问您明天方便收件吗?"))
    assert 1.5 < seconds(read_wav(first)) < 6
    made = first.stat().st_ino
    assert asyncio.run(speaker.wav("您好,请问您明天方便收件吗?")).stat().st_ino == made


def test_many_callers_of_one_sentence_get_one_sound(speaker: Speaker) -> None:
    async def together() -> set[Path]:
        return set(await asyncio.gather(*(speaker.wav("好的,再见。") for _ in range(20))))

    assert len(asyncio.run(together())) == 1


def test_what_cannot_be_said_is_named(speaker: Speaker) -> None:
    with pytest.raises(SpeechError, match=r"U\+1F600"):
        asyncio.run(speaker.wav("好\U0001f600"))


@pytest.mark.parametrize("name", ["zh", "cmn", "nobody"])
def test_an_unknown_voice_is_an_error_and_the_next_job_is_right(
    service: SynthesizerHandle, cache_dir: Path, speaker: Speaker, name: str
) -> None:
    with pytest.raises(SpeechError, match="no voice"):
        asyncio.run(speaker_of(service, cache_dir, Voice(name=name)).wav("您好。"))
    assert seconds(read_wav(asyncio.run(speaker.wav(f"您好,{name}。")))) > 0.5


def test_english_has_its_own_voice(service: SynthesizerHandle, cache_dir: Path) -> None:
    english = speaker_of(service, cache_dir, Voice("en-US", "gmw/en-us"))
    assert seconds(read_wav(asyncio.run(english.wav("Your parcel arrives at 14:30.")))) > 1


def test_a_killed_engine_is_replaced_without_the_caller_noticing(
    service: SynthesizerHandle, speaker: Speaker
) -> None:
    for engine in children(service.pid):
        os.kill(engine, signal.SIGKILL)
    assert asyncio.run(speaker.wav("这是新的一句话。")).exists()


def children(pid: int) -> list[int]:
    """Return the engines of a service; its resource tracker isn't one."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for task in listed for child in task.read_text().split()]
    return [
        child
        for child in found
        if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def test_without_a_service_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="not running"):
        asyncio.run(Speaker(tmp_path / "none", Cache(tmp_path), restart_seconds=0.0).wav("您好。"))


def test_a_missing_voice_is_known_before_the_first_call(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="no voice 'nobody'"):
        start_synthesizer(
            tmp_path, tmp_path / "socket", tmp_path / "cache", (Voice(name="nobody"),)
        )


def test_a_hung_engine_is_killed_and_the_next_sentence_is_said(tmp_path: Path) -> None:
    others = set(children(os.getpid()))
    engine = Engine(VoiceEngine.PYTTSX3, tmp_path)
    try:
        engine.make("您好。", Voice(), PLAIN, HANGS_SECONDS)
        (speaking,) = set(children(os.getpid())) - others
        os.kill(speaking, signal.SIGSTOP)
        with pytest.raises(SpeechError, match="hung"):
            engine.make("再见。", Voice(), PLAIN, 0.1)
        assert Path(engine.make("好的。", Voice(), PLAIN, HANGS_SECONDS)).exists()
    finally:
        engine.end()


def test_a_sentence_is_waited_for_as_long_as_was_said(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="can't start: the speech engine hung"):
        start_synthesizer(tmp_path, tmp_path / "socket", tmp_path / "cache", sentence_seconds=0.0)
