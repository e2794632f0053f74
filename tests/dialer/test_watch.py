from __future__ import annotations

from collections.abc import Callable

from dialer.causes import Ender
from dialer.leg import LegState
from dialer.watch import CallWatch


def packets(count: int) -> Callable[[], int]:
    return lambda: count


def test_ringing_is_given_up_after_the_ring_timeout() -> None:
    watch = CallWatch(ring_seconds=30.0, media_seconds=20.0)
    assert watch.alarm(100.0, LegState.DIALING, packets(0)) is None
    assert watch.alarm(129.9, LegState.EARLY_MEDIA, packets(0)) is None
    assert watch.alarm(130.0, LegState.RINGING, packets(0)) is Ender.RING_TIMEOUT


def test_an_answered_call_lasts_as_long_as_packets_come() -> None:
    watch = CallWatch(ring_seconds=30.0, media_seconds=20.0)
    watch.alarm(0.0, LegState.DIALING, packets(0))
    for second in range(1, 100):
        assert watch.alarm(float(second), LegState.ANSWERED, packets(second * 50)) is None


def test_an_answered_call_without_packets_is_given_up() -> None:
    watch = CallWatch(ring_seconds=30.0, media_seconds=20.0)
    watch.alarm(0.0, LegState.DIALING, packets(0))
    assert watch.alarm(10.0, LegState.ANSWERED, packets(7)) is None
    assert watch.alarm(29.9, LegState.ANSWERED, packets(7)) is None
    assert watch.alarm(30.9, LegState.ANSWERED, packets(7)) is Ender.MEDIA_TIMEOUT


def test_packets_are_counted_once_a_second() -> None:
    looks: list[int] = []
    watch = CallWatch(ring_seconds=30.0, media_seconds=20.0)

    def look() -> int:
        looks.append(1)
        return len(looks)

    for tick in range(301):
        watch.alarm(tick / 100, LegState.ANSWERED, look)
    assert len(looks) == 4
