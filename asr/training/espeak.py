"""Speech of espeak-ng by its C library, with the moment at which each phoneme began.

Needs Debian's `libespeak-ng1`. The command line of espeak-ng tells no times; its library does.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from asr.training.language import SILENCE, Pcm, Pronunciation
from processes.sole import claim

_HELD_OUT = "f4 f2 m6 m3 klatt4 Annie Mike steph2 edward belinda Lee grandpa"
_TRAINING = """
Alex Alicia Andrea Andy AnxiousAndy Denis Diogo Gene Gene2 Henrique Hugo Jacky Marco Mario Michael
Mr Nguyen RicishayMax RicishayMax2 RicishayMax3 Storm Tweaky adam anika antonio aunty benjamin boris
caleb david ed edward2 f1 f3 f5 grandma gustave iven iven2 iven3 iven4 john kaukovalta klatt klatt2
klatt3 klatt5 klatt6 linda m1 m2 m4 m5 m7 m8 marcelo max michel miguel norbert pablo paul pedro
quincy robert sandro shelby steph steph3 travis victor whisper
"""

HELD_OUT_VARIANTS = tuple(_HELD_OUT.split())
"""Voice variants that no training may use: what is measured is measured with them."""

TRAINING_VARIANTS = tuple(_TRAINING.split())
"""Without `rob` (libespeak-ng 1.51 crashes with it at a low pitch) and the voices of robots."""

_LIBRARY = "libespeak-ng.so.1"
_RETRIEVAL, _PHONEME_EVENTS = 1, 1  # AUDIO_OUTPUT_RETRIEVAL, espeakINITIALIZE_PHONEME_EVENTS
_END, _PHONEME = 0, 7  # espeakEVENT_LIST_TERMINATED, espeakEVENT_PHONEME
_RATE, _PITCH, _RANGE, _GAP = 1, 3, 4, 7  # espeakRATE, espeakPITCH, espeakRANGE, espeakWORDGAP
_UTF8 = 1
_CLOSURE_SECONDS = 0.0725
"""The closure of a stop belongs to it when it began no longer ago than this."""


class _Identity(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identity),
    )


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class Phoneme:
    """One phoneme as espeak-ng calls it; those that begin with `_` are pauses."""

    began: float
    """Seconds."""
    name: str
    text_position: int
    """Where in the text (characters from 1) its syllable or word began."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What espeak-ng said."""

    pcm: Pcm
    rate: int
    phonemes: tuple[Phoneme, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / self.rate


@dataclass(frozen=True, slots=True)
class Unit:
    """A syllable, word or pause of spoken text."""

    began: float
    ended: float
    phonemes: tuple[Phoneme, ...]
    """Empty: a pause."""


class _Library:
    """The loaded library of this process; it keeps one voice and one text at a time."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(_LIBRARY)
        except OSError as error:
            raise RuntimeError(
                f"{_LIBRARY} is missing; install the Debian packages libespeak-ng1 and "
                "espeak-ng-data"
            ) from error
        claim("libespeak-ng", "the speech of training")
        self._sound: list[Pcm] = []
        self._phonemes: list[tuple[int, str, int]] = []
        self._callback = _CALLBACK(self._heard)
        self.rate = int(self._library.espeak_Initialize(_RETRIEVAL, 200, None, _PHONEME_EVENTS))
        self._library.espeak_SetSynthCallback(self._callback)

    def _heard(self, samples: object, count: int, events: object) -> int:
        if count > 0 and samples:
            view = np.ctypeslib.as_array(samples, shape=(count,))
            self._sound.append(view.astype(np.int16))
        number = 0
        while (event := events[number]).type != _END:  # type: ignore[index]
            if event.type == _PHONEME:
                name = event.id.string.decode("utf-8", "replace")
                self._phonemes.append((event.sample, name, event.text_position))
            number += 1
        return 0

    def say(self, text: str, voice: str, settings: Sequence[tuple[int, int]]) -> Spoken:
        self._sound.clear()
        self._phonemes.clear()
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}; see espeak-ng --voices")
        for parameter, value in settings:
            self._library.espeak_SetParameter(parameter, value, 0)
        data = text.encode()
        self._library.espeak_Synth(data, ctypes.c_size_t(len(data) + 1), 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        pcm = np.concatenate(self._sound) if self._sound else np.zeros(0, np.int16)
        return Spoken(
            pcm, self.rate, tuple(Phoneme(t / self.rate, n, p) for t, n, p in self._phonemes)
        )


@cache
def _library() -> _Library:
    return _Library()


def say(
    text: str,
    voice: str,
    words_per_minute: float = 170,
    pitch: float = 50,
    pitch_range: float = 50,
    word_gap: int = 0,
) -> Spoken:
    """Return the text spoken by a voice, `cmn-latn-pinyin+f1`; raises ValueError for no such voice.

    Pitch and its range go from 0 to 99, the gap between words is in units of 10 ms. Raises
    EngineTakenError where the synthesiser of calls has started libespeak-ng, which would hang.
    """
    return _library().say(
        text,
        voice,
        (
            (_RATE, int(words_per_minute)),
            (_PITCH, int(pitch)),
            (_RANGE, int(pitch_range)),
            (_GAP, word_gap),
        ),
    )


def units(spoken: Spoken) -> tuple[Unit, ...]:
    """Return the syllables or words that were said, and the pauses, without gaps between them."""
    starts: list[float] = []
    members: list[list[Phoneme]] = []
    closure: float | None = None
    for phoneme in spoken.phonemes:
        if phoneme.name == "_|":
            closure = phoneme.began
            continue
        if phoneme.name.startswith("_"):
            starts.append(phoneme.began)
            members.append([])
        elif members and members[-1] and members[-1][0].text_position == phoneme.text_position:
            members[-1].append(phoneme)
        else:
            close = closure is not None and phoneme.began - closure < _CLOSURE_SECONDS
            starts.append(closure if close and closure is not None else phoneme.began)
            members.append([phoneme])
        closure = None
    edges = [*starts, spoken.seconds]
    return tuple(
        Unit(began, ended, tuple(inside))
        for (began, ended), inside in zip(pairwise(edges), members, strict=True)
    )


def syllable_segments(
    spoken: Spoken, syllables: Sequence[Pronunciation]
) -> tuple[tuple[str, float, float], ...]:
    """Return when each phone of syllables of one or two phones was said; () when they don't match.

    A syllable has one phone, or two of which the first is short: an initial and a final.
    """
    said = units(spoken)
    if sum(1 for unit in said if unit.phonemes) != len(syllables):
        return ()
    return tuple(_segments(said, iter(syllables)))


_GLIDES = ("y", "w")
_GLIDE_NAMES = ("j", "w")


def _segments(
    said: Sequence[Unit], syllables: Iterator[Pronunciation]
) -> Iterator[tuple[str, float, float]]:
    for unit in said:
        if not unit.phonemes:
            yield SILENCE, unit.began, unit.ended
            continue
        phones = next(syllables)
        if len(phones) == 1:
            yield phones[0], unit.began, unit.ended
            continue
        middle = _end_of_initial(unit, phones[0])
        yield phones[0], unit.began, middle
        yield phones[1], middle, unit.ended


def _end_of_initial(unit: Unit, initial: str) -> float:
    """Return where the final begins; espeak-ng may have swallowed the glide of yi or wu."""
    length = unit.ended - unit.began
    second = unit.phonemes[1].began if len(unit.phonemes) > 1 else None
    swallowed = unit.phonemes[0].name[:1] not in _GLIDE_NAMES
    if initial in _GLIDES and (second is None or swallowed):
        return unit.began + min(0.3 * length, 0.06)
    return second if second is not None else unit.began + 0.35 * length
