"""How likely it is that an utterance was understood rightly."""

from __future__ import annotations

_AGREEMENT_COUNTS = 0.4
"""How much of the certainty goes when no other reading of the sound means the same."""


def probability_of(confidence: float, fit: float, agreement: float) -> float:
    """Return the chance that a meaning is right, 0 to 1.

    `confidence` is the recogniser's; `fit` says how well the words fit the phrases; `agreement` is
    the share of the readings of the same sound that mean the same.
    """
    return confidence * fit * (1.0 - _AGREEMENT_COUNTS * (1.0 - agreement))
