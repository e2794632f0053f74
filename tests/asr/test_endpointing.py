from __future__ import annotations

import pytest

from asr.endpointing import Endpointer, EndpointSettings, TurnBegan, TurnEnd, TurnEnded, TurnState


def follow(pattern: str, end_silence: float = 0.6, longest: float = 20.0) -> list[object]:
    """Feed frames written as `v` and `.`; `20v` stands for twenty of them."""
    endpointer = Endpointer()
    events: list[object] = []
    for piece in pattern.split():
        count, mark = int(piece[:-1] or 1), piece[-1]
        for _ in range(count):
            event = endpointer.step(mark == "v", end_silence, longest)
            if event:
                events.append(event)
    return events


def times(event: object) -> tuple[float, ...]:
    if isinstance(event, TurnBegan):
        return (event.began, event.noticed)
    assert isinstance(event, TurnEnded)
    return (event.began, event.ended, event.decided)


def test_a_turn_lies_between_two_silences() -> None:
    began, ended = follow("50. 50v 40.")
    assert times(began) == pytest.approx((1.0, 1.1))
    assert times(ended) == pytest.approx((1.0, 2.0, 2.6))


@pytest.mark.parametrize("noise", ["v", "4v", "2v 8. 2v", "v . v . v . v"])
def test_short_noises_start_nothing(noise: str) -> None:
    assert follow(f"50. {noise} 50.") == []


def test_a_start_full_of_gaps_is_noticed_within_the_window() -> None:
    began = follow("50. v . 2v . 2v 10v")[0]
    assert times(began) == pytest.approx((1.0, 1.14))


def test_a_pause_shorter_than_the_end_silence_is_part_of_the_turn() -> None:
    began, ended = follow("20v 29. 20v 40.")
    assert times(began)[0] == 0.0
    assert times(ended) == pytest.approx((0.0, 1.38, 1.98))


def test_a_click_in_the_silence_does_not_prolong_the_turn() -> None:
    ended = follow("20v 15. v 20.")[-1]
    assert times(ended) == pytest.approx((0.0, 0.4, 1.0))


def test_a_question_may_wait_longer() -> None:
    assert len(follow("20v 40.", end_silence=1.2)) == 1
    assert times(follow("20v 70.", end_silence=1.2)[-1])[-1] == pytest.approx(1.6)


def test_endless_speech_ends_at_the_longest_turn_and_a_new_one_begins() -> None:
    events = follow("202v", longest=2.0)
    assert [type(event) for event in events] == [TurnBegan, TurnEnded] * 2
    assert isinstance(events[1], TurnEnded)
    assert events[1].why is TurnEnd.TOO_LONG
    assert times(events[2])[0] == pytest.approx(2.0)


def test_the_share_of_voice_tells_rattling_from_speech() -> None:
    steady, rattling = follow("20v 40.")[-1], follow("5v " + "4. 2v " * 6 + "40.")[-1]
    assert isinstance(steady, TurnEnded)
    assert isinstance(rattling, TurnEnded)
    assert steady.voiced_share == 1.0
    assert rattling.voiced_share < 0.5


def test_the_state_can_be_read() -> None:
    endpointer = Endpointer()
    seen = [endpointer.state]
    for voiced in [True] * 10 + [False] * 40:
        endpointer.step(voiced, 0.6)
        if endpointer.state is not seen[-1]:
            seen.append(endpointer.state)
    assert seen == [TurnState.QUIET, TurnState.SPEAKING, TurnState.PAUSING, TurnState.QUIET]
    assert endpointer.heard_seconds == pytest.approx(1.0)


def test_settings_that_could_never_start_a_turn_are_refused() -> None:
    with pytest.raises(ValueError, match="start_voiced_seconds"):
        EndpointSettings(start_window_seconds=0.1, start_voiced_seconds=0.2)
