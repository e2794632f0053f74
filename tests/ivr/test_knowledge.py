"""What people ask about any parcel is answered from the reviewed knowledge base, or not at all."""

from __future__ import annotations

import pytest

from ivr.flow import flows, load_flow
from ivr.invented import facts_for, invented_facts
from ivr.rehearsing import TextCall, Typed

MANDARIN = [flow for flow, language in flows() if language == "zh-CN"]


@pytest.fixture
def asked(now):
    """Ask something at the first question of a flow; return what is said, and the call."""

    def ask(words: str, flow_id: str = "pre-delivery") -> tuple[str, TextCall]:
        flow = load_flow(flow_id, "zh-CN")
        call = TextCall(flow, facts_for(flow, invented_facts(now), {}))
        moment = call.take(Typed.of(words))
        return "".join(say.text for say in moment.says), call

    return ask


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("能先验货吗", "当面验收"),
        ("可以当面打开看吗", "当面验收"),
        ("万一丢了怎么赔", "保过价的,按保价赔"),
        ("摔坏了谁负责啊", "保过价的,按保价赔"),
        ("哪些东西不能寄", "让快递员看一下"),
        ("酒能不能寄", "让快递员看一下"),
    ],
)
def test_a_known_question_is_answered_and_the_open_one_goes_on(asked, words: str, answer: str):
    said, call = asked(words)
    assert answer in said
    assert said.rstrip().endswith(("?", "？"))
    assert call.result.tickets == ()


@pytest.mark.parametrize("words", ["你们收件点几点开门", "寄到新疆要几天啊", "可以开发票吗"])
def test_an_unknown_question_is_no_guess_but_a_callback(asked, words: str):
    said, call = asked(words)
    assert "同事" in said
    assert [each.kind for each in call.result.tickets] == ["question"]


@pytest.mark.parametrize("flow", MANDARIN)
def test_every_answer_names_where_it_is_laid_down(flow: str):
    topics = load_flow(flow, "zh-CN").script.knowledge
    assert {"may_i_inspect", "lost_or_broken"} <= {topic.name for topic in topics}
    assert all(topic.source for topic in topics)
