"""People are told in their own language why something could not be."""

from __future__ import annotations

import re

import pytest

from campaigns.desk_words import why_not, why_third_not
from dialer.leg import HangupCause
from ivr.people import Refused

CHINESE = re.compile(r"[\u3400-\u9fff]{3,}.*[。！？]")
ENGLISH = re.compile(r"[A-Z][a-z]* .+\.")


@pytest.mark.parametrize("words", [why_not, why_third_not])
@pytest.mark.parametrize("why", [*Refused, *HangupCause])
def test_everything_that_can_go_wrong_has_words_in_both_languages(words, why) -> None:
    told = words(why.value)
    assert CHINESE.fullmatch(told["zh"])
    assert ENGLISH.fullmatch(told["en"])


@pytest.mark.parametrize("words", [why_not, why_third_not])
@pytest.mark.parametrize("why", list(Refused))
def test_a_refusal_is_told_without_the_word_that_only_programs_read(words, why) -> None:
    assert why.value not in "".join(words(why.value).values()).split()


def test_what_is_a_sentence_already_is_told_as_it_is() -> None:
    sentence = "There is no extension 999; ask the administrator."
    assert set(why_not(sentence).values()) == {sentence}
