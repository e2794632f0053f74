"""Builds the small sherpa-onnx model of the tests: `python -m asr.training.sherpa_test_model OUT`.

A streaming network trained by CTC on a few dozen sentences spoken by espeak-ng. Its only purpose
is that the sherpa-onnx engine is tested for real; it hears those sentences and little else. The
layout is that of T-one models: samples and a state go in, log-probabilities of ten outputs for
every 300 ms and the next state come out, and the features are computed inside the graph.
"""

from __future__ import annotations

import argparse
import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from pypinyin import Style, lazy_pinyin
from scipy.signal import resample_poly
from torch import nn

SENTENCES = (
    *("可以", "可以的", "不可以", "好的", "好", "不好", "对", "对的", "不对", "是的", "不是"),
    *("放门口", "放门口吧", "放快递柜", "放快递柜吧", "放物业", "放物业吧", "送上门"),
    *("明天", "明天上午", "明天下午", "后天", "后天上午", "后天下午", "今天下午", "今天晚上"),
    *("下午三点", "上午十点", "下午三点以后", "不方便", "我不在家", "我在家", "不用了"),
    *("你打错了", "再说一遍", "喂你好", "等一下", "没问题", "谢谢", "再见"),
)
"""What the model can hear."""

Array = npt.NDArray[Any]

VOICES = ("", "m1", "m4", "m5", "m7", "f1", "f3", "f5", "Andy", "Denis", "Michael", "linda")
"""Variants of the espeak-ng voice it is trained on; none that measures other models."""

RATES = (130, 160, 190)
TELEPHONE_RATE = 8000
CHUNK_SAMPLES = 2400
OUTPUTS = 10
WINDOW, HOP, STACKED = 200, 80, 3
PAST = WINDOW - HOP
"""Samples of the chunk before that the first window reaches back to."""

BANDS, UNITS = 32, 128
BATCH = 32
GUIDED_STEPS = 300
"""CTC alone stays long at "nothing but blanks"; equally long syllables are a good enough start."""

STATE = PAST + 2 * UNITS
OPSET = 17


def spoken(text: str, voice: str, rate: int) -> Array:
    """Return a sentence as telephone sound between -1 and 1."""
    syllables = " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
    name = "cmn-latn-pinyin" + (f"+{voice}" if voice else "")
    wav = subprocess.run(
        ["espeak-ng", "-v", name, "-s", str(rate), "--stdout", syllables],
        capture_output=True,
        check=True,
    ).stdout
    samples = np.frombuffer(wav[44 : len(wav) // 2 * 2], dtype="<i2") / 32768.0
    narrow: Array = resample_poly(samples, 160, 441)
    return np.asarray(narrow / (np.abs(narrow).max() + 1e-6), dtype=np.float32)


def fourier() -> Array:
    """Return the windowed sines and cosines of the bands, as filters of one convolution."""
    places = np.arange(WINDOW)
    bins = np.arange(1, WINDOW // 2)
    angles = 2 * np.pi * np.outer(bins, places) / WINDOW
    window = np.hanning(WINDOW)
    return np.concatenate([np.cos(angles) * window, np.sin(angles) * window]).astype(np.float32)


def mel() -> Array:
    """Return the matrix from powers to bands evenly spaced in mel, 100 to 3700 Hz."""
    frequencies = np.arange(1, WINDOW // 2) * TELEPHONE_RATE / WINDOW
    low, high = (1127 * np.log1p(hertz / 700) for hertz in (100.0, 3700.0))
    edges = 700 * np.expm1(np.linspace(low, high, BANDS + 2) / 1127)
    rising = (frequencies[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies[:, None]) / (edges[2:] - edges[1:-1])
    bands: Array = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    return bands


class Network(nn.Module):
    """Log-mel bands, three frames at a time, through two recurrent layers."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.first = nn.GRU(BANDS * STACKED, UNITS, batch_first=True)
        self.second = nn.GRU(UNITS, UNITS, batch_first=True)
        self.out = nn.Linear(UNITS, tokens)
        self.fourier = torch.from_numpy(fourier())[:, None, :]
        self.mel = torch.from_numpy(mel())

    def features(self, sound: torch.Tensor) -> torch.Tensor:
        """Return the stacked bands of a batch of sound, as the exported graph computes them."""
        padded = nn.functional.pad(sound, (PAST, 0))
        waves = nn.functional.conv1d(padded[:, None], self.fourier, stride=HOP)
        cosines, sines = waves.chunk(2, dim=1)
        bands = torch.log((cosines**2 + sines**2).transpose(1, 2) @ self.mel + 1e-2)
        return bands.reshape(len(bands), -1, BANDS * STACKED)

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        """Return log-probabilities for every 30 ms."""
        hidden, _ = self.first(self.features(sound) / 4)
        hidden, _ = self.second(hidden)
        logits: torch.Tensor = self.out(hidden)
        return logits.log_softmax(-1)


@dataclass(frozen=True)
class Batch:
    """What one step learns from."""

    sound: torch.Tensor
    targets: torch.Tensor
    """The tokens of all sentences in a row."""
    lengths: torch.Tensor
    guess: torch.Tensor
    """A token for every output, as if all syllables were equally long."""


class Sentences:
    """The training sound: sentences with silence around them, noise and changing loudness."""

    def __init__(self, tokens: Sequence[str], seed: int) -> None:
        self._dice = random.Random(seed)
        self._noise = np.random.default_rng(seed)
        number = {token: at for at, token in enumerate(tokens)}
        self._clips = [
            (spoken(text, voice, rate), [number[each] for each in text])
            for text in SENTENCES
            for voice in VOICES
            for rate in RATES
        ]

    def batch(self, size: int) -> Batch:
        """Return a batch, chosen and placed by chance."""
        chosen = self._dice.sample(self._clips, size)
        starts = [self._dice.randrange(0, 6000) for _ in chosen]
        after = self._dice.randrange(2400, 6000)
        needed = max(at + len(clip) for at, (clip, _) in zip(starts, chosen, strict=True)) + after
        outputs = -(-needed // CHUNK_SAMPLES) * OUTPUTS
        sound = np.zeros((size, outputs * HOP * STACKED), np.float32)
        guess = np.zeros((size, outputs), np.int64)
        for row, (at, (clip, text)) in enumerate(zip(starts, chosen, strict=True)):
            sound[row, at : at + len(clip)] = clip * 10 ** self._dice.uniform(-1.2, -0.1)
            for place, token in enumerate(text):
                middle = at + len(clip) * (place + 0.6) / len(text)
                output = round(middle / (HOP * STACKED))
                guess[row, output : output + 2] = token
        level = 10 ** self._noise.uniform(-4.0, -2.0, (size, 1))
        sound += (level * self._noise.standard_normal(sound.shape)).astype(np.float32)
        return Batch(
            torch.from_numpy(sound),
            torch.tensor([each for _, text in chosen for each in text]),
            torch.tensor([len(text) for _, text in chosen]),
            torch.from_numpy(guess),
        )


def train(tokens: Sequence[str], steps: int, seed: int) -> Network:
    """Return the trained network; prints the loss as it goes."""
    torch.manual_seed(seed)
    network = Network(len(tokens))
    sentences = Sentences(tokens, seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    free = nn.CTCLoss(zero_infinity=True)
    guided = nn.NLLLoss(weight=torch.tensor([0.1] + [1.0] * (len(tokens) - 1)))
    for step in range(steps):
        batch = sentences.batch(BATCH)
        outputs = network(batch.sound)
        if step < GUIDED_STEPS:
            loss = guided(outputs.flatten(0, 1), batch.guess.flatten())
        else:
            everywhere = torch.full((BATCH,), outputs.shape[1])
            loss = free(outputs.transpose(0, 1), batch.targets, everywhere, batch.lengths)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)
    return network


def _gru(layer: nn.GRU) -> tuple[Array, Array, Array]:
    """Return the weights in the order of ONNX: update, reset, new instead of reset, update, new."""

    def ordered(name: str) -> Array:
        reset, update, new = getattr(layer, name).detach().numpy().reshape(3, UNITS, -1)
        return np.concatenate([update, reset, new])

    biases = np.concatenate([ordered("bias_ih_l0"), ordered("bias_hh_l0")])
    return ordered("weight_ih_l0")[None], ordered("weight_hh_l0")[None], biases.reshape(1, -1)


def exported(network: Network) -> onnx.ModelProto:
    """Return the network as a graph that T-one's place in sherpa-onnx accepts."""
    nodes: list[onnx.NodeProto] = []
    constants: dict[str, Array] = {
        "scale": np.array(1 / 32768, np.float32),
        "as_line": np.array([0, -1], np.int64),
        "as_stack": np.array([0, OUTPUTS, BANDS * STACKED], np.int64),
        "parts": np.array([PAST, UNITS, UNITS], np.int64),
        "halves": np.array([WINDOW // 2 - 1] * 2, np.int64),
        "fourier": fourier()[:, None, :],
        "mel": mel(),
        "floor": np.array(1e-2, np.float32),
        "quarter": np.array(1 / 4, np.float32),
        "front": np.array([0], np.int64),
        "from": np.array([CHUNK_SAMPLES], np.int64),
        "to": np.array([CHUNK_SAMPLES + PAST], np.int64),
        "axis": np.array([1], np.int64),
        "weight": network.out.weight.detach().numpy().T.copy(),
        "bias": network.out.bias.detach().numpy(),
    }

    def add(kind: str, inputs: str, outputs: str, **options: Any) -> None:
        nodes.append(helper.make_node(kind, inputs.split(), outputs.split(), **options))

    add("Cast", "x", "x_float", to=TensorProto.FLOAT)
    add("Mul", "x_float scale", "x_scaled")
    add("Reshape", "x_scaled as_line", "chunk")
    add("Cast", "state", "state_float", to=TensorProto.FLOAT)
    add("Split", "state_float parts", "past hidden_1 hidden_2", axis=1)
    add("Concat", "past chunk", "line", axis=1)
    add("Slice", "line from to axis", "past_next")
    add("Unsqueeze", "line axis", "channel")
    add("Conv", "channel fourier", "waves", strides=[HOP])
    add("Mul", "waves waves", "squares")
    add("Split", "squares halves", "cosines sines", axis=1)
    add("Add", "cosines sines", "powers_turned")
    add("Transpose", "powers_turned", "powers", perm=[0, 2, 1])
    add("MatMul", "powers mel", "energies")
    add("Add", "energies floor", "floored")
    add("Log", "floored", "bands")
    add("Mul", "bands quarter", "levelled")
    add("Reshape", "levelled as_stack", "stacked")
    add("Transpose", "stacked", "steps_0", perm=[1, 0, 2])
    for number, layer in ((1, network.first), (2, network.second)):
        names = [f"w_{number}", f"r_{number}", f"b_{number}"]
        constants |= dict(zip(names, _gru(layer), strict=True))
        add("Unsqueeze", f"hidden_{number} front", f"initial_{number}")
        nodes.append(
            helper.make_node(
                "GRU",
                [f"steps_{number - 1}", *names, "", f"initial_{number}"],
                [f"directions_{number}", f"last_{number}"],
                hidden_size=UNITS,
                linear_before_reset=1,
            )
        )
        add("Squeeze", f"directions_{number} axis", f"steps_{number}")
        add("Squeeze", f"last_{number} front", f"hidden_{number}_next")
    add("Transpose", "steps_2", "hidden", perm=[1, 0, 2])
    add("MatMul", "hidden weight", "weighted")
    add("Add", "weighted bias", "logits")
    add("LogSoftmax", "logits", "logprobs", axis=2)
    add("Concat", "past_next hidden_1_next hidden_2_next", "next", axis=1)
    add("Cast", "next", "state_next", to=TensorProto.FLOAT16)
    tokens = network.out.out_features
    graph = helper.make_graph(
        nodes,
        "sherpa-test",
        [
            helper.make_tensor_value_info("x", TensorProto.INT32, ["n", CHUNK_SAMPLES, 1]),
            helper.make_tensor_value_info("state", TensorProto.FLOAT16, ["n", STATE]),
        ],
        [
            helper.make_tensor_value_info("logprobs", TensorProto.FLOAT, ["n", OUTPUTS, tokens]),
            helper.make_tensor_value_info("state_next", TensorProto.FLOAT16, ["n", STATE]),
        ],
        [numpy_helper.from_array(np.asarray(each), name) for name, each in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    helper.set_model_props(
        model,
        {"frame_length_ms": "300", "state_dim": str(STATE), "sample_rate": str(TELEPHONE_RATE)},
    )
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Train and write model.onnx and tokens.txt."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("out", type=Path, help="the folder to write")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokens = ["<blk>", *sorted(set("".join(SENTENCES)))]
    network = train(tokens, options.steps, options.seed)
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    onnx.save(exported(network), out / "t-one.onnx")
    lines = [f"{token} {number}\n" for number, token in enumerate(tokens)]
    (out / "tokens.txt").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
