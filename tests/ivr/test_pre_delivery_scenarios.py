"""Every simulated recipient who talks, told in meanings instead of sound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from ivr.exchange import DialogOutcome, Machine
from ivr.meaning import Address, HandOver, Intent, Window

ADDRESS = Address("幸福路18号阳光花园3号楼2单元501室", complete=True)
MONDAY = datetime.fromisoformat("2026-03-02T10:00:00+08:00")


def _hours(days: int, start: int, end: int | None) -> Window:
    day = MONDAY + timedelta(days=days)
    return Window(day.replace(hour=start), None if end is None else day.replace(hour=end))


SCENARIOS: dict[str, tuple[Callable, DialogOutcome]] = {
    "confirms": (lambda t: t.says(Intent.YES, "可以的"), DialogOutcome.CONFIRMED),
    "confirms_by_key": (lambda t: t.presses("1"), DialogOutcome.CONFIRMED),
    "hello_first": (
        lambda t: t.says(Intent.GREETING, "喂喂", interrupting=True).says(Intent.YES, "方便"),
        DialogOutcome.CONFIRMED,
    ),
    "reschedules": (
        lambda t: t.says(
            Intent.NOT_HOME, "上午不在家明天下午三点以后吧", window=_hours(1, 15, None)
        ).says(Intent.YES, "对"),
        DialogOutcome.RESCHEDULED,
    ),
    "corrects_himself": (
        lambda t: t.says(
            Intent.RESCHEDULE, "改到后天上午不对后天下午吧", window=_hours(2, 13, 18)
        ).says(Intent.YES, "是的"),
        DialogOutcome.RESCHEDULED,
    ),
    "changes_address": (
        lambda t: (
            t.says(Intent.CHANGE_ADDRESS, "我想换个地址")
            .says(Intent.TELL, "幸福路十八号阳光花园三号楼二单元五零一", address=ADDRESS)
            .says(Intent.YES, "对")
        ),
        DialogOutcome.ADDRESS_CHANGED,
    ),
    "locker": (
        lambda t: t.says(Intent.HAND_OVER, "放快递柜吧", hand_over=HandOver.LOCKER).says(
            Intent.YES, "同意"
        ),
        DialogOutcome.HAND_OVER_CHANGED,
    ),
    "property_office": (
        lambda t: t.says(Intent.HAND_OVER, "放物业吧", hand_over=HandOver.PROPERTY_OFFICE).says(
            Intent.YES, "可以"
        ),
        DialogOutcome.HAND_OVER_CHANGED,
    ),
    "asks_who_and_which": (
        lambda t: (
            t.says(Intent.WHO, "你是谁啊")
            .says(Intent.WHICH_PARCEL, "哪个快递")
            .says(Intent.YES, "好的可以")
        ),
        DialogOutcome.CONFIRMED,
    ),
    "asks_to_repeat": (
        lambda t: t.says(Intent.REPEAT, "再说一遍").says(Intent.YES, "可以"),
        DialogOutcome.CONFIRMED,
    ),
    "waits": (
        lambda t: (
            t.says(Intent.WAIT, "等一下").says(Intent.BACK, "好了我回来了").says(Intent.YES, "可以")
        ),
        DialogOutcome.CONFIRMED,
    ),
    "wrong_number": (
        lambda t: t.says(Intent.WRONG_NUMBER, "你打错了").says(Intent.NO, "不是"),
        DialogOutcome.WRONG_NUMBER,
    ),
    "never_again": (lambda t: t.says(Intent.OPT_OUT, "别再打了"), DialogOutcome.OPTED_OUT),
    "refuses": (
        lambda t: t.says(Intent.REFUSE, "我不要了拒收").says(Intent.YES, "对"),
        DialogOutcome.REFUSED,
    ),
    "wants_person": (lambda t: t.says(Intent.PERSON, "转人工"), DialogOutcome.CALLBACK_PROMISED),
    "angry": (
        lambda t: t.says(Intent.ANGRY, "什么破快递我要投诉"),
        DialogOutcome.CALLBACK_PROMISED,
    ),
    "silent": (lambda t: t.stays_silent(3), DialogOutcome.UNFINISHED),
    "mumbles": (
        lambda t: t.says(Intent.NOTHING).says(Intent.NOTHING).says(Intent.NOTHING),
        DialogOutcome.CALLBACK_PROMISED,
    ),
    "voicemail": (
        lambda t: t.is_answered_by(Machine.VOICEMAIL),
        DialogOutcome.MESSAGE_LEFT,
    ),
    "talks_over": (
        lambda t: t.says(
            Intent.YES, "行行行我知道了可以", also=(Intent.BACKCHANNEL,), interrupting=True
        ),
        DialogOutcome.CONFIRMED,
    ),
    "station_by_key": (
        lambda t: t.says(Intent.NOT_HOME, "我不在家").presses("21"),
        DialogOutcome.HAND_OVER_CHANGED,
    ),
    "doorstep": (
        lambda t: t.says(Intent.HAND_OVER, "放门口吧", hand_over=HandOver.DOORSTEP).says(
            Intent.YES, "没问题"
        ),
        DialogOutcome.HAND_OVER_CHANGED,
    ),
}

CHOICES = {
    "locker": HandOver.LOCKER,
    "property_office": HandOver.PROPERTY_OFFICE,
    "station_by_key": HandOver.STATION,
    "doorstep": HandOver.DOORSTEP,
}

WINDOWS = {"reschedules": _hours(1, 15, None), "corrects_himself": _hours(2, 13, 18)}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_recipient_gets_the_outcome_his_answers_call_for(talk, scenario):
    answers, outcome = SCENARIOS[scenario]
    answers(talk)
    assert talk.is_over
    assert talk.result.outcome is outcome
    assert talk.result.hand_over is CHOICES.get(scenario)
    assert talk.result.new_window == WINDOWS.get(scenario)
    assert talk.result.new_address == (ADDRESS if scenario == "changes_address" else None)
    assert talk.result.finished is (scenario != "silent")


@pytest.mark.parametrize("scenario", CHOICES)
def test_an_unattended_hand_over_carries_the_words_that_agreed_to_it(talk, scenario):
    SCENARIOS[scenario][0](talk)
    consent = talk.result.consent
    assert consent is not None
    assert consent.choice is CHOICES[scenario]
    assert consent.words in {"同意", "可以", "没问题", "按键1"}
    assert consent.at_seconds > 0


def test_who_hangs_up_midway_leaves_the_conversation_unfinished(talk):
    assert talk.result.outcome is DialogOutcome.UNFINISHED
    assert not talk.result.finished
