"""How much of a person is shown: names, numbers and addresses by role and page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from store.people_types import Role

HIDDEN: Final = "***"

_CHINESE_NAME = re.compile(r"[\u3400-\u9fff·]+")
_DISTRICT = re.compile(
    r"^(?P<shown>(?:[\u3400-\u9fff]{2,8}?(?:省|自治区|特别行政区))?"
    r"(?:[\u3400-\u9fff]{2,8}?(?:市|自治州|地区|盟))?"
    r"(?:[\u3400-\u9fff]{1,8}?(?:新区|(?<![小社])[区县旗市]))?)"
)
_COUNTRY = re.compile(r"^\+(86|852|853|886|1|44|49|33|81|82|65|61)")
_SPOKEN_DIGIT = "0-9〇零一二三四五六七八九幺两"
_PRESSED = re.compile(r"\[[0-9A-Da-d*#]\]")
"""A key among words, as the live transcript tells it: digits of a number come one by one."""
_LONG_NUMBER = re.compile(rf"[{_SPOKEN_DIGIT}](?:[\s\-]?[{_SPOKEN_DIGIT}]){{6,}}")

_CODE = re.compile(rf"[{_SPOKEN_DIGIT}](?:[\s\-]?[{_SPOKEN_DIGIT}]){{2,}}")
"""A door, a code, the end of a number: nobody but us has reason to say so many digits."""
_COUNTED = rf"[{_SPOKEN_DIGIT}十百]+"
_DOOR = re.compile(
    rf"(?:[\u3400-\u9fff]{{1,6}}?(?:路|街|大道|巷|胡同){_COUNTED}[号弄]"
    rf"|{_COUNTED}(?:号楼|号院|单元|栋|幢|座|弄|室))[{_SPOKEN_DIGIT}十百号栋幢座楼层单元室之\-]*"
)
"""An address that is said where nobody asked for it."""

ASKED_OF_THEM: Final = frozenset(
    {
        *("ask_identity", "third_party", "third_party_later", "are_you"),
        *("ask_address", "ask_door", "which_address", "confirm_address"),
        *("opening_address", "opening_again"),
        *("verify_address", "verify_address_again", "same_address", "same_address_again"),
        *("ask_this_address", "is_it_this_address", "where", "ask_where", "confirm_directions"),
        *("verify_phone", "same_phone", "offer_this_phone", "this_phone"),
    }
)
"""Questions of the flows that are answered with a name, an address or a number."""
READ_BACK: Final = frozenset(
    {"which_address", "confirm_address", "confirm_directions", "courier_number", "tell_code"}
    | {"arrange_with_courier"}
)
"""Where we say what is nobody else's: an address just told, or a code."""

_PLACE = re.compile(r"[\u3400-\u9fff]{3,}")
_LATIN_PLACE = re.compile(r"[A-Za-z][A-Za-z'. ]{3,}[A-Za-z]")
_NUMBERED = rf"[{_SPOKEN_DIGIT}十百号弄巷栋幢座楼层单元室之\-]*"
"""What follows the name of a street when an address is said: 十八号三号楼五零二室."""


class Page(StrEnum):
    """Where something is shown, which decides how many people may see it in passing."""

    BOARD = "board"
    """On a wall, or among many."""
    LIST = "list"
    CALL = "call"
    """The page of one call, contact or ticket."""


def masked_name(name: str) -> str:
    """Return the family name alone: 王**; of other names the first letter."""
    name = name.strip()
    if not name:
        return ""
    if _CHINESE_NAME.fullmatch(name):
        return name[0] + "**"
    return name[0].upper() + HIDDEN


def masked_phone(phone: str) -> str:
    """Return a number by which its owner alone is recognised: +86138****8001."""
    if not phone:
        return ""
    country = _COUNTRY.match(phone)
    lead = country.group() if country else ""
    rest = phone[len(lead) :]
    if len(rest) < 7:
        return lead + HIDDEN
    return f"{lead}{rest[:3]}****{rest[-4:]}" if len(rest) > 9 else f"{lead}****{rest[-3:]}"


def masked_address(address: str) -> str:
    """Return an address down to its district; of one in Latin letters what follows its comma."""
    address = address.strip()
    if not address:
        return ""
    district = _DISTRICT.match(address)
    if district is not None and district["shown"]:
        return district["shown"] + HIDDEN
    _street, comma, town = address.rpartition(",")
    return f"{HIDDEN},{town}" if comma and not any(map(str.isdigit, town)) else HIDDEN


def masked_words(text: str, known: Iterable[str] = ()) -> str:
    """Return what was said without long numbers, nor anything that is `known` of the person.

    Nobody says an address as it is written: its street is hidden wherever it is said, with the
    numbers behind it.
    """
    values = sorted({each.strip() for each in known}, key=len, reverse=True)
    for value in values:
        if len(value) > 1:
            text = text.replace(value, HIDDEN)
    for place in {each for value in values for each in _places_in(value)}:
        if place.casefold() in text.casefold():
            said = re.compile(re.escape(place) + _NUMBERED, re.IGNORECASE)
            text = said.sub(HIDDEN, text)
    return _LONG_NUMBER.sub(HIDDEN, _PRESSED.sub(f"[{HIDDEN}]", text))


def masked_turn(text: str, known: Iterable[str], *, ours: bool, asked: str) -> str:
    """Return what was said in a call; `asked`: the question or prompt it belongs to, if known.

    An answer that is a name, an address or a number is hidden by what was asked for: a few words,
    or two digits, look like any others.
    """
    if text and asked in (READ_BACK if ours else ASKED_OF_THEM):
        return HIDDEN
    text = masked_words(text, known)
    return text if ours else _CODE.sub(HIDDEN, _DOOR.sub(HIDDEN, text))


def _places_in(value: str) -> Iterator[str]:
    """Yield the names of streets and houses in an address, without what masking leaves of it."""
    district = _DISTRICT.match(value)
    yield from _PLACE.findall(value[district.end() :] if district is not None else value)
    if any(map(str.isdigit, value)):
        street, comma, _town = value.rpartition(",")
        yield from _LATIN_PLACE.findall(street if comma else value)


@dataclass(frozen=True, slots=True)
class Sight:
    """What one viewer sees of people on one page."""

    full: bool

    def name(self, name: str) -> str:
        """Return a name as it may be shown."""
        return name if self.full else masked_name(name)

    def phone(self, phone: str) -> str:
        """Return a number as it may be shown."""
        return phone if self.full else masked_phone(phone)

    def address(self, address: str) -> str:
        """Return an address as it may be shown."""
        return address if self.full else masked_address(address)

    def words(self, text: str, known: Iterable[str] = ()) -> str:
        """Return what was said as it may be shown; `known`: name, number, address of the person."""
        return text if self.full else masked_words(text, known)

    def turn(self, text: str, known: Iterable[str] = (), *, ours: bool, asked: str) -> str:
        """Return a turn of a call as it may be shown; `asked`: its question, prompt or state."""
        return text if self.full else masked_turn(text, known, ours=ours, asked=asked)

    def key(self, key: str) -> str:
        """Return a key that was pressed as it may be shown: it may be a digit of a number."""
        return key if self.full or not key else HIDDEN


def sight(role: Role, page: Page, *, own_call: bool = False) -> Sight:
    """Return what that role sees there; `own_call`: an agent's own, while they have it.

    Whoever shows a page in full writes it down by `console.web.audit.record`.
    """
    if page is not Page.CALL:
        return Sight(full=False)
    supervises = role in (Role.ADMIN, Role.SUPERVISOR)
    return Sight(full=supervises or (role is Role.AGENT and own_call))
