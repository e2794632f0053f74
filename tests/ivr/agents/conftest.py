"""Trainees on the phone with simulated customers: what they say, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from ivr.acting import Acting, CallEnd, answer, begin, hung_up_on
from ivr.agent_lines import AgentEar, Solution
from ivr.customer import Customer
from ivr.customer_files import customer
from ivr.score_sheet import Call, Criterion, Exchange, Mark, ScoreSheet, score

OFFERS = {
    Solution.REDELIVER: "我给您安排优先派送",
    Solution.REPLACE: "我给您换一套新的",
    Solution.REFUND: "多收的钱退还给您",
    Solution.COMPENSATE: "我给您申请补偿",
    Solution.RETURN: "我安排快递员上门取件",
    Solution.SEND_MISSING: "少的那箱给您补送",
    Solution.FETCH_SURPLUS: "我让快递员上门取走",
    Solution.INVESTIGATE: "我马上登记工单核实",
    Solution.APOLOGISE: "我让快递员本人给您道歉",
}
BAD = (
    "喂。",
    "你自己没写清楚,怪谁?",
    "这不归我们管,你去找商家。",
    "我不知道。",
    "再见。",
    "再见。",
)


@dataclass(slots=True)
class Trainee:
    """Somebody on the phone with one customer."""

    customer: Customer
    acting: Acting = field(init=False)
    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.acting = begin(self.customer)

    def says(self, *lines: str) -> str:
        """Say some lines, one after the other; return what the customer answers to the last."""
        case = self.customer.case
        ear = AgentEar(case.called_company, case.known_by)
        for text in lines:
            line = ear.line(text.lstrip("!"), interrupts=text.startswith("!"))
            self.acting, reply = answer(self.acting, line)
            self.exchanges.append(Exchange(line, reply, self.acting))
        return self.exchanges[-1].reply

    def follows(self, script: Iterable[str]) -> ScoreSheet:
        """Say a script until the customer has hung up; return the score sheet."""
        for line in script:
            if self.acting.end is None:
                self.says(line)
        return self.judged()

    def judged(self) -> ScoreSheet:
        """Hang up, and be judged."""
        self.acting = hung_up_on(self.acting)
        return score(Call(self.customer, tuple(self.exchanges), self.end))

    def mark(self, criterion: Criterion) -> Mark:
        """Return the mark for one criterion."""
        return next(mark for mark in self.judged().marks if mark.criterion is criterion)

    @property
    def end(self) -> CallEnd:
        """How the customer left; he must have."""
        assert self.acting.end is not None
        return self.acting.end


@pytest.fixture
def trainee() -> Callable[[str], Trainee]:
    """Let a customer ring somebody."""
    return lambda name: Trainee(customer(name))


@pytest.fixture
def bad_script() -> tuple[str, ...]:
    """What nobody should say."""
    return BAD


@pytest.fixture
def good_script() -> Callable[[Customer], tuple[str, ...]]:
    """What a good agent says to a customer, whoever he is."""

    def script(to: Customer) -> tuple[str, ...]:
        return (
            "您好,顺达快递客服小李。",
            *[""] * (len(to.story) - 1),
            "非常抱歉,让您着急了。您可以打官方电话核实。",
            "请问运单号是多少?请问您是本人吗?",
            f"查到了,是因为{to.case.cause}。",
            f"{OFFERS[to.case.solutions[0]]},您看行吗?",
            "今天下午六点前给您处理好。",
            "我跟您确认一下,今天下午六点前,对吗?",
            "请问还有什么可以帮您的?感谢您的来电,再见。",
        )

    return script
