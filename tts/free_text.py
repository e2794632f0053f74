"""Free Mandarin text made speakable: no digit, sign or unit is left for the voice to guess."""

from __future__ import annotations

import re
from collections.abc import Callable

from tts.numerals import count, decimal, figures, number, year

_MEASURE_WORDS = (
    "个件箱袋瓶台双张份盒包斤次位天日年周人辆把支本条块套只家户种样遍回声封批单桶罐吨米公"
    "名岁倍升票棵朵副扇万千毫厘度"
)
_PAUSES = r",;:\u3001\uff0c\uff1b\uff1a"
_STOPS = r"!?\u3002\uff01\uff1f"
"""Stops in half and full width; text keeps the width it was written in."""
_UNITS = {
    "kg": "公斤",
    "g": "克",
    "mg": "毫克",
    "km": "公里",
    "cm": "厘米",
    "mm": "毫米",
    "m": "米",
    "ml": "毫升",
    "l": "升",
    "min": "分钟",
    "h": "小时",
    "s": "秒",
    "℃": "度",
    "°c": "度",
    "㎡": "平方米",
    "m²": "平方米",
    "m2": "平方米",
    "m³": "立方米",
    "m3": "立方米",
    "gb": "G B",
    "tb": "T B",
    "mah": "毫安时",
    "w": "瓦",
    "v": "伏",
    "寸": "寸",
}
_SIGNS = {
    "&": "和",
    "+": "加",
    "=": "等于",
    "~": "到",
    "\uff5e": "到",
    "@": "艾特",
    "%": "百分号",
    "\xd7": "乘",
    "√": "",
    "→": "到",
    "℃": "度",
    "$": "美元",
    "\xa5": "元",
    "\uffe5": "元",
    "•": ",",
    "\xb7": "",
    "/": ",",
    "\\": ",",
    "|": ",",
    "_": "",
    "-": "",
    "—": ",",
    "–": ",",
    "#": "井",
    "*": "星",
}
_FULL_WIDTH: dict[int, int | str] = {
    **{0xFF10 + n: 0x30 + n for n in range(10)},
    **{0xFF21 + n: 0x41 + n for n in range(26)},
    **{0xFF41 + n: 0x61 + n for n in range(26)},
    **{0xFF00 + ord(sign) - 0x20: sign for sign in "%#*+-./&=@~"},
    0x3000: " ",
}
_BRACKETS = re.compile(
    r"\s*[(\[{\uff08\u3010\u300a]\s*([^)\]}\uff09\u3011\u300b]*?)\s*[)\]}\uff09\u3011\u300b]\s*"
)


def _time_of_day(hour: str, minute: str) -> str:
    minutes = int(minute)
    if minutes == 0:
        return f"{count(int(hour))}点"
    if minutes == 30:
        return f"{count(int(hour))}点半"
    return f"{count(int(hour))}点{'零' if minutes < 10 else ''}{number(minutes)}分"


def _date(match: re.Match[str]) -> str:
    spoken = f"{number(int(match['month']))}月{number(int(match['day']))}号"
    return f"{year(int(match['year']))}年{spoken}" if match["year"] else spoken


def _span(match: re.Match[str]) -> str:
    from_hour, from_minute, to_hour, to_minute = match.groups()
    return f"{_time_of_day(from_hour, from_minute)}到{_time_of_day(to_hour, to_minute)}"


def _yuan(match: re.Match[str]) -> str:
    whole, fraction = match["whole"], match["fraction"] or ""
    return f"{_amount(f'{whole}.{fraction}')}元"


def _amount(value: str) -> str:
    whole, _, fraction = value.partition(".")
    fraction = fraction.rstrip("0")
    return decimal(f"{whole}.{fraction}") if fraction else count(int(whole))


def _measured(match: re.Match[str]) -> str:
    unit = _UNITS[match["unit"].lower()]
    value = match["value"]
    return (decimal(value) if "." in value else count(int(value))) + unit


def _grouped_mobile(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])[-11:]
    return f"{figures(digits[:3])},{figures(digits[3:7])},{figures(digits[7:])}"


def _hotline(match: re.Match[str]) -> str:
    return ",".join(figures(group) for group in match.groups())


def _landline(match: re.Match[str]) -> str:
    return f"{figures(match[1])},{figures(match[2][:-4])},{figures(match[2][-4:])}"


def _any_number(match: re.Match[str]) -> str:
    digits = match[0]
    if len(digits) > 4 or (len(digits) > 1 and digits.startswith("0")):
        return figures(digits)
    return number(int(digits))


def _letters(match: re.Match[str]) -> str:
    """Spell what is written in capitals; leave words to the reading stage, which knows some."""
    letters = match[0]
    return f" {' '.join(letters)} " if letters.isupper() else f" {letters} "


def _code(match: re.Match[str]) -> str:
    """Read what identifies something figure by figure, its dashes aloud."""
    return match[1] + "杠".join(figures(part) for part in re.split("-", match[2]))


def _dashed(match: re.Match[str]) -> str:
    """Read a rising pair as a span, all else (3-501) as a number with dashes."""
    numbers = match[0].split("-")
    alike = len(numbers[0]) == len(numbers[1]) <= 3 or len(numbers[1]) <= 2
    if len(numbers) == 2 and alike and int(numbers[0]) < int(numbers[1]):
        return "到".join(count(int(number_)) for number_ in numbers)
    return "杠".join(figures(number_) for number_ in numbers)


def _web(match: re.Match[str]) -> str:
    return re.sub(r"-", " 杠 ", match[0].replace(".", " 点 "))


_CODE_NAMES = (
    "(?:取件|验证|提货|取货|门禁|开门|邀请)码|密码|工号|编号|单号|分机|房号|柜号|卡号|会员号"
)
_UNIT_NAMES = "|".join(sorted((re.escape(unit) for unit in _UNITS), key=len, reverse=True))

_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\.{2,}|…+"), ","),
    (re.compile(r"(?<=\d)[,\uff0c](?=\d{3}(?!\d))"), ""),
    (re.compile(r"\b7-(?:11|Eleven\b)", re.IGNORECASE), "七幺幺"),
    (
        re.compile(r"[A-Za-z0-9][\w-]*(?:\.[\w-]+)*\.(?:com|cn|net|org)(?![A-Za-z])"),
        _web,
    ),
    (re.compile(rf"((?:{_CODE_NAMES})\s*(?:是|为|[:\uff1a])?\s*)(\d[\d-]*)"), _code),
    (re.compile(r"((?:拨打|致电|转)\s*)(\d{3,5})(?![\d-]|\s*[元块个件万箱])"), _code),
    (re.compile(r"(?<=\d)\s*[*xX\xd7]\s*(?=\d)"), "乘"),
    (re.compile(r"(?<![\d.])([2-6])G(?![A-Za-z\d])"), lambda m: f"{number(int(m[1]))} G "),
    (re.compile(r"按\s*\*\s*号?键?"), "按星号键"),
    (re.compile(r"按\s*#\s*号?键?"), "按井号键"),
    (
        re.compile(
            r"(?:(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*)(?P<month>1[0-2]|0?[1-9])\s*[-/.月]\s*"
            r"(?P<day>3[01]|[12]\d|0?[1-9])\s*[日号]?(?!\d)"
        ),
        _date,
    ),
    (
        re.compile(r"(?P<year>)(?P<month>1[0-2]|0?[1-9])月(?P<day>3[01]|[12]\d|0?[1-9])[日号]"),
        _date,
    ),
    (re.compile(r"((?:19|20)\d\d)年"), lambda m: f"{year(int(m[1]))}年"),
    (
        re.compile(
            r"(\d{1,2})[:\uff1a](\d\d)(?::00)?\s*[-~\uff5e–—到至]+\s*(\d{1,2})[:\uff1a](\d\d)(?::00)?"
        ),
        _span,
    ),
    (
        re.compile(r"(?<!\d)([01]?\d|2[0-4])[:\uff1a]([0-5]\d)(?::[0-5]\d)?(?!\d)"),
        lambda m: _time_of_day(m[1], m[2]),
    ),
    (re.compile(r"(?:\+?86[- ]?)?(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), _grouped_mobile),
    (re.compile(r"(?<!\d)([48]00)-?(\d{3})-?(\d{4})(?!\d)"), _hotline),
    (re.compile(r"(?<!\d)(0\d{2,3})-(\d{7,8})(?!\d)"), _landline),
    (
        re.compile(r"(\d+(?:\.\d+)?)\s*%?\s*[-~\uff5e–至到]\s*(\d+(?:\.\d+)?)\s*%"),
        lambda m: f"百分之{decimal(m[1])}到百分之{decimal(m[2])}",
    ),
    (re.compile(r"(\d+(?:\.\d+)?)\s*%"), lambda m: f"百分之{decimal(m[1])}"),
    (
        re.compile(r"(?<![\d.A-Za-z])[-−\u2013](\d+(?:\.\d+)?)\s*(?:℃|°[Cc]|度)"),
        lambda m: f"零下{decimal(m[1])}度",
    ),
    (
        re.compile(r"(?<![\d-])(\d+)\s*[-~\uff5e至到]\s*(\d+)\s*(?=℃|°[Cc]|度|[Kk][Gg])"),
        lambda m: f"{number(int(m[1]))}到{m[2]}",
    ),
    (re.compile(r"\$\s*(\d+(?:\.\d+)?)"), lambda m: f"{_amount(m[1])}美元"),
    (re.compile(r"(?:RMB|CNY)\s*(\d+(?:\.\d+)?)(?:\s*元)?"), lambda m: f"{_amount(m[1])}元"),
    (re.compile(r"[\xa5\uffe5]\s*(?P<whole>\d+)(?:\.(?P<fraction>\d+))?(?:\s*元)?"), _yuan),
    (re.compile(r"(?P<whole>\d+)(?:\.(?P<fraction>\d+))?\s*元"), _yuan),
    (
        re.compile(
            rf"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>{_UNIT_NAMES})(?![A-Za-z])", re.IGNORECASE
        ),
        _measured,
    ),
    (re.compile(r"(?<!\d)(\d):(\d)(?!\d)"), r"\1比\2"),
    (re.compile(r"第\s*(\d+)"), lambda m: f"第{number(int(m[1]))}"),
    (re.compile(r"(\d+)\s*([-~\uff5e到至])\s*(\d+)(?=\s*(?!室)[\u4e00-\u9fff])"), r"\1到\3"),
    (re.compile(r"(?<![\d.])2(?=到\d+[天个次件小])"), "两"),
    (re.compile(r"(?<![\d.])2\s*(?=小时|分钟|点|楼层)"), "两"),
    (re.compile(rf"(?<![\d.])2\s*(?=[{_MEASURE_WORDS}])"), "两"),
    (re.compile(r"(?<=尾号)\s*(为|是)?\s*(\d+)"), lambda m: (m[1] or "") + figures(m[2])),
    (re.compile(r"(?<![\d-])\d+(?:-\d+)+(?![\d-])"), _dashed),
    (re.compile(r"\d{3}(?=[国省县]道)"), lambda m: figures(m[0])),
    (re.compile(r"(?<=[A-Za-z])\s*\d+\.\d+"), lambda m: decimal(m[0].strip())),
    (re.compile(r"(?<=[A-Za-z])\s*\d+"), lambda m: figures(m[0])),
    (re.compile(r"\d+\.\d+"), lambda m: decimal(m[0])),
    (re.compile(r"\d+"), _any_number),
    (re.compile(r"[~\uff5e]+(?=\s*(?:$|[!?,\u3002\uff01\uff1f\uff0c]))"), ""),
    (re.compile(r"\bNo\.\s*", re.IGNORECASE), "号码"),
    (re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?"), _letters),
)
"""In this order: what is longer and surer is read before what is shorter."""


def speakable(text: str) -> str:
    """Return Mandarin text in words: dates, times, money, units, numbers and signs resolved."""
    spoken = text.translate(_FULL_WIDTH)
    spoken = _BRACKETS.sub(r",\1,", spoken)
    for pattern, replacement in _RULES:
        spoken = pattern.sub(replacement, spoken)
    spoken = "".join(_SIGNS.get(char, char) for char in spoken)
    return tidy(spoken)


def tidy(text: str) -> str:
    """Return text with Chinese stops, single pauses, and blanks only beside latin letters."""
    spoken = re.sub(r"\s+", " ", text)
    spoken = re.sub(r"(?<![A-Za-z]) (?![A-Za-z])", "", spoken)
    spoken = re.sub(rf"[{_PAUSES}](?=[{_PAUSES}{_STOPS}])", "", spoken)
    return re.sub(rf"^[{_PAUSES}\s]+|[{_PAUSES}\s]+$", "", spoken)


_ROOM = r"(?P<room>\d{3,5})"
_PLACE_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(rf"(?P<house>\d{{1,3}})-(?P<unit>\d{{1,2}})-{_ROOM}(?!\d)"),
        lambda m: f"{number(int(m['house']))}杠{number(int(m['unit']))}杠{figures(m['room'])}",
    ),
    (
        re.compile(rf"(?P<house>\d{{1,3}})-{_ROOM}(?!\d)"),
        lambda m: f"{number(int(m['house']))}杠{figures(m['room'])}",
    ),
    (re.compile(rf"{_ROOM}(?=室|房|号房)"), lambda m: figures(m["room"])),
    (re.compile(r"(\d+)#"), r"\1号"),
    (re.compile(r"(\d+)(?=号|弄|巷|栋|幢|座|楼|单元|层|期|区|组|院|门)"), lambda m: _house(m[1])),
    (re.compile(rf"(?<=[\u4e00-\u9fff])\s*{_ROOM}\s*$"), lambda m: figures(m["room"])),
    (re.compile(rf"(?<=单元)\s*{_ROOM}"), lambda m: figures(m["room"])),
    (re.compile(rf"(?<=[座栋幢楼])\s*{_ROOM}"), lambda m: figures(m["room"])),
)


def _house(digits: str) -> str:
    return figures(digits) if len(digits) > 3 else number(int(digits))


def places(text: str) -> str:
    """Return an address whose house numbers are counted and whose rooms are read in figures."""
    spoken = text.translate(_FULL_WIDTH)
    for pattern, replacement in _PLACE_RULES:
        spoken = pattern.sub(replacement, spoken)
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", ",", spoken.strip())
