"""`am/final.mdl`: transition model and nnet3 network in Kaldi's binary format, weights in 8 bits.

Sources: Kaldi's hmm/transition-model.cc, hmm/hmm-topology.cc, nnet3/nnet-nnet.cc,
nnet3/nnet-simple-component.cc, matrix/compressed-matrix.cc. Integers and floats are preceded by
their size in bytes; everything is little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
import numpy.typing as npt

from asr.training.language import SILENCE
from asr.training.layout import Layout
from asr.training.topology import Topology

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Affine:
    """A layer: weight (outputs by inputs) and bias."""

    weight: Matrix
    bias: Matrix


Weights = Mapping[str, Affine]
"""Name of the component -> its layer."""


@dataclass(slots=True)
class KaldiStream:
    """Writes Kaldi's basic types in binary."""

    data: bytearray = field(default_factory=lambda: bytearray(b"\0B"))

    def token(self, *words: str) -> None:
        """Write words, each followed by a space."""
        for word in words:
            self.data += f"{word} ".encode()

    def integer(self, *values: int) -> None:
        """Write 32-bit integers."""
        for value in values:
            self.data += b"\x04" + struct.pack("<i", value)

    def single(self, *values: float) -> None:
        """Write floats."""
        for value in values:
            self.data += b"\x04" + struct.pack("<f", value)

    def double(self, value: float) -> None:
        """Write a double."""
        self.data += b"\x08" + struct.pack("<d", value)

    def integers(self, values: Sequence[int]) -> None:
        """Write a vector of 32-bit integers."""
        self.data += b"\x04" + struct.pack("<i", len(values)) + np.array(values, "<i4").tobytes()

    def vector(self, values: npt.ArrayLike) -> None:
        """Write a vector of floats."""
        floats = np.asarray(values, "<f4")
        self.token("FV")
        self.integer(len(floats))
        self.data += floats.tobytes()

    def matrix(self, values: Matrix) -> None:
        """Write a matrix of floats."""
        self.token("FM")
        self.integer(*values.shape)
        self.data += values.astype("<f4").tobytes()

    def compressed(self, values: Matrix) -> None:
        """Write a matrix in one byte per number (CompressedMatrix, kOneByteWithColHeaders)."""
        self.data += compress(values)


def compress(values: Matrix) -> bytes:
    """Return a matrix in 8 bits; a column is piecewise linear between four of its percentiles."""
    low = float(values.min())
    span = max(float(values.max()) - low, 1e-5)
    headers, columns = bytearray(), bytearray()
    for column in values.T:
        ranks = np.sort(column)
        count = len(ranks)
        marks = np.array([ranks[0], ranks[count // 4], ranks[3 * count // 4], ranks[-1]])
        steps = np.clip((marks - low) / span * 65535 + 0.499, 0, 65535).astype(int)
        first = min(int(steps[0]), 65532)
        second = min(max(int(steps[1]), first + 1), 65533)
        third = min(max(int(steps[2]), second + 1), 65534)
        last = max(int(steps[3]), third + 1)
        headers += struct.pack("<4H", first, second, third, last)
        p0, p25, p75, p100 = (low + span * step / 65535 for step in (first, second, third, last))
        lower = np.clip((column - p0) / (p25 - p0) * 64 + 0.5, 0, 64)
        middle = np.clip(64 + (column - p25) / (p75 - p25) * 128 + 0.5, 64, 192)
        upper = np.clip(192 + (column - p75) / (p100 - p75) * 63 + 0.5, 192, 255)
        code = np.where(column < p25, lower, np.where(column < p75, middle, upper))
        columns += np.floor(code).astype(np.uint8).tobytes()
    head = b"CM " + struct.pack("<ffii", low, span, *values.shape)
    return bytes(head + headers + columns)


def expand(data: bytes) -> Matrix:
    """Return the matrix that Kaldi reads from what `compress` wrote."""
    low, span, rows, columns = struct.unpack_from("<ffii", data, 3)
    heads = np.frombuffer(data, "<u2", 4 * columns, 19).reshape(columns, 4)
    codes = np.frombuffer(data, np.uint8, rows * columns, 19 + 8 * columns).reshape(columns, rows)
    p0, p25, p75, p100 = (low + span * heads[:, k : k + 1] / 65535 for k in range(4))
    values: Matrix = np.where(
        codes <= 64,
        p0 + (p25 - p0) * codes / 64,
        np.where(
            codes <= 192,
            p25 + (p75 - p25) * (codes.astype(float) - 64) / 128,
            p75 + (p100 - p75) * (codes.astype(float) - 192) / 63,
        ),
    )
    return values.T


def _write_transitions(stream: KaldiStream, topology: Topology) -> None:
    numbered = [symbol for symbol in topology.symbols if symbol != topology.symbols[0]]
    kinds = sorted({(symbol != SILENCE, topology.states(symbol)) for symbol in numbered})
    kind_of = [kinds.index((symbol != SILENCE, topology.states(symbol))) for symbol in numbered]
    stream.token("<TransitionModel>", "<Topology>")
    stream.integers(range(1, len(numbered) + 1))
    stream.integers([-1, *kind_of])
    stream.integer(len(kinds))
    for kind, (_, states) in enumerate(kinds):
        stay = topology.stay(numbered[kind_of.index(kind)])
        stream.integer(states + 1)
        for state in range(states):
            stream.integer(state, 2, state)
            stream.single(stay)
            stream.integer(state + 1)
            stream.single(1 - stay)
        stream.integer(-1, 0)
    stream.token("</Topology>", "<Triples>")
    stream.integer(len(topology.triples))
    for triple in topology.triples:
        stream.integer(*triple)
    stream.token("</Triples>", "<LogProbs>")
    logs = [0.0]
    for phone, _, _ in topology.triples:
        stay = topology.stay(topology.symbols[phone])
        logs += [log(stay), log(1 - stay)]
    stream.vector(logs)
    stream.token("</LogProbs>", "</TransitionModel>")


def _write_component(stream: KaldiStream, name: str, layout: Layout, weights: Weights) -> None:
    stream.token("<ComponentName>", name)
    if name in weights:
        stream.token("<FixedAffineComponent>", "<LinearParams>")
        stream.compressed(weights[name].weight)
        stream.token("<BiasParams>")
        stream.vector(weights[name].bias)
        stream.token("</FixedAffineComponent>")
    elif name.endswith(".sum"):
        stream.token("<FixedScaleComponent>", "<Scales>")
        stream.vector(np.ones(layout.hidden))
        stream.token("</FixedScaleComponent>")
    else:
        relu = name.endswith(".relu")
        kind = "RectifiedLinearComponent" if relu else "LogSoftmaxComponent"
        stream.token(f"<{kind}>", "<Dim>")
        stream.integer(layout.hidden if relu else layout.outputs)
        stream.token("<ValueAvg>")
        stream.vector([])
        stream.token("<DerivAvg>")
        stream.vector([])
        stream.token("<Count>")
        stream.double(0.0)
        stream.token(f"</{kind}>")


def model_bytes(
    topology: Topology, layout: Layout, weights: Weights, priors: npt.ArrayLike
) -> bytes:
    """Return the content of final.mdl; the decoder subtracts the logarithm of the priors."""
    stream = KaldiStream()
    _write_transitions(stream, topology)
    config = layout.config()
    stream.token("<Nnet3>")
    stream.data += ("\n" + "\n".join(config) + "\n\n").encode()
    names = [
        line.split("component=")[1].split()[0]
        for line in config
        if line.startswith("component-node")
    ]
    stream.token("<NumComponents>")
    stream.integer(len(names))
    for name in names:
        _write_component(stream, name, layout, weights)
    stream.token("</Nnet3>", "<LeftContext>")
    stream.integer(layout.left_context)
    stream.token("<RightContext>")
    stream.integer(layout.right_context)
    stream.token("<Priors>")
    stream.vector(priors)
    return bytes(stream.data)


MODEL_CONF = """\
--min-active=200
--max-active=3000
--beam=13.0
--lattice-beam=5.0
--acoustic-scale=0.7
--frame-subsampling-factor=3
--frames-per-chunk=51
--endpoint.silence-phones=1
--endpoint.rule1.min-trailing-silence=5.0
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.8
--endpoint.rule4.min-trailing-silence=1.2
"""
"""`conf/model.conf`; the acoustic scale fits a network trained on frames, not sequences."""
