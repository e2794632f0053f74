"""The shape of the network, for the trainer and for the writer of Kaldi's files.

A factored TDNN: five spliced frames, then layers that each splice three places of the one before,
squeeze them into a bottleneck and widen them again; from the second on each adds to what it was
given. All parts are component types that Vosk's Kaldi reads.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes of the network; times are in frames of 10 ms."""

    inputs: int
    """Cepstra of a frame."""
    outputs: int
    hidden: int = 384
    bottleneck: int = 128
    splice: tuple[int, ...] = (-2, -1, 0, 1, 2)
    offsets: tuple[tuple[int, int, int], ...] = (
        (-1, 0, 1),
        *([(-3, 0, 3)] * 5),
        *([(-6, -3, 0)] * 2),
    )
    """What each layer splices; from the second on in steps of the output's three frames."""
    residual: float = 0.66
    """How much of its input a layer adds to its result."""

    @property
    def left_context(self) -> int:
        """Frames that must be known before the one that is told."""
        return -self.splice[0] - sum(offsets[0] for offsets in self.offsets)

    @property
    def right_context(self) -> int:
        """Frames that must be known after the one that is told."""
        return self.splice[-1] + sum(offsets[-1] for offsets in self.offsets)

    def config(self) -> list[str]:
        """Return the lines of nnet3's config: nodes and what they read."""
        lines = [f"input-node name=input dim={self.inputs}"]

        def component(name: str, source: str) -> str:
            lines.append(f"component-node name={name} component={name} input={source}")
            return name

        component("l1.affine", _append("input", self.splice))
        before = component("l1.relu", "l1.affine")
        for number, offsets in enumerate(self.offsets, 2):
            layer = f"l{number}"
            component(f"{layer}.linear", _append(before, offsets))
            component(f"{layer}.affine", f"{layer}.linear")
            relu = component(f"{layer}.relu", f"{layer}.affine")
            if number == 2:
                before = relu
            else:
                total = f"Sum(Scale({self.residual}, {before}), {relu})"
                before = component(f"{layer}.sum", total)
        component("output.affine", before)
        component("output.log-softmax", "output.affine")
        lines.append("output-node name=output input=output.log-softmax objective=linear")
        return lines


def _append(source: str, offsets: tuple[int, ...]) -> str:
    parts = [source if offset == 0 else f"Offset({source}, {offset})" for offset in offsets]
    return f"Append({', '.join(parts)})"
