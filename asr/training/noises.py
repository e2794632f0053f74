"""Sounds that are not speech: backgrounds to speak over, and events that must not become words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from asr.training.features import Floats, Wide
from asr.training.takes import good_size

Sound = Callable[[Generator, int, int], Wide]
"""(dice, samples wanted, rate) -> samples; the level doesn't matter."""

_DTMF = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))
_TONES = ((450,), (440, 480), (425,), (400, 450), (950,), (1400,), (1800,), (350, 440), (480, 620))
_CADENCES = ((1.0, 4.0), (0.35, 0.35), (0.7, 0.7), (0.4, 0.4), (2.0, 4.0), (0.1, 0.1), (9.0, 0.0))
"""Seconds of tone and of silence: ringback, busy, congestion, special (YD/T 1045, ITU-T E.180)."""


def _times(samples: int, rate: int) -> Wide:
    return np.arange(samples) / rate


def _tone(dice: Generator, samples: int, rate: int, frequencies: Sequence[float]) -> Wide:
    times = _times(samples, rate)
    heard = [f for f in frequencies if f < 0.48 * rate]
    total: Wide = np.zeros(samples)
    for frequency in heard:
        total += np.sin(2 * np.pi * frequency * times + dice.uniform(0, 6))
    return total


def _levelled(sound: Wide) -> Wide:
    """Return the sound with a mean square of 1."""
    levelled: Wide = sound / (sound.std() + 1e-9)
    return levelled


def coloured(dice: Generator, samples: int, rate: int, slope: float) -> Wide:
    """Return noise whose power falls with frequency to the power of `slope` (0 white, 1 pink)."""
    size = good_size(samples)
    spectrum = np.fft.rfft(dice.standard_normal(size))
    spectrum /= np.maximum(np.fft.rfftfreq(size, 1 / rate), 30.0) ** (slope / 2)
    return _levelled(np.fft.irfft(spectrum, size)[:samples])


def _shaped(dice: Generator, samples: int, rate: int, peaks: Sequence[tuple[float, float]]) -> Wide:
    """Return noise with resonances at (Hz, width in Hz)."""
    size = good_size(samples)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    shape = sum(1.0 / (1.0 + ((frequencies - peak) / width) ** 2) for peak, width in peaks)
    spectrum = np.fft.rfft(dice.standard_normal(size)) * shape
    return _levelled(np.fft.irfft(spectrum, size)[:samples])


def _slow(dice: Generator, samples: int, low: float, high: float, knots: int = 8) -> Wide:
    """Return a curve that wanders between two values."""
    levels = dice.uniform(low, high, knots)
    return np.interp(np.arange(samples), np.linspace(0, samples, knots), levels)


def white(dice: Generator, samples: int, rate: int) -> Wide:
    """Return white noise."""
    return coloured(dice, samples, rate, 0.0)


def pink(dice: Generator, samples: int, rate: int) -> Wide:
    """Return pink noise."""
    return coloured(dice, samples, rate, 1.0)


def brown(dice: Generator, samples: int, rate: int) -> Wide:
    """Return brown noise."""
    return coloured(dice, samples, rate, 2.0)


def hum(dice: Generator, samples: int, rate: int) -> Wide:
    """Return the hum of mains or a machine with some hiss."""
    base, times = dice.uniform(45, 130), _times(samples, rate)
    total = 0.2 * dice.standard_normal(samples)
    for k in range(1, 12):
        phase = dice.uniform(0, 6)
        total += dice.uniform(0.1, 1) / k * np.sin(2 * np.pi * base * k * times + phase)
    return total


def street(dice: Generator, samples: int, rate: int) -> Wide:
    """Return rumble that comes and goes."""
    return brown(dice, samples, rate) * _slow(dice, samples, 0.2, 1.5) + 0.1 * white(
        dice, samples, rate
    )


def lorry(dice: Generator, samples: int, rate: int) -> Wide:
    """Return an engine that passes: harmonics of 25 to 90 Hz, faster and slower."""
    speed = np.cumsum(_slow(dice, samples, 25, 90)) / rate
    total = 0.5 * brown(dice, samples, rate)
    for k in range(1, 25):
        total += dice.uniform(0.2, 1) / k**0.7 * np.sin(2 * np.pi * k * speed + dice.uniform(0, 6))
    return total * _slow(dice, samples, 0.1, 1.5, 5)


def cadence(dice: Generator, samples: int, rate: int) -> Wide:
    """Return ringback, busy or another tone of the network."""
    on, off = _CADENCES[dice.integers(len(_CADENCES))]
    pitch = dice.uniform(0.97, 1.03)
    pair = [f * pitch for f in _TONES[dice.integers(len(_TONES))]]
    when = (_times(samples, rate) + dice.uniform(0, on + off)) % (on + off)
    return _tone(dice, samples, rate, pair) * (when < on)


def keys(dice: Generator, samples: int, rate: int) -> Wide:
    """Return key tones."""
    total = np.zeros(samples)
    place = int(dice.uniform(0, 0.5) * rate)
    while place < samples:
        length = min(int(dice.uniform(0.06, 0.3) * rate), samples - place)
        pair = [row[dice.integers(4)] for row in _DTMF]
        total[place : place + length] = _tone(dice, length, rate, pair)
        place += length + int(dice.uniform(0.05, 0.8) * rate)
    return total


def beep(dice: Generator, samples: int, rate: int) -> Wide:
    """Return one beep, steady or gliding."""
    total = np.zeros(samples)
    length = min(int(dice.uniform(0.08, 1.2) * rate), samples)
    place = int(dice.uniform(0, samples - length + 1))
    begin = dice.uniform(300, 2200)
    glide = np.linspace(begin, begin * dice.choice([1, 1, 0.6, 1.6]), length)
    total[place : place + length] = np.sin(2 * np.pi * np.cumsum(glide) / rate)
    return total


def melody(dice: Generator, samples: int, rate: int) -> Wide:
    """Return notes with harmonics, one or a chord at a time, as colour ringback has."""
    total = np.zeros(samples)
    place = 0
    while place < samples:
        length = min(int(dice.uniform(0.1, 0.6) * rate), samples - place)
        fade = np.exp(-_times(length, rate) * dice.uniform(0, 8))
        for _ in range(dice.integers(1, 4)):
            note = 110 * 2 ** (dice.integers(0, 40) / 12)
            for k in range(1, 1 + dice.integers(1, 7)):
                total[place : place + length] += _tone(dice, length, rate, [note * k]) * fade / k
        place += length
    hiss = float(dice.choice([0.0, 0.2]))
    return total + hiss * pink(dice, samples, rate)


def clicks(dice: Generator, samples: int, rate: int) -> Wide:
    """Return knocks, clicks and crackles."""
    total = np.zeros(samples)
    for _ in range(dice.integers(1, 12)):
        length = min(int(dice.uniform(0.007, 0.25) * rate), samples)
        place = dice.integers(0, samples - length + 1)
        decay = np.exp(-np.arange(length) / (dice.uniform(0.002, 0.08) * rate))
        total[place : place + length] += dice.standard_normal(length) * decay * dice.uniform(0.2, 2)
    return total


def cough(dice: Generator, samples: int, rate: int) -> Wide:
    """Return coughs or a cleared throat: a burst, and sometimes a rough voice after it."""
    total = np.zeros(samples)
    place = int(dice.uniform(0, 0.3) * samples)
    for _ in range(dice.integers(1, 5)):
        length = int(dice.uniform(0.12, 0.45) * rate)
        peaks = [(dice.uniform(350, 900), 200.0), (dice.uniform(1000, 2600), 350.0)]
        burst = _shaped(dice, length, rate, [*peaks, (2000.0, 2500.0)])
        when = _times(length, rate)
        attack = np.minimum(1.0, when / dice.uniform(0.004, 0.03))
        burst *= attack * np.exp(-when / dice.uniform(0.04, 0.16))
        if dice.random() < 0.5:
            pitch = np.cumsum(dice.uniform(90, 280) * _slow(dice, length, 0.8, 1.2)) / rate
            rough = np.sign(np.sin(2 * np.pi * pitch)) * _slow(dice, length, 0.2, 1.0)
            burst += 0.4 * rough * np.exp(-((when - 0.6 * when[-1]) ** 2) / 0.004)
        end = min(place + length, samples)
        total[place:end] += burst[: end - place]
        place = end + int(dice.uniform(0.02, 0.5) * rate)
        if place >= samples:
            break
    return total


def laugh(dice: Generator, samples: int, rate: int) -> Wide:
    """Return a laugh: breathy vowels, three to seven a second, falling in pitch and loudness."""
    total = np.zeros(samples)
    place = int(dice.uniform(0, 0.4) * samples)
    pitch, rhythm = dice.uniform(110, 420), dice.uniform(0.14, 0.32)
    mouth = ((dice.uniform(350, 950), 150.0), (dice.uniform(900, 1900), 250.0))
    share, breathy = dice.uniform(0.35, 0.7), dice.uniform(0.1, 0.8)
    for burst in range(dice.integers(2, 10)):
        length = int(rhythm * share * dice.uniform(0.8, 1.2) * rate)
        if place + length >= samples:
            break
        curve = pitch * _slow(dice, length, 0.92, 1.08, 3) * dice.uniform(0.95, 1.0) ** burst
        phase = 2 * np.pi * np.cumsum(curve) / rate
        voice = np.zeros(length)
        for k in range(1, int(0.45 * rate / pitch)):
            weight = sum(1 / (1 + ((k * pitch - peak) / width) ** 2) for peak, width in mouth)
            voice += weight * np.sin(k * phase)
        hiss = _shaped(dice, length, rate, [*mouth, (1800.0, 1500.0)])
        sound = _levelled(voice) + breathy * hiss
        total[place : place + length] += sound * np.hanning(length) * 0.93**burst
        place += int(rhythm * dice.uniform(0.85, 1.15) * rate)
    return total


def breath(dice: Generator, samples: int, rate: int) -> Wide:
    """Return breaths, sighs and wind on the microphone."""
    peaks = [(dice.uniform(300, 1200), 300.0), (dice.uniform(1200, 3000), 800.0)]
    wind = _shaped(dice, samples, rate, peaks)
    period = dice.uniform(0.5, 2.5)
    wave = np.sin(2 * np.pi * (_times(samples, rate) / period + dice.uniform(0, 1)))
    return wind * np.maximum(0.02, wave) ** dice.uniform(0.7, 2)


def murmur(dice: Generator, samples: int, rate: int) -> Wide:
    """Return a voice behind a closed mouth, too long for a word: harmonics that soon fade away."""
    total = np.zeros(samples)
    length = min(int(dice.uniform(0.6, 2.5) * rate), samples)
    place = int(dice.uniform(0, samples - length + 1))
    pitch = np.cumsum(dice.uniform(80, 300) * _slow(dice, length, 0.95, 1.05)) / rate
    base = float(np.diff(pitch).mean()) * rate
    mouth, width, leak = dice.uniform(200, 450), dice.uniform(60, 200), dice.uniform(0, 0.1)
    for k in range(1, int(0.45 * rate / base)):
        weight = np.exp(-(((k * base - mouth) / width) ** 2)) + leak / k
        total[place : place + length] += weight * np.sin(2 * np.pi * k * pitch)
    edge = max(2, min(int(dice.uniform(0.003, 0.2) * rate), length // 2))
    ramp = np.linspace(0, 1, edge)
    total[place : place + edge] *= ramp
    total[place + length - edge : place + length] *= ramp[::-1]
    total[place : place + length] *= _slow(dice, length, 0.6, 1.0)
    return total


def horn(dice: Generator, samples: int, rate: int) -> Wide:
    """Return a horn or a door bell."""
    base = dice.uniform(250, 900)
    ratio = dice.choice([1.26, 1.19, 1.5])
    notes = [base * k for k in range(1, 6)] + [base * ratio * k for k in range(1, 5)]
    when = (_times(samples, rate) + dice.uniform(0, 1)) % dice.uniform(0.5, 3)
    return _tone(dice, samples, rate, notes) * (when < dice.uniform(0.1, 1.2))


BACKGROUNDS: tuple[Sound, ...] = (
    white, pink, pink, brown, hum, hum, street, street, street, lorry, lorry, breath,
)  # fmt: skip
EVENTS: tuple[Sound, ...] = (
    cadence, cadence, cadence, keys, beep, beep, melody, melody, clicks, clicks, cough, cough,
    cough, laugh, laugh, breath, breath, horn, lorry, lorry, murmur, murmur, murmur, murmur, murmur,
)  # fmt: skip


def event(dice: Generator, samples: int, rate: int) -> Floats:
    """Return some event, its loudest moment at 1."""
    sound = EVENTS[dice.integers(len(EVENTS))](dice, samples, rate)
    loudest: Floats = (sound / (np.abs(sound).max() + 1e-9)).astype(np.float32)
    return loudest


def background(dice: Generator, samples: int, rate: int) -> Floats:
    """Return some background with a mean square of 1."""
    sound = BACKGROUNDS[dice.integers(len(BACKGROUNDS))](dice, samples, rate)
    return _levelled(sound).astype(np.float32)


def babble(dice: Generator, samples: int, voices: Sequence[Floats]) -> Floats:
    """Return several voices at once with a mean square of 1."""
    total = np.zeros(samples, np.float32)
    for _ in range(dice.integers(2, 10)):
        voice = voices[int(dice.integers(len(voices)))]
        place = dice.integers(len(voice))
        total += np.take(voice, np.arange(place, place + samples), mode="wrap")
    mixed: Floats = total / (total.std() + np.float32(1e-9))
    return mixed
