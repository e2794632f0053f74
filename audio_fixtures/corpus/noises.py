"""Sounds around a telephone that are not words, in several variations each. Pure and repeatable."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from audio.pcm import SAMPLE_RATE
from audio_fixtures.line import Samples, at_level, band_limited, generator

Chance = np.random.Generator


def noise(name: str) -> Samples:
    """Return the sound `dog/2`; the number only makes it another dog."""
    recipe, level = RECIPES[name.partition("/")[0]]
    sound = recipe(generator(f"corpus noise {name}"))
    return at_level(band_limited(sound, SAMPLE_RATE), level)


def _clock(seconds: float) -> Samples:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE))


def _hiss(chance: Chance, seconds: float, low: float = 300, high: float = 3400) -> Samples:
    sound = band_limited(
        chance.standard_normal(round(seconds * SAMPLE_RATE)), SAMPLE_RATE, low, high
    )
    return np.asarray(sound / np.std(sound))


def _dying(chance: Chance, seconds: float, low: float, high: float, speed: float) -> Samples:
    """Return a blow: noise that starts hard and dies away."""
    clock = _clock(seconds)
    dying = _hiss(chance, seconds, low, high) * np.exp(-speed * clock)
    return np.asarray(dying * np.minimum(clock * 200, 1))


def _voiced(pitch: Samples, formants: tuple[tuple[float, float], ...]) -> Samples:
    """Return a throat that hums at `pitch` hertz, through resonances (centre, width)."""
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    sound = np.zeros(len(pitch))
    for harmonic in range(1, int(3400 / pitch.mean())):
        hertz = harmonic * pitch
        weight = sum(np.exp(-np.square((hertz - centre) / width)) for centre, width in formants)
        sound += weight * np.sin(harmonic * phase)
    return sound


def _ring(chance: Chance, partials: tuple[float, ...], seconds: float, speed: float) -> Samples:
    clock = _clock(seconds)
    each = [np.sin(2 * np.pi * hertz * clock + chance.random()) for hertz in partials]
    return np.asarray(np.sum(each, axis=0) * np.exp(-speed * clock) * np.minimum(clock * 300, 1))


def _cough(chance: Chance) -> Samples:
    coughs = []
    for _ in range(int(chance.integers(1, 4))):
        length = float(chance.uniform(0.15, 0.3))
        coughs += [_dying(chance, length, 400, 2400, 12), _quiet(float(chance.uniform(0.1, 0.25)))]
    return np.concatenate(coughs)


def _laugh(chance: Chance) -> Samples:
    pitch, parts = float(chance.uniform(140, 280)), []
    for number in range(int(chance.integers(4, 8))):
        clock = _clock(0.11)
        falling = pitch * (1 - 0.04 * number) * (1 - 0.8 * clock)
        laughs = _voiced(falling, ((700, 200), (1200, 250))) * np.hanning(len(clock))
        parts += [laughs / np.std(laughs) + 0.3 * _hiss(chance, 0.11), _quiet(0.07)]
    return np.concatenate(parts)


def _sigh(chance: Chance) -> Samples:
    length = float(chance.uniform(0.7, 1.3))
    breath = _hiss(chance, length, 400, 1800)
    return np.asarray(breath * np.sin(np.pi * np.linspace(0, 1, len(breath)) ** 0.5) ** 2)


def _breath(chance: Chance) -> Samples:
    length = float(chance.uniform(0.4, 0.7))
    breath = _hiss(chance, length, 500, 3000)
    return np.concatenate([breath * np.hanning(len(breath)), _quiet(0.3), 0.6 * _sigh(chance)])


def _throat(chance: Chance) -> Samples:
    clock = _clock(float(chance.uniform(0.25, 0.45)))
    rattle = 1 + np.sign(np.sin(2 * np.pi * chance.uniform(22, 34) * clock))
    return np.asarray(
        _hiss(chance, len(clock) / SAMPLE_RATE, 300, 1200) * rattle * np.hanning(len(clock))
    )


def _sneeze(chance: Chance) -> Samples:
    drawn = _hiss(chance, 0.4, 600, 2500)
    return np.concatenate(
        [0.15 * drawn * np.linspace(0, 1, len(drawn)), _dying(chance, 0.35, 500, 3400, 9)]
    )


def _door(chance: Chance) -> Samples:
    bang = _dying(chance, 0.5, 300, float(chance.uniform(600, 1200)), 14)
    return np.concatenate([0.2 * _dying(chance, 0.06, 900, 2600, 50), bang])


def _knock(chance: Chance) -> Samples:
    gap = _quiet(float(chance.uniform(0.12, 0.25)))
    blows = [_dying(chance, 0.08, 300, 1500, 45) for _ in range(3)]
    return np.concatenate([part for blow in blows for part in (blow, gap)])


def _dog(chance: Chance) -> Samples:
    barks, pitch = [], float(chance.uniform(280, 520))
    for _ in range(int(chance.integers(2, 5))):
        clock = _clock(float(chance.uniform(0.12, 0.2)))
        bark = _voiced(pitch * (1.3 - 2.5 * clock), ((900, 300), (1800, 400))) * np.hanning(
            len(clock)
        )
        barks += [bark / np.std(bark) + 0.5 * _hiss(chance, len(clock) / SAMPLE_RATE, 500, 2500)]
        barks += [_quiet(float(chance.uniform(0.15, 0.5)))]
    return np.concatenate(barks)


def _baby(chance: Chance) -> Samples:
    cries, pitch = [], float(chance.uniform(400, 520))
    for _ in range(2):
        clock = _clock(float(chance.uniform(0.6, 0.9)))
        sweep = pitch * (1 + 0.25 * np.sin(np.pi * clock / clock[-1]))
        cries += [_voiced(sweep, ((1100, 350), (2600, 500))) * np.hanning(len(clock)), _quiet(0.25)]
    return np.concatenate(cries)


def _car(chance: Chance) -> Samples:
    length = float(chance.uniform(2.0, 3.0))
    passing = _hiss(chance, length, 300, 1100)
    return np.asarray(passing * np.hanning(len(passing)) ** 2)


def _horn(chance: Chance) -> Samples:
    length, low = float(chance.uniform(0.25, 0.8)), float(chance.uniform(350, 450))
    clock = _clock(length)
    tone = np.sign(np.sin(2 * np.pi * low * clock)) + np.sign(
        np.sin(2 * np.pi * low * 1.26 * clock)
    )
    return np.asarray(tone * np.minimum(1, np.minimum(clock, length - clock) * 50))


def _siren(chance: Chance) -> Samples:
    clock = _clock(2.2)
    pitch = 800 + 350 * np.sin(2 * np.pi * chance.uniform(0.3, 1.5) * clock)
    return np.asarray(np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE))


def _music(chance: Chance) -> Samples:
    notes, scale = [], 262.0 * 2 ** (np.array([0, 2, 4, 7, 9, 12, 14]) / 12)
    for _ in range(int(chance.integers(6, 10))):
        root = float(chance.choice(scale))
        length = float(chance.choice([0.2, 0.3, 0.45]))
        notes.append(_ring(chance, (root, 2 * root, 3 * root, 1.5 * root), length, 4))
    return np.concatenate(notes)


def _television(chance: Chance) -> Samples:
    """Return a muffled programme: music under applause."""
    tune = _music(chance)
    clapping = _hiss(chance, len(tune) / SAMPLE_RATE, 900, 3000)
    grain = np.repeat(chance.random(len(tune) // 160 + 1), 160)[: len(tune)]
    clapping = np.resize(clapping, len(tune))
    return band_limited(tune / np.std(tune) + clapping * grain, SAMPLE_RATE, 300, 1500)


def _keyboard(chance: Chance) -> Samples:
    keys = []
    for _ in range(int(chance.integers(6, 14))):
        keys += [float(chance.uniform(0.4, 1)) * _dying(chance, 0.03, 1200, 3400, 120)]
        keys += [_quiet(float(chance.uniform(0.06, 0.22)))]
    return np.concatenate(keys)


def _wind(chance: Chance) -> Samples:
    gusts = _hiss(chance, 2.0, 300, 700)
    clock = _clock(2.0)
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * chance.uniform(0.4, 0.9) * clock + 6 * chance.random())
    return np.asarray(gusts * swell[: len(gusts)])


def _water(chance: Chance) -> Samples:
    drops = _hiss(chance, 1.8, 700, 3400)
    grain = np.repeat(0.4 + chance.random(len(drops) // 40 + 1), 40)[: len(drops)]
    return np.asarray(drops * grain)


def _glass(chance: Chance) -> Samples:
    partials = tuple(float(each) for each in chance.uniform(1500, 3300, 5))
    return _ring(chance, partials, 0.5, 9)


def _chime(chance: Chance) -> Samples:
    first = float(chance.uniform(600, 900))
    return np.concatenate(
        [_ring(chance, (first, 2 * first), 0.3, 6), _ring(chance, (first * 0.8,), 0.5, 6)]
    )


def _drill(chance: Chance) -> Samples:
    clock = _clock(float(chance.uniform(0.8, 1.6)))
    hammering = np.maximum(0, np.sin(2 * np.pi * chance.uniform(18, 40) * clock)) ** 3
    return np.asarray(_hiss(chance, len(clock) / SAMPLE_RATE, 500, 3000) * hammering)


def _rustle(chance: Chance) -> Samples:
    paper = _hiss(chance, 1.0, 1500, 3400)
    grain = np.repeat(chance.random(len(paper) // 200 + 1) ** 3, 200)[: len(paper)]
    return np.asarray(paper * grain)


def _scrape(chance: Chance) -> Samples:
    clock = _clock(0.6)
    squeal = _voiced(np.linspace(240, 330, len(clock)), ((1400, 300), (2400, 300)))
    return squeal / np.std(squeal) * np.hanning(len(clock)) + 0.4 * _hiss(chance, 0.6)


def _handling(chance: Chance) -> Samples:
    """Return a receiver that is put down or knocked."""
    bumps = [_dying(chance, 0.12, 300, 900, 30), _quiet(float(chance.uniform(0.05, 0.3)))]
    return np.concatenate([*bumps, 0.5 * _dying(chance, 0.1, 500, 3000, 40)])


RECIPES: Mapping[str, tuple[Callable[[Chance], Samples], float]] = {
    "cough": (_cough, -20),
    "laugh": (_laugh, -22),
    "sigh": (_sigh, -30),
    "breath": (_breath, -32),
    "throat": (_throat, -24),
    "sneeze": (_sneeze, -20),
    "door": (_door, -22),
    "knock": (_knock, -24),
    "dog": (_dog, -24),
    "baby": (_baby, -26),
    "car": (_car, -26),
    "horn": (_horn, -22),
    "siren": (_siren, -28),
    "music": (_music, -28),
    "television": (_television, -30),
    "keyboard": (_keyboard, -28),
    "wind": (_wind, -26),
    "water": (_water, -30),
    "glass": (_glass, -24),
    "chime": (_chime, -26),
    "drill": (_drill, -26),
    "rustle": (_rustle, -28),
    "scrape": (_scrape, -26),
    "handling": (_handling, -20),
}
"""How each sound is made, and its level in dBFS where it is loud."""
