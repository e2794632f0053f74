from __future__ import annotations

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

from audio.pcm import seconds, silence
from audio.wav import read_wav
from tts.cache import Cache, key
from tts.shaping import telephone
from tts.speaker import LocalSpeaker
from tts.speech import SpeechError, Voice


def test_a_stored_sentence_is_found_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.find("您好。", Voice()) is None
    stored = cache.store("您好。", Voice(), silence(1))
    assert cache.find("您好。", Voice()) == stored
    assert cache.find("您好。", Voice(rate=150)) is None


def test_file_names_tell_nothing_of_what_was_said(tmp_path: Path) -> None:
    stored = Cache(tmp_path).store("王小明", Voice(), silence(1))
    assert stored.stem == key("王小明", Voice())
    assert len(stored.stem) == 64


@pytest.mark.parametrize("damage", [b"", b"RIFF", "half"])
def test_a_damaged_sound_is_noticed_and_removed(tmp_path: Path, damage: bytes | str) -> None:
    cache = Cache(tmp_path)
    stored = cache.store("您好。", Voice(), silence(1))
    whole = stored.read_bytes()
    stored.write_bytes(whole[:8000] if isinstance(damage, str) else damage)
    assert cache.find("您好。", Voice()) is None
    assert not stored.exists()


def test_pruning_removes_what_was_not_used_for_longest(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for age, text in enumerate(("新", "旧", "老")):
        os.utime(cache.store(text, Voice(), silence(1)), (1000 - age, 1000 - age))
    cache.find("老", Voice())
    assert cache.prune(2 * 16_700) == 1
    assert cache.find("旧", Voice()) is None
    assert cache.find("老", Voice()) is not None


def test_telephone_sound_is_level_trimmed_and_band_limited() -> None:
    at = np.arange(22050) / 22050
    tone = np.sin(2 * np.pi * 440 * at) * 3000
    quiet = np.zeros(22050)
    pcm = np.concatenate((quiet, tone, quiet)).astype("<i2").tobytes()
    heard = telephone(pcm, 22050)
    samples = np.frombuffer(heard, "<i2") / 32768
    assert seconds(heard) == pytest.approx(1.12, abs=0.05)
    assert 20 * np.log10(np.sqrt(np.mean(samples[400:8000] ** 2))) == pytest.approx(-20, abs=0.7)
    whistle = (np.sin(2 * np.pi * 5000 * at) * 8000 + tone / 300).astype("<i2").tobytes()
    spectrum = np.abs(np.fft.rfft(np.frombuffer(telephone(whistle, 22050), "<i2")))
    assert spectrum.argmax() * 8000 / (2 * spectrum.size) == pytest.approx(440, abs=20)


def test_silence_makes_no_telephone_sound() -> None:
    assert telephone(bytes(44100), 22050) == b""


async def _said(directory: Path, text: str) -> bytes:
    return read_wav(await LocalSpeaker(directory).wav(text))


def test_the_stand_in_speaks_the_same_at_every_time_and_longer_for_longer_text(
    tmp_path: Path,
) -> None:
    once = asyncio.run(_said(tmp_path / "a", "您好。"))
    again = asyncio.run(_said(tmp_path / "b", "您好。"))
    longer = asyncio.run(_said(tmp_path / "b", "您好,请问您明天下午方便吗?"))
    assert once == again
    assert seconds(longer) > 2 * seconds(once)


def test_the_stand_in_refuses_to_say_nothing(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="nothing to say"):
        asyncio.run(_said(tmp_path, "。"))
