"""A trainee's call with a simulated customer in the terminal, and the score sheet at its end."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from console.screen import say
from ivr.acting import Acting, answer, begin, hung_up_on
from ivr.agent_lines import AgentEar, AgentLine
from ivr.customer import Customer, Mood
from ivr.customer_files import customers
from ivr.score_sheet import PASS_MARK, Call, Criterion, Exchange, ScoreSheet, score

HANG, QUIT, HELP_ME = "/hang", "/quit", "/help"
HELP: Final = f"""\
  照平时接电话那样说,一行一句。          (空行) 不说话,听客户说
  !您稍等   打断客户                      {HANG} 挂电话       {QUIT} 不练了"""
TITLES: Final[Mapping[Criterion, str]] = {
    Criterion.GREETING: "开头:问好、公司、自己",
    Criterion.IDENTITY: "核对单号和身份",
    Criterion.EMPATHY: "道歉和体谅",
    Criterion.LISTENING: "让客户说完",
    Criterion.CAUSE: "说明原因",
    Criterion.SOLUTION: "方案在权限内",
    Criterion.NEXT_CONTACT: "说定时间",
    Criterion.READ_BACK: "复述确认",
    Criterion.GOODBYE: "结束语",
    Criterion.WORDS: "用语文明",
    Criterion.ECONOMY: "轮数",
}
MOODS: Final[Mapping[Mood, str]] = {
    Mood.CALM: "平和", Mood.HURRIED: "着急", Mood.ANGRY: "生气",
    Mood.CONFUSED: "说不清", Mood.ELDERLY: "老人", Mood.SUSPICIOUS: "起疑",
}  # fmt: skip
GIVEN_NAME: Final = re.compile(r"[^\W\d_]{1,20}")
"""A trainee is saved by this alone."""


@dataclass(slots=True)
class AgentRehearsal:
    """A trainee's call with one customer, line by line."""

    customer: Customer
    screen: Console
    acting: Acting = field(init=False)
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.acting = begin(self.customer)

    def open(self) -> None:
        """Show what is on file, and let it ring."""
        case = self.customer.case
        say(f"{self.customer.title} ({MOODS[self.customer.mood]})", "bold", self.screen)
        for line in case.brief:
            say(f"  {line}", "dim", self.screen)
        say("电话响了,请接。", "", self.screen)

    def take(self, line: str) -> bool:
        """Take what the trainee says; answer whether the call goes on."""
        text = line.strip()
        if text in {HANG, QUIT}:
            self.acting = hung_up_on(self.acting)
            return False
        if text == HELP_ME:
            say(HELP, "dim", self.screen)
            return True
        case = self.customer.case
        interrupts = text.startswith(("!", "！"))
        ear = AgentEar(case.called_company, case.known_by)
        self._answer(ear.line(text.lstrip("!！"), interrupts=interrupts))
        return self.acting.end is None

    def close(self, seconds: float) -> ScoreSheet:
        """End the call if it is not over, and judge it."""
        self.acting = hung_up_on(self.acting)
        assert self.acting.end is not None
        return score(Call(self.customer, tuple(self.exchanges), self.acting.end, seconds))

    def _answer(self, line: AgentLine) -> None:
        self.acting, reply = answer(self.acting, line)
        self.exchanges.append(Exchange(line, reply, self.acting))
        if reply:
            say(f"客户: {reply}", "bold magenta", self.screen)


def customers_table() -> Table:
    """Return everybody who may ring."""
    table = Table(title="模拟客户", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("代号", "情绪", "问题", "情况"):
        table.add_column(name, overflow="fold")
    for each in customers():
        table.add_row(each.id, MOODS[each.mood], each.case.problem, each.title)
    return table


def score_table(sheet: ScoreSheet) -> Table:
    """Return a score sheet as it is shown."""
    table = Table(title="评分", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("项目", no_wrap=True)
    table.add_column("得分", justify="right", no_wrap=True)
    table.add_column("说了什么", overflow="fold")
    table.add_column("怎样更好", overflow="fold")
    for mark in sheet.marks:
        evidence = "; ".join(mark.evidence[:2]) or "-"
        table.add_row(TITLES[mark.criterion], f"{mark.points}/{mark.of}", evidence, mark.hint)
    return table


def verdict(sheet: ScoreSheet) -> str:
    """Return in a sentence whether it was enough."""
    left = "客户满意" if sheet.end == "satisfied" else "客户没有满意就结束了"
    passed = "通过" if sheet.passed else f"没有通过({PASS_MARK}分并且客户满意才通过)"
    took = f",{sheet.seconds:.0f}秒" if sheet.seconds else ""
    return f"总分 {sheet.total}/100,{left},{sheet.turns}轮{took}:{passed}"


def as_json(customer: Customer, exchanges: Iterable[Exchange], sheet: ScoreSheet) -> dict[str, Any]:
    """Return a trainee's call for programs."""
    return {
        "customer": customer.id,
        "mood": str(customer.mood),
        "problem": customer.case.problem,
        "end": str(sheet.end),
        "total": sheet.total,
        "passed": sheet.passed,
        "turns": [
            {
                "agent": each.line.text,
                "acts": [str(act) for act in each.line.acts],
                "customer": each.reply,
                "temper": round(each.after.temper, 2),
                "waits_for": [str(need) for need in each.after.open_needs],
            }
            for each in exchanges
        ],
        "marks": [
            {
                "criterion": str(mark.criterion),
                "points": mark.points,
                "of": mark.of,
                "evidence": list(mark.evidence),
                "hint": mark.hint,
            }
            for mark in sheet.marks
        ],
    }


def save(file: Path, trainee: str, customer: Customer, sheet: ScoreSheet, now: datetime) -> None:
    """Append a result to a CSV file, or to one of JSON lines when it ends in .json or .jsonl.

    Of the trainee only a given name is written. Raises OSError.
    """
    row: dict[str, str | int | bool] = {
        "at": f"{now:%Y-%m-%d %H:%M}",
        "trainee": trainee,
        "customer": customer.id,
        "problem": customer.case.problem,
        "total": sheet.total,
        "passed": sheet.passed,
        "end": str(sheet.end),
        "turns": sheet.turns,
        "seconds": round(sheet.seconds),
        **{str(mark.criterion): mark.points for mark in sheet.marks},
    }
    if file.suffix in {".json", ".jsonl"}:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        return
    fresh = not file.exists() or not file.stat().st_size
    with file.open("a", encoding="utf-8-sig" if fresh else "utf-8", newline="") as table:
        writer = csv.DictWriter(table, list(row))
        if fresh:
            writer.writeheader()
        writer.writerow(row)
