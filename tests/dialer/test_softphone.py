from __future__ import annotations

import threading
from ipaddress import ip_network

import pytest

from audio.level import QUIETEST_DBFS, tone
from audio.pcm import SILENCE, Frame, frames
from dialer.softphone import Over, PhoneNews, Refused, Rings, Softphone, Talks
from dialer.softphone_handset import RING, Handset
from dialer.softphone_state import (
    STEPS,
    Doorkeeper,
    PhoneState,
    PhoneStep,
    Refusal,
    next_phone_state,
)
from dialer.sound_device import SoundDeviceError

VOICE = next(frames(tone(500.0, 0.1, -20.0)[640:]))
HANGS_SECONDS = 60


class Card:
    """A sound device whose microphone always hears the same and whose speaker is looked at."""

    def __init__(self, enough: int) -> None:
        self.played: list[Frame] = []
        self.heard_enough = threading.Event()
        self.spoken_enough = threading.Event()
        self.is_closed = False
        self._enough = enough
        self._read = 0
        self._room = threading.Semaphore(enough)

    def read(self) -> Frame:
        self._read += 1
        if self._read > self._enough:
            self.heard_enough.set()
            self._room.acquire(timeout=0.01)
        return VOICE

    def write(self, frame: Frame) -> None:
        if len(self.played) >= self._enough:
            self.spoken_enough.set()
            self._room.acquire(timeout=0.01)
        else:
            self.played.append(frame)

    def close(self) -> None:
        self.is_closed = True


def served(
    card: Card, state: PhoneState, heard: tuple[Frame, ...] = (), muted: bool = False
) -> Handset:
    """A handset that was in a state until its device had enough, and was put down."""
    handset = Handset(card, pytest.fail)
    handset.state, handset.muted = state, muted
    for frame in heard:
        handset.sounds.heard.add(frame)
    handset.start()
    assert card.heard_enough.wait(HANGS_SECONDS)
    assert card.spoken_enough.wait(HANGS_SECONDS)
    handset.stop()
    return handset


def test_in_a_call_the_microphone_is_sent_and_the_far_end_is_heard() -> None:
    card = Card(10)
    handset = served(card, PhoneState.TALKING, heard=(VOICE, VOICE, VOICE))
    assert handset.sounds.said.take() == VOICE
    assert card.played.count(VOICE) == 3
    assert card.is_closed


def test_what_is_muted_is_sent_as_silence() -> None:
    handset = served(Card(10), PhoneState.TALKING, muted=True)
    assert handset.sounds.said.take() == SILENCE


@pytest.mark.parametrize("state", [PhoneState.WAITING, PhoneState.RINGING])
def test_outside_a_call_nothing_of_the_room_is_kept_to_be_sent(state: PhoneState) -> None:
    handset = served(Card(10), state)
    assert handset.sounds.said.take() is None


def test_a_call_is_heard_to_ring() -> None:
    card = Card(10)
    served(card, PhoneState.RINGING)
    assert card.played == list(RING[:10])


def test_meters_show_the_loudest_since_they_were_read() -> None:
    handset = served(Card(10), PhoneState.TALKING, heard=(VOICE, VOICE))
    assert handset.levels() == pytest.approx((-20.0, -20.0), abs=0.5)
    assert handset.levels() == (QUIETEST_DBFS, QUIETEST_DBFS)


def test_a_device_that_is_pulled_out_is_told_with_advice() -> None:
    told: list[str] = []
    pulled = threading.Event()

    class Unplugged(Card):
        def read(self) -> Frame:
            raise SoundDeviceError("Plug in a headset.")

    def lost(advice: str) -> None:
        told.append(advice)
        pulled.set()

    handset = Handset(Unplugged(10), lost)
    handset.start()
    assert pulled.wait(HANGS_SECONDS)
    handset.stop()
    assert told == ["Plug in a headset."]


def test_a_call_rings_is_answered_and_ends() -> None:
    state = PhoneState.WAITING
    for step, after in (
        (PhoneStep.RING, PhoneState.RINGING),
        (PhoneStep.ANSWER, PhoneState.TALKING),
        (PhoneStep.END, PhoneState.WAITING),
    ):
        state = next_phone_state(state, step)
        assert state is after


def test_who_rings_in_vain_leaves_the_telephone_waiting() -> None:
    assert next_phone_state(PhoneState.RINGING, PhoneStep.END) is PhoneState.WAITING


def test_only_a_telephone_that_waits_can_ring() -> None:
    can_ring = [state for state, steps in STEPS.items() if PhoneStep.RING in steps]
    assert can_ring == [PhoneState.WAITING]
    with pytest.raises(KeyError):
        next_phone_state(PhoneState.TALKING, PhoneStep.RING)


def test_only_those_who_are_named_may_ring() -> None:
    doorkeeper = Doorkeeper((ip_network("127.0.0.1"), ip_network("10.1.0.0/16")))
    assert doorkeeper.lets("127.0.0.1")
    assert doorkeeper.lets("10.1.2.3")
    assert not doorkeeper.lets("10.2.0.1")
    assert not doorkeeper.lets("somewhere")
    assert not doorkeeper.lets("")


HERE = Doorkeeper((ip_network("127.0.0.1"),))
ENGINE = "sip:menling@127.0.0.1"


def all_news(telephone: Softphone) -> list[PhoneNews]:
    return [telephone.news.get_nowait() for _ in range(telephone.news.qsize())]


def test_a_stranger_is_refused_and_does_not_ring() -> None:
    telephone = Softphone(Card(1), HERE)
    assert telephone.offered("sip:eve@10.0.0.9", "10.0.0.9") == 403
    assert telephone.state is PhoneState.WAITING
    assert all_news(telephone) == [Refused("sip:eve@10.0.0.9", "10.0.0.9", Refusal.STRANGER)]


def test_a_call_rings_and_a_second_one_is_told_that_we_are_busy() -> None:
    telephone = Softphone(Card(1), HERE)
    assert telephone.offered(ENGINE, "127.0.0.1") == 180
    assert telephone.offered(ENGINE, "127.0.0.1") == 486
    telephone.up()
    assert telephone.offered(ENGINE, "127.0.0.1") == 486
    telephone.over("Normal call clearing")
    assert telephone.offered(ENGINE, "127.0.0.1") == 180
    busy = Refused(ENGINE, "127.0.0.1", Refusal.BUSY)
    assert all_news(telephone) == [
        Rings(ENGINE), busy, Talks(), busy, Over("Normal call clearing"), Rings(ENGINE),
    ]  # fmt: skip


def test_a_telephone_that_answers_itself_takes_the_call_at_once() -> None:
    telephone = Softphone(Card(1), HERE, answers_itself=True)
    assert telephone.offered(ENGINE, "127.0.0.1") == 200
