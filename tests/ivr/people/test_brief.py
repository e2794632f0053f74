"""What a person has to know before they talk, and what a wish puts off."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from ivr.brief import LONGEST_SECONDS, brief_of, settled_in
from ivr.dialog import begin, step
from ivr.exchange import HangUp, NoInput, Pressed, Say
from ivr.flow import flows, load_flow
from ivr.people import Flag, Line, PersonWanted
from ivr.wish import PROMPTS, can_bridge, wish_in
from tts.prompts import spoken_seconds

FLAG = Flag("complaint", 60, Line.SECOND, {"zh": "投诉", "en": "Complaint"}, "我要投诉")


def _asks_for_a_person(flow, facts):
    dialog, _ = begin(flow, facts)
    return dialog, *step(flow, dialog, Pressed("0"))


def test_the_brief_says_why_and_who_in_a_breath(flow, facts):
    dialog, _ = begin(flow, facts)
    brief = brief_of(flow, dialog, FLAG, ())
    assert brief.spoken == "投诉。王小明。"
    assert spoken_seconds(brief.spoken) <= LONGEST_SECONDS
    assert (brief.recipient, brief.waybill) == ("王小明", "SD20260302001234")


def test_a_brief_leaves_out_what_would_keep_the_customer_waiting(flow, facts):
    dialog, _ = begin(flow, replace(facts, recipient="欧阳" * 12))
    dialog, _ = step(flow, dialog, Pressed("2"))
    dialog, _ = step(flow, dialog, Pressed("1"))
    dialog, _ = step(flow, dialog, Pressed("1"))
    brief = brief_of(flow, dialog, FLAG, ())
    assert brief.settled
    assert brief.spoken.startswith("投诉。")
    assert spoken_seconds(brief.spoken) <= LONGEST_SECONDS


def test_the_brief_tells_what_was_heard_and_not_read_back_yet(flow, facts):
    dialog, _ = begin(flow, facts)
    dialog, _ = step(flow, dialog, Pressed("2"))
    dialog, _ = step(flow, dialog, Pressed("1"))
    dialog, _ = step(flow, dialog, Pressed("1"))
    settled = settled_in(flow, dialog)
    assert [name.removeprefix("heard_") for name, _ in settled] == ["window"]
    assert "点" in settled[0][1]


def test_a_brief_crosses_a_pipe(flow, facts):
    dialog, _ = begin(flow, facts)
    wanted = PersonWanted(7, FLAG, brief_of(flow, dialog, FLAG, ()))
    assert pickle.loads(pickle.dumps(wanted)) == wanted


def test_a_wish_puts_off_the_promise_and_keeps_it_for_when_nobody_comes(flow, facts):
    before, after, actions = _asks_for_a_person(flow, facts)
    wish = wish_in(flow, before, after, actions, "")
    assert wish is not None
    assert not [each for each in wish.lead if isinstance(each, Say)]
    assert "之前给您回电话" in "".join(s.text for s in wish.farewell if isinstance(s, Say))
    assert isinstance(wish.farewell[-1], HangUp)
    assert (wish.reason, wish.before) == ("客户要求人工", before)


def test_a_question_holds_no_wish(flow, facts):
    dialog, _ = begin(flow, facts)
    assert wish_in(flow, dialog, *step(flow, dialog, NoInput()), "") is None


def test_an_ending_that_needs_nobody_holds_no_wish(flow, facts):
    dialog, _ = begin(flow, facts)
    assert wish_in(flow, dialog, *step(flow, dialog, Pressed("9")), "") is None


@pytest.mark.parametrize("name", sorted(flows()))
def test_every_flow_has_the_words_for_people_who_come_into_its_calls(name):
    flow = load_flow(*name)
    assert can_bridge(flow)
    assert all(flow.script.prompts[prompt].wordings["first"] for prompt in PROMPTS)
