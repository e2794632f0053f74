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


IN_ENGLISH = [
    (["yes i'll be home"], DialogOutcome.CONFIRMED),
    (["hello", "that works for me"], DialogOutcome.CONFIRMED),
    (["tomorrow evening would be better", "that's right"], DialogOutcome.RESCHEDULED),
    (["after three tomorrow afternoon", "yes"], DialogOutcome.RESCHEDULED),
    (["can you deliver later", "on friday afternoon please", "yes"], DialogOutcome.RESCHEDULED),
    (["on saturday please", "morning", "yes"], DialogOutcome.RESCHEDULED),
    (["no", "another time", "tomorrow morning", "yes"], DialogOutcome.RESCHEDULED),
    (
        ["can you send it to a different address", "twenty five green street", "yes"],
        DialogOutcome.ADDRESS_CHANGED,
    ),
    (["leave it at the front door please", "i agree"], DialogOutcome.HAND_OVER_CHANGED),
    (["put it in the parcel locker", "yes"], DialogOutcome.HAND_OVER_CHANGED),
    (["i'm not home leave it with the reception", "no problem"], DialogOutcome.HAND_OVER_CHANGED),
    (["which company is this", "what's in it", "perfect thanks"], DialogOutcome.CONFIRMED),
    (["pardon", "yes"], DialogOutcome.CONFIRMED),
    (["hold on please", "i'm back", "yes"], DialogOutcome.CONFIRMED),
    (["you've got the wrong number", "no"], DialogOutcome.WRONG_NUMBER),
    (["don't ever call me again"], DialogOutcome.OPTED_OUT),
    (["i don't want it", "yes"], DialogOutcome.REFUSED),
    (["i want to speak to a person"], DialogOutcome.CALLBACK_PROMISED),
    (["your service is terrible"], DialogOutcome.CALLBACK_PROMISED),
    (["can you call back later"], DialogOutcome.UNFINISHED),
]


def hold(talk, lines):
    """Let the callee say these lines, each at the question that is open."""
    for line in lines:
        listening = talk.actions[-1]
        assert isinstance(listening, Listen)
        meaning = understand(
            line, CONFIDENCE, listening.expecting, talk.facts.now, talk.flow.language
        )
        talk.says(
            meaning.intent,
            line,
            also=meaning.also,
            confidence=meaning.confidence,
            **meaning.slots,
        )


@pytest.mark.parametrize(("lines", "outcome"), CONVERSATIONS)
def test_plain_words_lead_to_the_outcome_they_ask_for(talk, lines, outcome):
    hold(talk, lines)
    assert talk.is_over
    assert talk.result.outcome is outcome


@pytest.mark.parametrize(("lines", "outcome"), IN_ENGLISH)
def test_plain_words_in_english_lead_there_too(english_talk, lines, outcome):
    hold(english_talk, lines)
    assert english_talk.is_over
    assert english_talk.result.outcome is outcome
