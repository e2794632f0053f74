from __future__ import annotations

import pytest

from ivr.acting import CallEnd
from ivr.score_sheet import CRITERIA, Criterion

OPENED = ("您好,顺达快递客服小李。", "")


def test_the_weights_make_a_hundred() -> None:
    assert sum(of for of, _ in CRITERIA.values()) == 100
    assert set(CRITERIA) == set(Criterion)


@pytest.mark.parametrize(
    ("criterion", "lines", "points"),
    [
        (Criterion.GREETING, ("您好,顺达快递客服小李。",), 8),
        (Criterion.GREETING, ("您好,顺达快递。",), 6),
        (Criterion.GREETING, ("您好。",), 3),
        (Criterion.GREETING, ("喂?",), 0),
        (Criterion.GREETING, ("喂?", "", "您好,顺达快递客服小李。"), 0),
        (Criterion.IDENTITY, OPENED, 0),
        (Criterion.IDENTITY, (*OPENED, "请问运单号是多少?"), 7),
        (Criterion.IDENTITY, (*OPENED, "请问运单号是多少?", "请问您是收件人本人吗?"), 10),
        (Criterion.EMPATHY, (*OPENED, "非常抱歉。"), 6),
        (Criterion.EMPATHY, (*OPENED, "非常抱歉,让您着急了。"), 12),
        (Criterion.LISTENING, OPENED, 6),
        (Criterion.LISTENING, ("您好。", "请问运单号是多少?"), 3),
        (Criterion.LISTENING, (*OPENED, ""), 4),
        (Criterion.LISTENING, ("您好。",), 0),
        (Criterion.CAUSE, OPENED, 0),
        (Criterion.CAUSE, (*OPENED, "是因为下大雪封路。"), 10),
        (Criterion.SOLUTION, OPENED, 0),
        (Criterion.SOLUTION, (*OPENED, "我给您安排优先派送。"), 18),
        (Criterion.SOLUTION, (*OPENED, "我给您申请补偿二十元。"), 18),
        (Criterion.SOLUTION, (*OPENED, "我给您申请补偿二百元。"), 8),
        (Criterion.SOLUTION, (*OPENED, "给您换一个新的。"), 0),
        (Criterion.SOLUTION, (*OPENED, "我给您安排优先派送,再给您换一个新的。"), 10),
        (Criterion.SOLUTION, (*OPENED, "我给您安排优先派送,我保证没问题。"), 12),
        (Criterion.NEXT_CONTACT, (*OPENED, "尽快给您回复。"), 0),
        (Criterion.NEXT_CONTACT, (*OPENED, "两小时内给您回电话。"), 12),
        (Criterion.READ_BACK, (*OPENED, "我跟您确认一下,对吗?"), 4),
        (Criterion.GOODBYE, (*OPENED, "再见。"), 4),
        (Criterion.GOODBYE, (*OPENED, "还有什么可以帮您的?", "再见。"), 6),
        (Criterion.WORDS, OPENED, 6),
        (Criterion.WORDS, (*OPENED, "你急什么?"), 3),
        (Criterion.WORDS, (*OPENED, "你急什么?", "我不知道。"), 0),
        (Criterion.ECONOMY, OPENED, 0),
    ],
)
def test_what_was_said_earns_its_points(
    trainee, criterion: Criterion, lines: tuple[str, ...], points: int
) -> None:
    call = trainee("late-angry")
    for line in lines:
        if call.acting.end is None:
            call.says(line)
    mark = call.mark(criterion)
    assert mark.points == points
    assert bool(mark.hint) is (points < mark.of)


def test_the_read_back_after_settling_earns_everything(trainee, good_script) -> None:
    call = trainee("late-angry")
    call.follows(good_script(call.customer))
    assert call.mark(Criterion.READ_BACK).points == 8
    assert call.mark(Criterion.ECONOMY).points == 4


def test_the_evidence_is_what_was_said(trainee) -> None:
    call = trainee("late-angry")
    call.says(*OPENED, "非常抱歉,让您着急了。")
    assert call.mark(Criterion.EMPATHY).evidence == ("非常抱歉", "让您着急了")


def test_what_was_said_into_his_story_is_the_evidence_of_not_listening(trainee) -> None:
    call = trainee("late-angry")
    call.says("您好。", "请问运单号是多少?", "请稍等。")
    mark = call.mark(Criterion.LISTENING)
    assert mark.evidence == ("请问运单号是多少?",)
    assert "让客户把话说完" in mark.hint


def test_the_hint_names_what_was_missing(trainee) -> None:
    call = trainee("late-angry")
    call.says("您好。")
    assert call.mark(Criterion.GREETING).hint == "接起来要报公司名“顺达快递”、报自己的姓或者工号。"


def test_a_sum_over_the_limit_is_named_with_the_limit(trainee) -> None:
    call = trainee("late-angry")
    call.says(*OPENED, "我给您申请补偿二百元。")
    assert "最多20元" in call.mark(Criterion.SOLUTION).hint


def test_whoever_loses_the_customer_does_not_pass_whatever_the_points(trainee, good_script) -> None:
    call = trainee("late-angry")
    for line in good_script(call.customer)[:-2]:
        call.says(line)
    sheet = call.judged()
    assert sheet.end is CallEnd.LOST
    assert sheet.total >= 80
    assert not sheet.passed


def test_a_call_in_which_nothing_was_said_earns_next_to_nothing(trainee) -> None:
    sheet = trainee("late-angry").judged()
    assert sheet.total == 6
    assert not sheet.passed
