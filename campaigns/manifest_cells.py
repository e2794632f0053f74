"""What one cell of a manifest means."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers

from campaigns.promised_window import WindowError, promised_window

_LANGUAGES = MappingProxyType(
    {
        "zh-CN": ("zh-cn", "zh", "zh_cn", "中文", "汉语", "普通话", "国语", "chinese", "mandarin"),
        "en-US": ("en-us", "en", "en_us", "英语", "英文", "english"),
    }
)
_REGIONS = MappingProxyType(
    {
        "Asia/Hong_Kong": "HK", "Asia/Macau": "MO", "Asia/Taipei": "TW", "Asia/Singapore": "SG",
        "Asia/Kuala_Lumpur": "MY", "Asia/Tokyo": "JP", "Asia/Seoul": "KR", "Asia/Bangkok": "TH",
        "America/New_York": "US", "America/Chicago": "US", "America/Denver": "US",
        "America/Los_Angeles": "US", "Europe/London": "GB", "Australia/Sydney": "AU",
    }
)  # fmt: skip
_NO_AMOUNT = frozenset({"", "无", "否", "没有", "none", "no", "-"})
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_WAYBILL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{3,39}")
_EXTENSION = re.compile(r"\s*(?:转|分机|ext\.?|#)[\s:]*(\d{1,6})$", re.IGNORECASE)
_TWO_NUMBERS = re.compile(r"\d{5,}\s*(?:[/、,;\s]|或)\s*\+?\d{5,}")
_LONGEST_TEXT = 200
_LONGEST_WORD = 64
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_PRIORITY = re.compile(r"[+-]?\d{1,3}")
_PRIORITIES = MappingProxyType(
    {
        "": 0, "普通": 0, "一般": 0, "中": 0, "正常": 0, "normal": 0, "medium": 0,
        "高": 10, "加急": 10, "优先": 10, "high": 10,
        "最高": 20, "特急": 20, "紧急": 20, "urgent": 20, "highest": 20,
        "低": -10, "low": -10,
    }
)  # fmt: skip


class CellError(ValueError):
    """A cell that can't be used; `kind` is a word of `campaigns.manifest_problems`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def required(text: str) -> str:
    """Return the text of a cell that must not be empty."""
    if not text:
        raise CellError("empty")
    return text


def text_in(text: str) -> str:
    """Return free text on one line."""
    line = " ".join(text.split())
    if len(line) > _LONGEST_TEXT:
        raise CellError("too_long")
    return line


def waybill_in(text: str) -> str:
    """Return a waybill; an apostrophe in front, Excel's mark for text, is dropped."""
    plain = _half_width(text).lstrip("'").replace(" ", "")
    if _SCIENTIFIC.fullmatch(plain):
        raise CellError("digits_lost")
    if not _WAYBILL.fullmatch(plain):
        raise CellError("waybill_unreadable")
    return plain


def phone_in(text: str, region: str) -> tuple[str, str]:
    """Return the number as E.164 and its extension, which may be empty."""
    if region == "CN" and _mobile().fullmatch(text):
        return f"+86{text}", ""
    plain = _half_width(text).lstrip("'")
    if _SCIENTIFIC.fullmatch(plain):
        raise CellError("digits_lost")
    if _TWO_NUMBERS.search(plain):
        raise CellError("phone_several")
    extension = _EXTENSION.search(plain)
    digits = plain[: extension.start()] if extension else plain
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException as error:
        raise CellError("phone_unreadable") from error
    if not phonenumbers.is_valid_number(number):
        raise CellError("phone_invalid")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written, extension[1] if extension else number.extension or ""


@cache
def _mobile() -> re.Pattern[str]:
    """Return how a Chinese mobile number looks: most numbers are one, and need no longer look."""
    china: Any = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    return re.compile(china.mobile.national_number_pattern, re.ASCII)


def region_of(zone: ZoneInfo) -> str:
    """Return the country whose numbers are meant when no country code is written."""
    return _REGIONS.get(zone.key, "CN")


def window_in(text: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return both ends of the promised window in UTC; it must not be over."""
    try:
        start, end = promised_window(text, now.astimezone(zone).date(), zone)
    except WindowError as error:
        raise CellError(error.fault.value) from error
    if end <= now:
        raise CellError("window_past")
    return start, end


def fen_in(text: str) -> int:
    """Return an amount of yuan as fen; nothing written is 0."""
    plain = _half_width(text).casefold()
    plain = re.sub(r"^(?:¥|rmb|cny)|(?:元|圆|rmb|cny)$", "", plain).strip().replace(",", "")
    if plain in _NO_AMOUNT:
        return 0
    try:
        fen = Decimal(plain) * 100
    except InvalidOperation as error:
        raise CellError("amount_unreadable") from error
    if not fen.is_finite() or fen != fen.to_integral_value() or abs(fen) >= 10**12:
        raise CellError("amount_unreadable")
    if fen < 0:
        raise CellError("amount_negative")
    return int(fen)


def word_in(text: str) -> str:
    """Return a short text."""
    word = text_in(text)
    if len(word) > _LONGEST_WORD:
        raise CellError("too_long")
    return word


def priority_in(text: str) -> int:
    """Return how much earlier somebody is called; nothing written is 0."""
    plain = _half_width(text).casefold()
    if plain in _PRIORITIES:
        return _PRIORITIES[plain]
    if not _PRIORITY.fullmatch(plain):
        raise CellError("priority_unknown")
    return int(plain)


def email_in(text: str) -> str:
    """Return an e-mail address, or nothing."""
    plain = _half_width(text)
    if plain and (len(plain) > _LONGEST_TEXT or not _EMAIL.fullmatch(plain)):
        raise CellError("email_unreadable")
    return plain


def language_in(text: str, otherwise: str) -> str:
    """Return a language tag; nothing written is `otherwise`."""
    plain = _half_width(text).casefold()
    if not plain:
        return otherwise
    for tag, names in _LANGUAGES.items():
        if plain in names:
            return tag
    raise CellError("language_unknown")


def time_zone_in(text: str, otherwise: str) -> ZoneInfo:
    """Return a time zone; nothing written is `otherwise`."""
    plain = _half_width(text)
    if plain == "北京时间":
        plain = "Asia/Shanghai"
    try:
        return ZoneInfo(plain or otherwise)
    except (KeyError, ValueError, OSError) as error:
        raise CellError("zone_unknown") from error


def _half_width(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
