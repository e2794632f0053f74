"""A row in the making: takes and pauses put one after the other, with their labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from asr.training.noises import event
from asr.training.takes import Take


class Tape:
    """Sound and labels while a row is being put together; times in samples at normal speed."""

    def __init__(self, length: int) -> None:
        self.sound = np.zeros(length, np.float32)
        self.place = 0
        self.pdfs = [0]
        self.times = [-np.inf]

    @property
    def is_full(self) -> bool:
        """Whether there is no room left."""
        return self.place >= len(self.sound)

    def pause(self, samples: float, dice: Generator, rate: int) -> None:
        """Leave a gap; now and then something that is not speech happens in it."""
        length = int(samples)
        if length > 0.15 * rate and dice.random() < 0.15 and not self.is_full:
            end = min(self.place + length, len(self.sound))
            loudness = 10 ** dice.uniform(2.6, 4.2)
            self.sound[self.place : end] += loudness * event(dice, end - self.place, rate)
        self.place += length

    def put(self, take: Take, began: int, ended: int, shortest: float, gain: float = 1.0) -> None:
        """Put part of a take on the tape with its labels."""
        if self.is_full or take.alignment is None:
            return
        length = min(ended - began, len(self.sound) - self.place)
        self.sound[self.place : self.place + length] += gain * take.pcm[began : began + length]
        pdfs, starts = take.alignment.pdfs, spread(take.alignment.starts, shortest)
        first = max(0, int(np.searchsorted(starts, began, "right")) - 1)
        last = int(np.searchsorted(starts, ended, "left"))
        for pdf, start in zip(pdfs[first:last], starts[first:last], strict=True):
            self.pdfs.append(int(pdf))
            self.times.append(self.place + max(0.0, start - began))
        self.place += ended - began
        self.pdfs.append(0)
        self.times.append(self.place)


def spread(starts: npt.NDArray[np.float64], shortest: float) -> npt.NDArray[np.float64]:
    """Return the starts moved later where one lasts shorter than `shortest` samples."""
    steps = np.arange(len(starts)) * shortest
    moved: npt.NDArray[np.float64] = np.maximum.accumulate(starts - steps) + steps
    return moved


def speech_span(take: Take, before: float, after: float) -> tuple[int, int]:
    """Return where the speech of an aligned take is, with so many samples around it."""
    if take.alignment is None:
        return 0, len(take.pcm)
    pdfs, starts = take.alignment.pdfs, take.alignment.starts
    began = starts[1] if pdfs[0] == 0 and len(starts) > 1 else max(0.0, float(starts[0]))
    ended = starts[-1] if pdfs[-1] == 0 else len(take.pcm)
    return max(0, int(began - before)), min(len(take.pcm), int(ended + after))
