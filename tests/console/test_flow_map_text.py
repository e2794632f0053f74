from __future__ import annotations

import pytest

from console.flow_map_text import (
    Words,
    condition,
    name_of,
    names_of,
    packed,
    readable,
    width,
    wrapped,
)
from ivr.guards import GUARDS
from ivr.meaning import Intent


def test_a_chinese_sign_is_as_wide_as_it_is_high_and_a_letter_about_half() -> None:
    assert width("送货时间") == 4
    assert 0.5 <= width("a") < 0.7


def test_chinese_breaks_anywhere_but_before_a_closing_sign() -> None:
    assert wrapped("您好,快递明天到。", 4) == ("您好,快", "递明天到。")


def test_other_scripts_break_between_words() -> None:
    assert wrapped("All right, on which day?", 8) == ("All right, on", "which day?")


def test_a_word_that_is_longer_than_a_line_stays_whole() -> None:
    assert wrapped("dispatch.hand_over", 3) == ("dispatch.hand_over",)


def test_what_does_not_fit_ends_in_an_ellipsis_and_in_no_line_more() -> None:
    lines = wrapped("好的,您想放在哪里?驿站、快递柜、门口,还是物业?", 8, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(width(line) <= 8.6 for line in lines)


def test_nothing_has_no_lines() -> None:
    assert wrapped("", 5) == ()


def test_a_list_breaks_between_its_items() -> None:
    assert packed("是[1]、改时间[2]、不在家 ＋时间", 7) == (
        "是[1]、",
        "改时间[2]、",
        "不在家 ＋时间",
    )


def test_slots_are_called_by_name_in_the_language_of_the_sentence() -> None:
    assert readable("尾号{waybill|tail4}的快递", "zh-CN") == "尾号〈运单〉的快递"
    assert readable("Parcel {waybill|tail4}", "en-US") == "Parcel ‹waybill›"


def test_a_fact_of_a_delivery_is_called_as_its_manifest_column() -> None:
    assert readable("取件码{pickup_code|code}", "zh-CN") == "取件码〈取件码〉"


def test_an_id_without_a_name_stands_as_it_is() -> None:
    assert name_of(Words.CONDITION, "mood.sour", "zh-CN") == "mood.sour"


@pytest.mark.parametrize(
    ("guard", "chinese", "english"),
    [
        ("sure", "听得准", "surely heard"),
        ("not window.same", "非同一时间", "not the same time"),
        ("seen.ask_day.2", "问过 ask_day ×2", "ask_day ×2 seen"),
        ("not seen.ask_day", "非问过 ask_day", "not ask_day seen"),
    ],
)
def test_conditions_are_told_in_words(guard: str, chinese: str, english: str) -> None:
    assert condition(guard, "zh-CN") == chinese
    assert condition(guard, "en-US") == english


def test_everything_that_people_can_mean_has_a_name_on_the_map() -> None:
    assert {intent.value for intent in Intent} - names_of(Words.INTENT).keys() == set()


def test_every_condition_has_a_name_on_the_map() -> None:
    assert GUARDS.keys() - names_of(Words.CONDITION).keys() == set()
