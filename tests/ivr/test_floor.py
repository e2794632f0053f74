"""Who may speak now."""

from __future__ import annotations

import pytest

from asr.hearing import Utterance
from ivr.exchange import Said
from ivr.floor import SAME_TURN_SECONDS, WORDLESS_SECONDS, Answered, Heard, Position, as_one
from ivr.meaning import Intent, Meaning

ENDED = 5.0


@pytest.fixture
def answer(talk):
    """Somebody said 可以 up to second five."""

    def answered(is_final: bool = False) -> Heard:
        said = Said(Meaning(Intent.YES, 0.9), Utterance("可以", 0.9, 4.0, ENDED), False)
        return Heard(last=Answered(Position(talk.dialog), said, is_final))

    return answered


@pytest.mark.parametrize(
    ("began", "is_final", "goes_on"),
    [
        (ENDED + 0.3, False, True),
        (ENDED + SAME_TURN_SECONDS, False, True),
        (ENDED + SAME_TURN_SECONDS + 0.02, False, False),
        (ENDED + 0.3, True, False),
    ],
)
def test_who_speaks_again_soon_goes_on_with_his_answer(answer, began, is_final, goes_on):
    assert answer(is_final).continues(began) is goes_on


def test_before_an_answer_nothing_can_be_gone_on_with():
    assert not Heard().continues(1.0)


@pytest.mark.parametrize(
    ("heard", "now", "talking"),
    [
        (Heard(), 1.0, False),
        (Heard(speaking_since=1.0), 1.5, True),
        (Heard(speaking_since=1.0), 1.0 + WORDLESS_SECONDS, False),
        (Heard(speaking_since=1.0, words=True), 9.0, True),
    ],
)
def test_a_sound_without_a_word_is_nobody_who_talks(heard, now, talking):
    assert heard.is_talking(now) is talking


def test_two_halves_of_an_answer_are_one():
    whole = as_one(
        Utterance("可以", 0.8, 4.0, 5.0), Utterance("放门口", 0.6, 5.5, 6.5, decided=6.8)
    )
    assert (whole.text, whole.began, whole.ended, whole.decided) == ("可以放门口", 4.0, 6.5, 6.8)
    assert 0.6 < whole.confidence < 0.8
