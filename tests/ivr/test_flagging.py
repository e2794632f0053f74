"""What makes a call worth a person's eye, and what only sounds like it."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta, timezone

import pytest

from ivr.flagging import (
    AGAIN_PRIORITY,
    FlaggedSoFar,
    HeardBy,
    flag_rules,
    flagged,
    wanted_by,
)
from ivr.meaning import FactValue, Intent
from ivr.nlu.understanding import understand
from ivr.people import Flag, Line

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=8)))

SAID = [
    ("转人工", {"asked"}),
    ("我要找人工客服", {"asked"}),
    ("我不想跟机器人说话给我找个人", {"asked"}),
    ("我要投诉", {"complaint"}),
    ("我要投诉你们", {"complaint"}),
    ("再这样我就投诉了", {"complaint"}),
    ("我要举报你们公司", {"complaint"}),
    ("我给你们一个差评", {"complaint"}),
    ("找你们领导来", {"complaint"}),
    ("叫你们找你们经理说", {"complaint"}),
    ("投诉电话是多少", set()),
    ("你们的投诉热线多少号", set()),
    ("我不是要投诉", set()),
    ("我没有投诉啊", set()),
    ("我不想投诉就想问问", set()),
    ("上次的投诉已经好了", set()),
    ("投诉过了没事了", set()),
    ("放在投诉中心旁边那栋楼", set()),
    ("怎么投诉", set()),
    ("我要找律师", {"legal"}),
    ("我让我的律师联系你们", {"legal"}),
    ("等着收律师函吧", {"legal"}),
    ("我要起诉你们", {"legal"}),
    ("咱们法院见", {"legal"}),
    ("我要告你们", {"legal"}),
    ("走法律途径", {"legal"}),
    ("那我就报警处理", {"legal"}),
    ("再不送来我报警了", {"legal"}),
    ("我打12315", {"legal"}),
    ("我去消协说", {"legal"}),
    ("我找邮政管理局", {"legal"}),
    ("我把你们曝光", {"legal"}),
    ("我找电视台去", {"legal"}),
    ("我发到抖音上去", {"legal"}),
    ("律师楼前台收", set()),
    ("放律师事务所前台", set()),
    ("我是律师现在在开庭", set()),
    ("我告诉你们放门口就行", set()),
    ("我跟你们说我告诉你地址", set()),
    ("送到法院路十二号", set()),
    ("放法院传达室", set()),
    ("我在法院上班", set()),
    ("是个报警器别摔了", set()),
    ("报警装置那个包裹吗", set()),
    ("我不用找律师", set()),
    ("工商局宿舍三号楼", set()),
    ("那是法律出版社的书", set()),
    ("你们这什么破快递", {"angry"}),
    ("垃圾公司", {"angry"}),
    ("你们公司真垃圾", {"angry"}),
    ("他妈的到底送不送", {"angry"}),
    ("气死我了", {"angry"}),
    ("你们都是骗子", {"angry"}),
    ("太过分了", {"angry"}),
    ("你们怎么做事的", {"angry"}),
    ("有完没完", {"angry"}),
    ("我受够你们了", {"angry"}),
    ("耍我呢", {"angry"}),
    ("放垃圾桶旁边", set()),
    ("放在垃圾房那里", set()),
    ("是滚筒洗衣机", set()),
    ("箱子破了", set()),
    ("我没生气", set()),
    ("家里有病人", set()),
    ("你们是不是骗子", set()),
    ("好的可以", set()),
    ("放驿站吧", set()),
    ("明天下午三点", set()),
    ("不要再给我打电话了", {"no_more_calls"}),
]
IN_ENGLISH = [
    ("let me talk to a person", {"asked"}),
    ("i want to complain", {"complaint"}),
    ("i want to speak to your manager", {"complaint"}),
    ("my lawyer will be in touch", {"legal"}),
    ("i am going to sue you", {"legal"}),
    ("i am calling the police", {"legal"}),
    ("this is ridiculous", {"angry"}),
    ("i am fed up", {"angry"}),
    ("leave it at the law office", set()),
    ("leave it with the lawyer's office", set()),
    ("i don't want to complain", set()),
    ("what is the complaints line", set()),
    ("it is next to the police station", set()),
    ("tomorrow afternoon is fine", set()),
]


def _raised(text: str, language: str) -> set[str]:
    meaning = understand(text, 0.9, (), NOW, language)
    intents = frozenset({meaning.intent, *meaning.also})
    _, flags = flagged(flag_rules(), FlaggedSoFar(language), HeardBy(text, intents))
    return {flag.rule for flag in flags}


def _besides(rules: set[str]) -> set[str]:
    """Return what may be raised as well: who complains or threatens is angry, or wants somebody."""
    return {"angry", "asked", "important"} if rules & {"complaint", "legal", "angry"} else set()


@pytest.mark.parametrize(("text", "rules"), SAID)
def test_what_is_said_raises_its_rule_and_a_neighbour_of_it_does_not(text, rules):
    raised = _raised(text, "zh-CN")
    assert rules <= raised <= rules | _besides(rules)


@pytest.mark.parametrize(("text", "rules"), IN_ENGLISH)
def test_the_rules_hold_in_english_too(text, rules):
    raised = _raised(text, "en-US")
    assert rules <= raised <= rules | _besides(rules)


def _heard(
    *heard: HeardBy, facts: dict[str, FactValue] | None = None
) -> tuple[FlaggedSoFar, list[Flag]]:
    so_far, all_flags = FlaggedSoFar("zh-CN", facts or {}), list[Flag]()
    for each in heard:
        so_far, flags = flagged(flag_rules(), so_far, each)
        all_flags += flags
    return so_far, all_flags


def _spoken(*levels: float) -> list[HeardBy]:
    return [HeardBy("嗯", level_dbfs=level) for level in levels]


def test_a_rule_fires_once_and_carries_the_words_that_raised_it():
    _, flags = _heard(HeardBy("我要投诉"), HeardBy("听到没有我要投诉"))
    assert [(flag.rule, flag.words) for flag in flags] == [("complaint", "我要投诉")]


def test_two_utterances_far_above_the_persons_own_level_are_a_raised_voice():
    _, flags = _heard(*_spoken(-30.0, -31.0, -29.0, -30.5, -19.0, -18.0))
    assert [flag.rule for flag in flags] == ["raised_voice"]


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param((-30.0, -31.0, -29.0, -30.5, -19.0), id="one shout"),
        pytest.param((-18.0, -19.0, -18.5, -17.0, -18.0, -19.0), id="always loud"),
        pytest.param((-30.0, -19.0, -18.0), id="too few to know"),
        pytest.param((-30.0, -31.0, -29.0, -30.5, -22.0, -22.5), id="only a little louder"),
    ],
)
def test_a_voice_that_was_not_raised_raises_no_flag(levels):
    assert not _heard(*_spoken(*levels))[1]


def test_two_failed_repairs_of_one_question_raise_a_flag():
    assert not _heard(HeardBy("", misses=2))[1]
    assert [flag.rule for flag in _heard(HeardBy("", misses=3))[1]] == ["not_understood"]


@pytest.mark.parametrize("facts", [{"vip": True}, {"value": 200_000}, {"value": 950_000}])
def test_an_important_parcel_with_a_problem_goes_to_the_second_line(facts):
    assert not _heard(HeardBy("好的"), facts=facts)[1]
    [flag] = _heard(HeardBy("少了一件", problem=True), facts=facts)[1]
    assert (flag.rule, flag.line) == ("important", Line.SECOND)


@pytest.mark.parametrize("facts", [{"vip": False}, {"value": 199_900}, {"value": "一万"}, {}])
def test_a_problem_with_an_ordinary_parcel_raises_no_flag(facts):
    assert not _heard(HeardBy("少了一件", problem=True), facts=facts)[1]


def test_a_wish_is_served_under_the_highest_flag_of_the_call():
    so_far, _ = _heard(HeardBy("我要投诉"), HeardBy("转人工", frozenset({Intent.PERSON})))
    assert wanted_by(so_far, "客户要求人工", "转人工").rule == "complaint"


def test_a_wish_without_any_flag_tells_the_ending_s_own_reason():
    flag = wanted_by(FlaggedSoFar("zh-CN"), "新地址没有听清", "幸福路")
    assert (flag.rule, flag.label["zh"], flag.words) == ("wish", "新地址没有听清", "幸福路")


def test_who_lost_his_agent_is_served_before_everybody_else():
    first = wanted_by(FlaggedSoFar("zh-CN"), "客户要求人工", "")
    again = wanted_by(FlaggedSoFar("zh-CN"), "客户要求人工", "", again=True)
    assert again.priority == first.priority + AGAIN_PRIORITY
    assert again.priority > max(rule.priority for rule in flag_rules())


def test_every_rule_is_told_in_both_languages_and_crosses_a_pipe():
    for rule in flag_rules():
        assert set(rule.label) == {"zh", "en"}
        assert pickle.loads(pickle.dumps(rule.flag("嗯"))) == rule.flag("嗯")
