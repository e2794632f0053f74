"""`menling rehearse --microphone` on a sound device made of files, with real ears and a voice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from audio.pcm import silence
from audio.wav import read_stereo
from audio_fixtures.clips import clip_sound

CONFIGURATION = """\
pcm.nothing {{ type null }}
pcm.heard {{
    type file slave.pcm nothing format raw file "/dev/null" infile "{folder}/in.raw"
}}
pcm.said {{ type file slave.pcm nothing format raw file "{folder}/out.raw" }}
pcm.both {{ type asym playback.pcm said capture.pcm heard }}
pcm.!default {{ type asym playback.pcm said capture.pcm heard }}
"""
STATION = Path(__file__).parents[1] / "station-pickup.zh-CN.yaml"
GREETING_AND_QUESTION_SECONDS = 11.0


@pytest.mark.slow
@pytest.mark.vosk
@pytest.mark.tts
def test_a_conversation_is_held_with_a_microphone_and_a_speaker(
    tmp_path: Path, calls_folder: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (calls_folder / "speech").mkdir(exist_ok=True)
    (data / "speech").symlink_to(calls_folder / "speech")
    (tmp_path / "asound.conf").write_text(CONFIGURATION.format(folder=tmp_path))
    answer = clip_sound("lin/keyi_de")
    said = silence(GREETING_AND_QUESTION_SECONDS) + answer + silence(20.0)
    (tmp_path / "in.raw").write_bytes(said)
    done = subprocess.run(
        [
            sys.executable, "-c", "from console.cli import app; app()", "rehearse", str(STATION),
            "--microphone", "--recording", str(tmp_path / "call.wav"),
        ],
        env={
            **os.environ,
            "ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"),
            "MENLING_PATHS__DATA_DIR": str(data),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "门铃: 您今天来取吗?" in done.stdout
    assert "你: 可以的  (yes" in done.stdout
    assert "走向: opening → see_you (挂机)" in done.stdout
    assert "结果: 已确认 (confirmed)" in done.stdout
    callee, menling = read_stereo(tmp_path / "call.wav")
    assert answer[:8000] in callee
    assert any(menling)
    assert menling.strip(b"\0")[:8000] in (tmp_path / "out.raw").read_bytes()
