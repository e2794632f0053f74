"""What espeak-ng says, as samples: the voices of all clips come from here."""

from __future__ import annotations

import subprocess

import numpy as np
from pypinyin import Style, lazy_pinyin, load_phrases_dict, load_single_dict

from audio_fixtures.line import Samples

ESPEAK_RATE = 22050
"""Samples per second that espeak-ng gives."""
MANDARIN = "cmn-latn-pinyin"
ENGLISH = "en-us"

load_single_dict({ord("嗯"): "ēn", ord("喂"): "wèi", ord("呃"): "è"})
load_phrases_dict({"地址": [["dì"], ["zhǐ"]]})


class BuildError(Exception):
    """A clip could not be made; the message says what to do."""


def spoken(text: str, voice: str, variant: str, rate: int, pitch: int) -> Samples:
    """Return `text` as a voice says it, Chinese characters by their pinyin.

    Raises BuildError when espeak-ng or the voice is missing.
    """
    said = text
    if voice == MANDARIN:
        said = " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
    command = ["espeak-ng", "-v", f"{voice}+{variant}", "-s", str(rate)]
    command += ["-p", str(pitch), "--stdout", said]
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
