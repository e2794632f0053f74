"""The `ivector/` folder of official models: who is speaking, told to the network as a short vector.

A background mixture of a few Gaussians, and directions in which speakers differ from it; written
in the binary forms of Kaldi's gmm/diag-gmm.cc, ivector/ivector-extractor.cc and
matrix/packed-matrix.cc, and read by Vosk as an OnlineIvectorExtractionConfig with Kaldi's defaults.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from asr.training.features import Floats
from asr.training.kaldi_model import KaldiStream

Wide = npt.NDArray[np.float64]

_SPLICE = 1
"""Frames on each side that are looked at together."""
_WINDOW, _GLOBAL = 600, 200
"""Frames of the running mean, and how many of them the mean of all speech may stand for at first.

Both are Kaldi's defaults (OnlineCmvnOptions)."""
_ROUNDS = 12
_SMALLEST_VARIANCE = 0.01
_PRIOR_OFFSET = 10.0
"""The first dimension carries the mixture's own means: it is so large when nothing is known."""


@dataclass(frozen=True, slots=True)
class Extractor:
    """What Vosk makes an i-vector of cepstra with."""

    cepstra: Wide
    """Sum of the cepstra of all training speech, and the count, for the running mean."""
    projection: Wide
    """Spliced cepstra -> the dimensions looked at."""
    weights: Wide
    means: Wide
    variances: Wide
    directions: Wide
    """(Gaussians, dimensions, i-vector)."""

    @property
    def dimension(self) -> int:
        """Numbers in an i-vector."""
        return int(self.directions.shape[2])

    def write(self, directory: Path) -> None:
        """Write the folder."""
        directory.mkdir(parents=True, exist_ok=True)
        files = {
            "final.ie": self._extractor_bytes(),
            "final.dubm": self._mixture_bytes(),
            "final.mat": _matrix_bytes(self.projection, "FM", "<f4"),
            "global_cmvn.stats": _matrix_bytes(self.cepstra, "DM", "<f8"),
            "splice.conf": f"--left-context={_SPLICE}\n--right-context={_SPLICE}\n".encode(),
            "online_cmvn.conf": b"# Kaldi's defaults: the mean of the last six seconds\n",
        }
        for name, content in files.items():
            (directory / name).write_bytes(content)

    def _mixture_bytes(self) -> bytes:
        stream = KaldiStream()
        precision = 1.0 / self.variances
        stream.token("<DiagGMM>", "<GCONSTS>")
        stream.vector(_constants(self.weights, self.means, self.variances))
        stream.token("<WEIGHTS>")
        stream.vector(self.weights)
        stream.token("<MEANS_INVVARS>")
        stream.matrix(self.means * precision)
        stream.token("<INV_VARS>")
        stream.matrix(precision)
        stream.token("</DiagGMM>")
        return bytes(stream.data)

    def _extractor_bytes(self) -> bytes:
        stream = KaldiStream()
        stream.token("<IvectorExtractor>", "<w>")
        stream.data += _matrix(np.zeros((0, 0)), "DM", "<f8")
        stream.token("<w_vec>", "DV")
        stream.integer(len(self.weights))
        stream.data += self.weights.astype("<f8").tobytes()
        stream.token("<M>")
        stream.integer(len(self.directions))
        for directions in self.directions:
            stream.data += _matrix(directions, "DM", "<f8")
        stream.token("<SigmaInv>")
        for variance in self.variances:
            stream.token("DP")
            stream.integer(len(variance))
            rows, columns = np.tril_indices(len(variance))
            stream.data += np.diag(1.0 / variance)[rows, columns].astype("<f8").tobytes()
        stream.token("<IvectorOffset>")
        stream.double(_PRIOR_OFFSET)
        stream.token("</IvectorExtractor>")
        return bytes(stream.data)


def spliced(frames: npt.NDArray[np.floating]) -> Wide:
    """Return every frame beside its neighbours; at the edges the frame stands for a missing one."""
    padded = np.pad(frames.astype(np.float64), ((_SPLICE, _SPLICE), (0, 0)), mode="edge")
    width = 2 * _SPLICE + 1
    return np.hstack([padded[k : k + len(frames)] for k in range(width)])


def running_mean_removed(frames: Floats, cepstra: Wide) -> Wide:
    """Return the frames without the mean of the last six seconds (OnlineCmvn::GetFrame)."""
    values = frames.astype(np.float64)
    total = np.cumsum(values, axis=0)
    total[_WINDOW:] -= total[:-_WINDOW].copy()
    count = np.minimum(np.arange(1, len(values) + 1), _WINDOW)[:, None]
    borrowed = np.minimum(_WINDOW - count, _GLOBAL)
    everywhere = cepstra[0, :-1] / cepstra[0, -1]
    removed: Wide = values - (total + borrowed * everywhere) / (count + borrowed)
    return removed


def learn(
    takes: Sequence[Floats], dimension: int, gaussians: int, seen: int, seed: int
) -> Extractor:
    """Return an extractor for the cepstra of these utterances, each of one speaker.

    `seen` dimensions are looked at: the lowest cepstra, averaged over the spliced frames. The
    directions are those in which utterances differ most on average, the same for each Gaussian.
    """
    everything = np.concatenate(takes).astype(np.float64)
    width = everything.shape[1]
    cepstra = np.zeros((2, width + 1))
    cepstra[0] = [*everything.sum(0), len(everything)]
    cepstra[1, :-1] = (everything**2).sum(0)
    chosen = np.eye(seen, width) / everything.std(0)[:seen, None]
    projection = np.hstack([chosen / (2 * _SPLICE + 1)] * (2 * _SPLICE + 1))
    normal = [spliced(running_mean_removed(take, cepstra)) @ projection.T for take in takes]
    weights, means, variances = _mixture(np.concatenate(normal), gaussians, seed)
    raw = np.array([(spliced(take) @ projection.T).mean(0) for take in takes])
    centre = raw.mean(0)
    _, sizes, axes = np.linalg.svd(raw - centre, full_matrices=False)
    spread = axes[: dimension - 1].T * (sizes[: dimension - 1] / np.sqrt(len(raw)))
    offsets = (means + centre - weights @ means)[:, :, None] / _PRIOR_OFFSET
    shared = np.broadcast_to(spread, (gaussians, *spread.shape))
    return Extractor(
        cepstra, projection, weights, means, variances, np.concatenate([offsets, shared], axis=2)
    )


def _mixture(values: Wide, gaussians: int, seed: int) -> tuple[Wide, Wide, Wide]:
    """Return weights, means and variances by expectation and maximisation."""
    dice = np.random.default_rng(seed)
    means = values[dice.choice(len(values), gaussians, replace=False)]
    variances = np.tile(values.var(0), (gaussians, 1))
    weights = np.full(gaussians, 1.0 / gaussians)
    for _ in range(_ROUNDS):
        shares = _posteriors(weights, means, variances, values)
        counts = shares.sum(0)[:, None] + 1e-6
        means = shares.T @ values / counts
        variances = np.maximum(shares.T @ values**2 / counts - means**2, _SMALLEST_VARIANCE)
        weights = counts[:, 0] / counts.sum()
    return weights, means, variances


def _constants(weights: Wide, means: Wide, variances: Wide) -> Wide:
    spread = np.log(2 * np.pi * variances) + means**2 / variances
    constants: Wide = np.log(weights) - 0.5 * spread.sum(1)
    return constants


def _posteriors(weights: Wide, means: Wide, variances: Wide, values: Wide) -> Wide:
    logs = (
        _constants(weights, means, variances)
        + values @ (means / variances).T
        - 0.5 * values**2 @ (1.0 / variances).T
    )
    odds = np.exp(logs - logs.max(1, keepdims=True))
    shares: Wide = odds / odds.sum(1, keepdims=True)
    return shares


def _matrix(values: Wide, token: str, kind: str) -> bytes:
    sizes = b"".join(b"\x04" + struct.pack("<i", size) for size in values.shape)
    return token.encode() + b" " + sizes + values.astype(kind).tobytes()


def _matrix_bytes(values: Wide, token: str, kind: str) -> bytes:
    return b"\0B" + _matrix(values, token, kind)
