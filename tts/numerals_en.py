"""English numbers, amounts and clock times."""

from __future__ import annotations

from datetime import datetime, time

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def number(value: int) -> str:
    """Return `value` in words: 105 is one hundred and five."""
    if value < 0:
        return f"minus {number(-value)}"
    if value < 20:
        return _ONES[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    for scale, word in _SCALES:
        if value >= scale:
            many, rest = divmod(value, scale)
            joint = " and " if rest and rest < 100 else " "
            return f"{number(many)} {word}" + (f"{joint}{number(rest)}" if rest else "")
    raise AssertionError(value)


def ordinal(value: int) -> str:
    """Return first, second, twenty-second as words."""
    *before, last = number(value).split()
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = f"{last[:-1]}ieth"
    else:
        last = f"{last}th"
    return " ".join([*before, last])


def figures(text: str) -> str:
    """Return digits and letters one by one; everything else is left out."""
    return " ".join(
        _ONES[int(char)] if char.isdecimal() else char.upper()
        for char in text
        if char.isascii() and char.isalnum()
    )


def half(value: datetime | time) -> str:
    """Return AM or PM."""
    return "AM" if value.hour < 12 else "PM"


def clock(value: datetime | time) -> str:
    """Return the time on a twelve-hour clock without AM or PM: two thirty."""
    hour = number(value.hour % 12 or 12)
    if value.minute == 0:
        return hour
    if value.minute < 10:
        return f"{hour} oh {number(value.minute)}"
    return f"{hour} {number(value.minute)}"


def money(fen: int) -> str:
    """Return an amount of yuan: 1250 fen is twelve yuan fifty."""
    if fen < 0:
        raise ValueError(f"an amount to collect can't be negative: {fen} fen")
    yuan, rest = divmod(fen, 100)
    if not rest:
        return f"{number(yuan)} yuan"
    if not yuan:
        return f"{number(rest)} fen"
    return f"{number(yuan)} yuan {'oh ' if rest < 10 else ''}{number(rest)}"
