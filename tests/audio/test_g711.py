"""G.711 against the values of the standard."""

from __future__ import annotations

import math

import numpy as np
import pytest

from audio.g711 import QUIETEST_DBFS, Law, decode, encode, level_dbfs

EVERY_BYTE = bytes(range(256))
EVERY_SAMPLE = np.arange(-32768, 32768).astype("<i2").tobytes()


def samples(pcm: bytes) -> list[int]:
    return np.frombuffer(pcm, dtype="<i2").tolist()


@pytest.mark.parametrize(
    ("law", "code", "value"),
    [
        (Law.A, 0xD5, 8),
        (Law.A, 0x55, -8),
        (Law.A, 0xAA, 32256),
        (Law.A, 0x2A, -32256),
        (Law.A, 0xC5, 264),
        (Law.MU, 0xFF, 0),
        (Law.MU, 0x7F, 0),
        (Law.MU, 0x80, 32124),
        (Law.MU, 0x00, -32124),
        (Law.MU, 0xFE, 8),
    ],
)
def test_a_byte_has_the_value_of_the_standard(law: Law, code: int, value: int) -> None:
    assert samples(decode(bytes([code]), law)) == [value]


def test_every_a_law_byte_survives_decoding_and_encoding() -> None:
    assert encode(decode(EVERY_BYTE, Law.A), Law.A) == EVERY_BYTE


def test_every_mu_law_byte_survives_but_the_second_zero() -> None:
    survived = encode(decode(EVERY_BYTE, Law.MU), Law.MU)
    changed = [code for code in range(256) if survived[code] != code]
    assert changed == [0x7F]


@pytest.mark.parametrize("law", list(Law))
def test_coding_takes_the_nearest_value(law: Law) -> None:
    values = np.array(samples(decode(EVERY_BYTE, law)))
    coded = np.array(samples(decode(encode(EVERY_SAMPLE, law), law)))
    original = np.array(samples(EVERY_SAMPLE))
    chosen = np.abs(coded - original)
    for nearby in range(0, 65536, 257):
        assert chosen[nearby] == np.abs(values - original[nearby]).min()


def test_silence_is_as_quiet_as_the_law_allows() -> None:
    assert level_dbfs(encode(bytes(320), Law.MU), Law.MU) == QUIETEST_DBFS
    assert level_dbfs(encode(bytes(320), Law.A), Law.A) < -70
    assert level_dbfs(b"") == QUIETEST_DBFS


@pytest.mark.parametrize("law", list(Law))
def test_a_full_scale_sine_measures_three_decibels_below_full_scale(law: Law) -> None:
    wave = np.sin(np.arange(800) * 2 * math.pi * 1000 / 8000) * 32000
    level = level_dbfs(encode(wave.astype("<i2").tobytes(), law), law)
    assert level == pytest.approx(-3.2, abs=0.1)
