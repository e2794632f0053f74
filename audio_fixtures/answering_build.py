"""Make the answering clips, the same every time: `python -m audio_fixtures.answering_build`."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from pypinyin import Style, lazy_pinyin

from audio.pcm import FRAME_SAMPLES
from audio_fixtures.answering import ANSWERING, AnsweringClip, Speaker, answering_clips, write_sound
from audio_fixtures.answering_sounds import SOUNDS, pause
from audio_fixtures.build import BuildError
from audio_fixtures.line import Samples, at_level, band_limited, trimmed

_ESPEAK_RATE = 22050


def spoken(text: str, speaker: Speaker) -> Samples:
    """Return words at telephone rate; raises BuildError without a voice."""
    language, said = "cmn-latn-pinyin", text
    if text.startswith("en:"):
        language, said = "en-us", text.removeprefix("en:")
    else:
        said = " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
    command = ["espeak-ng", "-v", f"{language}+{speaker.variant}", "-s", str(speaker.rate)]
    command += ["-p", str(speaker.pitch), "--stdout", said]
    try:
        wav = subprocess.run(command, capture_output=True, check=True).stdout
    except FileNotFoundError as error:
        raise BuildError("espeak-ng is missing; run: apt-get install espeak-ng") from error
    except subprocess.CalledProcessError as error:
        raise BuildError(f"espeak-ng refused {text!r}: {error.stderr.decode()}") from error
    # Written to a pipe, the header's sizes are not filled in; the samples follow the word "data".
    raw = wav[wav.index(b"data") + 8 :]
    samples = np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2").astype(np.float64) / 32768
    return trimmed(at_level(band_limited(samples, _ESPEAK_RATE)))


def part_of(played: float | str, speaker: Speaker) -> Samples:
    """Return one thing that is played: a pause, a sound or words."""
    if not isinstance(played, str):
        return pause(played)
    if played.startswith("#"):
        name, *numbers = played[1:].split()
        return SOUNDS[name](*map(float, numbers))
    return spoken(played, speaker)


def clip_samples(clip: AnsweringClip) -> Samples:
    """Return all that is played in a clip, without the noise of its line."""
    sound = np.concatenate([part_of(each, clip.speaker) for each in clip.played])
    return sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES]


def main() -> int:
    """Write every clip; return the exit status."""
    for clip in answering_clips().values():
        try:
            write_sound(clip, clip_samples(clip))
        except BuildError as error:
            print(error, file=sys.stderr)
            return 1
    total = sum(path.stat().st_size for path in ANSWERING.glob("*.opus"))
    print(f"{len(answering_clips())} clips written, {total / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
