"""Values as people say them in Mandarin: days, hours, windows, money, numbers on a label."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from tts.codes import last_characters
from tts.free_text import places, speakable
from tts.numerals import count, figures, number, year

_NEAR_DAYS = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天", 3: "大后天"}
_WEEKDAYS = "一二三四五六日"

_PARTS_OF_DAY = (
    (time(0), "凌晨"),
    (time(5), "早上"),
    (time(8), "上午"),
    (time(12), "中午"),
    (time(13), "下午"),
    (time(18), "晚上"),
)
"""Each part of the day begins at its time and ends where the next begins."""


def day(value: datetime, now: datetime) -> str:
    """Return the day as it lies from `now`: 明天, 周三, 下周三, 十二月一号."""
    value = value.astimezone(now.tzinfo)
    distance = (value.date() - now.date()).days
    if distance in _NEAR_DAYS:
        return _NEAR_DAYS[distance]
    weeks = (distance + now.weekday()) // 7
    weekday = f"周{_WEEKDAYS[value.weekday()]}"
    if distance > 0 and weeks == 0:
        return weekday
    if weeks == 1:
        return f"下{weekday}"
    return calendar_day(value, now)


def calendar_day(value: datetime, now: datetime) -> str:
    """Return month and day, with the year when it isn't this one: 十一月二十二号."""
    value = value.astimezone(now.tzinfo)
    spoken = f"{number(value.month)}月{number(value.day)}号"
    return spoken if value.year == now.year else f"{year(value.year)}年{spoken}"


def full_day(value: datetime, now: datetime) -> str:
    """Return a day that can't be taken for another: 明天,十一月二十二号,周日."""
    value = value.astimezone(now.tzinfo)
    near = _NEAR_DAYS.get((value.date() - now.date()).days, "")
    parts = (near, calendar_day(value, now), f"周{_WEEKDAYS[value.weekday()]}")
    return ",".join(part for part in parts if part)


def part_of_day(value: datetime) -> str:
    """Return 凌晨, 早上, 上午, 中午, 下午 or 晚上."""
    at = value.time()
    return next(name for begins, name in reversed(_PARTS_OF_DAY) if at >= begins)


def clock(value: datetime) -> str:
    """Return the hour on a twelve-hour clock without the part of the day: 两点半."""
    hour = value.hour % 12 or (12 if value.hour else 0)
    if value.minute == 0:
        minutes = ""
    elif value.minute == 15:
        minutes = "一刻"
    elif value.minute == 30:
        minutes = "半"
    elif value.minute < 10:
        minutes = f"零{number(value.minute)}分"
    elif value.minute % 5 == 0:
        minutes = number(value.minute)
    else:
        minutes = f"{number(value.minute)}分"
    return f"{count(hour)}点{minutes}"


def hour(value: datetime, now: datetime) -> str:
    """Return the time of day: 下午两点半, 中午十二点, 晚上八点."""
    value = value.astimezone(now.tzinfo)
    return part_of_day(value) + clock(value)


def moment(value: datetime, now: datetime) -> str:
    """Return day and time: 明天下午两点半."""
    return day(value, now) + hour(value, now)


def window(start: datetime, end: datetime | None, now: datetime) -> str:
    """Return a span of time: 明天下午两点到四点; 后天下午三点以后 when its end is open."""
    start = start.astimezone(now.tzinfo)
    if end is None:
        if start.time() == time(0):
            return f"{day(start, now)}以后"
        return f"{moment(start, now)}以后"
    end = end.astimezone(now.tzinfo)
    whole_days = (end.date() - start.date()).days
    if start.time() == end.time() == time(0) and whole_days >= 1:
        last = day(end - timedelta(days=1), now)
        return f"{day(start, now)}全天" if whole_days == 1 else f"{day(start, now)}到{last}"
    if start == end:
        return moment(start, now)
    if end.time() == time(0) and whole_days == 1:
        return f"{moment(start, now)}到晚上十二点"
    if whole_days:
        return f"{moment(start, now)}到{moment(end, now)}"
    same_part = part_of_day(start) == part_of_day(end)
    noon_ends_morning = end.time() == time(12) and part_of_day(start) in {"早上", "上午"}
    ending = clock(end) if same_part or noon_ends_morning else hour(end, now)
    return f"{moment(start, now)}到{ending}"


def loose_window(start: datetime, end: datetime | None, now: datetime) -> str:
    """Return the part of the day when the window fills one (后天下午), else the exact window."""
    start = start.astimezone(now.tzinfo)
    if end is not None and start.date() == end.astimezone(now.tzinfo).date():
        begins, ends = start.hour, end.astimezone(now.tzinfo).hour
        exact = start.minute == end.astimezone(now.tzinfo).minute == 0
        for name, starts, stops in (
            ("上午", range(6, 10), range(12, 13)),
            ("下午", range(12, 15), range(17, 20)),
            ("晚上", range(18, 20), range(21, 24)),
        ):
            if exact and begins in starts and ends in stops and ends - begins >= 3:
                return day(start, now) + name
    return window(start, end, now)


def money(fen: int) -> str:
    """Return an amount of yuan: 1250 fen is 十二块五, 10500 is 一百零五元, 50 is 五毛."""
    if fen < 0:
        raise ValueError(f"an amount to collect can't be negative: {fen} fen")
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    if not rest:
        return f"{count(yuan)}元"
    if not yuan:
        return (f"{count(jiao)}毛" if jiao else "") + (f"{number(cents)}分" if cents else "")
    spoken = f"{count(yuan)}块"
    if not jiao:
        return f"{spoken}零{number(cents)}分"
    if cents:
        return f"{spoken}{number(jiao)}毛{number(cents)}"
    # 一百二十块五 could be heard as a hundred and twenty-five
    return (
        f"{spoken}零{number(jiao)}毛" if yuan % 10 == 0 and yuan >= 100 else spoken + number(jiao)
    )


def tail(code: str, length: int = 4) -> str:
    """Return the last characters of a waybill one by one: 幺二三四.

    Raises ValueError when the code has no letter or digit.
    """
    return figures(last_characters(code, length))


def waybill(code: str) -> str:
    """Return a whole waybill number: letters spelt, digits in fours with a breath between."""
    spoken = [
        part if part.isalpha() else _in_groups(part, 4)
        for part in re.findall(r"[A-Za-z]+|[0-9]+", code)
    ]
    return ",".join(figures(part) if part.isascii() else part for part in spoken)


def phone(text: str) -> str:
    """Return a telephone number in groups with 幺: 幺三八,零零幺三,八零零幺."""
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith("+") and not digits.startswith("86"):
        return f"加{_in_groups(digits, 3)}"
    if digits.startswith("86") and (text.strip().startswith("+") or len(digits) == 13):
        digits = digits[2:]
        mobile = len(digits) == 11 and digits.startswith("1")
        if not mobile and digits[:3] not in {"400", "800"}:
            digits = f"0{digits}"
    if not digits:
        raise ValueError(f"{text!r} is not a telephone number")
    if len(digits) == 11 and digits.startswith("1"):
        groups = (digits[:3], digits[3:7], digits[7:])
    elif len(digits) == 10 and digits[:3] in {"400", "800"}:
        groups = (digits[:3], digits[3:6], digits[6:])
    elif digits.startswith("0") and len(digits) >= 10:
        area = 3 if digits[1] in "12" else 4
        rest = digits[area:]
        groups = (digits[:area], rest[:-4], rest[-4:])
    else:
        return _in_groups(digits, 8 if len(digits) <= 6 else 4)
    return ",".join(figures(group) for group in groups)


def _in_groups(digits: str, size: int) -> str:
    """Return digits in groups; a lone last digit joins the group before it."""
    cuts = list(range(0, len(digits), size))
    if len(cuts) > 1 and len(digits) - cuts[-1] == 1:
        cuts.pop()
    ends = [*cuts[1:], len(digits)]
    return ",".join(figures(digits[a:b]) for a, b in zip(cuts, ends, strict=True))


def address(text: str) -> str:
    """Return an address: 18号 is counted, room 501 is read figure by figure."""
    return speakable(places(text))


def name(text: str) -> str:
    """Return a person's name; what a label masks (王*明, 李**) is left out, nothing is guessed."""
    kept = re.sub(r"[*\uff0a\xd7xX○〇]+", "", text) if re.search(r"[\u4e00-\u9fff]", text) else text
    return speakable(re.sub(r"[(\uff08].*?[)\uff09]", "", kept).strip())
