"""A sound device made of files: ALSA's own plugins, no hardware and no kernel module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audio.level import tone
from audio.pcm import silence

CONFIGURATION = """\
pcm.nothing {{ type null }}
pcm.heard {{
    type file slave.pcm nothing format raw file "/dev/null" infile "{folder}/in.raw"
}}
pcm.said {{ type file slave.pcm nothing format raw file "{folder}/out.raw" }}
pcm.both {{ type asym playback.pcm said capture.pcm heard }}
pcm.!default {{ type asym playback.pcm said capture.pcm heard }}
"""
LISTEN = """
import sys, json
from dialer.microphone import Microphone, device_names
device = Microphone(sys.argv[1] if len(sys.argv) > 1 else "")
heard = b"".join(device.read() for _ in range(50))
for frame in range(50):
    device.write(heard[320 * frame : 320 * frame + 320])
device.close()
print(json.dumps({"rate": device.rate, "heard": heard.hex(), "names": device_names()}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a sound device: what is in `in.raw` is heard, `out.raw` is what was said."""
    (tmp_path / "asound.conf").write_text(CONFIGURATION.format(folder=tmp_path))
    (tmp_path / "in.raw").write_bytes(tone(440.0, 1.0, -20.0) + silence(2.0))
    return tmp_path


def with_device(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program that finds this device and no other."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "ALSA_CONFIG_PATH": str(folder / "asound.conf")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_microphone_is_heard_and_the_speaker_is_spoken_to(folder: Path) -> None:
    done = with_device(folder, LISTEN)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["rate"] == 8000
    assert bytes.fromhex(told["heard"]) == tone(440.0, 1.0, -20.0)
    assert tone(440.0, 1.0, -20.0) in (folder / "out.raw").read_bytes()
    assert "both" in told["names"]


def test_a_device_is_found_by_a_part_of_its_name(folder: Path) -> None:
    assert with_device(folder, LISTEN, "BOT").returncode == 0


def test_libraries_in_c_keep_quiet_about_devices_that_nobody_asked_for(folder: Path) -> None:
    assert with_device(folder, LISTEN).stderr == ""


def test_an_unknown_device_is_told_with_those_that_are_there(folder: Path) -> None:
    done = with_device(folder, LISTEN, "headset")
    assert "There is no sound device 'headset'. Devices: " in done.stderr
    assert "both" in done.stderr


def test_a_machine_without_a_sound_device_says_what_to_do(folder: Path) -> None:
    (folder / "asound.conf").write_text("pcm.!default { type hw card 0 }\n")
    done = with_device(folder, LISTEN)
    assert "SoundDeviceError" in done.stderr
    assert "Plug in a headset" in done.stderr
