"""A call that was made for an agent: who calls is said at once, and nobody is left in silence."""

from __future__ import annotations

import pickle

import pytest

from ivr.agent_opening import AgentCall, WhenNoAgent
from ivr.exchange import DialogOutcome, Machine
from ivr.minutes import NeverAgain
from ivr.people import (
    Afterwards,
    Joined,
    JoinFailed,
    LeaveCall,
    NobodyCame,
    NobodyComes,
    PersonWanted,
    SomebodyComes,
    WishWithdrawn,
)
from ivr.transcript import Speaker

ANNA = "sip:801@127.0.0.1"
WHO = "顺达快递自动语音助手"
CONNECTING = "正在为您转接客服"
BUSY = "客服现在都在忙"
QUESTION = "方便收吗"
MESSAGE = AgentCall(WhenNoAgent.MESSAGE)
ROBOT = AgentCall()


@pytest.fixture
def hello(people):
    """Somebody who picks up and says 喂."""
    return people.says("喂", people.at(0.2), 0.4)


@pytest.fixture
def anna(office, people):
    """An agent whose telephone is answered in a moment."""
    office.devices[ANNA] = people.phone(
        (
            people.says("您好我是客服小安", people.at(2.5), 1.5),
            people.says("那就这样再见", people.at(6.0), 1.0),
        )
    )
    office.on(Joined, lambda _: office.send(LeaveCall(people.attempt, 1, Afterwards.HANG_UP), 9.0))
    return office


def test_who_calls_is_said_at_once_and_the_agent_follows(hold, people, hello, anna):
    anna.sends_when_wanted(ANNA, after=0.1)
    held = hold(hello, agent_call=MESSAGE)
    greeted = held.turns(Speaker.CALLEE)[0].ended_seconds
    assert held.began(WHO) - greeted < 1.0
    assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["您好我是客服小安", "那就这样再见"]
    assert QUESTION not in "".join(held.played)
    assert BUSY not in "".join(held.played)
    assert not held.report.abandoned
    assert held.longest_silence(held.began(WHO), people.first_voice(anna.voices)) <= 1.0


def test_the_desk_is_asked_as_soon_as_a_person_is_certain_before_everybody_else(
    hold, people, hello, anna
):
    anna.sends_when_wanted(ANNA, after=0.1)
    held = hold(hello, agent_call=MESSAGE)
    wanted = anna.told(PersonWanted)[0]
    greeted = held.turns(Speaker.CALLEE)[0].ended_seconds
    assert anna.when(PersonWanted)[0] - greeted < 0.6
    assert (wanted.flag.rule, wanted.flag.priority) == ("campaign", 100)
    assert wanted.brief.recipient == "王小明"
    assert wanted.brief.reason["zh"] == "外呼接通"
    assert pickle.loads(pickle.dumps(wanted)) == wanted  # it crosses a pipe


def test_nobody_there_hears_within_two_seconds_who_called_and_why_nobody_talks(hold, hello, office):
    office.languages.clear()
    held = hold(hello, agent_call=MESSAGE)
    greeted = held.turns(Speaker.CALLEE)[0].ended_seconds
    assert held.began(WHO) - greeted <= 2.0
    assert held.longest_silence(held.began(WHO), held.began("再见")) <= 0.5
    message = "".join(held.played)
    assert BUSY in message
    assert "请按九" in message
    assert "四零零" in message
    assert held.report.abandoned
    assert not office.told(PersonWanted)


def test_who_is_not_taken_by_anybody_hears_it_within_two_seconds(hold, people, office):
    said_late = people.says("喂", people.at(3.3), 0.4)
    held = hold(said_late, agent_call=MESSAGE)
    greeted = held.turns(Speaker.CALLEE)[0].ended_seconds
    assert 1.0 < held.began(BUSY) - greeted <= 2.0
    assert held.report.abandoned
    assert held.result.outcome is DialogOutcome.UNFINISHED
    assert office.told(NobodyCame)


def test_the_engine_that_knows_of_nobody_ends_the_wait_at_once(hold, people, office):
    office.on(PersonWanted, lambda _: office.send(NobodyComes(people.attempt)))
    held = hold(people.says("喂", people.at(3.3), 0.4), agent_call=MESSAGE)
    greeted = held.turns(Speaker.CALLEE)[0].ended_seconds
    assert held.began(BUSY) - greeted <= 1.0


def test_a_device_that_is_on_its_way_is_waited_for_beyond_two_seconds(hold, people, hello, office):
    office.devices[ANNA] = people.phone(
        (people.says("您好我是客服小安", people.at(2.5)),), answers_after=4.0
    )
    office.on(PersonWanted, lambda _: office.send(SomebodyComes(people.attempt)))
    office.sends_when_wanted(ANNA, after=1.8)
    office.on(Joined, lambda _: office.send(LeaveCall(people.attempt, 1, Afterwards.HANG_UP), 5.0))
    held = hold(hello, agent_call=MESSAGE)
    assert office.told(Joined)
    assert not held.report.abandoned


def test_a_device_that_never_answers_is_not_waited_for_for_ever(hold, people, hello, office):
    office.devices[ANNA] = people.phone(never=True)
    office.sends_when_wanted(ANNA, after=0.1)
    held = hold(hello, agent_call=MESSAGE)
    assert held.report.abandoned
    assert office.told(JoinFailed)
    assert held.ending.endswith("再见。")


@pytest.mark.parametrize("how", ["key", "words"])
def test_no_more_calls_are_heeded_in_the_message(hold, people, hello, office, how):
    office.languages.clear()
    wish = people.presses("9", 7.0) if how == "key" else people.says("别再打了", people.at(7.0))
    held = hold(hello, wish, agent_call=MESSAGE)
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    assert held.report.abandoned
    assert "以后不再给您打电话" in "".join(held.played)
    assert any(isinstance(notice, NeverAgain) for _, notice in office.notices)


def test_no_more_calls_instead_of_a_greeting_fetch_nobody(hold, people, office):
    held = hold(people.says("别再给我打电话了", people.at(0.2)), agent_call=MESSAGE)
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    assert not office.told(PersonWanted)
    assert not held.report.abandoned


def test_no_more_calls_while_an_agent_is_fetched_call_him_off(hold, people, hello, office):
    held = hold(hello, people.presses("9", 1.8), agent_call=MESSAGE)
    assert office.told(WishWithdrawn)
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    assert not held.report.abandoned


def test_without_an_agent_the_robot_holds_the_conversation(hold, people, hello, office):
    held = hold(hello, people.says("可以"), agent_call=ROBOT)
    assert held.result.outcome is DialogOutcome.CONFIRMED
    assert QUESTION in "".join(held.played)
    assert not held.report.abandoned
    assert office.told(NobodyCame)


def test_a_customer_whom_the_robot_has_may_still_ask_for_a_person(hold, people, hello, office):
    hold(hello, people.says("转人工"), agent_call=ROBOT)
    rules = [news.flag.rule for news in office.told(PersonWanted)]
    assert rules == ["campaign", "asked"]


def test_nobody_is_fetched_for_a_voicemail(hold, people, office):
    held = hold(
        people.says("您好您拨打的用户暂时无法接听请在提示音后留言", people.at(0.2), 4.0),
        agent_call=MESSAGE,
    )
    assert held.report.machine is Machine.VOICEMAIL
    assert not office.told(PersonWanted)
    assert not held.report.abandoned


def test_a_voicemail_that_began_like_a_person_gives_the_agent_back(hold, people, hello, office):
    office.on(PersonWanted, lambda _: office.send(SomebodyComes(people.attempt)))
    held = hold(
        hello,
        people.says("您好您拨打的用户暂时无法接听请在提示音后留言", people.at(1.2), 4.0),
        agent_call=MESSAGE,
    )
    assert office.told(PersonWanted)
    assert office.told(WishWithdrawn)
    assert not office.told(NobodyCame)
    assert held.report.machine is Machine.VOICEMAIL
    assert not held.report.abandoned


def test_who_says_nothing_is_asked_whether_they_are_there_before_an_agent_comes(hold, people, anna):
    anna.sends_when_wanted(ANNA, after=0.1)
    held = hold(people.says("听得到", people.after_silence(1.5)), agent_call=MESSAGE)
    assert held.began("能听到吗") < anna.when(PersonWanted)[0]
    assert held.turns(Speaker.AGENT)


def test_no_agent_is_fetched_for_a_line_on_which_nobody_speaks(hold, office):
    held = hold(agent_call=MESSAGE)
    assert not office.told(PersonWanted)
    assert not held.report.abandoned
    assert held.played[-1] == "感谢您的接听,再见。"


def test_who_hangs_up_after_two_seconds_without_an_agent_was_abandoned(hold, people, office):
    call = AgentCall(WhenNoAgent.MESSAGE)
    office.on(PersonWanted, lambda _: office.send(SomebodyComes(people.attempt)))
    hello = people.says("喂", people.at(0.2), 0.4)
    assert hold(hello, people.hangs_up(5.0), agent_call=call).report.abandoned


def test_who_hangs_up_before_was_not(hold, people, office):
    hello = people.says("喂", people.at(0.2), 0.4)
    assert not hold(hello, people.hangs_up(1.5), agent_call=MESSAGE).report.abandoned


def test_who_waits_for_a_device_is_told_that_somebody_comes(hold, people, hello, office):
    office.devices[ANNA] = people.phone(
        (people.says("您好我是客服小安", people.at(2.5)),), answers_after=4.0
    )
    office.sends_when_wanted(ANNA, after=0.5)
    office.on(Joined, lambda _: office.send(LeaveCall(people.attempt, 1, Afterwards.HANG_UP), 5.0))
    held = hold(hello, agent_call=MESSAGE)
    assert CONNECTING in "".join(held.played)
    assert held.longest_silence(held.began(WHO), office.when(Joined)[0]) <= 1.0


def test_an_agent_may_hand_the_call_to_the_robot(hold, people, hello, anna):
    anna.reactions.clear()
    anna.sends_when_wanted(ANNA, after=0.1)
    anna.on(Joined, lambda _: anna.send(LeaveCall(people.attempt, 1, Afterwards.ROBOT), 9.0))
    held = hold(hello, people.says("可以", people.after_silence(3.0)), agent_call=MESSAGE)
    assert QUESTION in "".join(held.played)


def test_an_agent_who_is_lost_is_followed_by_the_promise_of_a_callback(hold, people, hello, office):
    office.devices[ANNA] = people.phone(
        (people.says("您好我是客服小安", people.at(2.5)), people.dies(5.0))
    )
    office.sends_when_wanted(ANNA, after=0.1)
    office.on(Joined, lambda _: office.send(NobodyComes(people.attempt), 9.0))
    held = hold(hello, agent_call=MESSAGE)
    assert "之前给您回电话" in "".join(held.played)
    assert not held.report.abandoned


def test_who_asks_for_a_person_into_our_greeting_gets_one(hold, people, anna):
    anna.sends_when_wanted(ANNA, after=0.1)
    held = hold(people.says("转人工", people.at(1.8), 0.9), agent_call=MESSAGE)
    assert [news.flag.rule for news in anna.told(PersonWanted)] == ["campaign"]
    assert held.played[0].endswith("自动语音助手。")
    assert held.turns(Speaker.AGENT)
