"""Free English text made speakable: no digit, sign or unit is left for the voice to guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time

from tts.numerals_en import clock, figures, half, money, number, ordinal

_UNITS = {
    "kg": "kilogram",
    "kgs": "kilogram",
    "g": "gram",
    "mg": "milligram",
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "km": "kilometer",
    "cm": "centimeter",
    "mm": "millimeter",
    "m": "meter",
    "ml": "milliliter",
    "l": "liter",
    "min": "minute",
    "hr": "hour",
    "hrs": "hour",
    "h": "hour",
}
_UNIT_NAMES = "|".join(sorted(_UNITS, key=len, reverse=True))
_NAMED = (
    "room|rm|apt|apartment|suite|code|pin|ending in|ends in|locker|extension|ext|order|number|"
    "bus|flight|flat|waybill"
)


def speakable(text: str) -> str:
    """Return English text in words: times, measures, money, codes and numbers resolved."""
    spoken = text
    for pattern, replacement in _RULES:
        spoken = pattern.sub(replacement, spoken)
    return " ".join(spoken.split())


def _time_of_day(match: re.Match[str]) -> str:
    at = time(int(match[1]) % 24, int(match[2]))
    told = (match[3] or "").replace(".", "").upper()
    if not told and at == time(12):
        return "noon"
    return f"{clock(at)} {told or half(at)}"


def _decimal(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return number(int(whole)) + (f" point {figures(fraction)}" if fraction else "")


def _measured(match: re.Match[str]) -> str:
    unit = _UNITS[match[2].lower()]
    return f"{_decimal(match[1])} {unit}{'' if match[1] == '1' else 's'}"


def _dollars(match: re.Match[str]) -> str:
    whole, cents = int(match[1]), int(match[2] or 0)
    dollars = f"{number(whole)} dollar{'' if whole == 1 else 's'}"
    return f"{dollars} and {number(cents)} cent{'' if cents == 1 else 's'}" if cents else dollars


def _web(match: re.Match[str]) -> str:
    spoken = match[0]
    for sign, word in ((".", "dot"), ("-", "dash"), ("@", "at"), ("_", "underscore")):
        spoken = spoken.replace(sign, f" {word} ")
    return spoken


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\.{2,}|…+"), ", "),
    (re.compile(r"[\w.-]*@?[\w-]+(?:\.[\w-]+)*\.(?:com|cn|net|org)\b"), _web),
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),
    (re.compile(r"\b24/7\b"), "twenty four seven"),
    (re.compile(r"(?<=press )\*"), "star"),
    (re.compile(r"(?<=press )#"), "pound"),
    (
        re.compile(r"\b([01]?\d|2[0-4]):([0-5]\d)\s*([ap]\.?m\.?)?(?!\w)", re.IGNORECASE),
        _time_of_day,
    ),
    (
        re.compile(r"(?:\xa5|\uffe5|CNY|RMB)\s*(\d+)(?:\.(\d\d))?"),
        lambda m: money(int(m[1]) * 100 + int(m[2] or 0)),
    ),
    (re.compile(r"\$\s*(\d+)(?:\.(\d\d))?"), _dollars),
    (re.compile(r"(\d+(?:\.\d+)?)\s*%"), lambda m: f"{_decimal(m[1])} percent"),
    (re.compile(r"(?<=\d)\s*[x\xd7*]\s*(?=\d)"), " by "),
    (
        re.compile(rf"(\d+(?:\.\d+)?)\s*({_UNIT_NAMES})(?![A-Za-z])", re.IGNORECASE),
        _measured,
    ),
    (
        re.compile(r"(?<![\w.])[-−\u2013](\d+(?:\.\d+)?)\s*(?:℃|°[CcFf])"),
        lambda m: f"minus {_decimal(m[1])} degrees",
    ),
    (re.compile(r"(\d+(?:\.\d+)?)\s*(?:℃|°[CcFf])"), lambda m: f"{_decimal(m[1])} degrees"),
    (
        re.compile(r"(?<![\w-])(\d{1,3})\s*[-–~]\s*(\d{1,3})(?=\s+[A-Za-z])"),
        lambda m: f"{number(int(m[1]))} to {number(int(m[2]))}",
    ),
    (re.compile(r"\b(\d+)x\b"), lambda m: f"{number(int(m[1]))} times"),
    (re.compile(r"\bNo\.\s*(?=\d)"), "number "),
    (
        re.compile(rf"\b({_NAMED})(\.?\s+(?:is\s+)?)(\d{{3,}})\b", re.IGNORECASE),
        lambda m: f"{m[1]}{m[2]}{figures(m[3])}",
    ),
    (re.compile(r"(?<!\d)(\d+)(?:st|nd|rd|th)\b"), lambda m: ordinal(int(m[1]))),
    (re.compile(r"\d{5,}"), lambda m: figures(m[0])),
    (re.compile(r"\d+\.\d+"), lambda m: _decimal(m[0])),
    (re.compile(r"(?<=[A-Za-z])\d+"), lambda m: f" {figures(m[0])}"),
    (re.compile(r"\d+"), lambda m: number(int(m[0]))),
    (re.compile(r"\s*&\s*"), " and "),
    (re.compile(r"#"), " number "),
    (re.compile(r"@"), " at "),
    (re.compile(r"\+"), " plus "),
    (re.compile(r"="), " equals "),
    (re.compile(r"[*_~|\\/]"), " "),
)
"""In this order: what is longer and surer is read before what is shorter."""
