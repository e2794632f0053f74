"""Make the answering clips, the same every time: `python -m audio_fixtures.answering_build`."""

from __future__ import annotations

import sys

import numpy as np

from audio.pcm import FRAME_SAMPLES
from audio_fixtures.answering import ANSWERING, AnsweringClip, Speaker, answering_clips, write_sound
from audio_fixtures.answering_sounds import SOUNDS, pause
from audio_fixtures.espeak import ENGLISH, ESPEAK_RATE, MANDARIN, BuildError, spoken
from audio_fixtures.line import Samples, at_level, band_limited, trimmed


def words_of(text: str, speaker: Speaker) -> Samples:
    """Return words at telephone rate; raises BuildError without a voice."""
    voice = ENGLISH if text.startswith("en:") else MANDARIN
    said = text.removeprefix("en:")
    sound = spoken(said, voice, speaker.variant, speaker.rate, speaker.pitch)
    return trimmed(at_level(band_limited(sound, ESPEAK_RATE)))


def part_of(played: float | str, speaker: Speaker) -> Samples:
    """Return one thing that is played: a pause, a sound or words."""
    if not isinstance(played, str):
        return pause(played)
    if played.startswith("#"):
        name, *numbers = played[1:].split()
        return SOUNDS[name](*map(float, numbers))
    return words_of(played, speaker)


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
