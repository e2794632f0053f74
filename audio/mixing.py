"""Several people at once: frames of sound added up; pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audio.pcm import SILENCE, Frame

_LOWEST, _HIGHEST = -32768, 32767


def mix(frames: Sequence[Frame]) -> Frame:
    """Return what is heard when all of these sound at once; what is too loud is cut off."""
    if len(frames) < 2:
        return frames[0] if frames else SILENCE
    total = np.frombuffer(frames[0], dtype="<i2").astype(np.int32)
    for frame in frames[1:]:
        total += np.frombuffer(frame, dtype="<i2")
    return np.clip(total, _LOWEST, _HIGHEST).astype("<i2").tobytes()
