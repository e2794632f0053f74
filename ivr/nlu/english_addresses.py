"""The spoken grammar of English addresses: number, street, building, floor and door."""

from __future__ import annotations

import re

from ivr.meaning import Address
from ivr.nlu.addresses import AddressSpan
from ivr.nlu.english_numbers import ORDINAL, WORD, digits, ordinal

_NUMBER = rf"(?:{WORD}|hundred|and)(?: (?:{WORD}|hundred|and(?= )))*"
_KINDS = "street|road|avenue|lane|drive|court|boulevard|way|place|square|terrace|close|crescent"
_NAMED = r"(?!the |my |a |no |not |is |to |at )[a-z']{2,}"
_STREET = re.compile(
    rf"\b(?:(?P<number>{_NUMBER}) )?(?P<name>(?:{ORDINAL}|{_NAMED})(?: {_NAMED}){{0,2}}?) "
    rf"(?P<kind>{_KINDS})\b"
)
_DOOR = re.compile(
    rf"(?P<what>apartment|flat|unit|suite|room|door|house|building|block|tower|floor)"
    rf"(?: number| no)? (?P<number>{_NUMBER}|[a-f])(?P<letter> [a-d])?\b"
)
_FLOOR = re.compile(rf"(?P<nth>{ORDINAL}) floor\b")
_ROOMS = {"apartment", "flat", "unit", "suite", "room", "house", "door"}
_NOT_NAMES = {"way": {"on", "the", "by", "no", "any", "this", "that", "my", "your"}}
_CALLED_PLACE = {"another", "other", "different", "same", "that", "this", "safe", "my", "new"}


def find_addresses(text: str) -> list[AddressSpan]:
    """Return the addresses in a text of English words, in order."""
    pieces = sorted([*_streets(text), *_doors(text)])
    spans: list[AddressSpan] = []
    for start, end, written, kind in pieces:
        before = spans[-1] if spans else None
        between = text[before.end : start].strip() if before else "x"
        if before is not None and between in {"", "and", "in", "on the", "the", "at"}:
            whole = f"{before.address.text} {written}"
            complete = before.address.complete or (kind == "room" and not before.weak)
            spans[-1] = AddressSpan(before.start, end, Address(whole, complete), weak=False)
        else:
            complete = kind == "number"
            spans.append(AddressSpan(start, end, Address(written, complete), kind == "street"))
    return spans


_Piece = tuple[int, int, str, str]


def _streets(text: str) -> list[_Piece]:
    found: list[_Piece] = []
    for match in _STREET.finditer(text):
        name, kind = match["name"], match["kind"]
        if name.split()[-1] in _CALLED_PLACE | _NOT_NAMES.get(kind, set()):
            continue
        number = digits(match["number"]) if match["number"] else ""
        if not number and kind in {"way", "place", "close", "court", "drive"}:
            continue
        written = f"{number} {name} {kind}".strip()
        found.append((match.start(), match.end(), written, "number" if number else "street"))
    return found


def _doors(text: str) -> list[_Piece]:
    found: list[_Piece] = []
    for match in _DOOR.finditer(text):
        said = match["number"]
        number = said if len(said) == 1 and said.isalpha() else digits(said)
        letter = (match["letter"] or "").strip()
        if not number:
            continue
        kind = "room" if match["what"] in _ROOMS else match["what"]
        written = f"{match['what']} {number}{letter}"
        found.append((match.start(), match.end(), written, kind))
    for match in _FLOOR.finditer(text):
        level = ordinal(match["nth"])
        found.append((match.start(), match.end(), f"floor {level}", "floor"))
    return found
