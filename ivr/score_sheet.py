"""The score sheet of a rehearsed call: what a trainee did well, where, and what to do better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.acting import Acting, CallEnd
from ivr.agent_lines import AgentAct, AgentLine, Solution
from ivr.customer import Customer, Effect, Need

PASS_MARK = 80
"""Of 100."""
OPENING_TURNS = 2
"""A greeting that comes later is none."""


class Criterion(StrEnum):
    """What is judged."""

    GREETING = "greeting"
    IDENTITY = "identity"
    EMPATHY = "empathy"
    LISTENING = "listening"
    CAUSE = "cause"
    SOLUTION = "solution"
    NEXT_CONTACT = "next_contact"
    READ_BACK = "read_back"
    GOODBYE = "goodbye"
    WORDS = "words"
    ECONOMY = "economy"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of the trainee and what came of it."""

    line: AgentLine
    reply: str
    after: Acting


@dataclass(frozen=True, slots=True)
class Call:
    """A rehearsed call that is over."""

    customer: Customer
    exchanges: tuple[Exchange, ...]
    end: CallEnd
    seconds: float = 0.0
    """How long it took; 0: nobody measured."""

    def first(self, act: AgentAct, within: int | None = None) -> str:
        """Return the words in which an act was first done; empty when it never was."""
        said = (each.line.acts.get(act, "") for each in self.exchanges[:within])
        return next(filter(None, said), "")

    def every(self, acts: Iterable[AgentAct]) -> tuple[str, ...]:
        """Return the words of every line in which one of these was done."""
        wanted = tuple(acts)
        return tuple(
            each.line.acts[act]
            for each in self.exchanges
            for act in wanted
            if act in each.line.acts
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """The points for one criterion."""

    criterion: Criterion
    points: int
    of: int
    evidence: tuple[str, ...] = ()
    """What was said, for or against."""
    hint: str = ""
    """What to do better; empty with full points."""


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """All marks of a call."""

    marks: tuple[Mark, ...]
    end: CallEnd
    turns: int
    seconds: float

    @property
    def total(self) -> int:
        """Points of 100."""
        return sum(mark.points for mark in self.marks)

    @property
    def passed(self) -> bool:
        """Enough points, and the customer left content."""
        return self.total >= PASS_MARK and self.end is CallEnd.SATISFIED


Judgement = tuple[int, tuple[str, ...], str]
"""Points, evidence, hint."""


def score(call: Call) -> ScoreSheet:
    """Judge a call that is over."""
    marks = []
    for criterion, (of, judge) in CRITERIA.items():
        points, evidence, hint = judge(call)
        points = max(0, min(of, points))
        marks.append(
            Mark(
                criterion,
                points,
                of,
                tuple(dict.fromkeys(filter(None, evidence))),
                hint if points < of else "",
            )
        )
    return ScoreSheet(tuple(marks), call.end, len(call.exchanges), call.seconds)


def _greeting(call: Call) -> Judgement:
    parts = (
        (3, AgentAct.GREET, "先问好"),
        (3, AgentAct.COMPANY, f"报公司名“{call.customer.case.company}”"),
        (2, AgentAct.NAME, "报自己的姓或者工号"),
    )
    said = [call.first(act, OPENING_TURNS) for _, act, _ in parts]
    points = sum(each[0] for each, words in zip(parts, said, strict=True) if words)
    missing = [each[2] for each, words in zip(parts, said, strict=True) if not words]
    return points, tuple(said), f"接起来要{'、'.join(missing)}。"


def _identity(call: Call) -> Judgement:
    waybill, who = call.first(AgentAct.ASK_WAYBILL), call.first(AgentAct.IDENTIFY)
    points = (7 if waybill or who else 0) + (3 if who else 0)
    hint = "先核对是谁:“请问您是收件人本人吗?”" if waybill else "先核对运单号和收件人,再谈处理。"
    return points, (waybill, who), hint


def _empathy(call: Call) -> Judgement:
    sorry, felt = call.first(AgentAct.APOLOGISE), call.first(AgentAct.EMPATHISE)
    missing = [
        words
        for words, said in (("先道歉", sorry), ("说出对方的感受,比如“让您着急了”", felt))
        if not said
    ]
    return 6 * bool(sorry) + 6 * bool(felt), (sorry, felt), f"{'、'.join(missing)}。"


def _listening(call: Call) -> Judgement:
    cut = _times(call, Effect.INTERRUPTED)
    silent = _times(call, Effect.SILENCE)
    counts = [0, *(each.after.done.get(Effect.INTERRUPTED, 0) for each in call.exchanges)]
    evidence = tuple(
        each.line.text
        for before, after, each in zip(counts, counts[1:], call.exchanges, strict=False)
        if after > before
    )
    told = bool(call.exchanges) and not call.exchanges[-1].after.is_telling
    points = (6 if told else 0) - 3 * cut - 2 * silent
    hint = "让客户把话说完:他停顿时只应一声“嗯,您说”。" if cut else "客户说完要马上接话。"
    return points, evidence, hint


def _cause(call: Call) -> Judgement:
    said = call.first(AgentAct.EXPLAIN)
    points = 10 if said or Need.CAUSE not in call.customer.needs else 0
    return points, (said,), f"把登记的原因告诉客户:{call.customer.case.cause}。"


def _solution(call: Call) -> Judgement:
    case = call.customer.case
    offered = [
        (solution, words)
        for each in call.exchanges
        for solution, words in each.line.solutions.items()
    ]
    sums = [
        each.line.yuan
        for each in call.exchanges
        if {Solution.COMPENSATE, Solution.REFUND} & each.line.solutions.keys()
    ]
    evidence = tuple(words for _, words in offered) + call.every((AgentAct.OVERPROMISE,))
    if not any(solution in case.solutions for solution, _ in offered):
        return 0, evidence, "给一个规定允许的方案,见工单信息。"
    outside = [words for solution, words in offered if solution not in case.solutions]
    too_much = max(sums, default=0) > case.limit_yuan
    boasts = len(call.every((AgentAct.OVERPROMISE,)))
    points = 18 - 8 * bool(outside) - 10 * too_much - 6 * boasts
    if too_much:
        return points, evidence, f"金额超出权限,最多{case.limit_yuan}元。"
    if outside:
        return points, evidence, f"“{outside[0]}”不在可以给的方案里。"
    return points, evidence, "不要打包票,说能做到的。"


def _next_contact(call: Call) -> Judgement:
    said = call.first(AgentAct.PROMISE_TIME)
    return 12 * bool(said), (said,), "说一个具体时间,比如“今天下午五点前给您回电话”。"


def _read_back(call: Call) -> Judgement:
    after_settling = [
        each.line.acts[AgentAct.READ_BACK]
        for each in call.exchanges
        if AgentAct.READ_BACK in each.line.acts and each.after.settled_at
    ]
    early = call.first(AgentAct.READ_BACK)
    points = 8 if after_settling else 4 if early else 0
    return points, tuple(after_settling) or (early,), "谈定以后把方案和时间复述一遍,请客户确认。"


def _goodbye(call: Call) -> Judgement:
    more, bye = call.first(AgentAct.ANYTHING_ELSE), call.first(AgentAct.GOODBYE)
    points = 2 * bool(more) + 4 * bool(bye)
    hint = "挂机前问一句“还有什么可以帮您的吗?”" if bye else "结束时感谢客户,说再见。"
    return points, (more, bye), hint


def _words(call: Call) -> Judgement:
    bad = call.every((AgentAct.FORBIDDEN, AgentAct.BLAME, AgentAct.SHIRK))
    return 6 - 3 * len(bad), bad, "不责怪、不推诿、不用服务忌语。"


def _economy(call: Call) -> Judgement:
    turns, par = len(call.exchanges), call.customer.patience_turns
    points = 4 if turns <= par else 2 if turns <= par * 1.5 else 0
    if call.end is CallEnd.LOST:
        points = 0
    return points, (), f"一共{turns}轮,{par}轮以内谈定为好。"


def _times(call: Call, effect: Effect) -> int:
    return call.exchanges[-1].after.done.get(effect, 0) if call.exchanges else 0


CRITERIA: Mapping[Criterion, tuple[int, Callable[[Call], Judgement]]] = {
    Criterion.GREETING: (8, _greeting),
    Criterion.IDENTITY: (10, _identity),
    Criterion.EMPATHY: (12, _empathy),
    Criterion.LISTENING: (6, _listening),
    Criterion.CAUSE: (10, _cause),
    Criterion.SOLUTION: (18, _solution),
    Criterion.NEXT_CONTACT: (12, _next_contact),
    Criterion.READ_BACK: (8, _read_back),
    Criterion.GOODBYE: (6, _goodbye),
    Criterion.WORDS: (6, _words),
    Criterion.ECONOMY: (4, _economy),
}
"""Weight and judge of each; the weights make 100."""
