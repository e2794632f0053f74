"""G.711: what telephone sound becomes on the wire, one byte per sample (ITU-T G.711)."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Law(StrEnum):
    """The two companding laws, by the names SDP gives them."""

    A = "PCMA"
    MU = "PCMU"


def _a_law_values() -> NDArray[np.int16]:
    """Return the 256 sample values of A-law, in the order of their bytes."""
    code = np.arange(256) ^ 0x55
    segment = (code >> 4) & 7
    step = ((code & 15) << 4) + 8
    magnitude = np.where(segment == 0, step, (step + 256) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _mu_law_values() -> NDArray[np.int16]:
    """Return the 256 sample values of mu-law, in the order of their bytes."""
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _nearest_codes(values: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return the byte nearest to each of the 65,536 samples, indexed by the sample as unsigned."""
    order = np.argsort(values, kind="stable")
    ordered = values[order].astype(np.int32)
    boundaries = (ordered[:-1] + ordered[1:]) / 2
    samples = np.arange(65536).astype(np.uint16).view(np.int16)
    return order[np.searchsorted(boundaries, samples)].astype(np.uint8)


_MU_LAW_ZERO = 0xFF
"""Mu-law writes silence in two ways; this is the one that is sent."""
_VALUES = {Law.A: _a_law_values(), Law.MU: _mu_law_values()}
_CODES = {law: _nearest_codes(values) for law, values in _VALUES.items()}
_CODES[Law.MU][0] = _MU_LAW_ZERO
_LITTLE_ENDIAN = {law: values.astype("<i2") for law, values in _VALUES.items()}
_SQUARES = {law: np.square(values.astype(np.float64)) for law, values in _VALUES.items()}

FULL_SCALE = 32768.0
QUIETEST_DBFS = -96.0
"""What silence measures; nothing is reported below it."""


def encode(pcm: bytes, law: Law = Law.A) -> bytes:
    """Return one byte for each 16-bit little-endian sample."""
    samples = np.frombuffer(pcm, dtype="<u2")
    return bytes(_CODES[law][samples].data)


def decode(payload: bytes, law: Law = Law.A) -> bytes:
    """Return the 16-bit little-endian samples of a G.711 payload."""
    return bytes(_LITTLE_ENDIAN[law][np.frombuffer(payload, dtype=np.uint8)].data)


def level_dbfs(payload: bytes, law: Law = Law.A) -> float:
    """Return how loud a payload is: the root mean square against full scale, in dB."""
    if not payload:
        return QUIETEST_DBFS
    power = float(_SQUARES[law][np.frombuffer(payload, dtype=np.uint8)].mean())
    power /= FULL_SCALE * FULL_SCALE
    return max(QUIETEST_DBFS, 10 * float(np.log10(power))) if power > 0 else QUIETEST_DBFS
