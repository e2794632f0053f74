"""What the carriers say word for word, whole and misheard, against the phrases."""

from __future__ import annotations

import random

import pytest

from asr.announcements import STILL_RINGING, Announcement, announcement_in
from asr.phrasebook import Wording, carrier_wordings

WORDINGS = carrier_wordings()
HOMOPHONES = str.maketrans("拨打电话机号码空停接通", "波大垫画鸡浩马控听结同")
SMALL_WORDS = "的了一是在有我他这大小上来去说到要就好人"


def misheard(text: str, seed: int, share: float = 0.05) -> str:
    """Return the text with some characters taken for others, as a recogniser does on a bad line."""
    source = random.Random(seed)
    return "".join(
        source.choice(SMALL_WORDS) if "一" <= each <= "鿿" and source.random() < share else each
        for each in text.translate(HOMOPHONES)
    )


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda each: f"{each.carrier}-{each.text[:14]}")
def test_every_wording_of_every_carrier_is_told(wording: Wording) -> None:
    assert announcement_in(wording.text) is Announcement(wording.kind)


def test_every_carrier_has_every_kind_in_two_languages() -> None:
    for carrier in ("mobile", "unicom", "telecom"):
        for kind in Announcement:
            texts = [each.text for each in WORDINGS if (each.carrier, each.kind) == (carrier, kind)]
            assert any(text.isascii() for text in texts), (carrier, kind)
            assert any(not text.isascii() for text in texts), (carrier, kind)


def test_misheard_wordings_are_told_in_95_of_100() -> None:
    chinese = [each for each in WORDINGS if not each.text.isascii()]
    heard = [(each, misheard(each.text, seed)) for each in chinese for seed in range(8)]
    right = sum(announcement_in(text) is Announcement(each.kind) for each, text in heard)
    confused_with_final = [
        (each.text, text)
        for each, text in heard
        if each.kind == Announcement.VACANT_NUMBER
        and announcement_in(text) not in (Announcement.VACANT_NUMBER, None)
    ]
    assert right / len(heard) >= 0.95
    assert confused_with_final == []


def test_english_after_mandarin_changes_nothing_whatever_it_was_heard_as() -> None:
    for text in (
        "您拨打的电话已关机,请稍后再拨。思瑞的撒不死可怕",
        "您拨打的号码是空号请核对后再拨 sorry the number",
    ):
        assert announcement_in(text) in (Announcement.SWITCHED_OFF, Announcement.VACANT_NUMBER)


def test_a_reason_counts_more_than_the_message_that_tells_of_it() -> None:
    said = "您拨打的电话已关机,您的来电信息将以短信的方式通知机主"
    assert announcement_in(said) is Announcement.SWITCHED_OFF


def test_who_waits_in_another_call_may_still_pick_up() -> None:
    assert announcement_in("请不要挂机您拨打的用户正在通话中") in STILL_RINGING
    assert not Announcement.WAITING.is_final
    assert Announcement.BUSY_TALKING.is_final
