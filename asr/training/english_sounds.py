"""The sounds of American English, and when each was said by a synthesiser that names its own.

Phones are those of the CMU Pronouncing Dictionary (ARPAbet) without stress.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from asr.training.language import SILENCE, PhoneSet, Pronunciation

_SHORT_VOWELS = "AH IH UH"
_VOWELS = "AA AE AO EH ER EY IY OW UW"
_LONG_VOWELS = "AW AY OY"
_CONSONANTS = "B D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH CH"

PHONES = PhoneSet(
    {
        SILENCE: 1,
        **dict.fromkeys(_CONSONANTS.split(), 1),
        **dict.fromkeys(_SHORT_VOWELS.split(), 1),
        **dict.fromkeys(_VOWELS.split(), 2),
        **dict.fromkeys(_LONG_VOWELS.split(), 3),
    }
)
"""A state lasts 30 ms at least, so what may be as short as that has one."""

Told = tuple[str, float, float]
"""Phone or SIL as the synthesiser meant it, began, ended, in seconds."""

_ESPEAK = {
    **{"p": "P", "b": "B", "t": "T", "t#": "T", "t2": "T", "?": "T", "d": "D", "k": "K", "g": "G"},
    **{"tS": "CH", "dZ": "JH", "f": "F", "v": "V", "T": "TH", "D": "DH", "s": "S", "z": "Z"},
    **{"S": "SH", "Z": "ZH", "h": "HH", "m": "M", "n": "N", "n-": "AH N", "N": "NG", "l": "L"},
    **{"r": "R", "r-": "R", "j": "Y", "w": "W", "w#": "W", "@L": "AH L", "I": "IH", "I#": "IH"},
    **{"I2": "IH", "i": "IY", "i:": "IY", "E": "EH", "a": "AE", "aa": "AE", "0": "AA", "A:": "AA"},
    **{"V": "AH", "@": "AH", "@2": "AH", "@-": "AH", "a#": "AH", "3": "ER", "3:": "ER"},
    **{"VR": "ER", "IR": "ER", "U": "UH", "u:": "UW", "O:": "AO", "O2": "AO", "eI": "EY"},
    **{"aI": "AY", "aI2": "AY", "OI": "OY", "oU": "OW", "aU": "AW", "A@": "AA R", "e@": "EH R"},
    **{"i@3": "IH R", "i@": "IY AH", "o@": "AO R", "O@": "AO R", "U@": "UH R"},
    **{"aI@": "AY ER", "aI3": "AY ER"},
}
"""Phonemes of espeak-ng's en-us and en-gb-scotland; those that are missing have no sound."""

_RADIO = {"ax": "AH", "axr": "ER", "hv": "HH", "el": "AH L", "em": "AH M", "en": "AH N"}
"""What flite and festival call otherwise; `pau` and the like are silence."""
_RADIO_SILENCES = frozenset({"pau", "brth", "h#", "#", "ssil", "sil"})

_ALIKE = frozenset(
    frozenset(pair.split("/"))
    for pair in (
        *("T/D", "S/Z", "F/V", "TH/DH", "P/B", "K/G", "CH/JH", "SH/ZH", "N/NG", "M/N", "D/DH"),
        *("AH/IH", "AH/EH", "AH/AE", "AH/AA", "AH/UH", "AH/ER", "AH/AO", "AH/UW", "AH/OW"),
        *("IH/IY", "IH/EH", "AA/AO", "AO/OW", "UH/UW", "ER/R", "EH/AE", "EH/EY", "IH/UW", "AA/AE"),
    )
)
_NEAR, _VOWEL, _CONSONANT, _UNLIKE = 0.3, 0.6, 1.0, 1.5
_UNSAID, _UNASKED = 0.7, 0.7
"""Costs of a phone of the dictionary that was not said, and of one said that it doesn't have."""
_WORST = 0.3
"""Mean cost of a phone above which a text was said too differently."""


def is_vowel(phone: str) -> bool:
    """Return whether the phone is a vowel, ER included."""
    return phone[0] in "AEIOU"


def of_espeak(phonemes: Sequence[tuple[str, float]], ended: float) -> tuple[Told, ...]:
    """Return phonemes of espeak-ng, each with its beginning, as phones; pauses as silence."""
    named: list[tuple[str, float]] = []
    for name, began in phonemes:
        if name.startswith("_"):
            named.append((SILENCE, began))
        elif name in _ESPEAK:
            named.append((_ESPEAK[name], began))
    return _split(named, ended)


def of_radio(segments: Sequence[tuple[str, float]]) -> tuple[Told, ...]:
    """Return segments of flite or festival, each with its end, as phones."""
    began = 0.0
    named: list[tuple[str, float]] = []
    for name, ended in segments:
        silent = name in _RADIO_SILENCES
        named.append((SILENCE if silent else _RADIO.get(name, name.upper()), began))
        began = ended
    return _split(named, began)


def _split(named: Sequence[tuple[str, float]], ended: float) -> tuple[Told, ...]:
    """Share the time of what stands for two phones among them."""
    found: list[Told] = []
    for (names, began), (_, end) in pairwise([*named, ("", ended)]):
        phones = names.split()
        edges = [began + (end - began) * k / len(phones) for k in range(len(phones) + 1)]
        found += [(phone, *edge) for phone, edge in zip(phones, pairwise(edges), strict=True)]
    return tuple(found)


def difference(expected: str, said: str) -> float:
    """Return how unlike two phones are, from 0 to 1.5."""
    if expected == said:
        return 0.0
    if frozenset((expected, said)) in _ALIKE:
        return _NEAR
    if is_vowel(expected) != is_vowel(said):
        return _UNLIKE
    return _VOWEL if is_vowel(expected) else _CONSONANT


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was said, in the words of the dictionary."""

    words: tuple[Pronunciation, ...]
    """The reading of each word that fits best."""
    segments: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A reading of a word against everything said: a table of costs by (phone, phones said)."""

    phones: Pronunciation
    rows: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, phones: Pronunciation, said: Sequence[str], before: tuple[float, ...]) -> _Reading:
        rows = [before]
        for phone in phones:
            above = rows[-1]
            row = [above[0] + _UNSAID]
            for place, sound in enumerate(said):
                row.append(
                    min(
                        above[place] + difference(phone, sound),
                        above[place + 1] + _UNSAID,
                        row[place] + _UNASKED,
                    )
                )
            rows.append(tuple(row))
        return cls(phones, tuple(rows))

    def trace(self, said: Sequence[str], end: int) -> tuple[int, list[tuple[int, int]]]:
        """Return where the word began, and for each phone which of those said are its own."""
        spans: list[tuple[int, int]] = []
        place, last = end, end
        for number in range(len(self.phones), 0, -1):
            above, row = self.rows[number - 1], self.rows[number]
            while place and row[place] == row[place - 1] + _UNASKED:
                place -= 1
            phone = self.phones[number - 1]
            if place and row[place] == above[place - 1] + difference(phone, said[place - 1]):
                place -= 1
            spans.insert(0, (place, last))
            last = place
        return place, spans


def fitted(words: Sequence[Sequence[Pronunciation]], told: Sequence[Told]) -> Fitted | None:
    """Return the readings that fit best what was said, and the times of their phones.

    `words` are the readings of each word. None when it was said too differently.
    """
    voiced = [each for each in told if each[0] != SILENCE]
    said = [phone for phone, _, _ in voiced]
    costs = tuple(_UNASKED * place for place in range(len(said) + 1))
    tables: list[list[_Reading]] = []
    for readings in words:
        tables.append([_Reading.of(reading, said, costs) for reading in readings])
        costs = tuple(map(min, zip(*(table.rows[-1] for table in tables[-1]), strict=True)))
    if costs[-1] > _WORST * max(1, len(said)):
        return None
    chosen: list[Pronunciation] = []
    spans: list[tuple[int, int]] = []
    end = len(said)
    for table in reversed(tables):
        best = min(table, key=lambda reading: reading.rows[-1][end])
        end, own = best.trace(said, end)
        chosen.insert(0, best.phones)
        spans = own + spans
    phones = [phone for reading in chosen for phone in reading]
    return Fitted(tuple(chosen), _timed(phones, spans, voiced, told))


def _timed(
    phones: Sequence[str],
    spans: Sequence[tuple[int, int]],
    voiced: Sequence[Told],
    told: Sequence[Told],
) -> tuple[Told, ...]:
    """Return the phones with times; those that were not said share the time of the one before."""
    groups: list[tuple[list[str], tuple[int, int]]] = []
    unsaid: list[str] = []
    for phone, span in zip(phones, spans, strict=True):
        if span[0] < span[1]:
            groups.append(([*unsaid, phone], span))
            unsaid = []
        elif groups:
            groups[-1][0].append(phone)
        else:
            unsaid.append(phone)
    found: list[Told] = [each for each in told if each[0] == SILENCE]
    for inside, (first, last) in groups:
        began, ended = voiced[first][1], voiced[last - 1][2]
        edges = [began + (ended - began) * k / len(inside) for k in range(len(inside) + 1)]
        found += [(phone, *edge) for phone, edge in zip(inside, pairwise(edges), strict=True)]
    return _without_gaps(sorted(found, key=lambda each: each[1]))


def _without_gaps(segments: Sequence[Told]) -> tuple[Told, ...]:
    ends = [began for _, began, _ in segments[1:]] + [segments[-1][2]]
    return tuple(
        (phone, began, ended)
        for (phone, began, _), ended in zip(segments, ends, strict=True)
        if ended > began
    )
