"""Where a call with people in it stands, and what is made of its result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.exchange import DialogOutcome, DialogResult, TicketWish
from ivr.meaning import Intent, Meaning
from ivr.people import Visit
from ivr.standing import (
    AGENT_HANDLES,
    GOODBYE_SECONDS,
    UNSTAFFED_SECONDS,
    WAIT_SECONDS,
    Standing,
    is_hopeless,
    merged,
    never_again,
    said_goodbye,
    wants_no_calls,
    with_people,
)
from ivr.takeover import Holder, Move
from ivr.transcript import Speaker, Turn

SPOKE = Visit(1, "agent", 10.0, 20.0, spoke=True)
LISTENED = Visit(2, "supervisor", 10.0, 20.0)


@pytest.mark.parametrize(
    ("speaker", "text", "ended", "said"),
    [
        (Speaker.AGENT, "那就这样再见", 99.0, True),
        (Speaker.CALLEE, "好的拜拜", 99.0, True),
        (Speaker.THIRD, "ok bye", 99.0, True),
        (Speaker.AGENT, "我看一下", 99.0, False),
        (Speaker.MENLING, "感谢您的接听,再见。", 99.0, False),
        (Speaker.AGENT, "再见", 99.0 - GOODBYE_SECONDS, False),
    ],
)
def test_a_goodbye_is_a_persons_and_was_said_just_now(speaker, text, ended, said):
    turns = [Turn(speaker, text, ended - 1.0, ended)]
    assert said_goodbye(turns, 99.5) is said


def test_a_wait_is_hopeless_without_news_or_without_anybody_at_the_desk():
    at = Standing(Holder.WAITING, news_at=100.0, staffed_at=100.0)
    assert not is_hopeless(at, 100.0 + UNSTAFFED_SECONDS - 0.1)
    assert is_hopeless(at, 100.0 + UNSTAFFED_SECONDS)
    staffed = Standing(Holder.WAITING, news_at=100.0, staffed_at=140.0)
    assert not is_hopeless(staffed, 100.0 + WAIT_SECONDS - 0.1)
    assert is_hopeless(staffed, 100.0 + WAIT_SECONDS)


@pytest.mark.parametrize(
    ("meaning", "certain"),
    [
        (Meaning(Intent.OPT_OUT, 0.9), True),
        (Meaning(Intent.YES, 0.9, also=(Intent.OPT_OUT,)), True),
        (Meaning(Intent.OPT_OUT, 0.5), False),
        (Meaning(Intent.YES, 0.9), False),
    ],
)
def test_only_what_was_surely_understood_is_a_wish_for_no_more_calls(meaning, certain):
    assert wants_no_calls(meaning, sure=0.8) is certain


def test_a_standing_moves_as_the_table_says():
    assert Standing().moved(Move.WANTED).holder is Holder.WAITING


def test_nobody_is_called_again_by_a_robot_after_a_person_has_talked_to_him():
    later = datetime(2026, 11, 22, 18, tzinfo=UTC)
    cut_short = DialogResult(DialogOutcome.UNFINISHED, finished=False, call_again_at=later)
    result = with_people(cut_short, (SPOKE,), ended_by_person=False)
    assert result is not None
    assert (result.outcome, result.finished) == (DialogOutcome.CALLBACK_PROMISED, True)
    assert (result.needs_person, result.call_again_at) == (AGENT_HANDLES, None)


def test_what_was_settled_stays_settled_when_a_person_talked_as_well():
    confirmed = DialogResult(DialogOutcome.CONFIRMED, finished=True)
    result = with_people(confirmed, (SPOKE,), ended_by_person=False)
    assert result is not None
    assert (result.outcome, result.needs_person) == (DialogOutcome.CONFIRMED, AGENT_HANDLES)


def test_a_survey_after_a_call_adds_to_what_the_call_settled():
    first = DialogResult(
        DialogOutcome.CALLBACK_PROMISED,
        finished=True,
        notes={"a": "1"},
        tickets=(TicketWish("late"),),
    )
    survey = DialogResult(
        DialogOutcome.RATED, finished=True, collected={"satisfaction": "5"}, wishes=("evening",)
    )
    both = merged(first, survey)
    assert (both.outcome, both.notes) == (first.outcome, {"a": "1", "then": "rated"})
    assert (both.tickets, both.wishes) == (first.tickets, ("evening",))
    assert both.collected == {"satisfaction": "5"}


def test_a_wish_for_no_more_calls_outweighs_what_was_settled_before():
    first = DialogResult(DialogOutcome.CONFIRMED, finished=True)
    second = DialogResult(DialogOutcome.OPTED_OUT, finished=True)
    assert merged(first, second).outcome is DialogOutcome.OPTED_OUT


def test_a_promised_callback_holds_after_another_conversation_but_not_after_no_more_calls(now):
    first = DialogResult(DialogOutcome.CALLBACK_PROMISED, finished=True, callback_by=now)
    rated = DialogResult(DialogOutcome.RATED, finished=True)
    assert merged(first, rated).callback_by == now
    assert merged(rated, first).callback_by == now
    assert merged(first, replace(rated, outcome=DialogOutcome.OPTED_OUT)).callback_by is None
    refused = never_again(first)
    assert refused is not None
    assert refused.callback_by is None


@pytest.mark.parametrize("visits", [(), (LISTENED,)])
def test_who_only_listened_changes_nothing(visits):
    confirmed = DialogResult(DialogOutcome.CONFIRMED, finished=True)
    assert with_people(confirmed, visits, ended_by_person=False) is confirmed
    assert with_people(None, visits, ended_by_person=False) is None
