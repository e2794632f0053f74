"""What becomes of a call after a person: the robot goes on, promises, or passes on to a third."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.exchange import DialogOutcome
from ivr.flow_model import TicketOrder
from ivr.people import (
    Afterwards,
    CancelTransfer,
    CompleteTransfer,
    HowJoinEnded,
    Joined,
    JoinEnded,
    LeaveCall,
    NobodyComes,
    PersonWanted,
    TransferMoved,
    TransferOut,
    TransferStage,
)
from ivr.standing import AGENT_HANDLES
from ivr.transcript import Speaker

ANNA = "sip:801@127.0.0.1"
DEPOT = "sip:555@127.0.0.1"
PROMISE = "之前给您回电话"


@pytest.fixture
def anna(office, people):
    """An agent who says hello; what she does then is for the test."""
    office.devices[ANNA] = people.phone((people.says("您好", people.at(1.0), 1.0),))
    office.sends_when_wanted(ANNA)
    return office


def _then(office, order, after=5.0):
    office.on(Joined, lambda _: office.send(order, after))


def test_the_robot_puts_its_question_again_when_it_has_the_call_back(hold, people, anna):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT))
    held = hold(people.says("转人工"), people.says("可以", people.at(25.0)))
    left = anna.when(JoinEnded)[0]
    assert held.began("我来继续为您服务") - left < 0.5
    assert "快递明天下午两点到四点送到,您方便收吗?" in held.played
    assert held.result.outcome is DialogOutcome.CONFIRMED
    assert held.result.needs_person == AGENT_HANDLES


def test_the_robot_goes_on_at_the_point_that_it_is_given(hold, people, anna):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT, point="ask_window"))
    held = hold(people.says("转人工"), people.says("明天上午十点", people.at(27.0)))
    answer = held.turns(Speaker.CALLEE)[-1]
    assert (answer.text, answer.prompt) == ("明天上午十点", "ask_window")


@pytest.mark.parametrize("point", ["no_such_state", "confirm_window"])
def test_a_point_at_which_the_robot_cannot_go_on_ends_with_a_promise(hold, people, anna, point):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT, point=point))
    held = hold(people.says("转人工"))
    assert PROMISE in held.ending


def test_the_robot_holds_another_conversation_in_the_same_call(hold, people, anna):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT, flow="survey"))
    held = hold(people.says("转人工"), people.says("很满意", people.at(30.0)))
    left = anna.when(JoinEnded)[0]
    after = [turn for turn in held.turns(Speaker.MENLING) if turn.began_seconds >= left - 0.1]
    assert after[0].began_seconds - left < 1.0
    assert held.result.needs_person == AGENT_HANDLES
    assert held.result.finished


def test_a_conversation_that_is_not_there_ends_with_a_goodbye(hold, people, anna):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT, flow="no-such-flow"))
    held = hold(people.says("转人工"))
    assert held.played[-1] == "感谢您的接听,再见。"


def test_an_agent_may_leave_the_promise_of_a_callback_to_the_robot(hold, people, anna):
    _then(anna, LeaveCall(7, 1, Afterwards.CALLBACK))
    held = hold(people.says("转人工"))
    assert PROMISE in held.ending
    assert held.result.outcome is DialogOutcome.CALLBACK_PROMISED


def test_no_more_calls_is_heard_by_the_robot_that_has_the_call_again(hold, people, anna):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT))
    held = hold(people.says("转人工"), people.says("以后不要再给我打电话了", people.at(25.0)))
    assert held.result.outcome is DialogOutcome.OPTED_OUT


def test_a_long_talk_with_a_person_costs_the_robot_none_of_its_time(hold, people, anna, flow):
    hasty = replace(flow, limits=replace(flow.limits, time_limit_seconds=30.0))
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT), 30.0)
    held = hold(people.says("转人工"), people.says("可以", people.at(50.0)), with_flow=hasty)
    assert held.result.outcome is DialogOutcome.CONFIRMED


def test_a_robot_that_hears_nothing_any_more_promises_a_callback(hold, people, anna):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT))
    held = hold(people.says("转人工"), deaf_after=16.0)
    assert PROMISE in held.ending
    assert "recogniser" in held.report.error


def test_a_recogniser_that_fails_while_a_person_talks_ends_no_call(hold, people, anna):
    _then(anna, LeaveCall(7, 1, Afterwards.HANG_UP), 10.0)
    held = hold(people.says("转人工"), deaf_after=16.0)
    assert held.leg.seconds > 20.0
    assert [news.how for news in anna.told(JoinEnded)] == [HowJoinEnded.LEFT]


def _passes_on(anna, people, *, attended, third=None, orders=()):
    anna.devices[DEPOT] = third or people.phone(
        (people.says("仓库您好", people.at(2.0), 2.0),), 2.0
    )
    _then(anna, TransferOut(7, 1, DEPOT, attended), 3.0)
    for order, after in orders:
        _then(anna, order, after)


def _stages(office):
    return [news.stage for news in office.told(TransferMoved)]


def test_a_customer_who_is_passed_on_blindly_talks_to_the_third(hold, people, anna):
    _passes_on(anna, people, attended=False, orders=[(_hang_up(), 9.0)])
    held = hold(people.says("转人工"), people.hangs_up(30.0))
    assert _stages(anna) == [TransferStage.RINGING, TransferStage.CONNECTED]
    assert [turn.text for turn in held.turns(Speaker.THIRD)] == ["仓库您好"]
    assert [news.how for news in anna.told(JoinEnded)] == [HowJoinEnded.LEFT]
    ringing, connected = anna.when(TransferMoved)
    assert held.longest_silence(ringing, connected) <= 1.0


def test_a_third_who_is_consulted_is_heard_by_the_agent_and_not_by_the_customer(hold, people, anna):
    _passes_on(
        anna, people, attended=True, orders=[(CancelTransfer(7, 1), 9.0), (_hang_up(), 12.0)]
    )
    held = hold(people.says("转人工"))
    consulted = anna.when(TransferMoved)[1]
    assert _stages(anna) == [
        TransferStage.RINGING,
        TransferStage.CONSULTING,
        TransferStage.RETURNED,
    ]
    heard = [each for each in anna.legs[ANNA].heard if each[0] > consulted]
    assert people.voice_seconds(heard) == pytest.approx(2.0, abs=0.2)
    assert not [each for each in anna.voices if each[0] > consulted + 0.1 and any(each[1])][:100]
    assert not held.turns(Speaker.THIRD)


def _hang_up():
    return LeaveCall(7, 1, Afterwards.HANG_UP)


def test_an_agent_who_has_consulted_the_third_leaves_the_customer_with_him(hold, people, anna):
    third = people.phone((people.says("我来处理", people.at(7.0), 1.5),), 1.0)
    _passes_on(anna, people, attended=True, third=third, orders=[(CompleteTransfer(7, 1), 8.0)])
    held = hold(people.says("转人工"), people.hangs_up(30.0))
    assert _stages(anna)[-1] is TransferStage.CONNECTED
    assert [turn.text for turn in held.turns(Speaker.THIRD)] == ["我来处理"]


@pytest.mark.parametrize("answers", [True, False])
def test_an_agent_who_hangs_up_while_the_third_rings_has_passed_the_customer_on(
    hold, office, people, answers
):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(1.0)), people.hangs_up(5.0)))
    office.devices[DEPOT] = people.phone(
        (people.says("仓库您好再见", people.at(1.0)), people.hangs_up(5.0)), 6.0, never=not answers
    )
    office.sends_when_wanted(ANNA)
    _then(office, TransferOut(7, 1, DEPOT, attended=False), 3.0)
    held = hold(people.says("转人工"))
    assert {news.join for news in office.told(TransferMoved)} == {1}
    assert bool(held.turns(Speaker.THIRD)) is answers
    assert (PROMISE in held.ending) is not answers


def test_a_third_who_does_not_answer_leaves_the_customer_with_the_agent(hold, people, anna):
    _passes_on(
        anna,
        people,
        attended=False,
        third=people.phone(never=True),
        orders=[(_hang_up(), 30.0)],
    )
    held = hold(people.says("转人工"))
    assert _stages(anna) == [TransferStage.RINGING, TransferStage.FAILED]
    assert "对方没有接听。" in [held.texts[each.wav] for each in anna.legs[ANNA].leg.played]


def test_a_third_who_cannot_be_reached_is_told_to_the_agent_while_the_customer_hears_the_tune(
    hold, office, people
):
    greets, goes_on = people.says("您好", people.at(1.0)), people.says("抱歉", people.at(11.0))
    office.devices[ANNA] = people.phone((greets, goes_on))
    office.sends_when_wanted(ANNA)
    _then(office, TransferOut(7, 1, "sip:nobody@127.0.0.1", attended=True), 6.0)
    _then(office, _hang_up(), 14.0)
    held = hold(people.says("转人工"))
    assert _stages(office) == [TransferStage.RINGING, TransferStage.FAILED]
    told = [held.texts[each.wav] for each in office.legs[ANNA].leg.played]
    assert told[-1] == "对方没有接通。"
    failed = office.when(TransferMoved)[-1]
    spoke = people.first_voice([each for each in office.voices if each[0] > failed])
    assert spoke - failed > 3.0
    assert held.longest_silence(failed, spoke) <= 1.0


def test_a_third_who_hangs_up_while_he_is_consulted_is_told_to_the_agent(hold, people, anna):
    third = people.phone((people.hangs_up(3.0),), 1.0)
    _passes_on(anna, people, attended=True, third=third, orders=[(_hang_up(), 16.0)])
    held = hold(people.says("转人工"))
    assert _stages(anna)[-1] is TransferStage.RETURNED
    assert "对方已挂断。" in [held.texts[each.wav] for each in anna.legs[ANNA].leg.played]


@pytest.mark.parametrize(("words", "says_it"), [("那就这样再见", False), ("好的", True)])
def test_the_robot_says_the_goodbye_that_the_agent_did_not(hold, office, people, words, says_it):
    office.devices[ANNA] = people.phone((people.says(words, people.at(1.0), 1.0),))
    office.sends_when_wanted(ANNA)
    _then(office, _hang_up(), 6.0)
    held = hold(people.says("转人工"))
    assert ("感谢您的接听,再见。" in held.played) is says_it
    assert held.result.needs_person == AGENT_HANDLES


def test_a_third_who_hangs_up_without_a_goodbye_leaves_the_customer_with_a_promise(
    hold, people, anna
):
    third = people.phone((people.hangs_up(4.0),), 1.0)
    _passes_on(anna, people, attended=False, third=third)
    held = hold(people.says("转人工"))
    assert _stages(anna)[-1] is TransferStage.ENDED
    assert {news.join for news in anna.told(TransferMoved)} == {1}
    assert PROMISE in held.ending


def test_an_agent_who_is_lost_while_she_consults_is_replaced(hold, office, people):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(1.0)), people.dies(8.0)))
    office.devices[DEPOT] = people.phone(answers_after=1.0)
    office.sends_when_wanted(ANNA)
    _then(office, TransferOut(7, 1, DEPOT, attended=True), 3.0)
    held = hold(people.says("转人工"))
    assert "刚才线路断了" in "".join(held.played)
    assert PROMISE in held.ending


@pytest.fixture
def troubled(flow):
    """A flow whose ending for those who ask for a person opens a ticket."""
    person = flow.script.states["person"]
    ending = replace(person.ending, ticket=TicketOrder("complaint"))
    states = {**flow.script.states, "person": replace(person, ending=ending)}
    return replace(flow, script=replace(flow.script, states=states))


def _kinds(held):
    return [each.kind for each in held.result.tickets]


def test_what_an_agent_settled_needs_no_ticket(hold, people, anna, troubled):
    _then(anna, _hang_up())
    held = hold(people.says("转人工"), with_flow=troubled)
    assert _kinds(held) == []
    assert held.result.callback_by is None


@pytest.mark.parametrize("more", [{}, {"flow": "survey"}])
def test_what_the_robot_goes_on_with_after_an_agent_needs_none_either(
    hold, people, anna, troubled, more
):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT, **more))
    held = hold(people.says("转人工"), people.says("可以", people.at(25.0)), with_flow=troubled)
    assert _kinds(held) == []


def test_what_the_robot_promises_for_an_agent_needs_its_ticket(hold, people, anna, troubled):
    _then(anna, LeaveCall(7, 1, Afterwards.CALLBACK))
    held = hold(people.says("转人工"), with_flow=troubled)
    assert _kinds(held) == ["complaint"]
    assert held.result.callback_by is not None


def test_what_the_robot_promises_later_needs_the_ticket_that_was_put_off(
    hold, people, anna, troubled
):
    _then(anna, LeaveCall(7, 1, Afterwards.ROBOT))
    anna.on(JoinEnded, lambda _: anna.languages.clear())
    unsure = [people.says("不知道", people.at(when)) for when in (29.0, 40.0)]
    held = hold(people.says("转人工"), *unsure, with_flow=troubled)
    assert PROMISE in held.ending
    assert _kinds(held) == ["complaint"]


def test_whom_nobody_talked_to_gets_the_ticket_of_his_promise(hold, office, people, troubled):
    office.on(PersonWanted, lambda _: office.send(NobodyComes(7), 5.0))
    assert _kinds(hold(people.says("转人工"), with_flow=troubled)) == ["complaint"]


def test_who_wants_nobody_any_more_needs_no_ticket(hold, office, people, troubled):
    held = hold(
        people.says("转人工"),
        people.says("不用了", people.at(19.0)),
        people.says("可以", people.at(34.0)),
        with_flow=troubled,
    )
    assert held.result.outcome is DialogOutcome.CONFIRMED
    assert _kinds(held) == []
