from __future__ import annotations

from dialer.playout import MOST_WAITING, PATIENCE_FRAMES, WATCHED_FRAMES, Playout


def test_frames_that_come_in_time_are_heard_with_the_next_tick() -> None:
    playout = Playout()
    assert [playout.place(read) for read in range(7, 500)] == list(range(7, 500))


def test_who_has_been_silent_is_heard_at_once_again() -> None:
    playout = Playout()
    playout.place(0)
    assert playout.place(1000) == 1000


def test_after_a_pause_frames_that_came_in_a_bunch_are_heard_one_after_the_other() -> None:
    playout = Playout()
    playout.place(0)
    assert [playout.place(4) for _ in range(4)] == [4, 5, 6, 7]
    assert [playout.place(read) for read in range(5, 9)] == [8, 9, 10, 11]


def test_nobody_waits_longer_than_a_talk_bears() -> None:
    playout = Playout()
    assert [playout.place(10) for _ in range(9)] == [*range(10, 10 + MOST_WAITING), *[None] * 4]
    assert playout.place(11) == 10 + MOST_WAITING


def test_a_pause_that_does_not_come_again_delays_only_for_a_while() -> None:
    playout = Playout()
    playout.place(0), playout.place(0)
    places = [playout.place(read) for read in range(1, 1 + WATCHED_FRAMES + PATIENCE_FRAMES)]
    left_out = places.index(None)
    assert WATCHED_FRAMES <= left_out <= WATCHED_FRAMES + PATIENCE_FRAMES
    assert places.count(None) == 1
    assert places[0] == 2
    assert playout.place(500) == 500


def test_a_quiet_frame_is_left_out_before_any_other() -> None:
    playout = Playout()
    playout.place(0), playout.place(0)
    read, quiet = 1, False
    while playout.place(read, quiet=quiet) is not None:
        read += 1
        quiet = playout.could_be_shorter
    assert read < WATCHED_FRAMES + 2


def test_a_delay_that_is_needed_now_and_then_stays() -> None:
    playout = Playout()
    playout.place(0), playout.place(0)
    read = 1
    for number in range(2000):
        # every fortieth frame comes a tick late and the next one with it
        late = number % 40 == 0
        place = playout.place(read + late, quiet=True)
        assert place == read + 1
        read += 1


def test_who_has_a_faster_clock_is_not_heard_later_and_later() -> None:
    playout = Playout()
    waiting, left_out = [], 0
    for number in range(20_000):
        read = number * 1000 // 1005
        place = playout.place(read)
        if place is None:
            left_out += 1
        else:
            waiting.append(place - read)
    assert max(waiting) <= 2
    assert 80 <= left_out <= 120


def test_who_has_a_slower_clock_is_heard_with_the_next_tick_whenever_he_speaks() -> None:
    playout = Playout()
    reads = [number * 1005 // 1000 for number in range(20_000)]
    assert [playout.place(read) for read in reads] == reads
