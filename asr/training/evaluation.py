"""What a finished model hears: error rates on voices, sentences and recordings kept apart.

All sound is A-law at 8 kHz at one level; "10 dB" has pink noise that far below the speech.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from asr.recognizer import SpeechModel
from asr.training.features import Floats
from asr.training.language import Language
from asr.training.loop_graph import Spelt, name_of, units_of, write_loop
from asr.training.noises import event, pink
from asr.training.synthesis import synthetic_take
from asr.training.takes import Take
from audio.g711 import decode, encode

RATE = 8000
_LEVEL = 2000.0
_BEFORE, _AFTER = 0.3, 0.5
"""Seconds of line noise around the speech."""
_PIECE = 3200
"""Bytes given to the recogniser at a time: 0.2 s."""
_SHORT = 3
"""Syllables of a short answer at most."""
NOISY_DB = 10.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Errors of a set of utterances."""

    name: str
    utterances: int
    clean: float
    """Share of wrong characters, words or syllables, 0 to 1 and above."""
    noisy: float
    """The same with noise."""


def distance(expected: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many must be replaced, left out or put in (Levenshtein)."""
    costs = list(range(len(heard) + 1))
    for row, wanted in enumerate(expected, 1):
        diagonal, costs[0] = costs[0], row
        for column, found in enumerate(heard, 1):
            best = min(costs[column] + 1, costs[column - 1] + 1, diagonal + (wanted != found))
            diagonal, costs[column] = costs[column], best
    return costs[-1]


def written_units(text: str) -> list[str]:
    """Return what errors are counted in: Chinese characters, words of other scripts."""
    return [unit for word in text.split() for unit in ([word] if word.isascii() else list(word))]


def on_the_line(take: Take, dice: np.random.Generator, snr_db: float | None) -> bytes:
    """Return the take, at 8 kHz, as it arrives over a telephone line."""
    loud = np.abs(take.pcm) > 0.02 * np.abs(take.pcm).max(initial=1)
    speech = take.pcm / (np.sqrt(np.mean(np.square(take.pcm[loud], dtype=np.float64))) + 1e-9)
    sound = np.pad(speech, (int(_BEFORE * RATE), int(_AFTER * RATE)))
    sound = sound + 1e-3 * dice.standard_normal(len(sound))
    if snr_db is not None:
        sound = sound + 10 ** (-snr_db / 20) * pink(dice, len(sound), RATE)
    return _coded(sound * _LEVEL)


def _coded(sound: np.typing.NDArray[np.floating] | Floats) -> bytes:
    samples = np.clip(np.round(sound), -32768, 32767).astype("<i2").tobytes()
    return decode(encode(samples))


def recognised(model: SpeechModel, pcm: bytes) -> str:
    """Return what the model hears in telephone sound."""
    recognizer = model.recognizer()
    recognizer.begin()
    for place in range(0, len(pcm), _PIECE):
        recognizer.accept(pcm[place : place + _PIECE])
    return recognizer.finish().text


def measured(
    name: str,
    model: SpeechModel,
    takes: Sequence[Take],
    expected: Callable[[Take], Sequence[str]],
    units: Callable[[str], Sequence[str]],
    seed: int = 3,
) -> Heard:
    """Return the share of errors in the takes, clean and with noise."""
    shares = []
    for snr_db in (None, NOISY_DB):
        dice = np.random.default_rng(seed)
        wrong = total = 0
        for take in takes:
            wanted = expected(take)
            wrong += distance(wanted, units(recognised(model, on_the_line(take, dice, snr_db))))
            total += len(wanted)
        shares.append(wrong / max(1, total))
    return Heard(name, len(takes), *shares)


def words_in_noise(model: SpeechModel, clips: int = 120, seed: int = 5) -> float:
    """Return in what share of sounds without speech the model hears words."""
    dice = np.random.default_rng(seed)
    fooled = 0
    for _ in range(clips):
        samples = int(dice.uniform(1.0, 3.0) * RATE)
        level = 10 ** dice.uniform(2.5, 4.0)
        sound = level * event(dice, samples, RATE) + 10 * pink(dice, samples, RATE)
        fooled += bool(recognised(model, _coded(sound)))
    return fooled / clips


@contextmanager
def without_language_model(language: Language, model: Path) -> Iterator[Path]:
    """Lend a copy of a model whose words are syllables."""
    with TemporaryDirectory(prefix="menling-loop-") as folder:
        copy = Path(folder)
        for part in ("am", "conf"):
            (copy / part).symlink_to((model / part).resolve())
        write_loop(language, copy / "graph")
        yield copy


def evaluate(
    language: Language,
    model: Path,
    recorded: Mapping[str, Sequence[Take]],
    synthetic: int = 300,
    seed: int = 11,
) -> tuple[tuple[Heard, ...], float]:
    """Return the table of a model and the share of noises that it takes for words.

    `recorded`: speaker, and what is known of him -> takes at 8 kHz that training never saw.
    """
    random = Random(seed)
    unseen = [synthetic_take(language, random, RATE, held_out=True) for _ in range(synthetic)]
    short = [take for take in unseen if len(take.words) <= _SHORT]
    whole = SpeechModel(model)
    rows = [
        measured(f"{name}, with language model", whole, takes, _text, written_units)
        for name, takes in (("synthetic", unseen), ("synthetic, short answers", short))
    ]
    fooled = words_in_noise(whole)

    def sounds(take: Take) -> Sequence[str]:
        return [name_of(sound) for sound in units_of(language, take.words)]

    unit = "phones" if isinstance(language, Spelt) else "syllables"
    with without_language_model(language, model) as copy:
        alone = SpeechModel(copy)
        rows += [
            measured(f"{name}, {unit} alone", alone, takes, sounds, str.split)
            for name, takes in {"synthetic": unseen[: synthetic // 2], **recorded}.items()
        ]
    return tuple(rows), fooled


def _text(take: Take) -> Sequence[str]:
    return written_units(take.text)


def table(rows: Sequence[Heard]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| errors in % | utterances | clean | 10 dB noise |", "|---|---|---|---|"]
    lines += [
        f"| {row.name} | {row.utterances} | {100 * row.clean:.1f} | {100 * row.noisy:.1f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"
