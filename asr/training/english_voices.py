"""Synthesisers that speak English and tell when each phone was said: espeak-ng, flite, festival.

Needs Debian's `libespeak-ng1`, `flite`, `festival`, `festvox-kallpc16k`, `festvox-us-slt-hts` and,
to measure with, `festvox-kdlpc16k`.
"""

from __future__ import annotations

import atexit
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from asr.training.english_sounds import Told, of_espeak, of_radio
from asr.training.espeak import HELD_OUT_VARIANTS, TRAINING_VARIANTS, say
from asr.training.language import Pcm

ESPEAK = ("en-us", "en-us", "en-us", "en-us", "en-us", "en-gb-scotland")
FLITE = ("rms", "rms", "slt", "slt", "kal16", "kal")
FESTIVAL = ("cmu_us_slt_arctic_hts", "kal_diphone")
FLITE_HELD_OUT = ("awb",)
FESTIVAL_HELD_OUT = ("ked_diphone",)

SYNTHESISERS = {
    "espeak-ng": "GPL-3.0-or-later",
    "flite with its voices kal, kal16, rms and slt": "BSD-style, Carnegie Mellon University",
    "festival with kal_diphone and cmu_us_slt_arctic_hts": "BSD-style, University of Edinburgh, "
    "Carnegie Mellon University, Nagoya Institute of Technology",
}
"""What training speech is made with -> licence."""

_SECONDS = 60
"""A text that takes an engine longer has broken it."""
_SAID = "said"


@dataclass(frozen=True, slots=True)
class Speech:
    """What a synthesiser said."""

    pcm: Pcm
    rate: int
    told: tuple[Told, ...]


def spoken(text: str, random: Random, held_out: bool = False) -> Speech:
    """Return a text said by a random voice; held out: by one that training never hears.

    Raises RuntimeError when an engine is missing.
    """
    chance = random.random()
    if chance < 0.5:
        return _by_espeak(text, random, HELD_OUT_VARIANTS if held_out else TRAINING_VARIANTS)
    if chance < 0.8:
        return _by_flite(text, random, FLITE_HELD_OUT if held_out else FLITE)
    return _by_festival(text, random, FESTIVAL_HELD_OUT if held_out else FESTIVAL)


def _by_espeak(text: str, random: Random, variants: tuple[str, ...]) -> Speech:
    said = say(
        text,
        f"{random.choice(ESPEAK)}+{random.choice(variants)}",
        words_per_minute=random.uniform(120, 260),
        pitch=min(95.0, max(5.0, random.gauss(48, 18))),
        pitch_range=random.uniform(15, 90),
    )
    phonemes = [(phoneme.name, phoneme.began) for phoneme in said.phonemes]
    return Speech(said.pcm, said.rate, of_espeak(phonemes, said.seconds))


def _by_flite(text: str, random: Random, names: tuple[str, ...]) -> Speech:
    command = ["flite", "-voice", random.choice(names), "-psdur"]
    command += ["--setf", f"duration_stretch={random.uniform(0.75, 1.3):.2f}"]
    command += ["--setf", f"f0_shift={random.uniform(0.8, 1.25):.2f}"]
    with tempfile.TemporaryDirectory(prefix="menling-flite-") as folder:
        path = Path(folder) / "said.wav"
        try:
            done = subprocess.run(
                [*command, "-t", text, "-o", str(path)],
                capture_output=True,
                check=True,
                timeout=_SECONDS,
                text=True,
            )
        except FileNotFoundError as error:
            raise RuntimeError("flite is missing; install the Debian package flite") from error
        pcm, rate = _sound(path)
    segments = [piece.rpartition(":") for piece in done.stdout.split()]
    return Speech(pcm, rate, of_radio([(name, float(ended)) for name, _, ended in segments]))


def _by_festival(text: str, random: Random, names: tuple[str, ...]) -> Speech:
    name = random.choice(names)
    stretch = random.uniform(0.8, 1.3)
    with tempfile.TemporaryDirectory(prefix="menling-festival-") as folder:
        path, labels = Path(folder) / "said.wav", Path(folder) / "said.lab"
        _festival().run(
            f"(voice_{name})",
            f"(Parameter.set 'Duration_Stretch {stretch:.2f})",
            f'(set! said (SynthText "{text}"))',
            f'(utt.save.wave said "{path}" \'riff)',
            f'(utt.save.segs said "{labels}")',
        )
        pcm, rate = _sound(path)
        rows = labels.read_text(encoding="ascii").splitlines()[1:]
    segments = [(row.split()[2], float(row.split()[0])) for row in rows]
    return Speech(pcm, rate, of_radio(segments))


class _Festival:
    """One festival that stays, for it takes a second to begin."""

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                ["festival", "--pipe"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except FileNotFoundError as error:
            raise RuntimeError(
                "festival is missing; install the Debian packages festival, festvox-kallpc16k, "
                "festvox-kdlpc16k and festvox-us-slt-hts"
            ) from error
        atexit.register(self._close)

    def _close(self) -> None:
        with self._process:
            self._process.kill()

    def run(self, *commands: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(
            "\n".join(commands) + f'\n(format t "{_SAID}\\n")\n(fflush nil)\n'
        )
        self._process.stdin.flush()
        for line in self._process.stdout:
            if _SAID in line:
                return
        raise RuntimeError(f"festival stopped at {commands}; are all its voices installed?")


@cache
def _festival() -> _Festival:
    return _Festival()


def _sound(path: Path) -> tuple[Pcm, int]:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.astype(np.int16), file.getframerate()
