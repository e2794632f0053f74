from __future__ import annotations

from datetime import datetime

import pytest

from tts.pieces import clips_of, sentences_of
from tts.prompts import render, sentences
from tts.speech import Piece

CLIP = ("pre-delivery", "opening", "first")


def names_and_words(template: str, language: str = "zh-CN", variant: str = "first"):
    pieces = clips_of(template, language, "pre-delivery", "opening", variant)
    return [(piece.clip, piece.text) for piece in pieces]


def test_words_between_slots_and_stops_are_recorded_one_by_one() -> None:
    assert names_and_words("好的,{promised|window}给您送到。祝您生活愉快,再见。") == [
        ("pre-delivery/opening.1", "好的,"),
        ("pre-delivery/opening.2", "给您送到。"),
        ("pre-delivery/opening.3", "祝您生活愉快,再见。"),
    ]


def test_a_wording_without_slots_is_one_file() -> None:
    assert names_and_words("到时候方便收吗?") == [("pre-delivery/opening", "到时候方便收吗?")]


def test_other_variants_have_names_of_their_own() -> None:
    assert names_and_words("请按1。", variant="keypad") == [
        ("pre-delivery/opening.keypad", "请按一。")
    ]


def test_a_slot_alone_leaves_nothing_to_record() -> None:
    assert names_and_words("{promised|window}。") == []


def test_english_divides_after_its_stops_too() -> None:
    assert names_and_words("Hello, it's {company|name}. Is {promised|window} fine?", "en-US") == [
        ("pre-delivery/opening.1", "Hello, it's"),
        ("pre-delivery/opening.2", "Is"),
        ("pre-delivery/opening.3", "fine?"),
    ]


@pytest.mark.parametrize(
    ("template", "language"),
    [
        ("好的,{promised|window}给您送到。祝您生活愉快,再见。", "zh-CN"),
        ("您尾号{waybill|tail4}的快递,{promised|window}送到。", "zh-CN"),
        ("{promised|date}上午、下午,还是晚上?", "zh-CN"),
        ("Your parcel {waybill|tail4} comes {promised|window}. Is that fine?", "en-US"),
    ],
)
def test_the_sentences_are_those_of_the_prompt_and_the_pieces_hold_all_of_their_words(
    now: datetime, template: str, language: str
) -> None:
    values = {"promised": (now.replace(hour=14), now.replace(hour=16)), "waybill": "SF1234"}
    found = sentences_of(template, values, now, language, CLIP)
    assert tuple(text for text, _ in found) == sentences(render(template, values, now, language))
    for text, pieces in found:
        assert [c for c in text if c.isalnum()] == [
            c for piece in pieces for c in piece.text if c.isalnum()
        ]
    recorded = [piece.clip for _, pieces in found for piece in pieces if piece.clip]
    assert recorded == [name for name, _ in names_and_words(template, language)]


def test_a_value_with_a_stop_in_it_leaves_the_sentences_whole(now: datetime) -> None:
    values = {"address": "幸福路。二号"}
    found = sentences_of("地址是{address|address},对吗?", values, now, "zh-CN", CLIP)
    assert found == (("地址是幸福路。", ()), ("二号,对吗?", ()))


def test_a_piece_is_known_by_its_words_and_its_clip() -> None:
    assert Piece("好的", "a/b") != Piece("好的")
