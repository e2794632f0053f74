"""A cut call is taken up alike by every conversation, in either language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ivr.dialog import begin
from ivr.exchange import CallFacts, Listen, Say
from ivr.facts import samples_of
from ivr.flow import Flow, flows, load_flow
from tts.prompts import spoken_seconds

EVERY_FLOW = sorted(flows())
AGAIN = {"zh-CN": "您好,还是顺达快递自动语音助手", "en-US": "顺达快递 automated assistant again"}
JUST_NOW = {"zh-CN": "刚才电话断了", "en-US": "We were cut off just now"}
BEFORE = {"zh-CN": "上次电话没说完", "en-US": "Last time we were cut off"}
SEVERAL_NEWS = ("late", "early", "damaged", "soiled", "short", "surplus", "tracking_missing", "")


def cases_of(flow: Flow, facts: CallFacts) -> Iterator[CallFacts]:
    """Yield calls about which everything is known, or no more than must be."""
    samples = samples_of(flow.language, facts.now)
    must = {name: samples[name] for name in flow.script.needs_facts}
    may = {name: samples[name] for name in flow.script.may_use_facts}
    yield replace(facts, more=must, cut_minutes_ago=15.0)
    yield replace(facts, more=must | may, cut_minutes_ago=15.0)
    if "problem" in must | may:
        for news in SEVERAL_NEWS:
            yield replace(facts, more=must | may | {"problem": news}, cut_minutes_ago=15.0)


@pytest.mark.parametrize(("name", "language"), EVERY_FLOW)
def test_it_says_who_it_is_and_asks_what_it_would_have_asked(
    name: str, language: str, facts: CallFacts
) -> None:
    flow = load_flow(name, language)
    for case in cases_of(flow, facts):
        dialog, actions = begin(flow, case)
        usual, said_usually = begin(flow, replace(case, cut_minutes_ago=None))
        assert dialog == replace(usual, facts=case)
        *said, listen = actions
        assert isinstance(listen, Listen)
        assert listen == said_usually[-1]
        words = [each.text for each in said if isinstance(each, Say)]
        assert AGAIN[language] in words[0]
        assert any(JUST_NOW[language] in each for each in words[:2])
        assert words[-1].endswith(("?", "。", ".")) or "?" in words[-1]
        assert sum(map(spoken_seconds, words[:-1])) <= 8.0


@pytest.mark.parametrize(("name", "language"), EVERY_FLOW)
def test_nobody_says_just_now_of_a_call_of_yesterday(
    name: str, language: str, facts: CallFacts
) -> None:
    flow = load_flow(name, language)
    case = replace(next(cases_of(flow, facts)), cut_minutes_ago=14 * 60.0)
    words = "".join(each.text for each in begin(flow, case)[1] if isinstance(each, Say))
    assert BEFORE[language] in words
    assert JUST_NOW[language] not in words


def test_whoever_answers_again_is_told_again_that_the_call_is_recorded(
    flow: Flow, facts: CallFacts
) -> None:
    case = replace(facts, cut_minutes_ago=1.0, recorded=True)
    words = [each.text for each in begin(flow, case)[1] if isinstance(each, Say)]
    assert words[1] == "本次通话会录音。"


def test_a_flow_that_has_no_words_for_it_opens_as_it_is(flow: Flow, facts: CallFacts) -> None:
    prompts = {k: v for k, v in flow.script.prompts.items() if not k.startswith("cut_off")}
    old = replace(flow, script=replace(flow.script, prompts=prompts))
    assert begin(old, replace(facts, cut_minutes_ago=1.0))[1] == begin(old, facts)[1]
