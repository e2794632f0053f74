"""Spoken numerals: 幺三八, 十八, 二百零五 and 5 0 1 as digits."""

from __future__ import annotations

import re

_DIGITS = {
    **{character: value for value, character in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "幺": 1,
    "两": 2,
    **{character: value for value, character in enumerate("0123456789")},
}
_UNITS = {"十": 10, "百": 100, "千": 1000}

CHARACTERS = "零〇一二两三四五六七八九十百千幺0-9"
"""The inside of a regular-expression class for anything `digits` can read."""

_FLOOR_AND_DOOR = re.compile(
    "(?P<floor>[二三四]?十[一二三四五六七八九]?)[零〇](?P<door>[一二三四五六七八九])"
)
"""十五零三: the fifteenth floor, third door."""
_RUN = re.compile(f"[{CHARACTERS}]+")


def number(text: str) -> int | None:
    """Return the number a numeral stands for: 十八 is 18, 五零一 is 501; None for anything else."""
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = 0
    pending: int | None = None
    for character in text:
        if character in _UNITS:
            total += (1 if pending is None or pending == 0 else pending) * _UNITS[character]
            pending = None
        else:
            value = _DIGITS[character]
            pending = value if pending is None else pending * 10 + value
    return total + (pending or 0)


def digits(text: str) -> str:
    """Return a numeral as it is written on a door, leading zeros kept; empty for anything else."""
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return ""
    floor = _FLOOR_AND_DOOR.fullmatch(text)
    if floor:
        return f"{number(floor['floor'])}0{_DIGITS[floor['door']]}"
    if any(c in _UNITS for c in text):
        return str(number(text))
    return "".join(str(_DIGITS[c]) for c in text)


def with_digits(text: str) -> str:
    """Return the text with every numeral in it written in digits."""
    return _RUN.sub(lambda match: digits(match.group()), text)


_LONG = re.compile(f"[{CHARACTERS}]{{3,}}")


def runs(text: str) -> list[tuple[int, int, str]]:
    """Return where numerals of three characters and more stand, and their digits."""
    return [(m.start(), m.end(), digits(m.group())) for m in _LONG.finditer(text)]
