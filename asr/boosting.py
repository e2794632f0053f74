"""Which of several readings is meant, given what the question hopes to hear.

A reading gains by the share of its syllables that sound like hoped-for phrases, whatever
characters the recogniser wrote them with; a reading without them keeps its place.
"""

from __future__ import annotations

import math
from dataclasses import replace

from asr.hearing import Alternative, Recognition
from asr.sounding import syllables

GAIN = 2.0
"""Added to the logarithm of the share of a reading that consists of hoped-for phrases only: such
an answer is taken to be seven times as likely as another. On 1,080 synthetic utterances it righted
14 % of the sentences misheard (18 of 128); twice as much righted 25 and makes others unhearable."""


def boosted(recognition: Recognition, hopes: tuple[str, ...]) -> Recognition:
    """Return the recognition with its alternatives ranked anew.

    Words and their times stay only when the text does: those of other readings are not known.
    """
    found = recognition.alternatives
    if not hopes or len(found) < 2:
        return recognition
    sounds = tuple(filter(None, map(syllables, hopes)))
    weights = [each.confidence * math.exp(GAIN * hoped_share(each.text, sounds)) for each in found]
    total = sum(weights)
    if not total:
        return recognition
    ranked = tuple(
        sorted(
            (
                Alternative(each.text, weight / total)
                for each, weight in zip(found, weights, strict=True)
            ),
            key=lambda each: each.confidence,
            reverse=True,
        )
    )
    best = ranked[0]
    if best.text == recognition.text:
        return replace(recognition, alternatives=ranked)
    return Recognition(best.text, best.confidence, alternatives=ranked)


def hoped_share(text: str, hopes: tuple[tuple[str, ...], ...]) -> float:
    """Return the part of the text's syllables, 0 to 1, that belong to phrases given by sound."""
    heard = syllables(text)
    if not heard:
        return 0.0
    covered: set[int] = set()
    for phrase in hopes:
        length = len(phrase)
        for start in range(len(heard) - length + 1):
            if heard[start : start + length] == phrase:
                covered.update(range(start, start + length))
    return len(covered) / len(heard)
