"""The stages of training, counted in steps so that a busy machine makes the same model."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi

from asr.training.rows import Reading

PEAK_RATE = 2e-3
_WARM_STEPS = 150
_LAST_SHARE = 0.015
"""Of the learning rate, at the very end."""

SHARES = {
    Reading.SYNTHETIC: 0.40,
    Reading.WORDS: 0.24,
    Reading.SENTENCES: 0.20,
    Reading.SYLLABLES: 0.08,
    Reading.NOTHING: 0.08,
}
"""How often a row is of each reading; speakers of the same reading share its part."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of training on one state of the alignments."""

    name: str
    steps: int
    recorded: bool = True
    """Recorded speech takes part."""
    realigns: bool = True
    """It is aligned anew when the stage begins."""
    cools: bool = False
    """The learning rate falls to (almost) nothing along a cosine."""
    strength: float = 1.0
    """Share of the full learning rate."""
    sounds: float = SHARES[Reading.NOTHING]
    """How often a row is of sounds that are not speech."""


def stages(scale: float = 1.0) -> tuple[Stage, ...]:
    """Return the stages; a scale below 1 makes a quick and worse model."""

    def steps(full: int) -> int:
        return max(2, round(full * scale))

    return (
        Stage("A", steps(250), recorded=False),
        Stage("B", steps(500)),
        Stage("C", steps(700)),
        Stage("D", steps(9000), cools=True),
        Stage("E", steps(1000), realigns=False, cools=True, strength=0.25, sounds=0.25),
    )


def synthetic_stages(scale: float = 1.0) -> tuple[Stage, ...]:
    """Return the stages where there is no recorded speech: nothing has to be aligned."""
    return (Stage("D", max(2, round(3000 * scale)), recorded=False, cools=True),)


def learning_rate(stage: Stage, step: int, steps_before: int) -> float:
    """Return the rate of a step of the stage, after so many steps of earlier stages."""
    warm = min(1.0, (steps_before + step) / _WARM_STEPS + 0.02)
    rate = PEAK_RATE * warm * stage.strength
    if stage.cools:
        cooling = 0.5 * (1 + cos(pi * min(1.0, step / stage.steps)))
        rate *= _LAST_SHARE + (1 - _LAST_SHARE) * cooling
    return rate
