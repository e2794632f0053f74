"""The pre-delivery conversation in the recipients' own words, through the real understanding."""

from __future__ import annotations

import pytest

from ivr.exchange import DialogOutcome, Listen
from ivr.nlu.understanding import understand

CONFIDENCE = 0.85

CONVERSATIONS = [
    (["可以的"], DialogOutcome.CONFIRMED),
    (["喂喂", "方便"], DialogOutcome.CONFIRMED),
    (["上午不在家明天下午三点以后吧", "对"], DialogOutcome.RESCHEDULED),
    (["改到后天上午不对后天下午吧", "是的"], DialogOutcome.RESCHEDULED),
    (["后天吧", "下午", "对"], DialogOutcome.RESCHEDULED),
    (["周末吧", "周六上午", "对"], DialogOutcome.RESCHEDULED),
    (["不方便", "改时间吧", "明天晚上七点", "对"], DialogOutcome.RESCHEDULED),
    (
        ["我想换个地址", "幸福路十八号阳光花园三号楼二单元五零一", "对"],
        DialogOutcome.ADDRESS_CHANGED,
    ),
    (["地址换一下", "和平路二十号", "三单元五零一", "对"], DialogOutcome.ADDRESS_CHANGED),
    (["放快递柜吧", "同意"], DialogOutcome.HAND_OVER_CHANGED),
    (["放物业吧", "可以"], DialogOutcome.HAND_OVER_CHANGED),
    (["放门口吧", "没问题"], DialogOutcome.HAND_OVER_CHANGED),
    (["我也不知道呢", "放驿站吧", "不同意", "放门口", "同意"], DialogOutcome.HAND_OVER_CHANGED),
    (["你是谁啊", "哪个快递", "好的可以"], DialogOutcome.CONFIRMED),
    (["再说一遍", "可以"], DialogOutcome.CONFIRMED),
    (["等一下", "好了我回来了", "可以"], DialogOutcome.CONFIRMED),
    (["你打错了", "不是"], DialogOutcome.WRONG_NUMBER),
    (["别再打了"], DialogOutcome.OPTED_OUT),
    (["我不要了拒收", "对"], DialogOutcome.REFUSED),
    (["转人工"], DialogOutcome.CALLBACK_PROMISED),
    (["什么破快递我要投诉"], DialogOutcome.CALLBACK_PROMISED),
    (["行行行我知道了可以"], DialogOutcome.CONFIRMED),
    (["我是他老婆", "可以"], DialogOutcome.CONFIRMED),
    (["我在开会晚点打吧"], DialogOutcome.UNFINISHED),
]


@pytest.mark.parametrize(("lines", "outcome"), CONVERSATIONS)
def test_plain_words_lead_to_the_outcome_they_ask_for(talk, lines, outcome):
    for line in lines:
        listening = talk.actions[-1]
        assert isinstance(listening, Listen)
        meaning = understand(line, CONFIDENCE, listening.expecting, talk.facts.now)
        talk.says(
            meaning.intent,
            line,
            also=meaning.also,
            confidence=meaning.confidence,
            **meaning.slots,
        )
    assert talk.is_over
    assert talk.result.outcome is outcome
