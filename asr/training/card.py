"""The papers of a model: what it was made of, what it hears and what it doesn't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from asr.training.evaluation import Heard, table


@dataclass(frozen=True, slots=True)
class Credits:
    """Whose work went into the synthetic speech and the words."""

    synthesisers: Mapping[str, str] = field(
        default_factory=lambda: {"espeak-ng": "GPL-3.0-or-later"}
    )
    """Program or voice -> licence."""
    dictionary: str = ""
    """Notice of the dictionary of pronunciations."""


@runtime_checkable
class Credited(Protocol):
    """A language that owes thanks to more than espeak-ng."""

    @property
    def credits(self) -> Credits:
        """Whose work went into its speech and words."""


def credits_of(language: object) -> Credits:
    """Return whose work went into a language."""
    return language.credits if isinstance(language, Credited) else Credits()


@dataclass(frozen=True, slots=True)
class Facts:
    """How a model came to be."""

    code: str
    rate: int
    seed: int
    steps: int
    parameters: int
    hours: Mapping[str, float]
    """Speaker, or `synthetic` -> hours of speech it was trained on."""
    left_out: str | None = None
    credits: Credits = field(default_factory=Credits)


_LIMITS = """\
## Limits (read this)
* **For simulated recipients, tests and rehearsal. It does not hear strangers.** It knows the
  voices it was trained on, and synthetic voices, which are nearly one speaker for a recogniser.
  For real calls fetch an official model: `menling models fetch`.
* "Known speaker" means that other recordings of the same person were trained on: such a figure
  says nothing of other people. "Left out" means that no recording of the person was.
* The noise is of one kind. Real telephone lines, dialects, children, several people talking at
  once: not measured.
"""


_SHARE_ALIKE = (
    "Recordings under a share-alike licence: treat am/final.mdl as an adaptation of them,",
    "name their authors and keep the licence.",
    "",
)


def _speech(facts: Facts) -> str:
    return ", ".join(f"{name} {hours:.1f} h" for name, hours in facts.hours.items())


def card(facts: Facts, rows: Sequence[Heard], fooled: float) -> str:
    """Return the model card in Markdown."""
    out = f" Without {facts.left_out}." if facts.left_out else ""
    return (
        f"# {facts.code}, {facts.rate // 1000} kHz, Vosk layout\n\n"
        f"Residual factored TDNN with {facts.parameters / 1e6:.2f} million parameters in 8 bits, "
        f"outputs independent of context every 30 ms; {facts.steps} steps, seed {facts.seed}. "
        f"Built by `python -m asr.training {facts.code}` (docs/training.md).\n"
        f"Training speech: {_speech(facts)}.{out}\n\n"
        "Errors through A-law at 8 kHz. Synthetic: voices and sentences that training never had, "
        "with the language model of the domain; alone: any syllable, or any phone, may follow any "
        "other.\n\n"
        f"{table(rows)}\n"
        f"Sounds without speech (tones, coughs, engines, knocks) heard as words: {fooled:.0%}.\n\n"
        f"{_LIMITS}"
    )


def notice(facts: Facts, licences: Mapping[str, str]) -> str:
    """Return the NOTICE: data behind the model and their licences."""
    people = [
        f"- recordings of {name}: {hours:.1f} h, licence {licences[name]}"
        for name, hours in facts.hours.items()
        if name in licences
    ]
    return "\n".join(
        [
            f"NOTICE - data behind this model ({facts.code}, {facts.rate} Hz)",
            "",
            "The network was trained from random weights; it contains no other model. It heard:",
            *people,
            f"- synthetic speech, {facts.hours['synthetic']:.1f} h in all; no part of these"
            " programs is contained:",
            *(f"  - {name} ({licence})" for name, licence in facts.credits.synthesisers.items()),
            "- noises, tones and rooms made by the training program",
            "",
            *(_SHARE_ALIKE if people else ()),
            *([facts.credits.dictionary, ""] if facts.credits.dictionary else []),
        ]
    )
