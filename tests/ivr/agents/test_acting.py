from __future__ import annotations

import pytest

from ivr.acting import CallEnd
from ivr.customer import Need

GREETING = "您好,顺达快递客服小李。"
SETTLING = (
    "非常抱歉,让您着急了。",
    "是因为下大雪高速封路。",
    "我给您安排优先派送。",
    "今天下午六点前送到。",
)


def test_a_customer_tells_his_story_part_by_part_while_he_is_let(trainee) -> None:
    call = trainee("late-angry")
    assert call.says(GREETING) == call.customer.story[0]
    assert call.says("") == call.customer.story[1]
    assert call.acting.temper == call.customer.temperament.starts


def test_a_word_of_listening_lets_him_go_on_too(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING)
    assert call.says("嗯,您请讲。") == call.customer.story[1]


def test_whoever_talks_into_his_story_is_told_so_and_hears_the_rest(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING)
    reply = call.says("请问您的运单号是多少?")
    assert reply.startswith("你让我把话说完")
    assert reply.endswith(call.customer.story[1])
    assert call.acting.temper > call.customer.temperament.starts


def test_an_interruption_counts_when_the_story_is_over_too(trainee) -> None:
    call = trainee("return-calm")
    call.says(GREETING)
    assert call.says("!非常抱歉") == "您先听我说完。"
    assert Need.APOLOGY in call.acting.open_needs


def test_an_apology_and_understanding_calm_him(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING, "")
    before = call.acting.temper
    assert "行了行了" in call.says("非常抱歉,让您着急了。")
    assert call.acting.temper < before - 2


def test_the_third_apology_calms_nobody(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING, "", "非常抱歉。", "非常抱歉。")
    before = call.acting.temper
    call.says("非常抱歉。")
    assert call.acting.temper == before


def test_whoever_is_still_angry_hears_of_no_solution(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING, "")
    assert "少来这套" in call.says("我给您安排优先派送。")
    assert Need.SOLUTION in call.acting.open_needs


def test_he_asks_for_what_is_still_missing_in_his_order(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING, "")
    asked = [call.says(line) for line in SETTLING]
    assert "到底怎么回事" in asked[0]
    assert "怎么解决" in asked[1]
    assert "准时间" in asked[2]
    assert "信你们一次" in asked[3]
    assert call.acting.open_needs == ()


def test_he_confirms_what_is_read_back_and_says_goodbye(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING, "", *SETTLING)
    assert call.says("我跟您确认一下,今天下午六点前送到,对吗?").startswith("对")
    assert call.says("还有什么可以帮您的吗?") == "没了。"
    assert call.says("再见。") == "嗯，再见。"
    assert call.end is CallEnd.SATISFIED


def test_a_customer_whom_nobody_says_goodbye_to_hangs_up_content(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING, "", *SETTLING, "好的。", "好的。", "好的。", "好的。")
    assert call.end is CallEnd.SATISFIED


def test_whoever_wants_to_hang_up_too_early_is_held_once_and_lost_the_second_time(trainee) -> None:
    call = trainee("return-calm")
    call.says(GREETING)
    assert "没说清楚" in call.says("再见。")
    call.says("再见。")
    assert call.end is CallEnd.LOST


def test_to_hang_up_on_him_loses_him(trainee) -> None:
    call = trainee("return-calm")
    call.says(GREETING)
    call.judged()
    assert call.end is CallEnd.LOST


def test_to_hang_up_after_the_goodbye_does_not(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING, "", *SETTLING, "再见。")
    call.judged()
    assert call.end is CallEnd.SATISFIED


def test_offences_make_him_leave_when_his_temper_is_full(trainee) -> None:
    call = trainee("late-angry")
    call.says(GREETING, "")
    assert call.says("是你自己没写清楚。") == "不跟你说了，我现在就投诉!"
    assert call.end is CallEnd.LOST


def test_a_calm_customer_answers_an_offence_before_he_leaves(trainee) -> None:
    call = trainee("return-calm")
    call.says(GREETING)
    assert call.says("这不归我们管。") == "我找的就是你们，你让我去找谁?"
    assert call.says("你急什么?") == "您这是什么态度?"
    assert call.acting.end is None


def test_a_suspicious_customer_tells_nothing_before_he_has_proof(trainee) -> None:
    call = trainee("cod-suspicious")
    call.says(GREETING)
    assert "凭什么" in call.says("请问您的运单号是多少?")
    call.says("您可以打官方客服电话核实,我们不会要验证码。")
    assert "一零一一" in call.says("请问您的运单号是多少?")


def test_an_old_lady_follows_only_short_sentences(trainee) -> None:
    call = trainee("elderly-station")
    call.says("您好,顺达快递客服小李。", "")
    unheard = call.says("经查询因为快递员没打电话所以您的快件已经被放置在驿站了")
    assert "耳朵不好" in unheard
    assert Need.CAUSE in call.acting.open_needs
    assert "这么回事" in call.says("快递员没打电话,放在驿站了。")


def test_somebody_who_does_not_know_his_number_says_so(trainee) -> None:
    call = trainee("short-confused")
    call.says(GREETING, "")
    assert "找不到" in call.says("请问您的单号是多少?")
    assert "三三四六" in call.says("请问您的手机尾号是多少?")


@pytest.mark.parametrize(
    ("line", "reply"), [("", "喂"), ("尽快给您处理。", "准话"), ("请稍等。", "我等您")]
)
def test_silence_and_vague_words_are_answered(trainee, line: str, reply: str) -> None:
    call = trainee("return-calm")
    call.says(GREETING)
    assert reply in call.says(line)


def test_a_hurried_customer_loses_patience_with_every_turn_beyond_his(trainee) -> None:
    call = trainee("late-hurried")
    call.says(GREETING, *["请稍等。"] * (call.customer.patience_turns - 1))
    before = call.acting.temper
    call.says("请稍等。")
    assert call.acting.temper > before


def test_nobody_talks_on_after_the_end(trainee) -> None:
    call = trainee("return-calm")
    call.says(GREETING, "再见。", "再见。")
    with pytest.raises(ValueError, match="hung up"):
        call.says("喂?")


def test_three_silences_in_a_row_lose_him(trainee) -> None:
    call = trainee("return-calm")
    call.says(GREETING, "", "", "请稍等。", "", "")
    assert call.acting.end is None
    call.says("")
    assert call.end is CallEnd.LOST
