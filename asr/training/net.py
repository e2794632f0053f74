"""The network in torch; everything that needs no torch lives in `layout`, `rows` and elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from asr.training.kaldi_model import Affine, Weights
from asr.training.layout import Layout

_DROPOUT = 0.2
"""Channels are scaled by 1 plus or minus so much, the same over all times of a row."""


class Network(nn.Module):
    """The layout as a torch module: frames in, log odds of the outputs for every third frame."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout
        hidden, squeezed, layers = layout.hidden, layout.bottleneck, len(layout.offsets)
        self.register_buffer("mean", torch.zeros(layout.inputs))
        self.register_buffer("scale", torch.ones(layout.inputs))
        self.first = nn.Linear(len(layout.splice) * layout.inputs, hidden)
        self.squeeze = nn.ModuleList(
            nn.Linear(3 * hidden, squeezed, bias=False) for _ in range(layers)
        )
        self.widen = nn.ModuleList(nn.Linear(squeezed, hidden) for _ in range(layers))
        self.norms = nn.ModuleList(nn.BatchNorm1d(hidden) for _ in range(layers + 1))
        self.last = nn.Linear(hidden, layout.outputs)

    def _normed(self, number: int, x: Tensor) -> Tensor:
        rows, times, channels = x.shape
        normed: Tensor = self.norms[number](x.reshape(rows * times, channels))
        return torch.relu(normed).reshape(rows, times, channels)

    def forward(self, frames: Tensor) -> Tensor:
        """Return (rows, outputs in time, outputs); frames include both contexts."""
        x = (frames - self.mean) * self.scale
        width = len(self.layout.splice)
        times = x.shape[1] - width + 1
        x = torch.cat([x[:, k : k + times] for k in range(width)], 2)
        x = self._normed(0, self.first(x))
        thirds = x.shape[1] // 3
        x = x[:, : 3 * thirds].reshape(x.shape[0], thirds, 3 * x.shape[2])
        x = self._normed(1, self.widen[0](self.squeeze[0](x)))
        for number, offsets in enumerate(self.layout.offsets[1:], 1):
            times = x.shape[1] - 2
            spliced = torch.cat([x[:, k : k + times] for k in range(3)], 2)
            y = self._normed(number + 1, self.widen[number](self.squeeze[number](spliced)))
            if self.training:
                factor = 1 + _DROPOUT * (torch.rand(y.shape[0], 1, y.shape[2]) * 2 - 1)
                y = y * factor.to(y.dtype)
            here = 1 if offsets[1] == 0 else 2
            x = y + self.layout.residual * x[:, here : here + times]
        told: Tensor = self.last(x)
        return told.float()


def folded(network: Network) -> Weights:
    """Return the weights as Kaldi's layers hold them: normalisations folded into the affines."""
    state = {name: value.double().numpy() for name, value in network.state_dict().items()}

    def norm(number: int) -> _Fold:
        gamma, beta, mean, variance = (
            state[f"norms.{number}.{part}"]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gamma / np.sqrt(variance + 1e-5)
        return _Fold(scale, beta - mean * scale)

    width = len(network.layout.splice)
    scale, mean = np.tile(state["scale"], width), np.tile(state["mean"], width)
    weight = state["first.weight"]
    layers = {
        "l1.affine": norm(0).into(weight * scale, state["first.bias"] - weight @ (mean * scale))
    }
    for number in range(len(network.layout.offsets)):
        squeeze = state[f"squeeze.{number}.weight"]
        layers[f"l{number + 2}.linear"] = Affine(squeeze, np.zeros(len(squeeze)))
        layers[f"l{number + 2}.affine"] = norm(number + 1).into(
            state[f"widen.{number}.weight"], state[f"widen.{number}.bias"]
        )
    layers["output.affine"] = Affine(state["last.weight"], state["last.bias"])
    return layers


@dataclass(frozen=True, slots=True)
class _Fold:
    scale: npt.NDArray[np.float64]
    shift: npt.NDArray[np.float64]

    def into(self, weight: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]) -> Affine:
        return Affine(self.scale[:, None] * weight, self.scale * bias + self.shift)
