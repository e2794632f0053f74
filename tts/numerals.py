"""Chinese numbers: counting, and reading figure by figure as on the telephone."""

from __future__ import annotations

FIGURES = "零一二三四五六七八九"
TELEPHONE_FIGURES = "零幺二三四五六七八九"
"""yī and qī sound alike on a bad line, so a one in a number that identifies something is yāo."""

_PLACES = ("", "十", "百", "千")
_MYRIADS = ("", "万", "亿", "万亿")
_LIMIT = 10 ** (4 * len(_MYRIADS))


def number(value: int) -> str:
    """Return `value` as it is counted: 12 is 十二, 102 is 一百零二, 20000 is 两万.

    Raises ValueError beyond 万亿; such a figure is an identifier and wants `figures`.
    """
    if value < 0:
        return "负" + number(-value)
    if value >= _LIMIT:
        raise ValueError(f"{value} is too large to be counted aloud; read it with figures()")
    if value == 0:
        return "零"
    groups: list[int] = []
    rest = value
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    spoken = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            continue
        if spoken and (group < 1000 or groups[place + 1] == 0):
            spoken += "零"
        spoken += _below_ten_thousand(group, bare_two=place == 0) + _MYRIADS[place]
    return spoken[1:] if spoken.startswith("一十") else spoken


def _below_ten_thousand(value: int, *, bare_two: bool) -> str:
    spoken = ""
    gap = False
    for place in (3, 2, 1, 0):
        figure = value // 10**place % 10
        if figure == 0:
            gap = bool(spoken)
            continue
        if gap:
            spoken += "零"
            gap = False
        liang = figure == 2 and (place == 3 or (value == 2 and not bare_two))
        spoken += ("两" if liang else FIGURES[figure]) + _PLACES[place]
    return spoken


def count(value: int) -> str:
    """Return `value` as it stands before a measure word: 2 is 两, 12 stays 十二."""
    return "两" if value == 2 else number(value)


def decimal(text: str) -> str:
    """Return a decimal such as `12.50` as 十二点五零."""
    whole, _, fraction = text.partition(".")
    spoken = number(int(whole))
    return f"{spoken}点{_one_by_one(fraction, FIGURES)}" if fraction else spoken


def figures(text: str) -> str:
    """Return digits and letters one by one with 幺; everything else is left out.

    Latin letters stand apart, so that they are spelt: `SF12` is `S F 幺二`.
    """
    return _one_by_one(text, TELEPHONE_FIGURES)


def year(value: int) -> str:
    """Return a year figure by figure: 2026 is 二零二六."""
    return _one_by_one(str(value), FIGURES)


def _one_by_one(text: str, table: str) -> str:
    spoken = ""
    for char in text:
        if char.isdecimal():
            spoken += table[int(char)]
        elif char.isascii() and char.isalpha():
            spoken += f" {char.upper()} "
    return " ".join(spoken.split())
