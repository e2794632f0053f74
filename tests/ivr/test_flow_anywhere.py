"""Choices that are heard at every question, and what the checker says of wrong ones."""

from __future__ import annotations

from datetime import datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from asr.hearing import Utterance
from ivr.exchange import CallFacts
from ivr.flow import FlowError, load_flow, load_flow_file
from ivr.flow_model import Flow, SlotSpec
from ivr.interpreter import Asked, Interpreter
from ivr.meaning import Intent, Meaning

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
FACTS = CallFacts(
    now=NOW,
    company="顺达快递",
    recipient="王小明",
    waybill="SF1234567890123",
    window_start=NOW,
    window_end=NOW,
    address="幸福路18号3号楼2单元501室",
)
SHIPPED = resources.files("ivr") / "flows"


def _heard(flow: Flow, text: str, fills: SlotSpec | None) -> Meaning:
    said = Interpreter(flow, FACTS, 0.0).said(
        Utterance(text, 0.9, 1.0, 2.0), Asked((Intent.TELL,), fills)
    )
    return said.meaning


def _faults(folder: Path, name: str, old: str, new: str) -> str:
    text = (SHIPPED / name).read_text(encoding="utf-8")
    assert old in text
    file = folder / "ours.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FlowError) as caught:
        load_flow_file(file)
    return str(caught.value)


def test_a_choice_is_heard_whatever_was_asked():
    flow = load_flow("survey", "zh-CN")
    meaning = _heard(flow, "我没收到快递啊", flow.script.slots["satisfaction"])
    assert meaning.intent is Intent.TELL
    assert meaning.slots["undelivered"] == "not_received"
    assert "satisfaction" not in meaning.slots


def test_an_answer_and_a_choice_of_one_breath_are_both_heard():
    flow = load_flow("survey", "zh-CN")
    slots = _heard(flow, "给三分吧盒子摔坏了", flow.script.slots["satisfaction"]).slots
    assert (slots["satisfaction"], slots["trouble"]) == (3, "damaged")


def test_a_wish_never_to_be_called_again_outweighs_every_choice():
    flow = load_flow("care", "zh-CN")
    meaning = _heard(flow, "不用回访了以后别再给我打电话了", None)
    assert meaning.intent is Intent.OPT_OUT
    assert "care" not in meaning.slots


def test_a_question_that_a_choice_explains_is_none_that_nobody_can_answer():
    flow = load_flow("station-overdue", "zh-CN")
    meaning = _heard(flow, "取件码是多少", None)
    assert meaning.slots["plan"] == "code"
    assert Intent.QUESTION not in (meaning.intent, *meaning.also)


def test_only_a_choice_can_be_heard_at_every_question(tmp_path):
    old = "satisfaction: {kind: score, from: 1"
    faults = _faults(
        tmp_path, "survey.zh-CN.yaml", old, "satisfaction: {anywhere: true, kind: score, from: 1"
    )
    assert "'satisfaction' would be heard at every question, but it isn't a choice" in faults


def test_a_window_is_compared_only_with_a_fact_of_the_flow(tmp_path):
    faults = _faults(
        tmp_path, "station-overdue.zh-CN.yaml", "window.after.kept_until", "window.after.resolve_by"
    )
    assert "asks for a fact that the flow doesn't use" in faults


def test_the_stand_in_of_a_goodbye_can_be_cut_off_no_more_than_it(tmp_path):
    old = "等您来取。再见。\n    barge_in: never\n  rescheduled"
    faults = _faults(tmp_path, "station-overdue.zh-CN.yaml", old, "等您来取。再见。\n  rescheduled")
    assert "can be cut off" in faults
