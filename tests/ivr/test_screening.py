from __future__ import annotations

import pytest

from ivr.screening import Behind, Screening


def told_once(at: float = 5.0) -> Screening:
    screening = Screening()
    screening.stated(at)
    return screening


@pytest.mark.parametrize("text", ["喂", "你好哪位", "什么快递", "放门口吧", "你是谁啊"])
def test_what_no_assistant_says_is_the_person(text: str) -> None:
    assert told_once().who_says(text) is Behind.PERSON


@pytest.mark.parametrize("text", ["好的我会转告机主", "请稍等", "已经记下了", "正在为您转接", ""])
def test_an_assistant_goes_on(text: str) -> None:
    assert told_once().who_says(text) is Behind.ASSISTANT


def test_an_assistant_may_ask_once_more_and_no_more() -> None:
    screening = told_once()
    assert screening.who_says("请问您有什么事") is Behind.ASSISTANT_ASKS
    screening.stated(9.0)
    assert screening.who_says("请问您有什么事") is Behind.ASSISTANT


def test_the_line_is_held_for_a_while_and_not_after_the_person_came() -> None:
    screening = told_once(5.0)
    assert screening.may_put_through(29.0)
    assert not screening.may_put_through(31.0)
    screening.person_came_on()
    assert not screening.is_on
    assert not screening.may_put_through(6.0)
