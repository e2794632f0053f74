"""「八点再打」: from the words of the recipient to the moment of the next call."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from asr.hearing import Utterance
from campaigns.calling_window import CallingWindow
from campaigns.retry import AttemptEnd, CallHistory, RetryDecision, RetryReason, decide
from campaigns.retry_reader import load_table
from ivr.dialog import begin, result, step
from ivr.exchange import CallFacts, Listen
from ivr.flow import load_flow
from ivr.interpreter import Asked, Interpreter
from store.types import Disposition, Outcome

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


def wish(words: str, now: datetime, language: str = "zh-CN") -> datetime | None:
    """Return when the conversation understood that it is to call again."""
    flow = load_flow("pre-delivery", language)
    facts = CallFacts(
        now=now,
        company="顺达快递",
        recipient="王小明",
        waybill="SD20260302001234",
        window_start=now + timedelta(days=2),
        window_end=now + timedelta(days=2, hours=2),
        address="幸福路18号",
    )
    dialog, actions = begin(flow, facts)
    asked = actions[-1]
    assert isinstance(asked, Listen)
    heard = Utterance(words, 0.95, 6.0, 8.0)
    said = Interpreter(flow, facts, 0.0).said(heard, Asked.by(asked))
    dialog, _ = step(flow, dialog, said)
    return result(flow, dialog).call_again_at


def after(named: datetime | None, now: datetime, zone: ZoneInfo = SHANGHAI) -> RetryDecision:
    end = AttemptEnd(Disposition.COMPLETED, Outcome.UNFINISHED, now + timedelta(minutes=1), named)
    window = CallingWindow(time(9), time(20, 30), zone)
    return decide(end, CallHistory(reached=1), load_table("delivery"), window, None)


def at(hour: int, minute: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("words", "now", "called_at"),
    [
        ("晚上八点再打", at(15), at(20)),
        ("八点再打吧", at(15), at(20)),
        ("下午四点再打给我", at(10), at(16)),
        ("明天上午十点再打", at(15), at(10, day=23)),
        ("晚上九点再打", at(15), at(9, day=23)),
    ],
)
def test_a_named_time_is_kept_to_the_minute_or_to_the_next_opening(
    words: str, now: datetime, called_at: datetime
) -> None:
    decision = after(wish(words, now), now)
    assert decision == RetryDecision(called_at, RetryReason.ASKED_FOR, decision.then)


def test_a_named_time_is_kept_on_the_day_on_which_the_clock_changes() -> None:
    now = datetime(2026, 10, 31, 15, tzinfo=NEW_YORK)
    named = wish("call me tomorrow at ten in the morning", now, "en-US")
    found = after(named, now, NEW_YORK).retry_at
    assert found is not None
    assert found.timestamp() == datetime(2026, 11, 1, 10, tzinfo=NEW_YORK).timestamp()
    assert (found - now).total_seconds() != found.timestamp() - now.timestamp()


def test_whoever_names_no_time_is_called_when_we_said_that_we_would() -> None:
    decision = after(wish("我在忙等会再打", at(10)), at(10))
    assert (decision.retry_at, decision.reason) == (at(12), RetryReason.ASKED_FOR)
