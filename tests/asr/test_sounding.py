from __future__ import annotations

import pytest

from asr.phrasebook import carrier_wordings
from asr.sounding import Phrase, syllables


@pytest.mark.parametrize(
    ("phrase", "heard"),
    [
        ("已关机", "您拨打的用户已关机"),
        ("暂时无法接通", "您拨打的用户咱是无法接通"),
        ("暂时无法接通", "用户暂时无花接通"),
        ("请…留言", "请在提示音后留言"),
    ],
)
def test_what_sounds_in_a_text_is_not_ruled_out(phrase: str, heard: str) -> None:
    known, sounds = Phrase.of(phrase), syllables(heard)
    assert known.share_in(sounds) > 0.0
    assert known.may_be_in(frozenset(sounds))


@pytest.mark.parametrize(
    ("phrase", "heard"), [("已关机", "我在开车"), ("无法接通!", "无花接通"), ("关机", "关门")]
)
def test_what_lacks_too_many_sounds_is_ruled_out(phrase: str, heard: str) -> None:
    known, sounds = Phrase.of(phrase), syllables(heard)
    assert not known.may_be_in(frozenset(sounds))
    assert known.share_in(sounds) == 0.0


def test_no_phrase_is_ruled_out_that_an_announcement_with_a_wrong_syllable_holds() -> None:
    wrong = "喔"
    for wording in carrier_wordings():
        phrase = Phrase.of(wording.text.replace("，", ""))
        for at in range(phrase.length):
            sounds = syllables(phrase.text[:at] + wrong + phrase.text[at + 1 :])
            assert phrase.may_be_in(frozenset(sounds)) or not phrase.share_in(sounds)
