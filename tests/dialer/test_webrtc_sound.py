from __future__ import annotations

import pytest

from audio.level import dbfs, tone, tone_share
from audio.pcm import SILENCE, frames
from dialer.webrtc_sound import CALM_TURNS, LEAST_WAITING, MOST_WAITING, Cutter, Mouth, Reserve

VOICE = list(frames(tone(500.0, 4.0, -20.0)))


def test_sound_begins_when_a_late_frame_would_leave_no_gap() -> None:
    reserve = Reserve()
    reserve.add(VOICE[0])
    assert reserve.take() is None
    reserve.add(VOICE[1])
    assert reserve.take() == VOICE[0]


def test_a_late_frame_is_covered_by_the_reserve() -> None:
    reserve = Reserve()
    for frame in VOICE[:LEAST_WAITING]:
        reserve.add(frame)
    assert [reserve.take(), reserve.take(), reserve.take()] == [VOICE[0], VOICE[1], None]


def test_after_a_gap_the_reserve_fills_before_sound_goes_on() -> None:
    reserve = Reserve()
    reserve.add(VOICE[0])
    reserve.add(VOICE[1])
    assert [reserve.take() for _ in range(3)] == [VOICE[0], VOICE[1], None]
    reserve.add(VOICE[2])
    assert reserve.take() is None
    reserve.add(VOICE[3])
    assert [reserve.take(), reserve.take()] == [VOICE[2], VOICE[3]]


def test_sound_that_came_too_early_is_dropped_from_its_old_end() -> None:
    reserve = Reserve()
    for frame in VOICE[: MOST_WAITING + 3]:
        reserve.add(frame)
    assert reserve.take() == VOICE[3]


def test_a_reserve_that_is_never_needed_shrinks() -> None:
    reserve = Reserve()
    for frame in VOICE[:MOST_WAITING]:
        reserve.add(frame)
    taken = []
    for frame in VOICE[MOST_WAITING:]:
        taken.append(reserve.take())
        reserve.add(frame)
    assert None not in taken
    waiting = 0
    while reserve.take() is not None:
        waiting += 1
    assert waiting < MOST_WAITING
    assert len(taken) > CALM_TURNS


def test_pieces_of_any_length_are_cut_into_frames() -> None:
    sound = b"".join(VOICE[:5])
    cutter = Cutter()
    cut = [frame for at in range(0, len(sound), 250) for frame in cutter.cut(sound[at : at + 250])]
    assert cut == VOICE[:5]


def test_wavs_follow_each_other_and_their_ends_are_told() -> None:
    mouth = Mouth()
    assert [mouth.play(VOICE[0] + VOICE[1]), mouth.play(b"")] == [1, 2]
    assert [mouth.turn() for _ in range(4)] == [
        (VOICE[0], 0), (VOICE[1], 1), (SILENCE, 2), (SILENCE, 0),
    ]  # fmt: skip


def test_what_is_stopped_falls_silent_within_the_frame() -> None:
    mouth = Mouth()
    mouth.play(b"".join(VOICE))
    mouth.turn()
    assert mouth.stop() == 1
    assert mouth.turn() == (SILENCE, 0)


def test_what_is_spoken_is_heard_beside_what_plays() -> None:
    mouth = Mouth()
    mouth.play(tone(1000.0, 1.0, -20.0))
    for frame in VOICE[1:4]:
        mouth.speak(frame)
    mixed = b"".join(mouth.turn()[0] for _ in range(3))
    assert tone_share(mixed, 500.0) == pytest.approx(0.5, abs=0.1)
    assert tone_share(mixed, 1000.0) == pytest.approx(0.5, abs=0.1)


def test_what_is_spoken_goes_on_when_what_plays_is_stopped() -> None:
    mouth = Mouth()
    mouth.play(tone(1000.0, 1.0, -20.0))
    for frame in VOICE[1:3]:
        mouth.speak(frame)
    mouth.stop()
    assert mouth.turn() == (VOICE[1], 0)


def test_two_loud_voices_are_clipped_not_torn() -> None:
    mouth = Mouth()
    mouth.play(tone(500.0, 1.0, -4.0))
    for frame in list(frames(tone(500.0, 1.0, -4.0)))[:3]:
        mouth.speak(frame)
    mixed = b"".join(mouth.turn()[0] for _ in range(3))
    assert tone_share(mixed, 500.0) > 0.9
    assert dbfs(mixed) > -3.0
