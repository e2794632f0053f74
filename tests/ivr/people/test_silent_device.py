"""An agent of whom nothing is heard: she is told, and the customer does not wait in silence."""

from __future__ import annotations

import pytest

from ivr.people import (
    Afterwards,
    HowJoinEnded,
    Joined,
    JoinEnded,
    LeaveCall,
    PersonWanted,
    TransferOut,
    VoiceMissing,
)
from ivr.transcript import Speaker
from ivr.unheard import AT_FIRST, LATER, Silence, Unheard

ANNA = "sip:801@127.0.0.1"
BERT = "sip:802@127.0.0.1"
DEPOT = "sip:555@127.0.0.1"
ONE_MOMENT = "不好意思,请您稍等一下。"
UNHEARD = "客户听不到您的声音,请检查麦克风。"
PROMISE = "之前给您回电话"


def _missing(office):
    return [(news.join, news.missing) for news in office.told(VoiceMissing)]


def _told_alone(held, office, address=ANNA):
    return [held.texts[each.wav] for each in office.legs[address].leg.played]


@pytest.fixture
def muted(office, people):
    """An agent whose microphone is muted for a while after she has joined."""
    office.devices[ANNA] = people.phone((people.says("您好听得到吗", people.at(20.0), 2.0),))
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(LeaveCall(7, 1, Afterwards.HANG_UP), 26.0))
    return office


def test_who_is_not_heard_is_told_and_so_is_her_desk_until_she_is(hold, people, muted):
    held = hold(people.says("转人工"))
    assert _missing(muted) == [(1, True), (1, False)]
    assert _told_alone(held, muted)[1:] == [UNHEARD]
    assert UNHEARD not in held.played


def test_the_customer_of_a_muted_agent_hears_a_word_and_the_tune_until_she_speaks(
    hold, people, muted
):
    held = hold(people.says("转人工"))
    asked = held.turns(Speaker.CALLEE)[0].ended_seconds
    spoke = people.first_voice(muted.voices)
    assert held.longest_silence(asked, spoke) <= AT_FIRST.company + 0.5
    assert ONE_MOMENT in held.played
    tune = [each for each in held.leg.played if each.wav not in held.texts][-1]
    assert tune.ended - spoke < 0.3
    assert [news.how for news in muted.told(JoinEnded)] == [HowJoinEnded.LEFT]


def test_an_agent_who_is_never_heard_is_replaced(hold, office, people):
    office.devices[ANNA] = people.phone()
    office.devices[BERT] = people.phone((people.says("我是小柏", people.at(1.0)),))
    office.sends_when_wanted(ANNA)
    office.on(JoinEnded, lambda _: office.send(people.joining(BERT, 2), 3.0))
    office.on(JoinEnded, lambda _: office.send(LeaveCall(7, 2, Afterwards.HANG_UP), 8.0))
    held = hold(people.says("转人工"))
    assert office.told(JoinEnded)[0].how is HowJoinEnded.LOST
    assert held.began("刚才线路断了") - office.when(JoinEnded)[0] < 0.5
    assert len(office.told(PersonWanted)) == 2
    assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["我是小柏"]


def test_who_listens_to_a_customer_who_talks_is_disturbed_by_nothing(hold, office, people):
    office.devices[ANNA] = people.phone()
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(LeaveCall(7, 1, Afterwards.HANG_UP), 19.0))
    told = [people.says("我跟你说啊", people.at(19.0 + 3.0 * each), 2.0) for each in range(5)]
    held = hold(people.says("转人工"), *told)
    assert ONE_MOMENT not in held.played


def test_who_looks_something_up_for_half_a_minute_is_disturbed_by_nothing(hold, office, people):
    office.devices[ANNA] = people.phone(
        (
            people.says("我查一下", people.at(1.0)),
            people.says("查到了", people.at(41.0)),
        )
    )
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(LeaveCall(7, 1, Afterwards.HANG_UP), 45.0))
    held = hold(people.says("转人工"))
    assert not _missing(office)
    assert ONE_MOMENT not in held.played


def test_a_microphone_that_dies_in_the_middle_leaves_nobody_in_silence_for_ever(
    hold, office, people
):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(1.0)),))
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.languages.clear())
    held = hold(people.says("转人工"))
    missing = office.when(VoiceMissing)[0]
    heard = held.turns(Speaker.AGENT)[0].ended_seconds
    assert missing - heard == pytest.approx(LATER.told, abs=0.7)
    assert held.began(ONE_MOMENT) - heard == pytest.approx(LATER.company, abs=0.7)
    assert office.told(JoinEnded)[0].how is HowJoinEnded.LOST
    assert PROMISE in held.ending


def test_a_third_of_whom_nothing_is_heard_leaves_the_customer_with_a_promise(hold, office, people):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(1.0)),))
    office.devices[DEPOT] = people.phone()
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(TransferOut(7, 1, DEPOT, attended=False), 3.0))
    held = hold(people.says("转人工"))
    assert ONE_MOMENT in held.played
    assert PROMISE in held.ending
    assert not _missing(office)


def test_the_customer_is_not_spoken_to_while_he_speaks():
    listens = Unheard().after(10.0, None, 5.0, customer=9.5)
    assert (listens.is_told, listens.silence(10.0, None)) == (False, Silence.BEARABLE)
    kept = listens.after(12.0, None, 5.0, customer=9.5)
    assert kept.silence(12.0, None) is Silence.KEEP_COMPANY
    assert kept.after(13.0, None, 5.0, customer=12.9).company_since == 12.0


def test_who_is_heard_again_is_waited_for_anew():
    told = Unheard(is_told=True, company_since=60.0)
    assert told.after(100.0, 99.0, 5.0, customer=0.0) == Unheard()
