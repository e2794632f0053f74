"""The ear for tones that the tests of calls share: what it lets pass and what it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audio.level import pcm_of, samples, tone
from audio.pcm import frames, silence

AssertHears = Callable[..., None]


def late(sound: bytes, every: int) -> bytes:
    """Return a sound of which every so manieth frame came too late, and was silent."""
    return b"".join(
        frame if number % every else silence(0.02) for number, frame in enumerate(frames(sound))
    )


@pytest.mark.parametrize("every", [2, 3, 10])
def test_a_tone_with_holes_is_that_tone(assert_hears: AssertHears, every: int) -> None:
    assert_hears(silence(1.0) + late(tone(700, 1.2), every) + silence(0.3), 700)


def test_a_tone_that_was_joined_anew_within_frames_is_that_tone(assert_hears: AssertHears) -> None:
    sound = tone(440, 1.0)
    assert_hears(sound[100:5000] + sound[5234:9000] + sound[9876:], 440)


@pytest.mark.parametrize(
    "sound",
    [
        b"",
        silence(2.0),
        tone(440, 2.0),
        tone(700, 0.4),
        tone(700, 2.0, -45.0),
        tone(700, 1.0) + tone(440, 0.2),
        pcm_of(samples(tone(700, 1.0)) + samples(tone(440, 1.0))),
    ],
    ids=["nothing", "silence", "another", "short", "faint", "and another", "both at once"],
)
def test_what_is_not_that_tone_for_long_enough_is_refused(
    assert_hears: AssertHears, sound: bytes
) -> None:
    with pytest.raises(AssertionError, match="loud frames are a tone of 700 Hz"):
        assert_hears(sound, 700)
