"""A conversation held without sound: what the callee means goes in, what Menling says comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from asr.hearing import Utterance
from ivr.dialog import begin, result, step
from ivr.dialog_state import Dialog
from ivr.exchange import (
    Action,
    AnsweredBy,
    CallFacts,
    DialogEvent,
    DialogResult,
    HangUp,
    Listen,
    Machine,
    NoInput,
    Pressed,
    Said,
    Say,
    TimeIsUp,
)
from ivr.flow import Flow, load_flow
from ivr.meaning import Intent, Meaning, SlotValue


@dataclass(slots=True)
class Talk:
    """One conversation and everything that was done in it."""

    flow: Flow
    facts: CallFacts
    dialog: Dialog
    actions: tuple[Action, ...]
    seconds: float = 5.0

    def says(
        self,
        intent: Intent,
        words: str = "",
        *,
        also: tuple[Intent, ...] = (),
        confidence: float = 0.9,
        interrupting: bool = False,
        **slots: SlotValue,
    ) -> Talk:
        """Let the callee say something that means `intent`."""
        self.seconds += 10.0
        meaning = Meaning(intent, confidence, slots, also, words)
        utterance = Utterance(words, confidence, self.seconds - 2.0, self.seconds)
        return self.take(Said(meaning, utterance, interrupting))

    def presses(self, digits: str) -> Talk:
        """Let the callee press keys, one at each question."""
        for digit in digits:
            self.seconds += 10.0
            self.take(Pressed(digit, self.seconds))
        return self

    def stays_silent(self, times: int = 1) -> Talk:
        """Let the question's time pass."""
        for _ in range(times):
            self.take(NoInput())
        return self

    def is_answered_by(self, machine: Machine) -> Talk:
        """Let a machine have taken the call."""
        return self.take(AnsweredBy(machine))

    def runs_out_of_time(self) -> Talk:
        """Let the flow's time limit pass."""
        return self.take(TimeIsUp())

    def take(self, event: DialogEvent) -> Talk:
        """Give the dialog any event."""
        self.dialog, self.actions = step(self.flow, self.dialog, event)
        return self

    @property
    def reply(self) -> str:
        """What Menling said last, in one piece."""
        return "".join(each.text for each in self.actions if isinstance(each, Say))

    @property
    def question(self) -> str:
        """The open question; empty when the call is over."""
        last = self.actions[-1]
        return last.question if isinstance(last, Listen) else ""

    @property
    def is_over(self) -> bool:
        """Menling hangs up."""
        return isinstance(self.actions[-1], HangUp)

    @property
    def result(self) -> DialogResult:
        """What dispatch would learn now."""
        return result(self.flow, self.dialog)


@pytest.fixture(scope="session")
def flow() -> Flow:
    """The pre-delivery conversation in Mandarin."""
    return load_flow("pre-delivery", "zh-CN")


@pytest.fixture
def now() -> datetime:
    """Monday, ten in the morning, in Shanghai."""
    return datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def facts(now: datetime) -> CallFacts:
    """A parcel for Wang Xiaoming, promised for tomorrow from two to four."""
    tomorrow = now + timedelta(days=1)
    return CallFacts(
        now=now,
        company="顺达快递",
        recipient="王小明",
        waybill="SD20260302001234",
        window_start=tomorrow.replace(hour=14),
        window_end=tomorrow.replace(hour=16),
        address="幸福路18号阳光花园3号楼2单元501室",
        item="运动鞋",
        merchant="小山户外",
        callback_number="4001234567",
    )


@pytest.fixture
def call(flow: Flow, facts: CallFacts) -> Callable[..., Talk]:
    """Start a conversation; facts may be replaced by name."""

    def start(with_facts: CallFacts = facts) -> Talk:
        dialog, actions = begin(flow, with_facts)
        return Talk(flow, with_facts, dialog, actions)

    return start


@pytest.fixture
def talk(call: Callable[..., Talk]) -> Talk:
    """A conversation whose first question was just asked."""
    return call()


@pytest.fixture(scope="session")
def english_flow() -> Flow:
    """The pre-delivery conversation in English."""
    return load_flow("pre-delivery", "en-US")


@pytest.fixture
def english_talk(english_flow: Flow, facts: CallFacts) -> Talk:
    """A conversation in English whose first question was just asked."""
    dialog, actions = begin(english_flow, facts)
    return Talk(english_flow, facts, dialog, actions)
