"""A wish for no more calls counts whoever hears it, and whatever goes wrong afterwards."""

from __future__ import annotations

import pytest

from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome
from ivr.minutes import NeverAgain
from ivr.opting_out import CERTAIN_SECONDS, NUMBER_SECONDS, LoneKey, OptingOut
from ivr.people import Afterwards, CallFlagged, Joined, LeaveCall, TransferOut
from ivr.standing import AGENT_HANDLES
from ivr.transcript import Speaker

ANNA = "sip:801@127.0.0.1"
DEPOT = "sip:555@127.0.0.1"
OPTS_OUT = "以后不要再给我打电话了"


def _certain(office):
    return [when for when, notice in office.notices if isinstance(notice, NeverAgain)]


def _after_joining(office, order, after):
    office.on(Joined, lambda _: office.send(order, after))


@pytest.fixture
def anna(office, people):
    """An agent who says hello; what she does then is for the test."""
    office.devices[ANNA] = people.phone((people.says("您好", people.at(1.0), 1.0),))
    office.sends_when_wanted(ANNA)
    return office


def test_the_key_counts_while_an_agent_talks_and_she_sees_it(hold, people, anna):
    _after_joining(anna, LeaveCall(7, 1, Afterwards.HANG_UP), 14.0)
    held = hold(people.says("转人工"), people.presses("9", 20.0), people.presses("5", 24.0))
    assert (held.result.outcome, held.result.needs_person) == (
        DialogOutcome.OPTED_OUT,
        AGENT_HANDLES,
    )
    keys = [(turn.key, turn.intent) for turn in held.turns(Speaker.CALLEE) if turn.key]
    assert keys == [("9", "opt_out"), ("5", "")]
    assert "no_more_calls" in [news.flag.rule for news in anna.told(CallFlagged)]
    assert len(_certain(anna)) == 1


def test_the_key_counts_while_a_third_talks(hold, people, anna):
    anna.devices[DEPOT] = people.phone((people.says("仓库您好", people.at(2.0), 1.0),))
    _after_joining(anna, TransferOut(7, 1, DEPOT, attended=False), 3.0)
    held = hold(people.says("转人工"), people.presses("9", 26.0), people.hangs_up(28.0))
    assert [turn.text for turn in held.turns(Speaker.THIRD)] == ["仓库您好"]
    assert held.result.outcome is DialogOutcome.OPTED_OUT


@pytest.mark.parametrize("number", ["409", "9021", "199"])
def test_a_number_that_is_dialled_for_an_agent_is_no_wish(hold, people, anna, number):
    _after_joining(anna, LeaveCall(7, 1, Afterwards.HANG_UP), 16.0)
    dialled = [people.presses(digit, 18.0 + 1.5 * at) for at, digit in enumerate(number)]
    held = hold(people.says("转人工"), *dialled)
    keys = [(turn.key, turn.intent) for turn in held.turns(Speaker.CALLEE) if turn.key]
    assert keys == [(digit, "") for digit in number]
    assert held.result.outcome is not DialogOutcome.OPTED_OUT
    assert not _certain(anna)


def test_the_key_counts_when_the_customer_hangs_up_at_once(hold, people, anna):
    held = hold(people.says("转人工"), people.presses("9", 20.0), people.hangs_up(20.4))
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    keys = [(turn.key, turn.intent) for turn in held.turns(Speaker.CALLEE) if turn.key]
    assert keys == [("9", "opt_out")]


def test_a_key_is_alone_when_no_other_comes_soon_before_or_after_it():
    keys = LoneKey()
    keys.press("4", 10.0)
    assert keys.lone(10.0 + NUMBER_SECONDS) == ("4", 10.0)
    keys.press("9", 14.0)
    assert keys.lone(14.0 + NUMBER_SECONDS / 2) is None
    assert keys.lone(14.0 + NUMBER_SECONDS) == ("9", 14.0)
    assert keys.lone(14.0 + 2 * NUMBER_SECONDS) is None


def test_a_key_that_is_pressed_again_and_again_is_alone():
    keys = LoneKey()
    for at in (10.0, 10.0 + NUMBER_SECONDS / 2, 10.0 + NUMBER_SECONDS):
        assert keys.lone(at) is None
        keys.press("9", at)
    assert keys.lone(10.0 + 2 * NUMBER_SECONDS) == ("9", 10.0)


def test_what_an_agent_was_told_is_certain_at_once(hold, people, anna):
    _after_joining(anna, LeaveCall(7, 1, Afterwards.HANG_UP), 10.0)
    held = hold(people.says("转人工"), people.says(OPTS_OUT, people.at(18.0)))
    [certain] = _certain(anna)
    assert certain - held.turns(Speaker.CALLEE)[-1].ended_seconds < 1.5


def test_what_the_robot_has_understood_is_certain_before_the_call_ends(hold, office, people):
    held = hold(people.says(OPTS_OUT))
    [certain] = _certain(office)
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    assert certain < held.leg.seconds - 1.0


def test_who_opts_for_nothing_is_not_said_to(hold, office, people):
    hold(people.says("可以"), people.says("没有了"))
    assert not _certain(office)


def test_a_wish_that_is_taken_back_within_a_moment_is_none():
    wish = OptingOut()
    assert not wish.is_new(10.0, understood=True, certain=False)
    assert not wish.is_new(10.0 + CERTAIN_SECONDS / 2, understood=False, certain=False)
    assert not wish.is_new(10.0 + CERTAIN_SECONDS, understood=True, certain=False)
    assert wish.is_new(10.0 + 2 * CERTAIN_SECONDS, understood=True, certain=False)
    assert not wish.is_new(10.0 + 3 * CERTAIN_SECONDS, understood=True, certain=True)


def test_a_fault_after_the_wish_loses_neither_it_nor_what_was_said(hold, people, anna):
    _after_joining(anna, LeaveCall(7, 1, Afterwards.CALLBACK), 8.0)
    held = hold(
        people.says("转人工"), people.says(OPTS_OUT, people.at(18.0)), mistaken_at="之前给您回电话"
    )
    assert held.report.ended.cause is HangupCause.CANCELLED
    assert held.report.error == "RuntimeError: a mistake of ours"
    assert held.report.answered
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    assert [turn.text for turn in held.turns(Speaker.CALLEE)] == ["转人工", OPTS_OUT]
    assert [visit.role for visit in held.report.people] == ["agent"]
    assert held.recording.is_file()


def test_a_fault_in_the_middle_leaves_the_call_unfinished(hold, people):
    held = hold(people.says("我想改个时间"), mistaken_at="什么时候方便")
    assert held.report.ended.cause is HangupCause.CANCELLED
    assert (held.result.outcome, held.result.finished) == (DialogOutcome.UNFINISHED, False)
