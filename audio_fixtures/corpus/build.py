"""Make the sound of every recording in `labels.csv`: `python -m audio_fixtures.corpus`.

To add a recording, add a row with 0 for begin and samples, and build. The same text, voice and id
give the same sound. Needs espeak-ng, flite and festival.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from audio.pcm import FRAME_SAMPLES, SAMPLE_RATE
from audio_fixtures.build import synthesized
from audio_fixtures.clips import Voice
from audio_fixtures.corpus.noises import noise
from audio_fixtures.corpus.recordings import (
    CorpusVoice,
    Engine,
    Kind,
    Recording,
    recordings,
    sound_path,
    voices,
    write_labels,
)
from audio_fixtures.espeak import ESPEAK_RATE, BuildError
from audio_fixtures.line import Samples, at_level, band_limited, generator, trimmed

OPUS_EFFORT = 0.95
"""soundfile's compression level: about 20 kbit/s, and recognition is as good as on the WAV."""
RATE_SPREAD = 0.1
PITCH_SPREAD = 5.0
GAP_SAMPLES = 10 * FRAME_SAMPLES
"""Silence between two recordings, so that the codec does not smear one into the other."""
_PAUSES = str.maketrans({"，": ", ", "。": ". "})


def recording_sound(recording: Recording, voice: CorpusVoice) -> Samples:
    """Return a recording as it enters the telephone line; raises BuildError."""
    if recording.kind is Kind.SOUND:
        return noise(recording.text)
    chance = generator(f"corpus {recording.id}")
    rate = round(voice.rate * (1 + RATE_SPREAD * float(chance.uniform(-1, 1))))
    pitch = round(voice.pitch + PITCH_SPREAD * float(chance.uniform(-1, 1)))
    text = recording.text.translate(_PAUSES)
    match voice.engine, voice.language:
        case Engine.ESPEAK, "zh-CN":
            spoken = synthesized(text, Voice(voice.name, voice.speaker, rate, pitch, 0.0))
            return trimmed(at_level(band_limited(spoken, ESPEAK_RATE)))
        case Engine.ESPEAK, _:
            command = ["espeak-ng", "-v", f"en-us+{voice.speaker}", "-s", str(rate)]
            command += ["-p", str(pitch), text, "-w"]
        case Engine.FLITE, _:
            command = ["flite", "-voice", voice.speaker, "-t", text, "-o"]
        case _:
            command = ["text2wave", "-eval", f"(voice_{voice.speaker})", "-o"]
    spoken, hertz = _said(command, text, stdin=voice.engine is Engine.FESTIVAL)
    return trimmed(at_level(band_limited(spoken, hertz)))


def _said(command: list[str], text: str, stdin: bool) -> tuple[Samples, int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        try:
            subprocess.run(
                [*command, str(path)],
                input=text.encode() if stdin else None,
                capture_output=True,
                check=True,
            )
        except FileNotFoundError as error:
            raise BuildError(
                f"{command[0]} is missing; run: apt-get install espeak-ng flite festival"
            ) from error
        except subprocess.CalledProcessError as error:
            raise BuildError(
                f"{command[0]} refused {text!r}: {error.stderr.decode(errors='replace')}"
            ) from error
        return soundfile.read(io.BytesIO(path.read_bytes()), dtype="float64")


def build() -> tuple[Recording, ...]:
    """Write the sound of all voices and return the labels with where each recording is."""
    by_voice: dict[str, list[Recording]] = defaultdict(list)
    rows = recordings()
    for row in rows:
        by_voice[row.voice].append(row)
    placed: dict[str, Recording] = {}
    known = voices()
    for name, said in by_voice.items():
        parts: list[Samples] = []
        begin = 0
        for row in said:
            sound = recording_sound(row, known[name])
            placed[row.id] = replace(row, begin=begin, samples=len(sound))
            parts += [sound, np.zeros(GAP_SAMPLES)]
            begin += len(sound) + GAP_SAMPLES
        path = sound_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(
            path,
            np.concatenate(parts),
            SAMPLE_RATE,
            format="OGG",
            subtype="OPUS",
            compression_level=OPUS_EFFORT,
        )
    return tuple(placed[row.id] for row in rows)


def main() -> int:
    """Build everything; return the exit status."""
    try:
        rows = build()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    write_labels(rows)
    minutes = sum(row.samples for row in rows) / SAMPLE_RATE / 60
    print(f"{len(rows)} recordings, {minutes:.0f} minutes")
    return 0
