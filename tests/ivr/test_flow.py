"""Flow files: what loads, and how a fault is explained."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from ivr.flow import FlowError, flows, load_flow, load_flow_file
from ivr.flow_model import Place, State
from ivr.flow_source import read_source
from ivr.guards import GUARDS

SHIPPED = resources.files("ivr") / "flows"
PRE_DELIVERY = (SHIPPED / "pre-delivery.zh-CN.yaml").read_text(encoding="utf-8")
SOURCES = {"ours.yaml": PRE_DELIVERY} | {
    f"shared/{name}": (SHIPPED / "shared" / name).read_text(encoding="utf-8")
    for name in (
        "pre-delivery.yaml",
        "courtesy.yaml",
        "courtesy.zh-CN.yaml",
        "arrangements.yaml",
        "arrangements.zh-CN.yaml",
        "address.zh-CN.yaml",
        "window.yaml",
        "window.zh-CN.yaml",
        "refusal.yaml",
        "refusal.zh-CN.yaml",
    )
}
"""What the flow in Mandarin is made of."""
DOCS = Path(__file__).parents[2] / "docs" / "flows.md"


def _written(folder: Path, sources: Mapping[str, str]) -> Path:
    (folder / "shared").mkdir()
    for name, text in sources.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "ours.yaml"


def _faults(folder: Path, sources: Mapping[str, str]) -> str:
    with pytest.raises(FlowError) as caught:
        load_flow_file(_written(folder, sources))
    return str(caught.value)


def _changed(old: str, new: str, sources: Mapping[str, str] = SOURCES) -> dict[str, str]:
    """Return the sources with `new` for the first `old`, in the first of them that has it."""
    file = next(name for name, text in sources.items() if old in text)
    return {**sources, file: sources[file].replace(old, new, 1)}


@pytest.mark.parametrize(("flow_id", "language"), flows())
def test_every_flow_that_ships_passes_the_check(flow_id, language):
    flow = load_flow(flow_id, language)
    assert (flow.id, flow.language) == (flow_id, language)
    assert flow.charter.responsible


@pytest.mark.parametrize(("flow_id", "language"), flows())
def test_who_takes_over_from_a_flow_is_a_flow(flow_id, language):
    others = {each for each, _ in flows()} - {flow_id}
    assert set(load_flow(flow_id, language).charter.exceptions) <= others


def test_a_flow_is_known_by_a_digest_of_all_its_files(tmp_path, flow):
    same = tmp_path / "same.yaml"
    same.write_text(PRE_DELIVERY, encoding="utf-8")
    assert load_flow_file(same).digest == flow.digest
    same.write_text(PRE_DELIVERY + "# 改过\n", encoding="utf-8")
    assert load_flow_file(same).digest != flow.digest


def test_a_fragment_beside_the_flow_wins_over_the_shipped_one(tmp_path, flow):
    loaded = load_flow_file(_written(tmp_path, _changed("喂,您好,能听到吗?", "喂,听得见吗?")))
    assert loaded.script.prompts["hello"].wordings["first"] == "喂,听得见吗?"
    assert loaded.digest != flow.digest


def test_a_fragment_that_includes_itself_is_told(tmp_path):
    sources = _changed("include: shared/courtesy.yaml", "include: shared/courtesy.zh-CN.yaml")
    assert "'shared/courtesy.zh-CN.yaml' includes itself." in _faults(tmp_path, sources)


def _way(state: State) -> State:
    """Return a state without the words that its question hopes for."""
    asked = state.question
    return state if asked is None else replace(state, question=replace(asked, hopes=()))


def test_the_flow_goes_the_same_way_in_every_language():
    mandarin, english = (load_flow("pre-delivery", each).script for each in ("zh-CN", "en-US"))
    assert [_way(each) for each in english.states.values()] == [
        _way(each) for each in mandarin.states.values()
    ]
    assert english.everywhere == mandarin.everywhere
    assert english.prompts.keys() == mandarin.prompts.keys()
    assert {
        name: (prompt.wordings.keys(), prompt.barge_in, prompt.needs)
        for name, prompt in english.prompts.items()
    } == {
        name: (prompt.wordings.keys(), prompt.barge_in, prompt.needs)
        for name, prompt in mandarin.prompts.items()
    }


def test_an_unknown_flow_names_those_that_exist():
    with pytest.raises(FlowError, match="pre-delivery in zh-CN"):
        load_flow("post-delivery", "zh-CN")


def test_the_worked_example_of_the_handbook_runs(tmp_path):
    example = re.search(r"```yaml\n(flow: .*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    file = tmp_path / "example.yaml"
    file.write_text(example[1], encoding="utf-8")
    assert load_flow_file(file).id == "station-pickup"


def test_the_handbook_explains_every_condition():
    handbook = DOCS.read_text(encoding="utf-8")
    assert [guard for guard in GUARDS if f"`{guard}`" not in handbook] == []


FAULTS = {
    "unknown state": ("      no: nothing_suits", "      no: nothing_fits", "'nothing_fits'"),
    "unknown stage": ("stage: 派送与签收", "stage: 派送和签收", "Did you mean '派送与签收'?"),
    "unknown prompt": ("say: [introduction,", "say: [introdution,", "mean 'introduction'"),
    "unknown condition": ("if: window.past", "if: window.gone", "no condition 'window.gone'"),
    "unknown slot to take": ("take: window\n", "take: windows\n", "no slot 'windows'"),
    "unknown intent": ("      yes: confirmed", "      yess: confirmed", "Did you mean 'yes'?"),
    "unknown value": ("{window|part},对吗", "{windw|part},对吗", "unknown value 'windw'"),
    "unknown format": ("{window|part},对吗", "{window|prt},对吗", "can't be read out"),
    "unknown field": ("turn_limit: 24", "turn_limits: 24", "Did you mean 'turn_limit'?"),
    "unreachable state": (
        "\nprompts:\n",
        "\nstates:\n  lonely:\n    say: refused\n    end: {outcome: refused}\n\nprompts:\n",
        "Nothing leads to the state 'lonely'",
    ),
    "no way out": (
        "      yes: confirmed\n      no: options\n      tell: *whatever_was_told",
        "      yes: stay\n      no: stay\n      tell: stay",
        "no way out",
    ),
    "long prompt": (
        "这个时间已经过了。",
        "这个时间已经过了" * 10 + "。",
        "people stop listening at 12",
    ),
    "no keypad": (
        "    keypad: 不改地址请按一,转人工按零。\n",
        "",
        "can't be answered on the keypad",
    ),
    "colliding key": (
        '        "4": hand_over\n    on:\n      yes:\n',
        '        "4": hand_over\n        "9": no\n    on:\n      yes:\n',
        "Key 9 already means",
    ),
    "no consent": ("consent: true", "consent: false", "without the recipient's consent"),
    "not automated": ("自动语音助手。\n  announcement", "。\n  announcement", "automated voice"),
    "long opening": ("introduction: 您好,", "introduction: " + "您好," * 6, "until the first"),
    "goodbye cut off": (
        "好的,已经改到{window|part}。到时候快递员会联系您,再见。\n    barge_in: never",
        "好的,已经改到{window|part}。到时候快递员会联系您,再见。",
        "can be cut off",
    ),
    "slot not known yet": ("到时候方便收吗?", "到{window|part}方便收吗?", "may not be known there"),
    "optional fact": ("到时候方便收吗?", "到时候{item|plain}方便收吗?", "not every delivery has"),
    "branch without a default": (
        "      - then: confirm_window\n  which_window:",
        "      - if: sure\n        then: confirm_window\n  which_window:",
        "may find no way",
    ),
    "written twice": ("turn_limit: 24", "turn_limit: 24\nturn_limit: 25", "stands here and in"),
    "unknown hope": ("hopes: [times]", "hopes: [times, tims]", "Did you mean 'times'?"),
    "silences out of order": (
        "end_silence_seconds: 0.5",
        "end_silence_seconds: 1.5",
        "out of order",
    ),
    "silence too short to know the words": (
        "end_silence_seconds: 0.5",
        "complete_silence_seconds: 0.1\n      end_silence_seconds: 0.5",
        "From 0.2 s up",
    ),
    "other reading that nobody has": (
        "      - if: heard.hand_over\n        take: hand_over\n        then: check_hand_over\n"
        "      - then: ask_hand_over",
        "      - if: heard.hand_over\n        other: hand_over\n        then: check_hand_over\n"
        "      - then: ask_hand_over",
        "no other reading may be known",
    ),
    "broken YAML": ("states:\n", "states:\n - [\n", "isn't readable YAML"),
    "missing fragment": ("shared/questions", "shared/quest", "included file"),
    "fragment outside": ("shared/questions", "../shared/questions", "lies outside the folder"),
    "no time of day": ('"08:00"', '"8 o clock"', "is no time of day"),
    "no number": ("turn_limit: 24", "turn_limit: many", "is not a number"),
    "no span": ("window: +1 09:00-12:00", "window: tomorrow", "is no span of time"),
    "no such key": ('        "4": hand_over', '        "44": hand_over', "no key '44'"),
    "back to nowhere": ("      no: options\n", "      no: back\n", "`back` has nowhere to go"),
    "two kinds of state": (
        "  refused:\n    say: refused\n",
        "  refused:\n    branch:\n      - then: options\n    say: refused\n",
        "A state does one thing",
    ),
    "unknown language": ("language: zh-CN", "language: xx-XX", "Nobody can read 'xx-XX' aloud"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_explained_with_its_place(tmp_path, fault):
    old, new, explanation = FAULTS[fault]
    message = _faults(tmp_path, _changed(old, new))
    assert explanation in message
    assert re.match(r"\S+\.yaml:\d+: ", message)


def test_a_flow_without_opt_out_does_not_run(tmp_path):
    without = _changed("    opt_out:\n      - if: sure\n", "    goodbye:\n      - if: sure\n")
    without = _changed("    goodbye: leaving\n", "", without)
    message = _faults(tmp_path, _changed('    "9": opt_out\n', "", without))
    assert "never to be called again isn't understood at every moment" in message
    assert "No key means 'opt_out'" in message


def test_every_fault_is_told_at_once_in_the_order_of_the_file(tmp_path):
    text = _changed("say: [introduction,", "say: [introdution,")
    message = _faults(
        tmp_path, _changed("      dont_know: options", "      dont_know: optionss", text)
    )
    first, second = message.splitlines()
    assert "introdution" in first
    assert "optionss" in second


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n"])
def test_a_file_that_holds_no_flow_says_how_to_begin(tmp_path, text):
    assert "Begin with `flow:`" in _faults(tmp_path, {"ours.yaml": text})


def test_a_file_that_is_not_there_or_not_utf8_is_named(tmp_path):
    with pytest.raises(FlowError, match=r"gone\.yaml:1: There is no such file"):
        load_flow_file(tmp_path / "gone.yaml")
    (tmp_path / "gb.yaml").write_bytes("flow: 派前".encode("gb18030"))
    with pytest.raises(FlowError, match="isn't UTF-8"):
        load_flow_file(tmp_path / "gb.yaml")


def test_yes_no_and_on_are_words_and_every_value_knows_its_line():
    item = read_source("on:\n  yes: no\n  3: true\n", "f.yaml")
    answers = item.value["on"].value
    assert answers["yes"].value == "no"
    assert answers["3"].value is True
    assert answers["3"].place == Place("f.yaml", 3)
