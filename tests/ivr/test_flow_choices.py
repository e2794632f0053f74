"""Choices that an answer settles without naming them, and openings that depend on what is known."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from asr.hearing import Utterance
from ivr.dialog import begin, result, step
from ivr.exchange import CallFacts, Said
from ivr.flow import FlowError, load_flow_file
from ivr.meaning import Intent, Meaning

FLOW = """\
flow: broken
title: 破损
version: "1"
language: zh-CN
stage: 派送与签收
trigger: 破损
responsible: 理赔组
time_limit_seconds: 60
collects: [solution]
writes: [dispatch.outcome]
include: [shared/courtesy.zh-CN.yaml, shared/questions.zh-CN.yaml]
needs_facts: [problem]
starts: opening
slots:
  solution:
    kind: choice
    confirm: true
    choices:
      refund: {said: 退款, phrases: [退款]}
prompts:
  automatic: 您好,我是自动语音助手。
  hello_late: 您的快递晚到了。
  hello_broken: 您的快递坏了。
  refund:
    first: 给您退款,可以吗?
    keypad: 可以请按一。
  done: {first: "好的,给您{solution}。再见。", barge_in: never}
  message: {first: "您好,再见。", barge_in: never}
states:
  opening:
    say: automatic
    branch:
      - {if: problem.is.late, say: hello_late, then: offer}
      - {say: hello_broken, then: offer}
  offer:
    ask:
      prompt: refund
      expects: ["yes"]
      keys: {"1": yes}
    on:
      yes: {set: {solution: refund}, confirms: solution, then: done}
      question: person
  done: {say: done, end: {outcome: solution_chosen, reports: solution}}
  message: {say: message, end: {outcome: message_left}}
knowledge:
  why: {phrases: [为什么], say: hello_broken, source: 服务手册}
"""


def _load(folder: Path, old: str = "", new: str = ""):
    file = folder / "ours.yaml"
    assert old in FLOW
    file.write_text(FLOW.replace(old, new, 1) if old else FLOW, encoding="utf-8")
    return load_flow_file(file)


def _facts(problem: str) -> CallFacts:
    now = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    return CallFacts(
        now, "顺达快递", "王小明", "SF1234567890123", now, now, "幸福路18号",
        more={"problem": problem},
    )  # fmt: skip


def _said(intent: Intent, text: str, **slots: str) -> Said:
    meaning = Meaning(intent, 0.9, slots, text=text)
    return Said(meaning, Utterance(text, 0.9, 0.0, 1.0), interrupted=False)


@pytest.mark.parametrize(("problem", "opening"), [("late", "晚到了"), ("damaged", "坏了")])
def test_a_call_opens_with_what_is_known_to_be_wrong(tmp_path, problem, opening):
    _, actions = begin(_load(tmp_path), _facts(problem))
    assert opening in "".join(getattr(action, "text", "") for action in actions)


def test_a_yes_settles_the_choice_that_was_offered_and_speaks_of_it(tmp_path):
    flow = _load(tmp_path)
    dialog, _ = begin(flow, _facts("damaged"))
    dialog, actions = step(flow, dialog, _said(Intent.YES, "可以"))
    assert result(flow, dialog).collected == {"solution": "refund"}
    assert actions[0].text == "好的,给您退款。"


def test_a_known_topic_is_left_to_a_state_that_follows_questions_itself(tmp_path):
    flow = _load(tmp_path)
    dialog, _ = begin(flow, _facts("damaged"))
    dialog, actions = step(flow, dialog, _said(Intent.QUESTION, "为什么", topic="why"))
    assert dialog.state == "person"
    assert "坏了" not in actions[0].text


@pytest.mark.parametrize(
    ("old", "new", "explanation"),
    [
        ("set: {solution: refund}", "set: {solution: refunded}", "is never 'refunded'"),
        ("set: {solution: refund}", "set: {window: refund}", "can't set 'window'"),
        ("problem.is.late", "problem.is.lost", "'problem' is never 'lost'"),
        ("problem.is.late", "window.covers.problem", "span of time that the flow doesn't use"),
        ("set: {solution: refund}", "if: window.same.x, set: {solution: refund}", "no condition"),
        ("say: automatic", "say: hello_late", "doesn't say that an automated voice"),
        ("- {say: hello_broken, then: offer}", "- {then: message}", "asks nothing"),
        ("您的快递坏了。", "您的快递坏了。" * 6, "until the first question begins"),
    ],
)  # fmt: skip
def test_a_wrong_choice_or_opening_is_explained(tmp_path, old, new, explanation):
    with pytest.raises(FlowError, match=explanation):
        _load(tmp_path, old, new)
