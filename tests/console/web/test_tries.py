"""How often somebody may try what nobody should guess."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta

import pytest
from starlette.requests import Request

from console.web.tries import Tries, source_of

FIVE_MINUTES = timedelta(minutes=5)


def from_address(host: str) -> str:
    return source_of(Request({"type": "http", "client": (host, 50000)}))


def test_too_many_tries_are_forgotten_after_their_time(now: datetime) -> None:
    tries = Tries(2, FIVE_MINUTES)
    for _ in range(2):
        assert not tries.too_many("198.51.100.7", now)
        tries.note("198.51.100.7", now)
    assert tries.too_many("198.51.100.7", now + FIVE_MINUTES - timedelta(seconds=1))
    assert not tries.too_many("198.51.100.8", now)
    tries.note("198.51.100.7", now + FIVE_MINUTES)
    assert not tries.too_many("198.51.100.7", now + FIVE_MINUTES)


def test_no_more_people_are_remembered_than_there_is_room_for(now: datetime) -> None:
    tries = Tries(1, FIVE_MINUTES, kept=3)
    for number in range(50):
        tries.note(f"198.51.100.{number}", now)
    assert len(tries) == 3
    assert tries.too_many("198.51.100.49", now)
    assert not tries.too_many("198.51.100.0", now)


def test_nobody_who_reads_the_memory_finds_whose_tries_they_are(now: datetime) -> None:
    tries = Tries(1, FIVE_MINUTES)
    tries.note("198.51.100.7", now)
    assert b"198.51.100.7" not in pickle.dumps(tries)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("198.51.100.7", "198.51.100.8", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_one_home_counts_as_one_however_many_addresses_it_has(
    one: str, other: str, same: bool
) -> None:
    assert (from_address(one) == from_address(other)) is same
