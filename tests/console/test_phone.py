from __future__ import annotations

import io

import pytest
from rich.console import Console

from console.phone_screen import BAR, bar, panel, sentence
from dialer.softphone import DeviceLost, Over, PhoneNews, Refused, Rings, Talks
from dialer.softphone_state import PhoneState, Refusal


def shown(state: PhoneState, *, muted: bool = False) -> str:
    """What the terminal shows of a call of 75 s."""
    console = Console(file=io.StringIO(), width=90)
    with console.capture() as capture:
        console.print(panel(state, "sip:menling@10.0.0.5", 75, (-30.0, -60.0), muted))
    return capture.get()


def test_a_telephone_that_waits_shows_nobody_and_its_keys() -> None:
    screen = shown(PhoneState.WAITING)
    assert "等待来电" in screen
    assert "sip:menling" not in screen
    assert "h 挂断 hang up" in screen


def test_a_call_shows_who_it_is_and_how_long_it_lasts() -> None:
    assert "sip:menling@10.0.0.5" in shown(PhoneState.RINGING)
    assert "01:15" not in shown(PhoneState.RINGING)
    assert "01:15" in shown(PhoneState.TALKING)


def test_a_muted_microphone_is_seen_at_once() -> None:
    assert "已静音" in shown(PhoneState.TALKING, muted=True)
    assert "已静音" not in shown(PhoneState.TALKING)


@pytest.mark.parametrize(("dbfs", "filled"), [(-96.0, 0), (-60.0, 0), (-30.0, 15), (0.0, BAR)])
def test_a_meter_is_as_full_as_the_sound_is_loud(dbfs: float, filled: int) -> None:
    assert bar(dbfs).plain == "█" * filled + "░" * (BAR - filled)


@pytest.mark.parametrize(
    ("news", "words"),
    [
        (Rings("sip:a@b"), "sip:a@b rings"),
        (Talks(), "stands"),
        (Over("Normal call clearing"), "Normal call clearing"),
        (Refused("sip:a@b", "10.0.0.9", Refusal.STRANGER), "10.0.0.9 is none of those"),
        (Refused("sip:a@b", "10.0.0.9", Refusal.BUSY), "busy"),
        (Refused("sip:a@b", "10.0.0.9", Refusal.DEVICE), "without a sound device"),
        (DeviceLost("Plug in a headset."), "Plug in a headset."),
    ],
)
def test_what_happens_is_said_in_a_sentence(news: PhoneNews, words: str) -> None:
    assert words in sentence(news)


def test_a_place_that_is_none_is_refused_with_an_example(menling) -> None:
    answer = menling("phone", "--listen", "desk7")
    assert answer.status == 1
    assert "127.0.0.1:5070" in answer.complained


def test_a_caller_that_is_no_address_is_refused_with_an_example(menling) -> None:
    answer = menling("phone", "--from", "the engine")
    assert answer.status == 1
    assert "10.0.0.0/24" in answer.complained
