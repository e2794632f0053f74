from __future__ import annotations

import pytest

from dialer.pace import (
    IDLE_SECONDS,
    LEAD_SECONDS,
    RETRY_SECONDS,
    SILENT_SECONDS,
    Pace,
)


def test_without_calls_it_looks_seldom() -> None:
    assert Pace().looked(5.0, found=False, calls=False) == IDLE_SECONDS


def test_calls_without_sound_are_looked_at_more_often() -> None:
    assert Pace().looked(5.0, found=False, calls=True) == SILENT_SECONDS


def test_after_sound_it_looks_for_the_next_tick_a_little_early() -> None:
    assert Pace().looked(5.0, found=True, calls=True) == pytest.approx(0.02 - LEAD_SECONDS)


def test_a_late_tick_is_looked_for_again_soon_and_the_next_one_expected_as_late() -> None:
    pace = Pace()
    pace.looked(5.0, found=True, calls=True)
    assert pace.looked(5.020, found=False, calls=True) == RETRY_SECONDS
    assert pace.looked(5.022, found=True, calls=True) == pytest.approx(0.02)


def test_who_looks_before_the_time_waits_for_it() -> None:
    pace = Pace()
    pace.looked(5.0, found=True, calls=True)
    left = 0.015 - LEAD_SECONDS
    assert pace.looked(5.005, found=False, calls=True) == pytest.approx(left)


def test_over_many_ticks_it_looks_little_more_than_once_a_tick_and_notices_soon() -> None:
    pace, now, looks, tick, delays = Pace(), 0.0, 0, 0, []
    while tick < 500:
        looks += 1
        found = now >= tick * 0.02
        if found:
            delays.append(now - tick * 0.02)
            tick += 1
        now += pace.looked(now, found=found, calls=True)
    assert looks / tick < 1.25
    assert max(delays) <= RETRY_SECONDS + LEAD_SECONDS


def test_sound_that_stops_is_forgotten() -> None:
    pace = Pace()
    pace.looked(5.0, found=True, calls=True)
    assert pace.looked(5.05, found=False, calls=True) == SILENT_SECONDS
    assert pace.looked(5.06, found=False, calls=True) == SILENT_SECONDS
    assert pace.looked(5.07, found=False, calls=False) == IDLE_SECONDS
