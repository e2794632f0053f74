"""Make the WAVs of `labels.yaml`: `python -m audio_fixtures.build`. The same files every time."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from pypinyin import Style, lazy_pinyin, load_phrases_dict, load_single_dict

from audio.wav import write_wav
from audio_fixtures.clips import Clip, Voice, catalogue
from audio_fixtures.line import Samples, at_level, band_limited, through_the_line, trimmed
from audio_fixtures.sounds import RECIPES

QUIET_LINE_DBFS = -62.0
_ESPEAK_RATE = 22050
_ESPEAK_VOICE = "cmn-latn-pinyin"

load_single_dict({ord("嗯"): "ēn", ord("喂"): "wèi", ord("呃"): "è"})
load_phrases_dict({"地址": [["dì"], ["zhǐ"]]})


class BuildError(Exception):
    """A clip could not be made; the message says what to do."""


def synthesized(text: str, voice: Voice) -> Samples:
    """Return `text` as espeak-ng says it, before the line; raises BuildError without a voice."""
    pinyin = " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
    command = ["espeak-ng", "-v", f"{_ESPEAK_VOICE}+{voice.variant}", "-s", str(voice.rate)]
    command += ["-p", str(voice.pitch), "--stdout", pinyin]
    try:
        wav = subprocess.run(command, capture_output=True, check=True).stdout
    except FileNotFoundError as error:
        raise BuildError("espeak-ng is missing; run: apt-get install espeak-ng") from error
    except subprocess.CalledProcessError as error:
        raise BuildError(f"espeak-ng refused {text!r}: {error.stderr.decode()}") from error
    # Written to a pipe, the header's sizes are not filled in; the samples follow the word "data".
    samples = wav[wav.index(b"data") + 8 :]
    samples = samples[: len(samples) // 2 * 2]
    return np.frombuffer(samples, dtype="<i2").astype(np.float64) / 32768


def clip_samples(clip: Clip) -> bytes:
    """Return the telephone samples of a clip as they leave the trunk."""
    if clip.voice is None:
        return through_the_line(RECIPES[clip.id](), QUIET_LINE_DBFS, clip.id)
    spoken = trimmed(at_level(band_limited(synthesized(clip.text, clip.voice), _ESPEAK_RATE)))
    return through_the_line(spoken, clip.voice.noise_dbfs, clip.id)


def main() -> int:
    """Write every clip; return the exit status."""
    for clip in catalogue().values():
        clip.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_wav(clip.path, clip_samples(clip))
        except BuildError as error:
            print(error, file=sys.stderr)
            return 1
    print(f"{len(catalogue())} clips written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
