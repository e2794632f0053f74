"""A call that takes up one that was cut: who it is, and straight to the question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.loopback import AfterStart, HangUp, Step
from ivr.exchange import CallFacts, DialogOutcome

QUESTION = "方便收吗"


@pytest.fixture
def facts(facts: CallFacts) -> CallFacts:
    """The same parcel, a quarter of an hour after the first call was cut."""
    return replace(facts, cut_minutes_ago=15.0)


def test_whoever_was_cut_off_is_told_who_it_is_and_asked_at_once(hold, callee):
    call = hold(callee.says("可以的"))
    assert call.spoken[0].text == "您好,还是顺达快递自动语音助手,刚才电话断了。"
    assert QUESTION in call.spoken[1].text
    assert not call.heard("您尾号")
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_who_did_not_hear_it_gets_the_announcement_after_all(hold, callee):
    call = hold(callee.says("你说什么"), callee.says("可以的"))
    assert len(call.heard("刚才电话断了")) == 1
    assert len(call.heard(QUESTION)) >= 2
    assert call.result.outcome is DialogOutcome.CONFIRMED


def test_whoever_hangs_up_again_leaves_nothing_settled(hold, callee):
    call = hold(callee.says("改到后天下午"), Step(AfterStart(0.5), HangUp()))
    assert call.result.outcome is DialogOutcome.UNFINISHED
    assert call.result.new_window is None


def test_a_voicemail_at_the_second_call_is_left_the_usual_message(hold, callee):
    greeting = "您好我现在不方便接听电话请在提示音后留言"
    call = hold(callee.says(greeting, seconds=4.0))
    assert not call.heard("刚才电话断了") or call.heard("请留意快递员的电话")
    assert call.result.outcome is DialogOutcome.MESSAGE_LEFT
