"""Pieces of a day as operators write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.when.pieces import (
    ALL_DAY,
    CLOSED,
    DAY,
    Pieces,
    common,
    holds,
    pieces_of,
    text_of,
    united,
    without,
)

SECONDS = st.integers(0, DAY - 1)


@st.composite
def some_pieces(draw: st.DrawFn) -> Pieces:
    ends = draw(st.lists(st.tuples(SECONDS, SECONDS), max_size=4))
    return united((min(pair), max(pair) + 1) for pair in ends)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("09:00-20:30", ((9.0, 20.5),)),
        ("9:00-12:00, 14:00-20:30", ((9.0, 12.0), (14.0, 20.5))),
        ("14:00-20:00，9:00-12:00", ((9.0, 12.0), (14.0, 20.0))),
        ("9:00-12:00, 11:00-13:00", ((9.0, 13.0),)),
        ("21:00-02:00", ((0.0, 2.0), (21.0, 24.0))),
        ("00:00-24:00", ((0.0, 24.0),)),
        ("08:00-08:00", ((0.0, 24.0),)),
        ("18:00-24:00", ((18.0, 24.0),)),
        ("closed", ()),
        ("不拨打", ()),
    ],
)
def test_hours_are_read_as_they_are_written(
    text: str, hours: tuple[tuple[float, float], ...]
) -> None:
    assert pieces_of(text) == tuple((start * 3600, end * 3600) for start, end in hours)


@pytest.mark.parametrize("text", ["", "9-20", "09:00", "09:00-25:00", "09:70-10:00", "nie"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write times of day|must be in"):
        pieces_of(text)


@given(some_pieces(), some_pieces(), SECONDS)
def test_what_is_common_lies_in_both_and_what_is_left_lies_in_one_alone(
    some: Pieces, others: Pieces, second: int
) -> None:
    inside, outside = holds(some, second), holds(others, second)
    assert holds(common(some, others), second) is (inside and outside)
    assert holds(without(some, others), second) is (inside and not outside)


def test_nothing_and_everything_are_said_in_words() -> None:
    assert text_of(CLOSED) == "closed"
    assert text_of(ALL_DAY) == "00:00-24:00"
    assert text_of(without(pieces_of("9:00-20:30"), pieces_of("12:00-14:00"))) == (
        "09:00-12:00, 14:00-20:30"
    )
