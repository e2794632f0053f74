"""Sentences and beginnings of sentences: may the callee's turn be over?"""

from __future__ import annotations

from datetime import datetime

import pytest

from asr.hearing import Completeness
from ivr.completeness import completeness, is_assent
from ivr.flow_model import Flow
from ivr.meaning import Intent

COMPLETE, OPEN, UNFINISHED = Completeness.COMPLETE, Completeness.OPEN, Completeness.UNFINISHED

MANDARIN = {
    "opening": {
        COMPLETE: """
            可以 可以的 好的 好 行 行的 方便 方便的 没问题 是的 对 对的 嗯可以 好的可以 可以啊
            在家的
            不方便 不行 不可以 你是谁啊 你是谁 哪个快递 谁寄的 什么时候送 多少钱 再说一遍 没听清
            等一下 稍等 等会再打给我 转人工 我要人工客服 打错了 你打错了 别再打了 不要再打电话了
            我不要了 拒收 放门口吧 放快递柜 放驿站 放物业吧 放门口就行 放门口就可以的 可以放门口吧
            明天下午三点以后 改到后天下午 改到明天上午吧 后天上午送 我是打错的 再见 你是骗子吗
            你们什么快递啊
            不知道 可以明天下午送 我在开车等会再打
            """,
        OPEN: """
            我想改时间 我不在家 我想换个地址 嗯 啊 喂 你好 今天天气真好 呃 不 没 别 哦 嗯嗯 让我想想
            改到明天 谢谢
            """,
        UNFINISHED: """
            改到 改成 我想 我想改到 我要 那 那个 就是 然后 可以不过 可以但是 行但是 因为 如果
            放在 放到 送到 能不能 可不可以 帮我 麻烦你 我 你 我不在家然后 明天的 我不在家因为
            改到下午三 改到二十 我想改到明天或者 明天下午的 你们能 改到周 改到下周 可以就是 好的那个
            我想换到 我的 改到明天大概 放门口或者 送到幸福路 我的快递
            """,
    },
    "ask_window": {
        COMPLETE: """
            明天下午 后天上午 明天下午三点以后 下午三点 三点以后 周六下午 晚上八点以后
            明天上午九点到十点
            下周三下午 改到后天下午吧 上午 今天晚上 不知道 放门口吧 明天下午三点 转人工
            后天上午不是后天下午吧 明天三点半
            """,
        UNFINISHED: """
            明天下午三 明天的 大概 明天大概 下午三点到 上午十 明天上午或者 周 星期 下周 二十 那就
            就是
            我想 可能 应该 三点或者 下个 我看看然后 明天下午三点到 最好 后天上午九点到十
            """,
        OPEN: "我看看 嗯 让我想想 周六 明天 后天吧",
    },
    "ask_address": {
        COMPLETE: """
            幸福路十八号阳光花园三号楼二单元五零一 幸福路18号阳光花园3号楼2单元501 转人工 等一下
            和平路二十号三单元五零二室 幸福路十八号
            """,
        UNFINISHED: """
            幸福路 阳光花园 改到 送到 幸福路十八号阳光花园 新的地址是 在 地址是 幸福路十
            幸福路十八号阳光花园三 改送到
            """,
        OPEN: "嗯 我看看",
    },
    "confirm_window": {
        COMPLETE: "对 对的 是的 不对 不是 嗯对 没错 好 不对改到后天下午 错了 明天下午",
        UNFINISHED: "不对改到 不是我想 对但是",
        OPEN: "嗯 哦 不",
    },
    "ask_identity": {
        COMPLETE: "是的 我是 是我 不是 我不是 打错了 对我是",
        UNFINISHED: "我 不是我是 他",
    },
    "waiting": {COMPLETE: "我回来了 好了我回来了 好了", OPEN: "嗯"},
}
ENGLISH = {
    COMPLETE: """
        yes|yes please|sure|no|who is this|wrong number|hold on|stop calling me|
        leave it at the door|tomorrow afternoon|tomorrow after three|
        say that again|i want to talk to a person
        """,
    UNFINISHED: """
        i want to|change it to|yes but|i'd like to|can you|leave it at the|tomorrow at|
        no because|um i|it's|my address is|could you
        """,
    OPEN: "i am not at home|well|um|hello",
}


def rows() -> list[tuple[str, str, Completeness]]:
    return [
        (question, text, expected)
        for question, table in MANDARIN.items()
        for expected, texts in table.items()
        for text in texts.split()
    ]


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(rows()) >= 200


@pytest.mark.parametrize(("question", "text", "expected"), rows())
def test_it_is_heard_whether_somebody_has_finished(
    flow: Flow, now: datetime, question: str, text: str, expected: Completeness
) -> None:
    asked = flow.script.states[question].question
    assert asked is not None
    assert completeness(text, asked.expects, now, flow.language) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text.strip(), kind) for kind, texts in ENGLISH.items() for text in texts.split("|")],
)
def test_it_is_heard_in_english_too(now: datetime, text: str, expected: Completeness) -> None:
    expecting = (Intent.YES, Intent.NO, Intent.RESCHEDULE, Intent.HAND_OVER)
    assert completeness(text, expecting, now, "en-US") is expected


@pytest.mark.parametrize(
    ("text", "language"), [("五", "zh-CN"), ("打四", "zh-CN"), ("five", "en-US")]
)
def test_a_lone_number_may_be_all_where_a_score_was_asked_for(
    now: datetime, text: str, language: str
) -> None:
    asked = (Intent.TELL,)
    assert completeness(text, asked, now, language, scored=True) is Completeness.OPEN
    assert completeness(text, asked, now, language) is Completeness.UNFINISHED


@pytest.mark.parametrize(
    "text", ["嗯", "对", "好", "好的", "喂", "哦", "嗯嗯", "对对", "好好好", "行"]
)
def test_a_word_of_assent_is_told_from_an_interruption(text: str) -> None:
    assert is_assent(text)


@pytest.mark.parametrize(
    "text", ["不", "不用了", "你是谁", "我", "等一下", "放门口吧", "喂等一下", "对我不在家", ""]
)
def test_an_interruption_is_told_from_a_word_of_assent(text: str) -> None:
    assert not is_assent(text)


@pytest.mark.parametrize(
    "text",
    [
        *("uh-huh", "uh huh", "mm", "mmm", "mm hmm", "mhm", "mmhm", "yeah", "yeah yeah", "yep"),
        *(
            "right",
            "okay",
            "OK",
            "all right",
            "I see",
            "oh I see",
            "got it",
            "sure",
            "hello",
            "aha",
        ),
    ],
)
def test_a_word_of_assent_in_english_is_told_from_an_interruption(text: str) -> None:
    assert is_assent(text, "en-US")


@pytest.mark.parametrize(
    "text",
    [
        *("no", "wait", "hold on", "yes tomorrow", "right now", "okay but not today", "stop"),
        *("who is this", "sure leave it at the door", "i see a problem", "fine by me on friday"),
    ],
)
def test_an_interruption_in_english_is_told_from_a_word_of_assent(text: str) -> None:
    assert not is_assent(text, "en-US")
