"""When a trunk rests, for how long, and what brings it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

from campaigns.trunks.breaker import (
    TRANSITIONS,
    Breaker,
    BreakerPolicy,
    BreakerState,
    BreakerStep,
)

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
POLICY = BreakerPolicy(2, timedelta(seconds=10), timedelta(seconds=25))
REFUSED = "it refused calls: congestion (SIP 503)"


def opened() -> Breaker:
    return Breaker(POLICY).failed(NOON, REFUSED).failed(NOON, REFUSED)


def test_every_step_is_told_for_every_state() -> None:
    assert set(TRANSITIONS) == set(product(BreakerState, BreakerStep))


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    once = Breaker(POLICY).failed(NOON, REFUSED)
    assert once.state is BreakerState.CLOSED
    assert once.succeeded().failed(NOON, REFUSED).state is BreakerState.CLOSED
    twice = once.failed(NOON, REFUSED)
    assert (twice.state, twice.why) == (BreakerState.OPEN, REFUSED)


def test_silence_leaves_no_doubt_and_any_answer_ends_it() -> None:
    silent = Breaker(POLICY).failed(NOON, "nothing came", is_silent=True)
    assert silent.state is BreakerState.OPEN
    assert silent.answered().state is BreakerState.CLOSED


def test_an_answered_options_does_not_forgive_refused_calls() -> None:
    assert opened().answered().state is BreakerState.OPEN


def test_one_call_tries_after_the_rest_and_closes_it_or_doubles_the_rest() -> None:
    assert opened().at(NOON + timedelta(seconds=9)).state is BreakerState.OPEN
    later = NOON + timedelta(seconds=10)
    trying = opened().at(later)
    assert trying.state is BreakerState.HALF_OPEN
    assert trying.succeeded() == Breaker(POLICY)
    again = trying.failed(later, REFUSED)
    assert again.state is BreakerState.OPEN
    assert again.rests_until == later + timedelta(seconds=20)
    third = again.at(later + timedelta(seconds=20)).failed(later, REFUSED)
    assert third.rests_until == later + timedelta(seconds=25)


def test_calls_that_were_placed_before_it_opened_lengthen_no_rest_and_may_close_it() -> None:
    late = opened().failed(NOON + timedelta(seconds=5), REFUSED)
    assert late.rests_until == NOON + timedelta(seconds=10)
    assert late.succeeded().state is BreakerState.CLOSED
