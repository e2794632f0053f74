"""Training of the network, stage by stage, on one thread; a stage that broke off goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from asr.training.batches import batches
from asr.training.features import Floats
from asr.training.layout import Layout
from asr.training.net import Network
from asr.training.reporting import Standing
from asr.training.rows import Material
from asr.training.schedule import PEAK_RATE, Stage, learning_rate

_WEIGHT_DECAY = 2e-3
_SMOOTHING = 0.03
_LARGEST_GRADIENT = 5.0
_SAVED_EVERY = 250
_LOOKED_AT = 3
"""Batches from which mean and deviation of the cepstra are taken."""


class Trainer:
    """A network with its optimiser; what it knows is kept in a file of the work folder."""

    def __init__(self, layout: Layout, seed: int, rows: int = 24) -> None:
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        torch.manual_seed(seed)
        self.network = Network(layout)
        self._seed = seed
        self._rows = rows
        self._optimiser = torch.optim.AdamW(
            self.network.parameters(), PEAK_RATE, weight_decay=_WEIGHT_DECAY
        )
        self._steps_before = 0

    @property
    def _context(self) -> tuple[int, int]:
        layout = self.network.layout
        return layout.left_context, layout.right_context

    def save(self, path: Path, step: int = 0) -> None:
        """Keep everything; `step` steps of the running stage are done."""
        unfinished = path.with_suffix(".part")
        state = {
            "network": self.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "steps": self._steps_before,
            "step": step,
        }
        torch.save(state, unfinished)
        unfinished.rename(path)

    def load(self, path: Path) -> int:
        """Go back to what was kept; return how many steps of its stage were done."""
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._steps_before = int(state["steps"])
        return int(state["step"])

    def look_at(self, material: Material) -> None:
        """Take mean and deviation of the features from some rows."""
        layout = self.network.layout
        with batches(material, (self._seed, 99), range(_LOOKED_AT), self._rows, (0, 0)) as made:
            frames = np.concatenate([features.reshape(-1, layout.inputs) for features, _ in made])
        self.network.get_buffer("mean").copy_(torch.from_numpy(frames.mean(0)))
        self.network.get_buffer("scale").copy_(torch.from_numpy(1 / frames.std(0)))

    def run(
        self,
        stage: Stage,
        material: Material,
        kept: Path,
        progress: Callable[[Standing], None],
    ) -> None:
        """Train through a stage, from where the file `kept` left off."""
        done = self.load(kept) if kept.exists() else 0
        if done == stage.steps:
            return
        number = ord(stage.name[0])
        self.network.train()
        told: list[tuple[float, float]] = []
        remaining = range(done, stage.steps)
        seed = (self._seed, number)
        with batches(material, seed, remaining, self._rows, self._context) as made:
            for step, (features, labels) in zip(remaining, made, strict=True):
                torch.manual_seed(self._seed * 10_000_019 + number * 100_003 + step)
                rate = learning_rate(stage, step, self._steps_before)
                told.append(
                    self._step(torch.from_numpy(features), torch.from_numpy(labels).long(), rate)
                )
                if len(told) == 25 or step + 1 == stage.steps:
                    loss, right = np.mean(told, axis=0)
                    told.clear()
                    progress(Standing(step + 1, float(loss), float(right)))
                if (step + 1) % _SAVED_EVERY == 0 and step + 1 < stage.steps:
                    self.save(kept, step + 1)
        self._steps_before += stage.steps
        self.save(kept, stage.steps)

    def _step(
        self, features: torch.Tensor, labels: torch.Tensor, rate: float
    ) -> tuple[float, float]:
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            told = self.network(features)
        loss = functional.cross_entropy(
            told.flatten(0, 1), labels.flatten(), label_smoothing=_SMOOTHING
        )
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _LARGEST_GRADIENT)
        self._optimiser.step()
        right = (told.argmax(2) == labels).float().mean()
        return float(loss.detach()), float(right)


def log_posteriors(network: Network, features: Sequence[Floats]) -> list[Floats]:
    """Return the logarithms of the outputs for every frame of sounds of similar length.

    The network tells every third frame, so each sound passes three times, a frame later each time.
    """
    layout = network.layout
    longest = max(len(cells) for cells in features)
    shifted: list[Floats] = []
    for cells in features:
        after = longest - len(cells) + layout.right_context + 3
        padded = np.pad(cells, ((layout.left_context, after), (0, 0)), mode="edge")
        width = longest + layout.left_context + layout.right_context
        shifted.extend(padded[k : k + width] for k in range(3))
    network.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        told = torch.log_softmax(network(torch.from_numpy(np.stack(shifted))).float(), 2)
    woven = told.reshape(len(features), 3, -1, layout.outputs).permute(0, 2, 1, 3)
    flat = woven.reshape(len(features), -1, layout.outputs).numpy()
    return [flat[number, : len(cells)] for number, cells in enumerate(features)]
