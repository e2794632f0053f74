"""A customer who waits for a person doesn't want one any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.exchange import DialogOutcome
from ivr.meaning import Intent
from ivr.nlu.understanding import understand
from ivr.people import (
    Afterwards,
    Joined,
    JoinFailed,
    LeaveCall,
    NobodyComes,
    PersonWanted,
    WishWithdrawn,
)
from ivr.transcript import Speaker
from ivr.withdrawal import Withdrawal, withdrawal

ANNA = "sip:801@127.0.0.1"
BERT = "sip:802@127.0.0.1"
BACK_AGAIN = "好的,我来继续为您服务。"
QUESTION = "快递明天下午两点到四点送到,您方便收吗?"
PROMISE = "之前给您回电话"
ASKS = 19.0
"""While the tune plays for whoever asked for a person at once."""


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("不用了", Withdrawal.STAY),
        ("不用了谢谢", Withdrawal.STAY),
        ("算了", Withdrawal.STAY),
        ("算了不用转了", Withdrawal.STAY),
        ("不用人工了", Withdrawal.STAY),
        ("不找人工了", Withdrawal.STAY),
        ("我不等了", Withdrawal.STAY),
        ("不用等了", Withdrawal.STAY),
        ("没事了不用了", Withdrawal.STAY),
        ("等了半天算了吧", Withdrawal.STAY),
        ("你继续说吧", Withdrawal.STAY),
        ("再见", Withdrawal.LEAVE),
        ("算了我挂了", Withdrawal.LEAVE),
        ("你们晚点再打吧", Withdrawal.LATER),
        ("好的", None),
        ("快点啊", None),
        ("行吧我等着", None),
        ("我再等等", None),
        ("不用急我等着", None),
        ("再不来我就挂了", None),
        ("别挂啊", None),
        ("这事不能就这么算了", None),
        ("怎么还没人", None),
    ],
)
def test_what_somebody_wants_who_no_longer_waits(text, wants, now):
    assert withdrawal(understand(text, 0.9, (), now, "zh-CN"), "zh-CN") is wants


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("never mind", Withdrawal.STAY),
        ("no thanks", Withdrawal.STAY),
        ("i don't want to wait", Withdrawal.STAY),
        ("i'm hanging up", Withdrawal.LEAVE),
        ("okay bye", Withdrawal.LEAVE),
        ("i'll wait", None),
        ("don't hang up", None),
        ("hello", None),
    ],
)
def test_the_same_in_english(text, wants, now):
    assert withdrawal(understand(text, 0.9, (), now, "en-US"), "en-US") is wants


@pytest.mark.parametrize("words", ["不用了", "你继续说吧"])
def test_who_wants_nobody_any_more_gets_the_question_that_was_open(hold, office, people, words):
    held = hold(
        people.says("转人工"),
        people.says(words, people.at(ASKS)),
        people.says("可以", people.at(34.0)),
    )
    said = held.turns(Speaker.CALLEE)[1].ended_seconds
    assert held.began(BACK_AGAIN) - said < 1.5
    assert held.played.index(QUESTION) == held.played.index(BACK_AGAIN) + 1
    assert held.result.outcome is DialogOutcome.CONFIRMED
    assert held.result.needs_person == ""
    assert len(office.told(WishWithdrawn)) == 1
    assert PROMISE not in "".join(held.played)


def test_who_takes_his_leave_while_he_waits_is_let_go_without_a_promise(hold, office, people):
    held = hold(people.says("转人工"), people.says("算了我挂了", people.at(ASKS)))
    assert held.ending == "好的,那不打扰您了,再见。"
    assert held.result.outcome is DialogOutcome.UNFINISHED
    assert held.result.needs_person == ""


def test_who_asks_to_be_called_later_while_he_waits_is(hold, office, people):
    held = hold(people.says("转人工"), people.says("你们晚点再打吧", people.at(ASKS)))
    assert "晚些再打给您" in held.ending
    assert held.result.call_again_at is not None


def test_where_the_robot_could_not_go_on_by_itself_it_says_goodbye(hold, office, people):
    held = hold(
        people.says("七八九十"),
        people.says("锅碗瓢盆"),
        people.says("七上八下"),
        people.says("不用了", people.at(45.0)),
    )
    assert len(office.told(PersonWanted)) == 1
    assert held.ending == "好的,那不打扰您了,再见。"


def test_who_has_nothing_left_to_answer_hears_a_goodbye_that_promises_nothing(
    hold, office, people, flow
):
    hasty = replace(flow, limits=replace(flow.limits, turn_limit=0))
    held = hold(people.says("可以"), people.says("不用了", people.at(20.0)), with_flow=hasty)
    assert len(office.told(PersonWanted)) == 1
    assert held.ending == "感谢您的接听,再见。"


def test_the_time_he_waited_is_not_taken_from_the_robots(hold, office, people, flow):
    hasty = replace(flow, limits=replace(flow.limits, time_limit_seconds=40.0))
    office.on(PersonWanted, lambda _: office.send(people.joining(ANNA), 60.0))
    held = hold(
        people.says("转人工"),
        people.says("不用了", people.at(42.0)),
        people.says("可以", people.at(57.0)),
        with_flow=hasty,
    )
    assert held.result.outcome is DialogOutcome.CONFIRMED


def test_an_agent_who_comes_too_late_is_told_that_she_is_not_wanted_any_more(hold, office, people):
    office.devices[ANNA] = people.phone()
    office.on(WishWithdrawn, lambda _: office.send(people.joining(ANNA), 1.0))
    hold(people.says("转人工"), people.says("不用了", people.at(ASKS)), people.says("可以"))
    assert [news.why for news in office.told(JoinFailed)] == ["withdrawn"]


def test_who_changes_his_mind_again_gets_a_person_after_all(hold, office, people):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(1.0)),))
    office.on(
        WishWithdrawn,
        lambda _: office.on(PersonWanted, lambda _: office.send(people.joining(ANNA), 1.0)),
    )
    office.on(Joined, lambda _: office.send(LeaveCall(people.attempt, 1, Afterwards.HANG_UP), 4.0))
    held = hold(
        people.says("转人工"),
        people.says("不用了", people.at(ASKS)),
        people.says("还是转人工吧", people.at(34.0)),
    )
    assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["您好"]


def test_impatient_words_leave_him_waiting(hold, office, people):
    office.on(PersonWanted, lambda _: office.send(NobodyComes(people.attempt), 15.0))
    held = hold(people.says("转人工"), people.says("再不来我就挂了", people.at(ASKS)))
    assert not office.told(WishWithdrawn)
    assert PROMISE in held.ending


def test_the_engine_learns_that_who_wants_no_more_calls_waits_for_nobody(hold, office, people):
    held = hold(people.says("转人工"), people.says("以后不要再给我打电话了", people.at(ASKS)))
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    assert len(office.told(WishWithdrawn)) == 1


def test_wanting_a_person_is_no_withdrawal(now):
    meant = understand("转人工", 0.9, (), now, "zh-CN")
    assert meant.intent is Intent.PERSON
    assert withdrawal(meant, "zh-CN") is None


@pytest.mark.parametrize("frames_later", [-2, -1])
def test_whose_device_answers_just_as_he_wants_nobody_any_more_does_not_get_him(
    hold, office, people, frames_later
):
    doings = (people.says("转人工"), people.says("不用了", people.at(ASKS)))
    hold(*doings)
    [withdrawn] = office.when(WishWithdrawn)
    office.news.clear()
    office.devices[ANNA] = people.phone(answers_after=1.0)
    office.at(withdrawn - 1.02 + frames_later * 0.02, people.joining(ANNA))
    office.on(Joined, lambda _: office.send(LeaveCall(people.attempt, 1, Afterwards.HANG_UP), 4.0))
    hold(*doings)
    assert bool(office.told(Joined)) is not bool(office.told(WishWithdrawn))


def test_who_has_talked_to_a_person_is_not_asked_the_robots_question_again(hold, office, people):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(2.0)), people.dies(6.0)))
    office.sends_when_wanted(ANNA)
    held = hold(people.says("转人工"), people.says("不用了", people.at(32.0)))
    assert len(office.told(WishWithdrawn)) == 1
    assert held.ending == "好的,那不打扰您了,再见。"
