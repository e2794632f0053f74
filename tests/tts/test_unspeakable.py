from __future__ import annotations

import pytest

from ivr.flow import flows, load_flow
from tts.unspeakable import unspeakable


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("好\U0001f600的", "zh-CN", "grinning face"),
        ("您的Пакет到了", "zh-CN", "cyrillic"),
        ("您的パック到了", "zh-CN", "katakana"),
        ("★", "zh-CN", "nothing to say"),
        ("。", "zh-CN", "nothing to say"),
        ("包裹★到了", "zh-CN", "black star"),
        ("您的express到了", "zh-CN", "spelt letter by letter"),
        ("您的iPhone15到了", "zh-CN", "spelt letter by letter"),
        ("café到了", "zh-CN", "latin small letter e with acute"),
        ("好" * 601, "zh-CN", "too many"),
        ("您好^_^", "zh-CN", "circumflex"),
        ("Your 包裹 is here.", "en-US", "Chinese in an English sentence"),
        ("Your parcel \U0001f4e6 is here.", "en-US", "package"),
        ("Ваш parcel is here.", "en-US", "cyrillic"),
        ("...", "en-US", "nothing to say"),
        ("Press → now", "en-US", "rightwards arrow"),
    ],
)
def test_what_no_voice_can_say_is_named(text: str, language: str, told: str) -> None:
    assert told in unspeakable(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("您好,{company|name}自动语音助手。", "zh-CN"),
        ("{promised|window}", "zh-CN"),
        ("请按1,或者按#号键。", "zh-CN"),
        ("下载APP,打开WiFi。", "zh-CN"),
        ("重2.5kg,共3件(易碎)……", "zh-CN"),
        ("顺丰SF快递,No.5柜", "zh-CN"),
        ("Hello, this is {company|name} – it's about your parcel.", "en-US"),
        ("Press 1 or #; it's 50% off at 14:30.", "en-US"),
        ("The café & the shop", "en-US"),
    ],
)
def test_what_can_be_said_is_let_through(text: str, language: str) -> None:
    assert unspeakable(text, language) == ""


def test_every_wording_that_ships_can_be_said() -> None:
    for flow_id, language in flows():
        for prompt in load_flow(flow_id, language).script.prompts.values():
            for wording in prompt.wordings.values():
                assert unspeakable(wording, language) == "", (flow_id, prompt.id)
