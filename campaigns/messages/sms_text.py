"""SMS as they travel: which alphabet, how many parts (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E,
    "|": 0x40, "€": 0x65,
}  # fmt: skip
_ESCAPE: Final = 0x1B


class Coding(Enum):
    """The alphabet of an SMS; the value is SMPP's data_coding."""

    GSM7 = 0
    UCS2 = 8


_ONE: Final = {Coding.GSM7: 160, Coding.UCS2: 70}
_OF_SEVERAL: Final = {Coding.GSM7: 153, Coding.UCS2: 67}
"""Units in a part of several: the user data header takes six bytes."""
MOST_PARTS: Final = 10


@dataclass(frozen=True, slots=True)
class SmsText:
    """A text as it is submitted."""

    coding: Coding
    units: int
    """Septets, or UTF-16 code units."""
    parts: tuple[bytes, ...]
    """One octet per septet, as SMPP wants them; no header."""

    @property
    def whole(self) -> bytes:
        """The text in one piece, for centres that cut it themselves."""
        return b"".join(self.parts)


def sms_text(text: str) -> SmsText:
    """Encode a text in the smaller alphabet that has all its letters, and cut it.

    No letter is cut in two: neither an escaped one nor a surrogate pair.
    """
    letters = [_gsm7(letter) for letter in text]
    if all(letters):
        coding, pieces = Coding.GSM7, [each for each in letters if each]
        width = 1
    else:
        coding, pieces = Coding.UCS2, [letter.encode("utf-16-be") for letter in text]
        width = 2
    units = sum(map(len, pieces)) // width
    if units <= _ONE[coding]:
        return SmsText(coding, units, (b"".join(pieces),))
    room = _OF_SEVERAL[coding] * width
    parts: list[bytes] = [b""]
    for piece in pieces:
        if len(parts[-1]) + len(piece) > room:
            parts.append(b"")
        parts[-1] += piece
    return SmsText(coding, units, tuple(parts))


def _gsm7(letter: str) -> bytes:
    """Return the septets of a letter; empty when the alphabet doesn't have it."""
    if letter in _EXTENDED:
        return bytes((_ESCAPE, _EXTENDED[letter]))
    place = -1 if letter == "\x1b" else _BASIC.find(letter)
    return b"" if place < 0 else bytes((place,))


def read_text(octets: bytes, data_coding: int) -> str:
    """Return what an incoming SMS says; what can't be read becomes a question mark."""
    if data_coding == Coding.UCS2.value:
        return octets.decode("utf-16-be", "replace")
    if data_coding == 3:
        return octets.decode("latin-1")
    if data_coding != Coding.GSM7.value:
        return octets.decode("ascii", "replace")
    told, escaped = "", False
    extended = {code: letter for letter, code in _EXTENDED.items()}
    for octet in octets:
        if octet == _ESCAPE and not escaped:
            escaped = True
            continue
        told += extended.get(octet, "?") if escaped else _BASIC[octet] if octet < 128 else "?"
        escaped = False
    return told
