"""One user is in a call once, and leaves it at once when he may take part no more."""

from __future__ import annotations

from ivr.people import (
    Afterwards,
    HowJoinEnded,
    Joined,
    JoinEnded,
    JoinFailed,
    JoinMode,
    JoinRole,
    LeaveCall,
    PersonWanted,
    ShowOut,
)
from ivr.transcript import Speaker

ANNA = "sip:801@127.0.0.1"
BERT = "sip:802@127.0.0.1"
BOSS = "sip:900@127.0.0.1"
PROMISE = "之前给您回电话"


def _listens(people, join, mode=JoinMode.LISTEN):
    return people.joining(BOSS, join, JoinRole.SUPERVISOR, mode, user=5)


def test_a_second_order_of_the_same_user_is_refused_while_his_telephone_rings(hold, office, people):
    office.devices[BOSS] = people.phone(answers_after=3.0)
    office.at(5.0, _listens(people, 9))
    office.at(5.2, _listens(people, 10))
    hold(people.says("可以"), people.says("没有了"))
    assert [(news.join, news.why) for news in office.told(JoinFailed)] == [(10, "twice")]
    assert [news.join for news in office.told(Joined)] == [9]
    assert office.rung == [BOSS]


def test_who_comes_back_leaves_his_earlier_visit(hold, office, people):
    office.devices[BOSS] = people.phone()
    office.at(5.0, _listens(people, 9))
    office.at(8.0, _listens(people, 10))
    held = hold(people.says("可以"), people.says("没有了"))
    assert [(news.join, news.how) for news in office.told(JoinEnded)] == [
        (9, HowJoinEnded.LEFT),
        (10, HowJoinEnded.CALL_ENDED),
    ]
    assert held.result.outcome == "confirmed"


def test_who_has_the_call_cannot_listen_to_it_as_well(hold, office, people):
    office.devices[BOSS] = people.phone((people.says("我是主管", people.at(1.0)),))
    office.at(9.0, _listens(people, 9, JoinMode.TAKE_OVER))
    office.on(Joined, lambda _: office.send(_listens(people, 10), 3.0))
    office.on(Joined, lambda _: office.send(LeaveCall(7, 9, Afterwards.HANG_UP), 6.0))
    hold()
    assert [(news.join, news.why) for news in office.told(JoinFailed)] == [(10, "twice")]


def test_two_users_listen_although_one_of_them_is_not_known(hold, office, people):
    office.devices[BOSS] = people.phone()
    office.at(5.0, _listens(people, 9))
    office.at(6.0, people.joining(BOSS, 10, JoinRole.SUPERVISOR, JoinMode.LISTEN))
    office.at(7.0, people.joining(BOSS, 11, JoinRole.SUPERVISOR, JoinMode.LISTEN))
    hold(people.says("可以"), people.says("没有了"))
    assert [news.join for news in office.told(Joined)] == [9, 10, 11]


def test_nobody_notices_when_a_listener_is_shown_out(hold, office, people):
    office.devices[BOSS] = people.phone()
    office.at(5.0, _listens(people, 9))
    office.at(8.0, ShowOut(7, 9))
    held = hold(people.says("可以"), people.says("没有了"))
    assert [news.how for news in office.told(JoinEnded)] == [HowJoinEnded.LEFT]
    assert held.result.outcome == "confirmed"


def test_an_agent_who_is_shown_out_is_heard_no_more_and_somebody_else_is_fetched(
    hold, office, people
):
    office.devices[ANNA] = people.phone((people.says("您好我是客服小安", people.at(2.0), 60.0),))
    office.devices[BERT] = people.phone((people.says("我是小柏", people.at(1.5)),))
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(ShowOut(7, 1), 6.0))
    office.on(JoinEnded, lambda _: office.send(people.joining(BERT, 2), 3.0))
    office.on(JoinEnded, lambda _: office.send(LeaveCall(7, 2, Afterwards.HANG_UP), 8.0))
    held = hold(people.says("转人工"))
    [shown_out, *_] = office.when(JoinEnded)
    assert office.told(JoinEnded)[0].how is HowJoinEnded.LOST
    assert held.began("刚才线路断了") - shown_out < 1.0
    heard = [each for each in office.voices if shown_out < each[0] < shown_out + 3.0]
    assert people.voice_seconds(heard) == 0
    assert [turn.text for turn in held.turns(Speaker.AGENT)][-1] == "我是小柏"


def test_an_agent_who_is_shown_out_where_nobody_else_could_come_leaves_a_promise(
    hold, office, people
):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(2.0)),))
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.languages.clear())
    office.on(Joined, lambda _: office.send(ShowOut(7, 1), 6.0))
    held = hold(people.says("转人工"))
    assert PROMISE in held.ending


def test_whose_telephone_still_rings_is_shown_out_too(hold, office, people):
    office.devices[ANNA] = people.phone(answers_after=30.0)
    office.sends_when_wanted(ANNA)
    office.on(PersonWanted, lambda _: office.send(ShowOut(7, 1), 4.0))
    hold(people.says("转人工"))
    assert [(news.join, news.why) for news in office.told(JoinFailed)] == [(1, "over")]
