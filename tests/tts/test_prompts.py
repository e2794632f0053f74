from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tts.prompts import Prompt, PromptError, formats, render, sentences, slots_of, spoken_seconds


@dataclass(frozen=True, slots=True)
class Afternoon:
    start: datetime
    end: datetime | None


@pytest.fixture
def window(now: datetime) -> Afternoon:
    start = now.replace(hour=14) + timedelta(days=1)
    return Afternoon(start, start + timedelta(hours=2))


def test_a_prompt_is_rendered_without_a_figure_left(now: datetime, window: Afternoon) -> None:
    text = render(
        "您好,{name|name}的包裹,尾号{waybill|tail4},{window|window}送到{address|address}。方便请按1。",
        {"name": "王小明", "waybill": "SF0001234", "window": window, "address": "幸福路18号501"},
        now,
    )
    assert text == (
        "您好,王小明的包裹,尾号幺二三四,明天下午两点到四点送到幸福路十八号五零幺。方便请按一。"
    )


@pytest.mark.parametrize(
    ("slot", "value", "spoken"),
    [
        ("{x}", "满99元", "满九十九元"),
        ("{x}", 2, "二"),
        ("{x|count}件", 2, "两件"),
        ("{x|money}", 1250, "十二块五"),
        ("{x|phone}", "95338", "九五三三八"),
        ("{x|digits}", "A12", "A 幺二"),
        ("{x|waybill}", "SF1234", "S F,幺二三四"),
    ],
)
def test_each_format_says_its_kind_of_value(
    now: datetime, slot: str, value: object, spoken: str
) -> None:
    assert render(slot, {"x": value}, now) == spoken


@pytest.mark.parametrize(
    ("slot", "spoken"),
    [
        ("{x|date}", "明天"),
        ("{x|full_date}", "明天,十一月二十二号,周日"),
        ("{x|time}", "下午两点"),
        ("{x|moment}", "明天下午两点"),
        ("{x|window}", "明天下午两点到四点"),
        ("{x|part}", "明天下午两点到四点"),
        ("{x}", "明天下午两点到四点"),
    ],
)
def test_a_window_can_be_told_by_its_beginning(
    now: datetime, window: Afternoon, slot: str, spoken: str
) -> None:
    assert render(slot, {"x": window}, now) == spoken
    assert render("{x|window}", {"x": (window.start, window.end)}, now) == "明天下午两点到四点"


@pytest.mark.parametrize(
    ("template", "values", "told"),
    [
        ("{x}", {}, "'x' has no value"),
        ("{x}", {"x": ""}, "'x' is empty"),
        ("{x|monney}", {"x": 1}, "unknown format 'monney'; use one of"),
        ("{x|money}", {"x": "十元"}, "'x' can't be said as money: wants a whole number"),
        ("{x|window}", {"x": "下午"}, "wants \\(start, end\\)"),
        ("{x|date}", {"x": 3}, "wants a datetime"),
        ("{x|tail4}", {"x": "--"}, "no letters or digits"),
        ("{x", {"x": 1}, "stray brace"),
    ],
)
def test_an_impossible_slot_is_named_with_what_to_do(
    now: datetime, template: str, values: dict[str, object], told: str
) -> None:
    with pytest.raises(PromptError, match=told):
        render(template, values, now)


def test_naive_times_and_unknown_languages_are_refused(now: datetime) -> None:
    with pytest.raises(PromptError, match="no time zone"):
        render("好", {}, now.replace(tzinfo=None))
    with pytest.raises(PromptError, match="no time zone"):
        render("{x|date}", {"x": now.replace(tzinfo=None)}, now)
    with pytest.raises(PromptError, match="zh-CN, en-US"):
        render("好", {}, now, "fr-FR")


def test_a_second_occasion_takes_the_second_wording(now: datetime) -> None:
    prompt = Prompt("ask", ("您{day|date}方便吗?", "方便吗?"))
    assert prompt.render({"day": now}, now) == "您今天方便吗?"
    assert prompt.render({}, now, occasion=5) == "方便吗?"
    assert prompt.slots == {"day"}
    with pytest.raises(PromptError, match="prompt 'ask': slot 'day'"):
        prompt.render({}, now)


def test_a_prompt_without_wording_is_refused() -> None:
    with pytest.raises(PromptError, match="at least one"):
        Prompt("ask", ())


def test_slots_and_formats_are_known_before_a_call() -> None:
    assert slots_of("{a|date}和{b}") == {"a", "b"}
    assert {"window", "tail4", "address"} <= formats()


def test_text_is_split_into_sentences_in_either_width() -> None:
    assert sentences("您好。方便吗\uff1f好!") == ("您好。", "方便吗\uff1f", "好!")
    assert sentences("It comes at two PM. OK?") == ("It comes at two PM.", "OK?")
    assert sentences("。 ") == ()


def test_longer_text_takes_longer() -> None:
    assert 0.3 < spoken_seconds("您好。") < spoken_seconds("您好,请问方便吗?") < 3


@pytest.mark.parametrize(
    ("template", "value", "spoken"),
    [
        ("Code {x|tail4}.", "SF1234", "Code one two three four."),
        ("Pay {x|money}.", 1250, "Pay twelve yuan fifty."),
        ("{x|count} parcels", 21, "twenty one parcels"),
        ("Call {x|phone}", "13800138001", "Call one three eight, zero zero one three"),
        ("{x|address}", "Room 501, 8 Main St", "Room five zero one, eight Main St"),
        ("{x} by 14:30", "5% off", "five percent off by two thirty PM"),
    ],
)
def test_english_prompts_are_said_in_words(
    now: datetime, template: str, value: object, spoken: str
) -> None:
    assert render(template, {"x": value}, now, "en-US").startswith(spoken)


@pytest.mark.parametrize(
    ("slot", "spoken"),
    [
        ("{x|window}", "tomorrow between two and four PM"),
        ("{x|moment}", "tomorrow at two PM"),
        ("{x|full_date}", "tomorrow, Sunday, November twenty second"),
    ],
)
def test_english_windows(now: datetime, window: Afternoon, slot: str, spoken: str) -> None:
    assert render(slot, {"x": window}, now, "en-US") == spoken
