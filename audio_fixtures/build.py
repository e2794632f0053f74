"""Make the WAVs of `labels.yaml`: `python -m audio_fixtures.build`. The same files every time."""

from __future__ import annotations

import sys

from audio.wav import write_wav
from audio_fixtures.clips import Clip, Voice, catalogue
from audio_fixtures.espeak import ESPEAK_RATE, MANDARIN, BuildError, spoken
from audio_fixtures.line import Samples, at_level, band_limited, through_the_line, trimmed
from audio_fixtures.sounds import RECIPES

QUIET_LINE_DBFS = -62.0


def synthesized(text: str, voice: Voice) -> Samples:
    """Return `text` as espeak-ng says it, before the line; raises BuildError without a voice."""
    return spoken(text, MANDARIN, voice.variant, voice.rate, voice.pitch)


def clip_samples(clip: Clip) -> bytes:
    """Return the telephone samples of a clip as they leave the trunk."""
    if clip.voice is None:
        return through_the_line(RECIPES[clip.id](), QUIET_LINE_DBFS, clip.id)
    said = trimmed(at_level(band_limited(synthesized(clip.text, clip.voice), ESPEAK_RATE)))
    return through_the_line(said, clip.voice.noise_dbfs, clip.id)


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
