"""`menling rehearse` as people meet it: sentences in, sentences and reasons out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli import app

FLOW = "pre-delivery"
STATION = Path(__file__).parents[1] / "station-pickup.zh-CN.yaml"


@pytest.fixture
def own_flow(tmp_path: Path) -> Path:
    """A flow of one's own, in a file."""
    file = tmp_path / "ours.yaml"
    file.write_text(STATION.read_text("utf-8"), "utf-8")
    return file


def typing(*lines: str, arguments: tuple[str, ...] = (FLOW,)) -> str:
    """Rehearse with these lines typed at the prompt; return everything on the screen."""
    result = CliRunner().invoke(app, ["rehearse", *arguments], input="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.output
    return result.stdout


def saying(*lines: str) -> tuple[str, ...]:
    return tuple(part for line in lines for part in ("--say", line))


def test_a_conversation_is_typed_turn_by_turn() -> None:
    screen = typing("不在家,明天下午三点以后吧", "对")
    assert "门铃: 您好" in screen
    assert "听懂: reschedule" in screen
    assert "window=" in screen
    assert "走向: opening → confirm_window" in screen
    assert "门铃: 好的,改到明天下午三点以后,对吗?" in screen
    assert "结果: 已改时间 (rescheduled)" in screen


def test_the_same_can_be_said_in_the_command_line(menling) -> None:
    answer = menling("rehearse", FLOW, *saying("可以"))
    assert answer.status == 0
    assert "你: 可以" in answer.said
    assert "结果: 已确认 (confirmed)" in answer.said


def test_every_turn_tells_by_which_line_of_which_file_it_went(menling) -> None:
    said = menling("rehearse", FLOW, *saying("明天下午三点以后吧")).said
    assert "依据: shared/" in said
    assert ".yaml:" in said
    assert "条件 heard.window" in said


def test_keys_and_silence_can_be_said_too(menling) -> None:
    said = menling("rehearse", FLOW, *saying("", "#1")).said
    assert "你: (不说话)" in said
    assert "连续没回应1次" in said
    assert "你: [按键 1]" in said
    assert "(confirmed)" in said


def test_why_tells_what_was_looked_at_and_what_failed() -> None:
    screen = typing("/why", "明天下午三点以后吧", "对", "/quit")
    assert "还没有说过话" in screen
    looking = typing("明天下午三点以后吧", "/why", "/quit")
    assert "依次看: " in looking
    assert "走了: shared/" in looking


def test_the_state_the_slots_and_the_facts_can_be_looked_at() -> None:
    screen = typing("/slots", "/state", "/facts", "明天下午三点以后吧", "/slots", "/quit")
    assert "还没有记下什么" in screen
    assert "现在在 opening" in screen
    assert "盼着听到 yes" in screen
    assert "recipient = 王小明" in screen
    assert "  window = " in screen


def test_a_turn_can_be_taken_back() -> None:
    screen = typing("/undo", "不要了", "/undo", "可以")
    assert "已经是第一步了" in screen
    assert "退回一步" in screen
    assert "(confirmed)" in screen


def test_to_hang_up_leaves_the_call_unfinished() -> None:
    screen = typing("明天下午三点以后吧", "/hang", "对")
    assert "你挂了电话" in screen
    assert "(unfinished)" in screen


def test_the_end_of_the_input_ends_the_rehearsal() -> None:
    assert "(unfinished)" in typing("/state")


def test_help_tells_what_can_be_typed() -> None:
    assert typing("/help", "/quit").count("/undo  退回一步") == 2


def test_a_line_that_means_nothing_costs_no_turn() -> None:
    screen = typing("/whi", "#x", "可以")
    assert "There is no command '/whi'" in screen
    assert "no key" in screen
    assert "(confirmed)" in screen


def test_lines_after_the_end_are_counted(menling) -> None:
    assert "后面还有2句没说" in menling("rehearse", FLOW, *saying("可以", "好", "再见")).said


def test_english_is_spoken_in_english(menling) -> None:
    said = menling("rehearse", FLOW, "--language", "en-US", *saying("yes that's fine")).said
    assert "Menling: " in said
    assert "understood: yes" in said
    assert "result: Confirmed" in said


def test_facts_can_be_changed_in_the_command_line_and_by_a_file(menling, tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("cod: 23.50\nmerchant:\nitem: 茶叶\neta: 15:30\n", "utf-8")
    said = menling(
        "rehearse",
        FLOW,
        "--facts",
        file,
        "--fact",
        "item=咖啡",
        *saying("什么东西?", "多少钱?", "/facts"),
    ).said
    assert "15:30:00" in said
    assert "是咖啡" in said
    assert "二十三块五" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--fact", "recipint=李雷"), "Did you mean 'recipient'"),
        (("--fact", "cod"), "write NAME=VALUE"),
        (("--facts", "bad.yaml"), "no facts"),
        (("--facts", "broken.yaml"), "readable YAML"),
    ],
)
def test_facts_that_make_no_sense_are_refused(
    menling, tmp_path: Path, arguments: tuple[str, str], told: str
) -> None:
    (tmp_path / "bad.yaml").write_text("- 1\n", "utf-8")
    (tmp_path / "broken.yaml").write_text("a: [\n", "utf-8")
    answer = menling("rehearse", FLOW, *arguments, *saying("可以"))
    assert answer.status == 2
    assert told in " ".join(answer.complained.replace("│", " ").split())


def test_a_flow_file_of_ones_own_is_checked_and_rehearsed(menling, own_flow: Path) -> None:
    said = menling("rehearse", own_flow, *saying("可以")).said
    assert "到驿站了" in said
    assert f"依据: {own_flow.name}:" in said
    assert "(confirmed)" in said


def test_the_faults_of_a_flow_file_are_shown_instead(menling, own_flow: Path) -> None:
    text = own_flow.read_text("utf-8").replace("yes: see_you", "yes: se_you")
    own_flow.write_text(text, "utf-8")
    answer = menling("rehearse", own_flow, *saying("可以"))
    assert answer.status == 1
    assert "Did you mean 'see_you'" in answer.complained


def test_a_rehearsal_can_be_read_by_programs(menling) -> None:
    answer = menling("rehearse", FLOW, "--json", *saying("明天下午三点以后吧", "对"))
    told = json.loads(answer.said)
    assert told["outcome"] == "rescheduled"
    assert told["over"]
    callee = [turn for turn in told["turns"] if turn["who"] == "callee"]
    assert [turn["to"] for turn in callee] == ["confirm_window", "rescheduled"]
    assert callee[1]["intent"] == "yes"
    assert callee[0]["rules"]


def test_a_line_that_programs_got_wrong_is_told(menling) -> None:
    answer = menling("rehearse", FLOW, "--json", *saying("#x"))
    assert answer.status == 1
    assert "no key" in answer.complained


def test_without_a_flow_the_flows_are_named(menling) -> None:
    answer = menling("rehearse")
    assert answer.status == 2
    assert FLOW in answer.complained


@pytest.mark.parametrize("option", [("--json",), ("--say", "可以")])
def test_a_microphone_takes_no_lines_and_prints_no_json(menling, option: tuple[str, ...]) -> None:
    answer = menling("rehearse", FLOW, "--microphone", *option)
    assert answer.status == 2
    assert "--microphone goes neither" in answer.complained


def test_a_parcel_without_a_promised_window_is_told_without_one(menling) -> None:
    said = menling("rehearse", "survey", "--fact", "promised=", "--say", "/facts").said
    assert "recipient = 王小明" in said
    assert "promised" not in said
