"""Long counts are made in the background, once for all who ask, and seldom enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event

import pytest

from console.web.counted import REST, Counted
from store.errors import StoreError

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
FOR_EVER = 60.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def counted(clock: Clock) -> Iterator[Counted]:
    """Counts on that clock."""
    counted = Counted(clock, lambda: NOW, patience_seconds=FOR_EVER)
    yield counted
    counted.close()


def value(counted: Counted, make: object) -> object:
    assert callable(make)
    count = counted.get("key", make)
    return None if count is None else count.value


def test_a_quick_count_is_there_at_once_as_of_its_time(counted: Counted) -> None:
    count = counted.get("key", lambda: 7)
    assert count is not None
    assert (count.value, count.at) == (7, NOW)


def test_a_count_is_not_made_again_before_its_time(counted: Counted, clock: Clock) -> None:
    made = iter(range(10))
    assert value(counted, lambda: next(made)) == 0
    clock.seconds += 1.0
    assert value(counted, lambda: next(made)) == 0
    assert next(made) == 1


def test_nobody_waits_long_for_a_count_that_was_never_made(clock: Clock) -> None:
    go_on = Event()

    def slow() -> int:
        assert go_on.wait(FOR_EVER)
        return 2

    hurried = Counted(clock, lambda: NOW, patience_seconds=0.0)
    assert hurried.get("key", slow) is None
    assert hurried.get("key", slow) is None
    go_on.set()
    hurried.close()


def test_the_old_count_stands_while_a_new_one_is_made(counted: Counted, clock: Clock) -> None:
    go_on, began = Event(), Event()

    def slow() -> int:
        began.set()
        assert go_on.wait(FOR_EVER)
        return 2

    assert value(counted, lambda: 1) == 1
    clock.seconds += 60.0
    assert value(counted, slow) == 1
    assert began.wait(FOR_EVER)
    assert value(counted, slow) == 1
    go_on.set()


def test_a_count_that_took_long_rests_long(counted: Counted, clock: Clock) -> None:
    made = iter(range(10))

    def three_seconds() -> int:
        clock.seconds += 3.0
        return next(made)

    assert value(counted, three_seconds) == 0
    clock.seconds += 3.0 * REST - 1
    assert value(counted, three_seconds) == 0
    assert next(made) == 1


def test_what_is_forgotten_is_counted_again(counted: Counted) -> None:
    made = iter(range(10))
    assert value(counted, lambda: next(made)) == 0
    counted.forget("key")
    assert value(counted, lambda: next(made)) == 1


def test_a_store_that_is_out_of_reach_leaves_no_count(counted: Counted) -> None:
    def out_of_reach() -> int:
        raise StoreError("the database is gone")

    assert value(counted, out_of_reach) is None


def test_any_other_fault_is_told_to_who_asks(counted: Counted) -> None:
    def faulty() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        value(counted, faulty)


def test_what_is_made_of_the_same_is_not_made_again(counted: Counted, clock: Clock) -> None:
    made: list[str] = []
    again = Event()

    def drawing(of: str) -> object:
        def draw() -> str:
            made.append(of)
            if len(made) > 1:
                again.set()
            return f"of {of}"

        count = counted.get_apart("key", draw, made_of=of)
        return None if count is None else count.value

    assert drawing("Monday") == "of Monday"
    clock.seconds += 3600.0
    assert drawing("Monday") == "of Monday"
    assert drawing("Tuesday") == "of Monday", "the old one stands while the new one is made"
    assert again.wait(FOR_EVER)
    assert made == ["Monday", "Tuesday"]


def test_a_count_that_is_made_apart_keeps_no_other_one_waiting(counted: Counted) -> None:
    go_on = Event()
    hurried = Counted(patience_seconds=0.0)
    hurried.get_apart("slow", lambda: go_on.wait(FOR_EVER))
    done = Event()
    hurried.get("quick", done.set)
    assert done.wait(FOR_EVER)
    go_on.set()
    hurried.close()


def test_a_stream_waits_for_nothing(counted: Counted) -> None:
    go_on = Event()
    assert counted.get("key", lambda: go_on.wait(FOR_EVER), waiting=False) is None
    go_on.set()
