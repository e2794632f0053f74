"""Which signal a telephone network makes: told by its rhythm, in audio time.

    frames    ######.......######.......######        450 Hz, 0.35 s on, 0.35 s off
    segments  tone   quiet  tone   quiet  tone..
                                          ^ busy: the rhythm has been kept for long enough

A frame is a tone when nearly all its energy lies in one band, quiet, or something else; anything
else (a voice, a melody) breaks the rhythm. A plan fits when the last segments follow it, within
what exchanges and frames of 20 ms leave uncertain; of several the closest is taken.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from audio.level import QUIETEST_DBFS, dbfs, power_lines
from audio.pcm import FRAME_SECONDS, Frame


class CallTone(StrEnum):
    """What a signal means."""

    RINGBACK = "ringback"
    BUSY = "busy"
    CONGESTION = "congestion"
    VACANT = "vacant"
    """The number is not in use."""
    SPECIAL_INFORMATION = "special_information"
    """Three rising tones: an announcement follows that says why the call fails."""
    FAX = "fax"
    """A fax machine calls (1100 Hz) or answers (2100 Hz), ITU-T T.30."""


SLIVER_FRAMES = 2
"""Shorter than any part of a plan: the edge of a tone, or the beat of two."""


class Band(StrEnum):
    """Where the energy of a signal lies."""

    LOW = "low"
    """400 to 480 Hz, alone or in pairs: most call progress tones of the world."""
    PAIR = "pair"
    """480 and 620 Hz together: North America."""
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FAX_CALLS = "fax_calls"
    FAX_ANSWERS = "fax_answers"


BANDS_HZ = {
    Band.LOW: (350.0, 525.0),
    Band.PAIR: (430.0, 670.0),
    Band.FIRST: (875.0, 1000.0),
    Band.SECOND: (1325.0, 1475.0),
    Band.THIRD: (1725.0, 1875.0),
    Band.FAX_CALLS: (1025.0, 1175.0),
    Band.FAX_ANSWERS: (2025.0, 2175.0),
}

_BANDS = tuple(BANDS_HZ)
_BELOW = np.array([round(low / 25) - 1 for low, _ in BANDS_HZ.values()])
_HIGHEST = np.array([round(high / 25) for _, high in BANDS_HZ.values()])
"""Lines of the spectrum: the one below each band, and the highest in it."""

_OVERLAP = 2.0
"""Lines of 25 Hz explain the energy of a frame so often: it tells 50 Hz apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a rhythm."""

    band: Band | None
    """None: silence."""
    seconds: float


@dataclass(frozen=True, slots=True)
class TonePlan:
    """How a country's exchanges make a signal."""

    tone: CallTone
    country: str
    parts: tuple[Part, ...]
    """Repeated from the start."""
    bursts: int
    """Tones that must have been heard in full."""
    pause_seconds: float = 0.0
    """Silence that must have followed the last one."""
    held_seconds: float = 0.0
    """A tone without a rhythm: known once it has lasted so long."""


def _plan(
    tone: CallTone,
    country: str,
    band: Band,
    *seconds: float,
    bursts: int,
    pause_seconds: float = 0.0,
) -> TonePlan:
    parts = tuple(Part(None if at % 2 else band, each) for at, each in enumerate(seconds))
    return TonePlan(tone, country, parts, bursts, pause_seconds)


PLANS: tuple[TonePlan, ...] = (
    # China, GB/T 3380: 450 Hz.
    _plan(CallTone.RINGBACK, "CN", Band.LOW, 1.0, 4.0, bursts=1, pause_seconds=1.2),
    _plan(CallTone.BUSY, "CN", Band.LOW, 0.35, 0.35, bursts=3),
    _plan(CallTone.CONGESTION, "CN", Band.LOW, 0.7, 0.7, bursts=2),
    _plan(CallTone.VACANT, "CN", Band.LOW, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4, bursts=5),
    # Europe, ETSI TR 101 041: 425 Hz.
    _plan(CallTone.BUSY, "EU", Band.LOW, 0.5, 0.5, bursts=3),
    _plan(CallTone.CONGESTION, "EU", Band.LOW, 0.2, 0.2, bursts=4),
    # United Kingdom, BT SIN 350: 400 Hz, 400 + 450 Hz.
    _plan(CallTone.RINGBACK, "GB", Band.LOW, 0.4, 0.2, 0.4, 2.0, bursts=2, pause_seconds=0.8),
    _plan(CallTone.CONGESTION, "GB", Band.LOW, 0.4, 0.35, 0.225, 0.525, bursts=3),
    # North America, ITU-T E.180 supplement 2: 440 + 480 Hz, 480 + 620 Hz.
    _plan(CallTone.RINGBACK, "US", Band.LOW, 2.0, 4.0, bursts=1, pause_seconds=1.2),
    _plan(CallTone.BUSY, "US", Band.PAIR, 0.5, 0.5, bursts=2),
    _plan(CallTone.CONGESTION, "US", Band.PAIR, 0.25, 0.25, bursts=3),
    # Everywhere: ITU-T E.180 and T.30. An answering machine's beep is like one fax call tone.
    TonePlan(
        CallTone.SPECIAL_INFORMATION,
        "",
        (
            Part(Band.FIRST, 0.33),
            Part(Band.SECOND, 0.33),
            Part(Band.THIRD, 0.33),
            Part(None, 1.0),
        ),
        bursts=3,
    ),
    _plan(CallTone.FAX, "", Band.FAX_CALLS, 0.5, 3.0, bursts=2),
    TonePlan(CallTone.FAX, "", (Part(Band.FAX_ANSWERS, math.inf),), bursts=0, held_seconds=1.5),
)
"""The signals we know."""

FAX_PLANS: tuple[TonePlan, ...] = (
    _plan(CallTone.FAX, "", Band.FAX_CALLS, 0.5, 3.0, bursts=1, pause_seconds=0.4),
    TonePlan(CallTone.FAX, "", (Part(Band.FAX_ANSWERS, math.inf),), bursts=0, held_seconds=0.8),
)
"""A fax known sooner, where nobody has spoken before it: a single call tone is like a beep."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal that was recognised."""

    tone: CallTone
    country: str
    """ISO 3166 code of the plan that fits best; empty for an international one."""
    at: float
    """Seconds of audio heard when it was sure."""


@dataclass(frozen=True, slots=True)
class CadenceSettings:
    """How exact a rhythm must be."""

    share: float = 0.72
    """Part of a frame's energy within one band that makes it a tone."""
    quietest_dbfs: float = -45.0
    """Softer tones are not looked at."""
    drop_db: float = 9.0
    """So much softer than the tone before it, a frame is quiet."""
    tolerance_seconds: float = 0.05
    tolerance_share: float = 0.15
    """A part may differ from the plan by either, whichever is more."""


@dataclass(slots=True)
class _Segment:
    band: Band | None
    frames: int

    @property
    def seconds(self) -> float:
        return self.frames * FRAME_SECONDS


class CadenceDetector:
    """Finds the signals of a network; frames in, its clock is their number."""

    def __init__(
        self, settings: CadenceSettings | None = None, plans: tuple[TonePlan, ...] = PLANS
    ) -> None:
        self._settings = settings or CadenceSettings()
        self._plans = plans
        self._segments = deque[_Segment](maxlen=18)
        self._heard = 0
        self._level = QUIETEST_DBFS
        """Of the last tone, in dBFS."""
        self._strange = 0
        """Frames in a row that were neither tone nor quiet."""
        self._told: CallTone | None = None

    def hear(self, frame: Frame) -> Signal | None:
        """Take one frame; return the signal once it is sure, and again after each interruption."""
        self._heard += 1
        level = dbfs(frame)
        if level >= self._settings.quietest_dbfs:
            band = self._band(frame)
            if band is not None:
                # Its last frame, part silence, must not lower what quiet is measured by.
                new = not self._segments or self._segments[-1].band is not band
                self._level = level if new else max(self._level, level)
                self._strange = 0
                return self._lengthen(band)
        if level < max(self._settings.quietest_dbfs, self._level - self._settings.drop_db):
            self._strange = 0
            return self._lengthen(None)
        # The edges of a tone and the beat of two are strange for a frame or two.
        self._strange += 1
        if self._strange > SLIVER_FRAMES or not self._segments:
            self._segments.clear()
            self._told = None
        else:
            self._segments[-1].frames += 1
        return None

    def _band(self, frame: Frame) -> Band | None:
        up_to = power_lines(frame).cumsum()
        shares = (up_to[_HIGHEST] - up_to[_BELOW]) / _OVERLAP
        segment = self._segments[-1] if self._segments else None
        running = segment.band if segment and segment.frames > SLIVER_FRAMES else None
        # A pair that beats leans to one band and then to another.
        if running is not None and shares[_BANDS.index(running)] >= self._settings.share:
            return running
        best = int(shares.argmax())
        return _BANDS[best] if shares[best] >= self._settings.share else None

    def _lengthen(self, band: Band | None) -> Signal | None:
        if not self._is_going_on(band):
            self._give_away_sliver()
        if self._is_going_on(band):
            self._segments[-1].frames += 1
        elif band is not None or self._segments:
            self._segments.append(_Segment(band, 1))
        return self._signal()

    def _is_going_on(self, band: Band | None) -> bool:
        return bool(self._segments) and self._segments[-1].band is band

    def _give_away_sliver(self) -> None:
        """Give a frame or two, a mixture or the beat of two tones, to the segment before it."""
        if len(self._segments) > 1 and self._segments[-1].frames <= SLIVER_FRAMES:
            self._segments[-2].frames += self._segments.pop().frames

    def _signal(self) -> Signal | None:
        fits = [(self._misfit(plan), at) for at, plan in enumerate(self._plans)]
        misfit, best = min(fits, default=(math.inf, 0))
        if misfit == math.inf or self._plans[best].tone is self._told:
            return None
        self._told = self._plans[best].tone
        return Signal(self._told, self._plans[best].country, self._heard * FRAME_SECONDS)

    def _misfit(self, plan: TonePlan) -> float:
        """Return how far the last segments are from a plan: a mean share, infinite if it isn't."""
        if not self._segments:
            return math.inf
        running = self._segments[-1]
        if plan.held_seconds:
            held = running.band is plan.parts[0].band and running.seconds >= plan.held_seconds
            return 0.0 if held else math.inf
        return min(
            (
                self._misfit_from(plan, place)
                for place, part in enumerate(plan.parts)
                if part.band is running.band
            ),
            default=math.inf,
        )

    def _misfit_from(self, plan: TonePlan, place: int) -> float:
        """Return the misfit when the running segment is the plan's part number `place`."""
        running, count = self._segments[-1], len(plan.parts)
        wanted = plan.parts[place]
        if running.seconds > wanted.seconds + self._tolerance(wanted) and running.band is not None:
            return math.inf
        off, bursts, closed = 0.0, 0, 0
        for back, segment in enumerate(list(self._segments)[-2::-1], start=1):
            part = plan.parts[(place - back) % count]
            away = abs(segment.seconds - part.seconds)
            if segment.band is not part.band or away > self._tolerance(part):
                break
            off += away / part.seconds
            closed += 1
            bursts += part.band is not None
        if bursts < plan.bursts or (running.band is None and running.seconds < plan.pause_seconds):
            return math.inf
        if running.band is not None and plan.pause_seconds:
            return math.inf
        return off / closed

    def _tolerance(self, part: Part) -> float:
        return max(self._settings.tolerance_seconds, part.seconds * self._settings.tolerance_share)
