"""What is shown of calls in progress, and that nothing of it stays when they are over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from campaigns.attempt import SettledCall
from campaigns.events import CallPlaced, CallSettled
from campaigns.live_book import TURNS_WAITING, LiveBook
from campaigns.retry import RetryDecision, RetryReason
from ivr.people import CallTurn
from ivr.transcript import Speaker, Turn
from store.database import Database
from store.desk_live import write_live
from store.desk_queries import live_turns
from store.types import Disposition, Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ANNA = CallPlaced(1, 1, 1, "安娜", "+8613800138001", "SD1", "zh-CN")
SETTLED = SettledCall(
    Disposition.COMPLETED, Outcome.CONFIRMED, RetryDecision(None, RetryReason.SETTLED)
)
OVER = CallSettled(1, 1, "安娜", SETTLED)


@pytest.fixture
def book() -> LiveBook:
    """A book in which one call goes on."""
    book = LiveBook()
    book.take(ANNA, 1, NOON)
    return book


def _says(book: LiveBook, words: str, at: float = 1.0) -> None:
    book.said(CallTurn(1, Turn(Speaker.CALLEE, words, at, at + 0.5), "announce"))


def test_a_turn_that_is_told_just_before_the_end_of_its_call_does_not_stay_in_the_store(
    book: LiveBook, database: Database
) -> None:
    _says(book, "再见")
    book.take(OVER, 1, NOON)
    with database.transaction() as session:
        write_live(session, "e", book.batch(), NOON)
    with database.reading() as session:
        assert live_turns(session, 1) == ()


def test_what_the_store_did_not_take_of_a_call_that_is_over_by_then_is_left_out(
    book: LiveBook,
) -> None:
    _says(book, "喂")
    refused = book.batch()
    book.take(OVER, 1, NOON)
    book.give_back(refused)
    batch = book.batch()
    assert (list(batch.calls), list(batch.turns), batch.over) == ([], [], {1})


def test_a_store_that_takes_nothing_for_long_costs_the_oldest_turns_and_no_memory(
    book: LiveBook,
) -> None:
    for number in range(TURNS_WAITING + 3):
        _says(book, str(number), float(number))
    turns = [turn.text for _, turn in book.batch().turns]
    assert (len(turns), turns[0], book.dropped) == (TURNS_WAITING, "3", 3)


def test_a_turn_told_again_takes_the_place_of_the_one_before(book: LiveBook) -> None:
    _says(book, "转")
    _says(book, "转人工")
    assert [(turn.position, turn.text) for _, turn in book.batch().turns] == [(0, "转人工")]
