"""Names, scores in words, landmarks, and English addresses and corrections."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from ivr.meaning import Address, Intent, SlotValue
from ivr.nlu.certainty import fitted, probability_of
from ivr.nlu.understanding import understand

WHERE_TO = (Intent.TELL, Intent.CHANGE_ADDRESS)
CONFIRM = (Intent.YES, Intent.NO)
SCORE = (Intent.TELL,)


@pytest.mark.parametrize(
    ("said", "language", "name"),
    [
        ("我姓王", "zh-CN", "王"),
        ("免贵姓欧阳", "zh-CN", "欧阳"),
        ("我叫张小丽", "zh-CN", "张小丽"),
        ("你找李伟吗", "zh-CN", "李伟"),
        ("你要找王先生是吧", "zh-CN", "王先生"),
        ("my name is john smith", "en-US", "john smith"),
    ],
)
def test_a_name_that_is_told_or_asked_for_is_understood(
    said: str, language: str, name: str, now: datetime
) -> None:
    meaning = understand(said, 1.0, (), now, language)
    assert meaning.intent is Intent.TELL
    assert meaning.slots["name"] == name


@pytest.mark.parametrize("said", ["我不姓张", "我不叫李伟", "给我叫人来", "我找支笔", "找个地方放"])
def test_a_name_that_was_denied_or_is_none_is_not_taken(said: str, now: datetime) -> None:
    assert "name" not in understand(said, 1.0, (), now).slots


@pytest.mark.parametrize(
    ("said", "scale", "number"),
    [
        ("满分", (1, 5), 5),
        ("满分", (0, 10), 10),
        ("非常满意", (1, 5), 5),
        ("挺满意的", (1, 5), 4),
        ("一般吧", (1, 5), 3),
        ("不满意", (1, 5), 2),
        ("很不满意", (1, 5), 1),
        ("打四分", (1, 5), 4),
    ],
)
def test_a_score_may_be_told_in_words(
    said: str, scale: tuple[int, int], number: int, now: datetime
) -> None:
    meaning = understand(said, 1.0, SCORE, now, scale=scale)
    assert (meaning.intent, meaning.slots["number"]) == (Intent.TELL, number)


def test_an_opinion_is_no_score_unless_one_was_asked_for(now: datetime) -> None:
    assert "number" not in understand("一般吧", 1.0, CONFIRM, now).slots


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("学校对面", "学校对面"),
        ("就在人民医院斜对面", "人民医院斜对面"),
        ("菜鸟驿站旁边的超市", "菜鸟驿站旁边的超市"),
        ("人民路五号学校对面", "人民路5号"),
    ],
)
def test_a_landmark_is_an_address_where_one_was_asked_for(
    said: str, text: str, now: datetime
) -> None:
    address = understand(said, 1.0, WHERE_TO, now).slots["address"]
    assert isinstance(address, Address)
    assert address.text == text


@pytest.mark.parametrize(
    ("said", "asked", "name", "value"),
    [
        (
            "twelve high street flat five",
            WHERE_TO,
            "address",
            Address("12 high street flat 5", True),
        ),
        ("building seven room two oh four", WHERE_TO, "address", None),
        ("deliver it to twenty two park lane", CONFIRM, "address", Address("22 park lane", True)),
        ("it's five five five one two three four", SCORE, "number", "5551234"),
        ("double oh seven double four", SCORE, "number", "00744"),
        ("I'd give it an eight", SCORE, "number", 8),
    ],
)
def test_english_addresses_and_numbers(
    said: str,
    asked: tuple[Intent, ...],
    name: str,
    value: SlotValue | None,
    now: datetime,
) -> None:
    understood = understand(said, 1.0, asked, now, "en-US").slots[name]
    if value is None:
        assert isinstance(understood, Address)
        assert understood.text == "building 7 room 204"
    else:
        assert understood == value


@pytest.mark.parametrize(
    ("said", "day", "hour"),
    [
        ("thursday morning no sorry friday morning", 2, 9),
        ("at three no wait at four tomorrow", 1, 16),
        ("not tomorrow make it friday", 2, 9),
    ],
)
def test_an_english_correction_replaces_what_was_said_before(
    said: str, day: int, hour: int, now: datetime
) -> None:
    window = understand(said, 1.0, (Intent.TELL,), now, "en-US").slots["window"]
    start = getattr(window, "start", now)
    assert (start.day - now.day, start.hour) == (day, hour)


def test_the_fitted_map_never_falls_and_follows_what_was_seen() -> None:
    seen = [
        (place / 100, place % 4 != 0 if place < 60 else place % 10 != 0) for place in range(100)
    ]
    knots = fitted(seen)
    assert all(one[0] < other[0] and one[1] <= other[1] for one, other in pairwise(knots))
    assert probability_of(0.3, knots) == pytest.approx(0.75, abs=0.1)
    assert probability_of(1.0, knots) == 1.0
    assert probability_of(0.0, knots) == 0.0
