from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.acting import CallEnd, answer, begin
from ivr.agent_lines import AgentEar
from ivr.customer import Customer, Mood
from ivr.customer_files import customer, customers
from ivr.flow_model import FlowError
from ivr.score_sheet import Call, Exchange, score

ALL = [each.id for each in customers()]

LINES = (
    "", "嗯", "您好,顺达快递客服小李。", "非常抱歉,让您着急了。", "请问运单号是多少?", "请稍等。",
    "是因为下大雪封路。", "我给您安排优先派送。", "今天下午六点前送到。", "我跟您确认一下,对吗?",
    "还有什么可以帮您的?", "再见。", "你急什么?", "这不归我们管。", "尽快处理。",
    "我们赔您一千元。",
)  # fmt: skip
MINIMAL = """\
customer: ours
title: 自己写的客户
name: 李雷
mood: calm
company: 顺达快递
problem: late
cause: 车坏了
known_by: [车坏了]
solutions: [redeliver]
story: [我的快递呢?]
knows: []
needs: [solution]
"""


def test_there_are_customers_for_every_kind_of_trouble_and_every_mood() -> None:
    assert len(ALL) >= 10
    assert {each.case.problem for each in customers()} >= {
        "late", "early", "damaged", "soiled", "short", "surplus", "tracking_missing",
        "wrong_address", "attitude", "service", "return", "not_received",
    }  # fmt: skip
    assert {each.mood for each in customers()} == set(Mood)


@pytest.mark.parametrize("name", ALL)
def test_a_good_agent_satisfies_every_customer_and_passes(trainee, good_script, name: str) -> None:
    call = trainee(name)
    sheet = call.follows(good_script(call.customer))
    assert call.end is CallEnd.SATISFIED
    assert sheet.passed, [mark for mark in sheet.marks if mark.hint]
    assert sheet.total >= 90


@pytest.mark.parametrize("name", ALL)
def test_a_bad_agent_loses_every_customer_and_fails(trainee, bad_script, name: str) -> None:
    call = trainee(name)
    sheet = call.follows(bad_script)
    assert call.end is CallEnd.LOST
    assert not sheet.passed
    assert sheet.total < 40


@pytest.mark.parametrize("name", ALL)
def test_whoever_never_finds_a_solution_runs_out_of_the_customers_patience(trainee, name) -> None:
    call = trainee(name)
    turns = 0
    while call.acting.end is None:
        call.says("嗯,您说。")
        turns += 1
        assert turns <= 2 * call.customer.patience_turns + 1
    assert call.end is CallEnd.LOST


@pytest.mark.parametrize("name", ALL)
def test_a_customer_answers_whatever_is_said(trainee, name: str) -> None:
    for line in ("", "嗯", "阿巴阿巴", "再见", "请问运单号是多少?", "您贵姓?", "还有什么可以帮您?"):
        call = trainee(name)
        call.says("您好,顺达快递。", *[""] * (len(call.customer.story) - 1))
        assert call.says(line)


def test_an_unknown_customer_is_told_the_nearest_name() -> None:
    with pytest.raises(FlowError, match="Did you mean 'late-angry'"):
        customer("late-angri")


def test_a_customer_of_ones_own_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(MINIMAL, "utf-8")
    ours: Customer = customer(str(file))
    assert (ours.id, ours.mood, ours.story) == ("ours", Mood.CALM, ("我的快递呢?",))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("mood: calm|mood: clam", "Did you mean 'calm'"),
        ("needs: [solution]|needs: [sollution]", "Did you mean 'solution'"),
        ("needs: [solution]|", "The customer wants nothing"),
        ("story: [我的快递呢?]|", "The customer says nothing"),
        ("solutions: [redeliver]|", "Nothing may be offered"),
        ("knows: []|knows: [waybill]", "He knows his waybill, but says nothing"),
        ("known_by: [车坏了]|known_by: ['(车坏了']", "never closed"),
        ("title: 自己写的客户|titel: 自己写的客户", "Did you mean 'title'"),
        ("knows: []|says: {acepts: 好}", "Did you mean 'accepts'"),
    ],
)
def test_a_faulty_customer_file_says_where_and_how_to_mend_it(
    tmp_path: Path, wrong: str, told: str
) -> None:
    before, after = wrong.split("|")
    assert before in MINIMAL
    file = tmp_path / "ours.yaml"
    file.write_text(MINIMAL.replace(before, after), "utf-8")
    with pytest.raises(FlowError) as caught:
        customer(str(file))
    assert told in str(caught.value)
    assert "ours.yaml:" in str(caught.value)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(FlowError, match="no such file"):
        customer("nobody.yaml")


def test_no_two_customers_have_one_name() -> None:
    assert len(set(ALL)) == len(ALL)


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(ALL),
    lines=st.lists(st.sampled_from(LINES), min_size=60, max_size=60),
)
def test_whatever_is_said_a_call_ends_and_can_be_judged(name: str, lines: list[str]) -> None:
    who = customer(name)
    ear = AgentEar(who.case.called_company, who.case.known_by)
    acting, exchanges = begin(who), []
    for text in lines:
        if acting.end is None:
            line = ear.line(text)
            acting, reply = answer(acting, line)
            exchanges.append(Exchange(line, reply, acting))
        assert 0 <= acting.temper <= 10
    assert acting.end is not None
    assert len(exchanges) <= 2 * who.patience_turns + 1
    assert 0 <= score(Call(who, tuple(exchanges), acting.end)).total <= 100
