"""`menling rehearse --as-agent`: a trainee takes the call of a simulated customer and is scored."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli import app
from ivr.customer_files import customers

GOOD = (
    "您好,顺达快递客服小李。", "", "非常抱歉,让您着急了。", "请问运单号是多少?您是收件人本人吗?",
    "查到了,是因为下大雪高速封路。", "我给您安排优先派送,再申请二十元补偿。",
    "今天下午六点前送到。",
    "我跟您确认一下,今天下午六点前送到,对吗?", "还有什么可以帮您的吗?", "感谢您的来电,再见。",
)  # fmt: skip
BAD = ("喂。", "你急什么?", "这不归我们管。", "再见。")


def saying(*lines: str) -> tuple[str, ...]:
    return tuple(part for line in lines for part in ("--say", line))


def test_a_good_agent_passes_and_the_customer_is_content(menling) -> None:
    answer = menling("rehearse", "late-angry", "--as-agent", *saying(*GOOD))
    assert answer.status == 0
    assert "电话响了,请接。" in answer.said
    assert "登记原因:下大雪高速封路" in answer.said
    assert "客户: 我问你们啊" in answer.said
    assert "总分 100/100,客户满意,10轮:通过" in answer.said


def test_a_bad_agent_loses_the_customer_and_is_told_what_to_do_better(menling) -> None:
    answer = menling("rehearse", "late-angry", "--as-agent", *saying(*BAD))
    assert answer.status == 1
    assert "客户没有满意就结束了" in answer.said
    told = "".join(answer.said.split())
    assert "你急什么" in told
    assert "不责怪、不推诿、不用" in told


def test_the_lines_can_be_typed_one_by_one() -> None:
    result = CliRunner().invoke(
        app,
        ["rehearse", "late-angry", "--as-agent"],
        input="\n".join((*GOOD[:3], "/help", "/hang")),
    )
    assert result.exit_code == 1
    assert "客户: 天天说在路上" in result.stdout
    assert result.stdout.count("打断客户") == 2
    assert "没有通过" in result.stdout


def test_somebody_rings_also_when_nobody_was_named(menling) -> None:
    told = json.loads(menling("rehearse", "--as-agent", "--json", *saying("您好")).said)
    assert told["customer"] in {each.id for each in customers()}


def test_everybody_who_may_ring_is_listed(menling) -> None:
    said = menling("rehearse", "--customers").said
    assert all(each.id in said for each in customers())


def test_an_unknown_customer_is_refused_with_the_nearest_name(menling) -> None:
    answer = menling("rehearse", "late-angri", "--as-agent", *saying("您好"))
    assert answer.status == 1
    assert "Did you mean 'late-angry'" in answer.complained


def test_results_are_gathered_in_a_table(menling, tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    for lines in (GOOD, BAD):
        menling(
            "rehearse", "late-angry", "--as-agent", "--save", file, "--trainee", "小李",
            *saying(*lines),
        )  # fmt: skip
    with file.open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert [(row["trainee"], row["passed"], row["end"]) for row in rows] == [
        ("小李", "True", "satisfied"),
        ("小李", "False", "lost"),
    ]
    assert rows[0]["total"] == "100"
    assert rows[0]["solution"] == "18"


def test_results_are_gathered_as_json_lines(menling, tmp_path: Path) -> None:
    file = tmp_path / "scores.jsonl"
    for _ in range(2):
        menling("rehearse", "late-angry", "--as-agent", "--save", file, *saying(*BAD))
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [row["customer"] for row in rows] == ["late-angry", "late-angry"]


@pytest.mark.parametrize("name", ["13800138000", "=1+1", "李雷 13800138000"])
def test_nothing_but_a_given_name_is_saved(menling, tmp_path: Path, name: str) -> None:
    file = tmp_path / "scores.csv"
    answer = menling(
        "rehearse", "late-angry", "--as-agent", "--save", file, "--trainee", name, *saying("您好")
    )
    assert answer.status == 2
    assert "given name" in answer.complained
    assert "电话响了" not in answer.said
    assert not file.exists()


def test_a_call_can_be_read_by_programs(menling) -> None:
    told = json.loads(
        menling("rehearse", "late-angry", "--as-agent", "--json", *saying(*GOOD)).said
    )
    assert told["passed"]
    assert set(told["turns"][0]["acts"]) == {"greet", "company", "name"}
    assert sum(mark["of"] for mark in told["marks"]) == 100
    assert told["turns"][-1]["waits_for"] == []


def test_an_interruption_is_marked_by_an_exclamation_mark(menling) -> None:
    said = menling(
        "rehearse", "return-calm", "--as-agent", *saying("您好,顺达快递。", "!您的单号?")
    ).said
    assert "客户: 您先听我说完。" in said
