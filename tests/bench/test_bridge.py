from __future__ import annotations

import pytest

from audio.pcm import FRAME_BYTES, SILENCE
from bench.bridge import CODES, Figures, Way, codes_in, delays_of, table, word
from bench.telephone import Heard, Sounds
from dialer.callee.media import RtpPorts

DELAY_SECONDS = 0.037


@pytest.fixture
def mouth() -> Sounds:
    """Two seconds and a bit have been said."""
    ports = RtpPorts("127.0.0.1")
    ports.close()
    sounds = Sounds(ports, word)
    sounds.said = [0.02 * slot for slot in range(100)]
    return sounds


@pytest.fixture
def ear() -> Sounds:
    ports = RtpPorts("127.0.0.1")
    ports.close()
    return Sounds(ports, lambda slot: SILENCE)


def test_every_frame_names_its_number_for_longer_than_any_delay() -> None:
    assert [codes_in(word(slot)) for slot in range(CODES)] == [[code] for code in range(CODES)]
    assert word(CODES) == word(0)
    assert codes_in(SILENCE) == []


def test_a_packet_that_holds_parts_of_two_frames_names_both() -> None:
    two = word(3)[100:] + word(4)[:100]
    assert len(two) == FRAME_BYTES
    assert codes_in(two) == [3, 4]


def test_a_delay_lasts_from_the_leaving_of_a_frame_to_its_first_arrival(
    mouth: Sounds, ear: Sounds
) -> None:
    ear.heard = [Heard(0.02 * slot + DELAY_SECONDS, word(slot)) for slot in range(100)]
    assert delays_of(mouth, ear, 0.0, 2.0) == pytest.approx([DELAY_SECONDS] * 100)
    assert len(delays_of(mouth, ear, 0.5, 1.0)) == 25


def test_a_frame_that_never_arrives_is_told(mouth: Sounds, ear: Sounds) -> None:
    ear.heard = [
        Heard(0.02 * slot + DELAY_SECONDS, word(slot)) for slot in range(100) if slot != 30
    ]
    delays = delays_of(mouth, ear, 0.0, 1.0)
    assert [slot for slot, delay in enumerate(delays) if delay is None] == [30]


def test_the_table_sets_our_way_beside_pjsips_own() -> None:
    figures = [
        Figures(Way.APART, 1, (), 0, (0.02,), 0.020),
        Figures(Way.PJSIP, 1, (0.015, 0.016), 0, (0.02,), 0.020),
        Figures(Way.FRAMES, 1, (0.037, 0.039), 1, (0.02,), 0.023),
    ]
    text = table(figures)
    assert "| **mouth to ear**, ms, p50 / p95 / max | 16 / 16 / 16 | 38 / 39 / 39 |" in text
    assert "| frames lost | 0 | 1 |" in text
    assert "| of this for joining the two calls | 0.0 | 0.3 |" in text
