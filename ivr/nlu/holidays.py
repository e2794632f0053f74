"""The festivals people arrange deliveries by, on the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

_FIRST_YEAR = 2025
_SPRING = (
    "0129 0217 0206 0126 0213 0203 0123 0211 0131 0219 0208 0128 0215 "
    "0204 0124 0212 0201 0122 0210 0130 0217 0206 0126 0214 0202 0123"
)
_DRAGON_BOAT = (
    "0531 0619 0609 0528 0616 0605 0624 0612 0601 0620 0610 0530 0618 "
    "0607 0527 0614 0603 0622 0611 0531 0619 0608 0529 0615 0604 0623"
)
_SEVENTH_NIGHT = (
    "0829 0819 0808 0826 0816 0805 0824 0812 0801 0820 0810 0828 0817 "
    "0807 0826 0814 0803 0822 0811 0731 0819 0808 0827 0816 0805 0823"
)
_MID_AUTUMN = (
    "1006 0925 0915 1003 0922 0912 1001 0919 0908 0927 0916 1004 0924 "
    "0913 1002 0920 0910 0928 0917 1005 0925 0915 1004 0922 0911 0930"
)
_DOUBLE_NINTH = (
    "1029 1018 1008 1026 1016 1005 1024 1012 1001 1020 1009 1027 1017 "
    "1007 1026 1014 1003 1022 1011 1029 1018 1008 1027 1016 1005 1023"
)
"""Month and day of the lunisolar festivals, one per year from 2025 to 2050."""

_Span = tuple[date, date]
_Rule = Callable[[int], _Span | None]


def _fixed(month: int, day: int, days: int = 1) -> _Rule:
    def span(year: int) -> _Span:
        first = date(year, month, day)
        return first, first + timedelta(days=days - 1)

    return span


def _lunar(table: str, offset: int = 0, days: int = 1) -> _Rule:
    def span(year: int) -> _Span | None:
        written = table[5 * (year - _FIRST_YEAR) :][:4] if year >= _FIRST_YEAR else ""
        if not written:
            return None
        first = date(year, int(written[:2]), int(written[2:])) + timedelta(days=offset)
        return first, first + timedelta(days=days - 1)

    return span


def _clear_and_bright(year: int) -> _Span:
    # Solar longitude 15 degrees; the century's formula in days of April.
    past = year % 100
    first = date(year, 4, int(past * 0.2422 + 4.81) - past // 4)
    return first, first


_FESTIVALS: tuple[tuple[str, _Rule, bool], ...] = (
    ("元旦|阳历年|公历新年|新年", _fixed(1, 1), True),
    ("除夕|大年三十|年三十|年夜", _lunar(_SPRING, -1), False),
    (
        "春节|过年|过了年|过完年|年初一|大年初一|正月初一|农历新年|大年|年",
        _lunar(_SPRING, 0, 7),
        True,
    ),
    ("元宵节?|正月十五", _lunar(_SPRING, 14), False),
    ("情人节", _fixed(2, 14), False),
    ("妇女节|女神节|三八节", _fixed(3, 8), False),
    ("清明节?|清明假期", _clear_and_bright, True),
    ("五一|劳动节|黄金周", _fixed(5, 1, 5), True),
    ("六一|儿童节", _fixed(6, 1), False),
    ("端午节?", _lunar(_DRAGON_BOAT), True),
    ("七夕节?", _lunar(_SEVENTH_NIGHT), False),
    ("教师节", _fixed(9, 10), False),
    ("中秋节?|八月十五", _lunar(_MID_AUTUMN), True),
    ("国庆节?|十一", _fixed(10, 1, 7), True),
    ("重阳节?", _lunar(_DOUBLE_NINTH), False),
    ("双十一", _fixed(11, 11), False),
    ("双十二", _fixed(12, 12), False),
    ("平安夜", _fixed(12, 24), False),
    ("圣诞节?", _fixed(12, 25), False),
)
"""Names as a pattern, when it is, and whether people are off work and simply call it 节."""

_DIGITS = "零〇一二两三四五六七八九十百0-9"
_AMONG_DIGITS = {"五一", "六一", "十一"}
_NEEDS_MORE = {"年", "大年"}
NAMES = "|".join(
    [
        *(
            name
            for names, _, _ in _FESTIVALS
            for name in names.split("|")
            if name not in _NEEDS_MORE | _AMONG_DIGITS
        ),
        rf"(?<![{_DIGITS}])(?:五一|六一)(?![{_DIGITS}点号层室栋幢座楼单个块元分路])",
        rf"(?<![{_DIGITS}])十一(?=长假|假期|期间|放假|国庆|以后|之后|过后|后(?!天)|之前|以前)",
    ]
)
"""Every name, for a regular expression; numerals only where they stand for no number."""

_BY_NAME = {
    name.removesuffix("?").removesuffix("节") if name.endswith("?") else name: rule
    for names, rule, _ in _FESTIVALS
    for name in names.split("|")
}
_OFF_WORK = tuple(rule for _, rule, off in _FESTIVALS if off)


def next_festival(name: str, today: date) -> _Span | None:
    """Return first and last day of the festival that is not over yet; "" is the next holiday.

    None when nobody knows it or the tables end (2050).
    """
    if not name:
        coming = [span for rule in _OFF_WORK if (span := _coming(rule, today)) is not None]
        return min(coming, default=None)
    rule = _BY_NAME.get(name) or _BY_NAME.get(name.removesuffix("节"))
    return _coming(rule, today) if rule else None


def _coming(rule: _Rule, today: date) -> _Span | None:
    for year in (today.year, today.year + 1):
        span = rule(year)
        if span is not None and span[1] >= today:
            return span
    return None
