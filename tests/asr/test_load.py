from __future__ import annotations

from asr.load import LATE_SECONDS, TELL_SECONDS, LoadMeter, ServiceLoad


def test_results_in_time_are_counted_without_a_word() -> None:
    meter = LoadMeter()
    assert meter.answered(LATE_SECONDS, now=0.0) == ""
    assert (meter.utterances, meter.late) == (1, 0)


def test_a_late_result_is_counted_and_warned_of_with_what_to_do() -> None:
    meter = LoadMeter()
    assert "Raise recognition.processes" in meter.answered(LATE_SECONDS + 0.1, now=0.0)
    assert (meter.utterances, meter.late) == (1, 1)


def test_warnings_are_gathered_so_that_a_busy_hour_does_not_fill_the_log() -> None:
    meter = LoadMeter()
    assert meter.answered(1.0, now=0.0)
    assert meter.answered(1.0, now=1.0) == ""
    assert meter.gave_up(now=2.0) == ""
    assert "3 results" in meter.answered(1.0, now=TELL_SECONDS)
    assert (meter.late, meter.given_up) == (3, 1)


def test_the_load_arrives_as_it_was_sent() -> None:
    load = ServiceLoad(legs=3, utterances=12, late=1, megabytes=81.5)
    assert ServiceLoad.of_json(load.json()) == load
