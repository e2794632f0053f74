"""Telephone numbers: as providers write them, and whether an SMS can get there."""

from __future__ import annotations

from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

_MOBILE: Final = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def as_e164(phone: str) -> str | None:
    """Return a number in E.164, Chinese where it names no country; None when it is none."""
    digits = phone.removeprefix("00").removeprefix("+")
    if not digits.isascii() or not digits.isdecimal():
        return None
    for written, region in ((digits, "CN"), (f"+{digits}", None)):
        try:
            parsed = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None


def takes_sms(phone: str) -> bool:
    """Say whether a number (E.164) may be a mobile telephone's."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(phone)) in _MOBILE
    except phonenumbers.NumberParseException:
        return False
