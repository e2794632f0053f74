"""A person takes a call over from the robot: nobody waits in silence, and nobody is trapped."""

from __future__ import annotations

import pytest

from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome
from ivr.people import (
    Afterwards,
    CallFlagged,
    HowJoinEnded,
    Joined,
    JoinEnded,
    JoinFailed,
    LeaveCall,
    NobodyComes,
    PersonWanted,
)
from ivr.standing import AGENT_HANDLES, SPEAK_UP_SECONDS, WAIT_SECONDS
from ivr.transcript import Speaker

ANNA = "sip:801@127.0.0.1"
BERT = "sip:802@127.0.0.1"
BRIDGE = "正在为您转接客服"
PROMISE = "之前给您回电话"


def _leaves(people, then=Afterwards.HANG_UP, join=1, **more):
    return LeaveCall(people.attempt, join, then, **more)


@pytest.fixture
def anna(office, people):
    """An agent who greets after her brief, talks, and says goodbye."""
    office.devices[ANNA] = people.phone(
        (
            people.says("您好我是客服小安", people.at(2.0), 1.5),
            people.says("那就这样再见", people.at(8.0), 1.0),
        )
    )
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(_leaves(people), 11.0))
    return office


def test_a_person_who_was_asked_for_comes_and_talks(hold, people, anna):
    held = hold(people.says("转人工"))
    assert people.voice_seconds(anna.voices) == pytest.approx(2.5, abs=0.2)
    assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["您好我是客服小安", "那就这样再见"]
    assert held.report.ended.cause is HangupCause.WE_HUNG_UP
    assert [news.how for news in anna.told(JoinEnded)] == [HowJoinEnded.LEFT]


def test_the_customer_is_told_at_once_that_somebody_is_fetched(hold, people, anna):
    held = hold(people.says("转人工"))
    asked = held.turns(Speaker.CALLEE)[0].ended_seconds
    assert held.began(BRIDGE) - asked < 1.0
    assert PROMISE not in "".join(held.played)


def test_from_the_order_to_the_agents_first_word_nobody_hears_silence(hold, people, anna):
    held = hold(people.says("转人工"))
    asked = held.turns(Speaker.CALLEE)[0].ended_seconds
    first = people.first_voice(anna.voices)
    assert held.longest_silence(asked, first) <= 1.0


def test_the_agents_first_word_is_audible_within_two_seconds_of_the_order(hold, office, people):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(0.6), 2.0),), 0.5)
    office.sends_when_wanted(ANNA, after=3.0)
    office.on(Joined, lambda _: office.send(_leaves(people), 5.0))
    hold(people.says("转人工"))
    [wanted] = office.when(PersonWanted)
    assert people.first_voice(office.voices) - (wanted + 3.0) <= 2.0


def test_the_brief_is_for_the_agent_alone_and_stops_when_she_speaks(hold, people, anna):
    held = hold(people.says("转人工"))
    brief = anna.told(PersonWanted)[0].brief
    assert "王小明" in brief.spoken
    assert brief.spoken not in held.played
    told = anna.legs[ANNA].leg.played
    assert [held.texts[each.wav] for each in told] == [brief.spoken]
    spoke_up = anna.legs[ANNA].leg.played[0].ended
    assert spoke_up < 2.4


def test_the_hold_sound_stops_when_the_agent_speaks(hold, office, people):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(5.0), 2.0),))
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(_leaves(people), 8.0))
    held = hold(people.says("转人工"))
    first = people.first_voice(office.voices)
    [tune] = [each for each in held.leg.played if each.wav not in held.texts]
    assert tune.ended - first < 0.3


def test_the_hold_sound_stops_soon_after_the_brief_though_the_agent_says_nothing(
    hold, office, people
):
    office.devices[ANNA] = people.phone()
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(_leaves(people), 8.5))
    held = hold(people.says("转人工"))
    [tune] = [each for each in held.leg.played if each.wav not in held.texts]
    [brief] = office.legs[ANNA].leg.played
    began = office.legs[ANNA].began
    assert tune.ended - (began + brief.ended) == pytest.approx(SPEAK_UP_SECONDS, abs=0.2)


def test_both_sides_are_written_down_while_a_person_talks(hold, people, anna):
    held = hold(
        people.says("转人工"),
        people.says("我想问问赔多少", people.at(19.0)),
        people.says("再见", people.at(21.0)),
    )
    assert [turn.text for turn in held.turns(Speaker.CALLEE)] == [
        "转人工",
        "我想问问赔多少",
        "再见",
    ]
    began = [turn.began_seconds for turn in held.report.turns]
    assert held.turns(Speaker.AGENT)[0].began_seconds > held.turns(Speaker.CALLEE)[0].ended_seconds
    assert len(began) == len(set(began))


def test_a_call_that_an_agent_talked_in_is_hers_until_her_form_is_there(hold, people, anna):
    held = hold(people.says("转人工"))
    assert held.result.needs_person == AGENT_HANDLES
    assert held.result.finished
    [visit] = held.report.people
    assert (visit.join, visit.role, visit.spoke) == (1, "agent", True)


def test_the_wish_carries_why_and_what_is_settled(hold, people, anna):
    hold(people.says("转人工"))
    [wanted] = anna.told(PersonWanted)
    [flagged] = anna.told(CallFlagged)
    assert (flagged.flag.rule, flagged.flag.words) == ("asked", "转人工")
    assert (wanted.flag.rule, wanted.brief.question) == ("asked", "opening")
    assert wanted.brief.last_turns[-1].text == "转人工"
    assert "ask_window" in wanted.brief.points


def test_where_nobody_could_come_the_call_is_as_without_a_desk(hold, office, people):
    office.languages.clear()
    held = hold(people.says("转人工"))
    assert PROMISE in held.ending
    assert not office.told(PersonWanted)
    assert held.result.outcome is DialogOutcome.CALLBACK_PROMISED
    assert [flag.rule for flag in held.report.flags] == ["asked"]


def test_when_nobody_comes_the_robot_says_so_and_promises_a_callback(hold, office, people):
    office.on(PersonWanted, lambda _: office.send(NobodyComes(people.attempt), 20.0))
    held = hold(people.says("转人工"))
    assert held.ending.startswith("不好意思,客服现在都在忙。")
    assert PROMISE in held.ending
    asked = held.turns(Speaker.CALLEE)[0].ended_seconds
    assert held.longest_silence(asked, held.began(PROMISE)) <= 1.0
    assert (held.result.outcome, held.result.needs_person) == (
        DialogOutcome.CALLBACK_PROMISED,
        "客户要求人工",
    )


def test_whoever_waits_hears_a_word_every_twelve_seconds(hold, office, people):
    office.on(PersonWanted, lambda _: office.send(NobodyComes(people.attempt), 40.0))
    held = hold(people.says("转人工"))
    lines = [each.began for each in held.leg.played if "请不要挂机" in held.texts.get(each.wav, "")]
    lines += [
        each.began for each in held.leg.played if "谢谢您等候" in held.texts.get(each.wav, "")
    ]
    waits = [
        later - earlier for earlier, later in zip([held.began(BRIDGE), *lines], lines, strict=False)
    ]
    assert len(waits) >= 2
    assert max(waits) < 17.0


def test_without_any_news_the_wait_ends_by_itself(hold, office, people):
    held = hold(people.says("转人工"))
    [wanted] = office.when(PersonWanted)
    assert held.began("客服现在都在忙") - wanted == pytest.approx(WAIT_SECONDS, abs=1.0)


def test_the_wait_ends_when_the_desk_is_left_by_everybody(hold, office, people):
    office.on(PersonWanted, lambda _: office.languages.clear())
    held = hold(people.says("转人工"))
    [wanted] = office.when(PersonWanted)
    assert held.began("客服现在都在忙") - wanted < WAIT_SECONDS / 2


def test_a_customer_who_hangs_up_while_he_waits_is_called_back(hold, office, people):
    held = hold(people.says("转人工"), people.hangs_up(20.0))
    assert held.report.ended.cause is HangupCause.THEY_HUNG_UP
    assert held.result.outcome is DialogOutcome.CALLBACK_PROMISED


def test_a_customer_who_wants_no_more_calls_while_he_waits_is_heard(hold, office, people):
    held = hold(people.says("转人工"), people.says("以后不要再给我打电话了", people.at(22.0)))
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    assert "以后不再给您打电话了" in held.ending


def test_who_is_being_rung_for_a_customer_who_wants_no_more_calls_is_told(hold, office, people):
    office.devices[ANNA] = people.phone(answers_after=30.0)
    office.sends_when_wanted(ANNA, after=5.0)
    held = hold(people.says("转人工"), people.says("以后不要再给我打电话了", people.at(22.0)))
    assert held.result.outcome is DialogOutcome.OPTED_OUT
    assert [news.why for news in office.told(JoinFailed)] == ["over"]
    assert not office.told(Joined)


def test_the_key_for_no_more_calls_is_heard_while_he_waits(hold, office, people):
    held = hold(people.says("转人工"), people.presses("9", 22.0))
    assert held.result.outcome is DialogOutcome.OPTED_OUT


def test_a_customer_who_tells_the_agent_that_he_wants_no_more_calls_gets_none(hold, people, anna):
    held = hold(people.says("转人工"), people.says("以后不要再给我打电话了", people.at(16.0)))
    assert len(held.turns(Speaker.AGENT)) == 2
    assert (held.result.outcome, held.result.needs_person) == (
        DialogOutcome.OPTED_OUT,
        AGENT_HANDLES,
    )


def test_other_words_while_he_waits_change_nothing(hold, people, anna):
    held = hold(people.says("转人工"), people.says("快点啊", people.at(13.0), 0.6))
    assert len(held.turns(Speaker.AGENT)) == 2
    assert len(anna.told(PersonWanted)) == 1


def test_a_device_that_does_not_answer_leaves_the_customer_waiting_for_the_next(
    hold, office, people
):
    office.devices[ANNA] = people.phone(never=True)
    office.devices[BERT] = people.phone((people.says("您好", people.at(1.0)),))
    office.sends_when_wanted(ANNA)
    office.on(JoinFailed, lambda _: office.send(people.joining(BERT, 2), 0.5))
    office.on(Joined, lambda _: office.send(_leaves(people, join=2), 4.0))
    held = hold(people.says("转人工"))
    assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["您好"]
    assert [news.join for news in office.told(JoinFailed)] == [1]


def test_a_device_that_is_not_there_is_told_and_costs_nothing(hold, office, people):
    office.sends_when_wanted("sip:nobody@127.0.0.1")
    office.on(JoinFailed, lambda _: office.send(NobodyComes(people.attempt), 1.0))
    held = hold(people.says("转人工"))
    assert [news.why for news in office.told(JoinFailed)] == ["nobody there"]
    assert PROMISE in held.ending


@pytest.mark.parametrize(
    ("fault", "why"), [({"faulty": True}, "failed"), ({"stuck": True}, "no_answer")]
)
def test_a_device_of_which_nothing_is_heard_is_given_up_and_the_next_one_comes(
    hold, office, people, fault, why
):
    office.devices[ANNA] = people.phone(**fault)
    office.devices[BERT] = people.phone((people.says("您好", people.at(1.0)),))
    office.sends_when_wanted(ANNA)
    office.on(JoinFailed, lambda _: office.send(people.joining(BERT, 2), 0.5))
    office.on(Joined, lambda _: office.send(_leaves(people, join=2), 4.0))
    held = hold(people.says("转人工"))
    assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["您好"]
    assert [(news.join, news.why) for news in office.told(JoinFailed)] == [(1, why)]


def test_the_agent_is_heard_at_once_although_her_recogniser_takes_its_time(hold, office, people):
    office.devices[ANNA] = people.phone(
        (people.says("您好", people.at(0.6), 2.0),), ear_takes_turns=1_000_000
    )
    office.sends_when_wanted(ANNA)
    office.on(Joined, lambda _: office.send(_leaves(people), 5.0))
    hold(people.says("转人工"))
    assert people.voice_seconds(office.voices) == pytest.approx(2.0, abs=0.2)


def test_nobody_comes_is_ignored_while_a_device_is_being_rung(hold, people, anna):
    anna.on(PersonWanted, lambda _: anna.send(NobodyComes(people.attempt), 1.2))
    held = hold(people.says("转人工"))
    assert len(held.turns(Speaker.AGENT)) == 2


def test_who_accepts_just_after_nobody_came_still_gets_the_call(hold, office, people):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(1.0)),))
    office.on(PersonWanted, lambda _: office.send(NobodyComes(people.attempt), 5.0))
    office.on(PersonWanted, lambda _: office.send(people.joining(ANNA), 5.02))
    office.on(Joined, lambda _: office.send(_leaves(people), 4.0))
    held = hold(people.says("转人工"))
    assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["您好"]


def test_a_second_agent_is_told_that_the_call_is_taken(hold, people, anna):
    anna.on(Joined, lambda _: anna.send(people.joining(BERT, 2), 2.0))
    hold(people.says("转人工"))
    assert [(news.join, news.why) for news in anna.told(JoinFailed)] == [(2, "taken")]


def test_a_customer_who_hangs_up_on_the_agent_ends_the_call(hold, people, anna):
    held = hold(people.says("转人工"), people.hangs_up(18.0))
    assert [news.how for news in anna.told(JoinEnded)] == [HowJoinEnded.CALL_ENDED]
    assert held.result.needs_person == AGENT_HANDLES


def test_an_agent_who_hangs_up_after_a_goodbye_ends_the_call(hold, office, people):
    office.devices[ANNA] = people.phone(
        (people.says("好的再见", people.at(2.0)), people.hangs_up(4.0))
    )
    office.sends_when_wanted(ANNA)
    held = hold(people.says("转人工"))
    assert [news.how for news in office.told(JoinEnded)] == [HowJoinEnded.HUNG_UP]
    assert held.report.ended.cause is HangupCause.WE_HUNG_UP


def _loses_anna(office, people, how):
    office.devices[ANNA] = people.phone((people.says("您好", people.at(2.0)), how))
    office.sends_when_wanted(ANNA)


@pytest.mark.parametrize("how", ["dies", "hangs_up"])
def test_an_agent_who_is_gone_without_a_goodbye_is_replaced_by_another(hold, office, people, how):
    _loses_anna(office, people, getattr(people, how)(6.0))
    office.devices[BERT] = people.phone((people.says("我是小柏", people.at(1.5)),))
    office.on(JoinEnded, lambda _: office.send(people.joining(BERT, 2), 3.0))
    office.on(
        JoinEnded,
        lambda _: office.send(_leaves(people, join=2), 8.0),
    )
    held = hold(people.says("转人工"))
    assert office.told(JoinEnded)[0].how is HowJoinEnded.LOST
    lost = office.when(JoinEnded)[0]
    assert held.began("刚才线路断了") - lost < 1.0
    assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["您好", "我是小柏"]
    first, again = office.told(PersonWanted)
    assert again.flag.priority > first.flag.priority


def test_a_second_loss_ends_with_a_promise(hold, office, people):
    _loses_anna(office, people, people.dies(5.0))
    office.devices[BERT] = people.phone((people.dies(4.0),))
    office.on(JoinEnded, lambda _: office.send(people.joining(BERT, 2), 2.0))
    held = hold(people.says("转人工"))
    assert [news.how for news in office.told(JoinEnded)] == [HowJoinEnded.LOST, HowJoinEnded.LOST]
    assert PROMISE in held.ending


def test_a_lost_agent_is_not_waited_for_where_nobody_else_could_come(hold, office, people):
    _loses_anna(office, people, people.dies(5.0))
    office.on(Joined, lambda _: office.languages.clear())
    held = hold(people.says("转人工"))
    assert PROMISE in held.ending
    assert len(office.told(PersonWanted)) == 1


def test_a_rule_that_may_interrupt_fetches_somebody_although_the_robot_could_go_on(
    hold, office, people
):
    office.on(PersonWanted, lambda _: office.send(NobodyComes(people.attempt), 4.0))
    held = hold(people.says("再不送来我就找律师了"))
    [wanted] = office.told(PersonWanted)
    assert (wanted.flag.rule, wanted.flag.line) == ("legal", "second")
    assert BRIDGE in "".join(held.played)


def test_twenty_calls_in_a_row_are_taken_over(hold, office, people):
    for _ in range(20):
        office.reactions.clear()
        office.devices[ANNA] = people.phone((people.says("您好", people.at(0.6)),))
        office.sends_when_wanted(ANNA, after=0.5)
        office.on(Joined, lambda _: office.send(_leaves(people), 3.0))
        held = hold(people.says("转人工", people.at(1.2)))
        assert [turn.text for turn in held.turns(Speaker.AGENT)] == ["您好"]
    assert len(office.told(JoinEnded)) == 20
