from __future__ import annotations

import pytest

from asr.training.english_sounds import Told, difference, fitted, of_espeak, of_radio
from asr.training.language import Pronunciation

LEAVE: tuple[Pronunciation, ...] = (("L", "IY", "V"),)
READ: tuple[Pronunciation, ...] = (("R", "EH", "D"), ("R", "IY", "D"))


def told(*phones: str) -> list[Told]:
    return [(phone, 0.1 * place, 0.1 * (place + 1)) for place, phone in enumerate(phones)]


def test_phonemes_of_espeak_become_phones_with_times() -> None:
    assert of_espeak([("l", 0.0), ("i:", 0.1), ("v", 0.2), ("_:", 0.3)], 0.5) == (
        ("L", 0.0, 0.1),
        ("IY", 0.1, 0.2),
        ("V", 0.2, 0.3),
        ("SIL", 0.3, 0.5),
    )


def test_a_phoneme_that_is_two_phones_shares_its_time() -> None:
    assert of_espeak([("A@", 0.0)], 0.2) == (("AA", 0.0, 0.1), ("R", 0.1, 0.2))


def test_a_mark_without_a_sound_is_left_out() -> None:
    assert of_espeak([("t", 0.0), (";", 0.1), ("u:", 0.2)], 0.4) == (
        ("T", 0.0, 0.2),
        ("UW", 0.2, 0.4),
    )


def test_segments_of_flite_and_festival_tell_their_ends() -> None:
    assert of_radio([("pau", 0.2), ("ax", 0.3), ("l", 0.5)]) == (
        ("SIL", 0.0, 0.2),
        ("AH", 0.2, 0.3),
        ("L", 0.3, 0.5),
    )


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [(("T", "T"), ("T", "D")), (("T", "D"), ("T", "M")), (("AH", "IH"), ("AH", "IY"))],
)
def test_like_sounds_differ_less(nearer: tuple[str, str], farther: tuple[str, str]) -> None:
    assert difference(*nearer) < difference(*farther) < difference("T", "AA")


def test_the_reading_that_was_said_is_chosen() -> None:
    found = fitted([READ, LEAVE], told("R", "IY", "D", "L", "IY", "V"))
    assert found is not None
    assert found.words == (READ[1], LEAVE[0])


def test_a_phone_that_was_not_said_shares_the_time_of_the_one_before() -> None:
    mild: Pronunciation = ("M", "AY", "L", "D")
    found = fitted([[mild], LEAVE], told("M", "AY", "L", "L", "IY", "V"))
    assert found is not None
    assert [phone for phone, _, _ in found.segments] == [*mild, *LEAVE[0]]
    assert found.segments[2][1:] == pytest.approx((0.2, 0.25))
    assert found.segments[3][1:] == pytest.approx((0.25, 0.3))


def test_a_sound_that_no_reading_has_belongs_to_the_phone_before() -> None:
    found = fitted([LEAVE, LEAVE], told("L", "IY", "AH", "V", "L", "IY", "V"))
    assert found is not None
    assert found.segments[1][0] == "IY"
    assert found.segments[1][1:] == pytest.approx((0.1, 0.3))


def test_pauses_stay_where_they_were() -> None:
    found = fitted([LEAVE, LEAVE], told("SIL", "L", "IY", "V", "SIL", "L", "IY", "V", "SIL"))
    assert found is not None
    assert [n for n, (phone, _, _) in enumerate(found.segments) if phone == "SIL"] == [0, 4, 8]


def test_what_was_said_quite_differently_is_refused() -> None:
    assert fitted([LEAVE], told("K", "AA", "M", "AH", "SH")) is None
