"""Spoken English numbers: five oh one, twenty three, one hundred and five."""

from __future__ import annotations

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {
    **{word: value for value, word in enumerate(_ONES.split())},
    **{word: 10 * value for value, word in enumerate(_TENS.split(), start=2)},
    "oh": 0,
    "nought": 0,
}
WORD = "|".join([*sorted(_VALUES, key=len, reverse=True), r"\d+"])
"""One word of a number, for a regular expression."""
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = {word: value for value, word in enumerate(_ORDINAL_WORDS.split(), start=1)}
_ORDINALS["thirtieth"] = 30
ORDINAL = (
    rf"(?:(?:twenty|thirty) )?(?:{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"
    r"|\d{1,2}(?:st|nd|rd|th)"
)
_RUN = re.compile(rf"\b(?:(?:{WORD}|double|triple|hundred)(?: and(?= ))?(?: |$)){{1,24}}")


def number(text: str) -> int | None:
    """Return the number the words stand for: twenty three is 23; None for anything else."""
    total, seen = 0, False
    for word in text.replace("-", " ").split():
        if word == "and":
            continue
        if word == "hundred":
            total = (total or 1) * 100
        elif word.isdigit():
            total += int(word)
        elif word in _VALUES:
            total += _VALUES[word]
        else:
            return None
        seen = True
    return total if seen else None


def ordinal(text: str) -> int | None:
    """Return the day of a month: twenty first is 21, 3rd is 3; None for anything else."""
    if text[:1].isdigit():
        return int("".join(filter(str.isdigit, text)))
    *tens, last = text.split()
    value = _ORDINALS.get(last)
    return None if value is None else value + sum(_VALUES.get(word, 0) for word in tens)


def digits(text: str) -> str:
    """Return words as digits are read out: five oh one, twelve oh three, double eight six."""
    written: list[str] = []
    times = 1
    words = [word for word in text.split() if word != "and"]
    if "hundred" in words:
        value = number(text)
        return "" if value is None else str(value)
    for index, word in enumerate(words):
        if word in {"double", "triple"}:
            times = 2 if word == "double" else 3
            continue
        figure = word if word.isdigit() else str(_VALUES.get(word, ""))
        if word in _TENS.split() and index + 1 < len(words):
            following = _VALUES.get(words[index + 1], 0)
            figure = figure[0] if 0 < following < 10 else figure
        written.append(figure * times)
        times = 1
    return "".join(written)


def runs(text: str) -> list[tuple[int, int, str]]:
    """Return where digits or numbers are read out, and the digits."""
    found = []
    for match in _RUN.finditer(text):
        said = match.group().strip()
        written = digits(said)
        if len(written) > 1:
            found.append((match.start(), match.start() + len(said), written))
    return found
