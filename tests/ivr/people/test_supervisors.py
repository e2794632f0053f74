"""Supervisors: they listen, whisper, barge in, take over and give the call back."""

from __future__ import annotations

import pytest

from ivr.people import (
    Afterwards,
    ChangeMode,
    EndCall,
    HowJoinEnded,
    Joined,
    JoinEnded,
    JoinFailed,
    JoinMode,
    JoinRole,
    LeaveCall,
)
from ivr.standing import AGENT_HANDLES, ENDED_BY_PERSON
from ivr.transcript import Speaker

ANNA = "sip:801@127.0.0.1"
BOSS = "sip:900@127.0.0.1"
CHIEF = "sip:901@127.0.0.1"


def _supervises(people, mode, address=BOSS, join=9):
    return people.joining(address, join, JoinRole.SUPERVISOR, mode)


def _words(people, text="我来说两句", at=2.0):
    return people.phone((people.says(text, people.at(at), 2.0),))


def test_who_listens_to_the_robot_hears_both_and_is_heard_by_nobody(hold, office, people):
    office.devices[BOSS] = _words(people)
    office.at(5.0, _supervises(people, JoinMode.LISTEN))
    held = hold(people.says("可以"), people.says("没有了"))
    assert people.voice_seconds(office.voices) == 0
    heard = office.legs[BOSS].heard
    robot = [each for each in held.leg.played if each.began > 6.0]
    assert people.voice_seconds(heard) > 1.0
    assert len(heard) > 50 * sum(each.ended - each.began for each in robot) * 0.9
    assert held.result.outcome == "confirmed"
    assert held.result.needs_person == ""


def test_nobody_can_whisper_where_there_is_no_agent(hold, office, people):
    office.devices[BOSS] = _words(people)
    office.at(5.0, _supervises(people, JoinMode.WHISPER))
    hold(people.says("可以"))
    assert [news.why for news in office.told(JoinFailed)] == ["no_agent"]


def test_nobody_comes_into_a_call_that_has_not_been_answered(hold, office, people):
    office.at(0.0, _supervises(people, JoinMode.TAKE_OVER))
    hold(people.says("可以"))
    assert [news.why for news in office.told(JoinFailed)] == ["not_answered"]


def test_the_customer_hears_nothing_of_a_whisper_and_the_agent_does(hold, office, people):
    office.devices[ANNA] = _words(people, "您好", 1.0)
    office.devices[BOSS] = _words(people, at=1.0)
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(_supervises(people, JoinMode.WHISPER), 6.0))
    office.on(Joined, lambda _: office.send(LeaveCall(7, 1, Afterwards.HANG_UP), 12.0))
    held = hold(people.says("转人工"))
    assert people.voice_seconds(office.legs[ANNA].heard) == pytest.approx(2.0, abs=0.2)
    whispered = people.first_voice(office.legs[ANNA].heard)
    assert people.voice_seconds([each for each in office.voices if each[0] > whispered]) == 0
    assert held.longest_silence(whispered, whispered + 1.9) == pytest.approx(1.9, abs=0.05)
    assert not held.turns(Speaker.SUPERVISOR)


def test_who_barges_in_is_heard_by_the_customer_while_the_robot_goes_on(hold, office, people):
    office.devices[BOSS] = _words(people)
    office.at(5.0, _supervises(people, JoinMode.BARGE))
    held = hold(people.says("可以"), people.says("没有了"))
    assert people.voice_seconds(office.voices) == pytest.approx(2.0, abs=0.2)
    assert [turn.text for turn in held.turns(Speaker.SUPERVISOR)] == ["我来说两句"]
    assert held.result.outcome == "confirmed"


def test_who_takes_over_from_the_robot_has_the_call(hold, office, people):
    office.devices[BOSS] = _words(people, "我来处理再见", at=4.0)
    office.at(9.0, _supervises(people, JoinMode.TAKE_OVER))
    office.on(Joined, lambda _: office.send(LeaveCall(7, 9, Afterwards.HANG_UP), 9.0))
    held = hold()
    joined = office.when(Joined)[0]
    spoke = people.first_voice(office.voices)
    assert held.longest_silence(joined, spoke) <= 1.0
    assert not [t for t in held.turns(Speaker.MENLING) if spoke < t.began_seconds]
    assert held.result.needs_person == AGENT_HANDLES
    assert held.result.finished


def test_the_robot_goes_on_with_its_question_when_a_supervisor_only_listens_again(
    hold, office, people
):
    office.devices[BOSS] = _words(people, at=1.0)
    office.at(9.0, _supervises(people, JoinMode.TAKE_OVER))
    office.on(Joined, lambda _: office.send(ChangeMode(7, 9, JoinMode.LISTEN), 5.0))
    held = hold(people.says("可以", people.at(24.0)))
    assert "我来继续为您服务" in "".join(held.played)
    assert held.began("我来继续为您服务") - office.when(Joined)[0] == pytest.approx(5.0, abs=0.2)
    assert held.report.turns[-1].speaker is Speaker.MENLING
    assert held.result.outcome == "confirmed"


def test_a_supervisor_who_takes_over_from_an_agent_sends_her_home(hold, office, people):
    office.devices[ANNA] = _words(people, "您好", 1.0)
    office.devices[BOSS] = _words(people, "我是主管", 1.0)
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(_supervises(people, JoinMode.LISTEN), 4.0))
    office.on(Joined, lambda _: office.send(ChangeMode(7, 9, JoinMode.TAKE_OVER), 5.0))
    office.on(JoinEnded, lambda _: office.send(LeaveCall(7, 9, Afterwards.HANG_UP), 6.0))
    held = hold(people.says("转人工"))
    assert [(n.join, n.how) for n in office.told(JoinEnded)] == [
        (1, HowJoinEnded.LEFT),
        (9, HowJoinEnded.LEFT),
    ]
    assert [visit.role for visit in held.report.people] == ["agent", "supervisor"]


def test_two_supervisors_listen_to_one_call(hold, office, people):
    office.devices[BOSS] = people.phone()
    office.devices[CHIEF] = people.phone()
    office.at(5.0, _supervises(people, JoinMode.LISTEN))
    office.at(6.0, _supervises(people, JoinMode.LISTEN, CHIEF, 10))
    held = hold(people.says("可以"), people.says("没有了"))
    for address in (BOSS, CHIEF):
        assert people.voice_seconds(office.legs[address].heard) > 1.0
    assert held.result.outcome == "confirmed"


def test_a_listener_whose_device_dies_changes_nothing(hold, office, people):
    office.devices[BOSS] = people.phone((people.dies(2.0),))
    office.at(5.0, _supervises(people, JoinMode.LISTEN))
    held = hold(people.says("可以"), people.says("没有了"))
    assert [news.how for news in office.told(JoinEnded)] == [HowJoinEnded.LOST]
    assert held.result.outcome == "confirmed"


def test_a_call_that_is_ended_from_outside_ends_with_a_goodbye(hold, office, people):
    office.at(7.0, EndCall(7))
    held = hold()
    assert held.played[-1] == "感谢您的接听,再见。"
    assert held.result.needs_person == ENDED_BY_PERSON
    assert held.result.call_again_at is None
    assert held.leg.seconds < 11.0


def test_a_call_with_an_agent_that_is_ended_from_outside_ends_with_a_goodbye(hold, office, people):
    office.devices[ANNA] = _words(people, "您好", 1.0)
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(EndCall(7), 5.0))
    held = hold(people.says("转人工"))
    assert held.played[-1] == "感谢您的接听,再见。"
    assert [news.how for news in office.told(JoinEnded)] == [HowJoinEnded.LEFT]


@pytest.mark.parametrize("frames_later", range(-2, 3))
def test_whose_device_answers_just_as_the_agent_ends_the_call_does_no_harm(
    hold, office, people, frames_later
):
    office.devices[ANNA] = people.phone(
        (people.says("那就这样再见", people.at(4.0), 1.0), people.hangs_up(8.0))
    )
    office.sends_when_wanted(ANNA)
    office.on(
        Joined,
        lambda _: office.send(_supervises(people, JoinMode.TAKE_OVER), 6.0),
    )
    office.devices[BOSS] = people.phone(answers_after=2.0 + frames_later * 0.02)
    office.on(Joined, lambda news: office.send(LeaveCall(7, 9, Afterwards.HANG_UP), 14.0))
    held = hold(people.says("转人工"))
    assert held.result.needs_person == AGENT_HANDLES


def test_nobody_comes_into_a_call_to_which_goodbye_is_being_said(hold, office, people):
    office.devices[ANNA] = people.phone()
    office.at(7.0, EndCall(7))
    office.at(7.0, people.joining(ANNA))
    office.at(8.0, people.joining(ANNA, 2))
    held = hold()
    assert [(news.join, news.why) for news in office.told(JoinFailed)] == [(1, "over"), (2, "over")]
    assert held.played[-1] == "感谢您的接听,再见。"
