"""The first seconds after an answer, as tables in audio time."""

from __future__ import annotations

import pytest

from ivr.exchange import Machine
from ivr.opening import Move, Opening, Patience

PATIENCE = Patience(first_word_seconds=0.7, beep_seconds=10, after_machine_silence_seconds=3)


def opening() -> Opening:
    return Opening(answered_at=2.0, patience=PATIENCE)


@pytest.mark.parametrize(
    ("now", "move"), [(2.0, None), (2.6, None), (2.7, Move.GREET), (5.0, Move.GREET)]
)
def test_a_silent_answer_is_greeted_after_a_short_pause(now: float, move: Move | None) -> None:
    assert opening().tick(now) is move


def test_somebody_who_says_hello_is_not_talked_over() -> None:
    hello = opening()
    hello.speech_started()
    assert hello.tick(3.5) is None
    assert hello.heard(None, at=3.6) is Move.GREET


def test_noise_on_the_line_does_not_keep_us_silent() -> None:
    noisy = opening()
    noisy.speech_started()
    noisy.speech_dismissed()
    assert noisy.tick(2.8) is Move.GREET


def test_a_voicemail_is_spoken_to_after_its_beep() -> None:
    voicemail = opening()
    voicemail.speech_started()
    assert voicemail.heard(Machine.VOICEMAIL, at=6.0) is None
    assert voicemail.tick(6.5) is None
    assert voicemail.beeped(6.8) is Move.LEAVE_MESSAGE
    assert voicemail.machine is Machine.VOICEMAIL


def test_a_voicemail_whose_beep_was_missed_is_spoken_to_after_a_silence() -> None:
    voicemail = opening()
    voicemail.heard(Machine.VOICEMAIL, at=6.0)
    assert voicemail.tick(8.9) is None
    assert voicemail.tick(9.0) is Move.LEAVE_MESSAGE


def test_a_voicemail_that_speaks_on_is_waited_for_but_not_for_ever() -> None:
    voicemail = opening()
    voicemail.heard(Machine.VOICEMAIL, at=6.0)
    voicemail.speech_started()
    assert voicemail.tick(9.5) is None
    assert voicemail.tick(16.0) is Move.LEAVE_MESSAGE


def test_every_sentence_of_a_voicemail_is_the_voicemail() -> None:
    voicemail = opening()
    voicemail.heard(Machine.VOICEMAIL, at=6.0)
    assert voicemail.heard(None, at=8.0) is None


def test_a_beep_that_comes_before_its_greeting_was_recognised_counts() -> None:
    quick = opening()
    quick.speech_started()
    assert quick.beeped(6.4) is None
    assert quick.heard(Machine.VOICEMAIL, at=6.0) is Move.LEAVE_MESSAGE


def test_a_beep_before_the_last_words_of_a_voicemail_is_not_the_one_to_wait_for() -> None:
    menu = opening()
    menu.beeped(3.0)
    assert menu.heard(Machine.VOICEMAIL, at=6.0) is None
    assert menu.tick(7.0) is None


def test_a_beep_without_a_voicemail_means_nothing() -> None:
    assert opening().beeped(3.0) is None


def test_an_announcement_after_the_answer_ends_the_call() -> None:
    announced = opening()
    assert announced.heard(Machine.ANNOUNCEMENT, at=4.0) is Move.HANG_UP
    assert announced.tick(4.5) is Move.HANG_UP


def test_a_screening_assistant_is_told_the_purpose() -> None:
    assert opening().heard(Machine.ASSISTANT, at=4.0) is Move.STATE_PURPOSE
