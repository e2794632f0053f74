"""What one level of load came to, in figures and as a column of a table."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.meaning_onset import clip_meant_after_seconds
from bench.replies import Answer, answer_of, is_speech

FRAME_SECONDS = 0.02
BUSY_SHARE = 0.75
"""Answers count while so many of the lines talk: at the ends of a level it is quieter."""


@dataclass(slots=True)
class Inside:
    """What Menling itself wrote down about its answers."""

    end_silences: list[float] = field(default_factory=list)
    """Of the question that was being answered, per answer."""
    deciding: list[float] = field(default_factory=list)
    """From the end of that silence to the order to play."""
    lost_syllables: int = 0
    """Answers of which the first syllable is missing in the transcript."""


@dataclass(frozen=True, slots=True)
class Level:
    """Everything that was measured at one number of calls."""

    calls: int
    far_end: Sequence[Mapping[str, Any]]
    """What the far ends observed, one entry per call."""
    inside: Inside
    processor_seconds: Mapping[str, float]
    """By group of processes."""
    as_expected: int

    def answers(self, kind: Answer | None = None) -> list[float]:
        """Return the seconds from their last word to our first sound, both at the far end.

        `kind`: only after answers to such questions.
        """
        return [
            line["answered_after_seconds"]
            for entry in self.far_end
            for line in entry["lines"]
            if line["answered_after_seconds"] is not None
            and is_speech(line["what"])
            and (kind is None or answer_of(line["what"]) is kind)
            and self._is_busy(line["last_word_at"])
        ]

    def silenced(self) -> list[float]:
        """Return the seconds from the first word that means something to our last sound."""
        return [
            line["silenced_after_seconds"] - clip_meant_after_seconds(line["what"])
            for entry in self.far_end
            for line in entry["lines"]
            if line["interrupted"] and line["silenced_after_seconds"] is not None
        ]

    def received(self, figure: str) -> list[float]:
        """Return a figure of the sound that arrived, per answered call."""
        return [entry["reception"][figure] for entry in self._answered()]

    def talk_seconds(self) -> float:
        """Return the seconds of all calls together."""
        return float(sum(each["ended_at"] - each["answered_at"] for each in self._answered()))

    def _answered(self) -> list[Mapping[str, Any]]:
        return [entry for entry in self.far_end if entry["answered_at"] is not None]

    def _is_busy(self, at: float) -> bool:
        talking = sum(entry["answered_at"] <= at <= entry["ended_at"] for entry in self._answered())
        return bool(talking >= BUSY_SHARE * self.calls)


def table(levels: Sequence[Level]) -> str:
    """Return the figures as a Markdown table, one column per level."""
    columns = [_column(level) for level in levels]
    head = "".join(f" {level.calls} call{'s'[: level.calls > 1]} |" for level in levels)
    lines = [f"| |{head}", "|---" * (len(levels) + 1) + "|"]
    lines += [
        f"| {name} |" + "".join(f" {column[name]} |" for column in columns) for name in columns[0]
    ]
    return "\n".join(lines)


def _column(level: Level) -> dict[str, str]:
    silences = level.inside.end_silences
    limits = [silence + FRAME_SECONDS for silence in silences]
    lost, packets = sum(level.received("lost")), sum(level.received("packets"))
    talk = level.talk_seconds()
    processor = {
        f"{name}, % of a core per call": f"{100 * used / talk:.1f}" if talk else "-"
        for name, used in level.processor_seconds.items()
    }
    return {
        "calls made, as expected": f"{len(level.far_end)}, {level.as_expected}",
        "answers measured, to closed and open questions": " + ".join(
            str(len(level.answers(kind))) for kind in Answer
        ),
        "**closed question**, voice to voice, ms, p50 / p95 / max": (
            f"**{_spread(level.answers(Answer.CLOSED))}**"
        ),
        "**open question**, voice to voice, ms, p50 / p95 / max": (
            f"**{_spread(level.answers(Answer.OPEN))}**"
        ),
        "first syllables lost": str(level.inside.lost_syllables),
        "**voice to voice**, ms, p50 / p95 / max": f"**{_spread(level.answers())}**",
        "physical limit, ms, p50 / p95 / max": _spread(limits),
        "of this: silence that ends the turn, ms": _spread(silences),
        "recognising, understanding, deciding, ms": _spread(level.inside.deciding),
        "**our voice stops** after the first word that means something, ms": (
            f"**{_spread(level.silenced())}**"
        ),
        "interruptions measured": str(len(level.silenced())),
        "RTP packets lost of": f"{lost:.0f} of {packets:.0f}",
        "p99 of packet spacing off 20 ms, ms, median / worst call": (
            f"{_median(level.received('jitter_p99_ms'))} / "
            f"{max(level.received('jitter_p99_ms'), default=0):.1f}"
        ),
        "longest gap between packets, ms": (
            f"{max(level.received('longest_gap_ms'), default=0):.0f}"
        ),
        "far end's own lateness p99, ms": _median([e["sent_late_p99_ms"] for e in level.far_end]),
        **processor,
    }


def _spread(values: Iterable[float]) -> str:
    """Return p50, p95 and maximum in milliseconds."""
    ordered = sorted(values)
    if not ordered:
        return "-"
    cuts = statistics.quantiles([*ordered, ordered[-1]], n=20, method="inclusive")
    return " / ".join(f"{1000 * value:.0f}" for value in (cuts[9], cuts[18], ordered[-1]))


def _median(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f}" if values else "-"
