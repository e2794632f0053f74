"""The spoken grammar of Chinese addresses: road, estate, building, unit, floor, room."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivr.meaning import Address
from ivr.nlu.numerals import CHARACTERS, digits, with_digits
from ivr.nlu.regions import region_of

_N = f"[{CHARACTERS}]"
_ROAD = "大道|大街|胡同|路|街|巷|弄"
_ESTATE = (
    "小区|花园|公寓|家园|花苑|新苑|雅苑|嘉苑|佳苑|名苑|新村|新城|名城|豪庭|山庄|庄园|公馆|别墅|大厦|大楼|广场|写字楼"
    "|科技园|产业园|工业园|创业园|国际|医院|学校|大学|中学|小学|幼儿园|公司|宿舍|府邸|华庭|华府|华苑|苑|府|湾|庭|城|里|村|园"
)
_NAMED = re.compile(
    rf"(?P<road>{_ROAD})|(?P<estate>{_ESTATE})(?!区|里|内|门口|的?驿站|的?物业|的?快递"
    rf"|.{{0,2}}(?:小区|花园|公寓|家园|新村|大厦|广场|大楼))"
)
_SUFFIX = re.compile(f"(?=(?:{_ROAD}|{_ESTATE}))")
"""Where the suffix of a road or estate may be; a look at it spares most places a longer one."""
_ROAD_NUMBER = re.compile(
    rf"(?:(?P<lane>{_N}{{1,6}})弄)?(?P<number>{_N}{{1,6}})(?P<suffix>号(?:大?院)?(?!楼|院|门|线)|弄)"
)
_BUILDING = re.compile(
    rf"第?(?P<number>[甲乙丙丁]?{_N}{{1,4}}|[A-Za-z甲乙丙丁东南西北])(?P<suffix>号楼|号院|栋楼|幢楼|栋|幢|座)"
)
_PHASE = re.compile(rf"第?(?P<number>{_N}{{1,2}})(?P<suffix>期)")
_UNIT = re.compile(rf"第?(?P<number>{_N}{{1,3}}|[甲乙丙丁东西])(?P<suffix>单元|门(?!口|外|牌|卫))")
_FLOOR = re.compile(rf"第?(?P<number>{_N}{{1,3}})(?P<suffix>层楼?|楼)")
_ROOM = re.compile(
    rf"(?:杠|-)?(?P<number>[A-Za-z]?{_N}{{1,6}}(?!{_N}))(?P<suffix>号房|房间|室|房|户|号(?!楼|院|门))?(?![天点分个次块元]|单元|号楼|号院|栋|幢|座|期|层|楼)"
)
_DOOR_LABEL = re.compile(
    rf"(?:门牌号?码?|房间号|房号|房门号|室号)(?:是|为|应该是|改成|写)?(?P<number>{_N}{{2,6}})(?:号|室)?"
)
_NUMBERED = re.compile(rf"{_N}|[第A-Za-z甲乙丙丁东南西北门房室]")
"""What a numbered part or its label begins with."""
_GLUE = re.compile(r"(?:的|那个|呃|嗯|啊|里面的?|里的?|然后|在|是)")
_LEAD_IN = re.compile(
    r".*(?:改到|改成|改为|改送|送到|寄到|换到|换成|换为|搬到|转到|放到|到了|地址是|地址在|地址|应该是|是在|住在|就是|不是|而是"
    r"|去|到|在|是|住|对|了|吧|呃|嗯|啊|送|寄|换|给我|帮我|麻烦|一下|那个|这个|我们|你们|他们|我|你|他|她|要|想)"
)
_NEVER_A_NAME = re.compile(
    r"哪|啥|什么|怎么|没|不|谁|几|半|快|都|还|有|说|打|说|在|的|每|同|一$|这|那|公司|路上|马|走|上$|条|迷|让|电话|趟|顺|就|为|能|可以|应|因"
)
_ONLY_NUMERALS = re.compile(f"{_N}+")
_LOOSE_ROOM = re.compile(rf"(?P<number>{_N}{{3,6}})(?P<suffix>室|号房|房(?!子))")
_LOOSE_NAME = re.compile(r"(?:[里城湾府庭]|(?<!新)村|(?<![花家庄])园)$")
"""Ends of names that are too common in other words to stand alone."""
_ORDER = ("road", "number", "estate", "phase", "building", "unit", "floor", "room")
"""From the largest to the smallest."""
_LONGEST_NAME = 8
_LONGEST_REGION = 10


@dataclass(frozen=True, slots=True)
class AddressSpan:
    """Where in the text an address was said."""

    start: int
    end: int
    address: Address
    weak: bool
    """Only a name that ends like a road or an estate; an address if one was asked for."""


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    text: str
    start: int
    end: int


def find_addresses(text: str) -> list[AddressSpan]:
    """Return the addresses in a text of Hanzi, in order."""
    found: list[AddressSpan] = []
    suffixes = [match.start() for match in _SUFFIX.finditer(text)]
    position = 0
    while position < len(text):
        named = any(0 <= at - position < _LONGEST_REGION + _LONGEST_NAME for at in suffixes)
        parts = _parts_from(text, position, named=named)
        if not parts:
            position += 1
            continue
        span = _span(parts)
        if not (span.weak and _LOOSE_NAME.search(span.address.text)):
            found.append(span)
        position = parts[-1].end
    return found


def merged(said: Address, known: str) -> Address:
    """Return the known address with the parts that were said in place of its own.

    A new building leaves no unit, floor or room of the old one; a room leaves everything else.
    Another road or estate is another address.
    """
    new, old = _all_parts(said.text), _all_parts(known)
    if not new or not old or {"road", "estate"} & {part.kind for part in new}:
        return said
    named = {part.kind: part for part in new}
    highest = min(_ORDER.index(kind) for kind in named)
    kept = [part for part in old if _ORDER.index(part.kind) < highest]
    parts = [*kept, *new]
    kinds = {part.kind for part in parts}
    return Address("".join(part.text for part in parts), _is_complete(kinds))


def _all_parts(text: str) -> list[_Part]:
    parts = next((found for at in range(len(text)) if (found := _parts_from(text, at))), [])
    return sorted(parts, key=lambda part: _ORDER.index(part.kind))


def _is_complete(kinds: set[str]) -> bool:
    door = "room" in kinds or ("number" in kinds and "estate" not in kinds)
    return bool(kinds & {"road", "estate"}) and door


def _parts_from(text: str, position: int, *, named: bool = True) -> list[_Part]:
    """Read the parts of one address, from the first that starts here; empty when none does.

    `named`: a road or estate may be named here.
    """
    numbered = _NUMBERED.match(text, position)
    label = _DOOR_LABEL.match(text, position) if numbered else None
    if label:
        return [_Part("room", digits(label["number"]) + "室", position, label.end())]
    first = _named(text, position) if named else None
    if first is None and numbered:
        first = _numbered(text, position, set())
    if first is None:
        return []
    parts = [first]
    while True:
        end = parts[-1].end
        kinds = {part.kind for part in parts}
        following = _numbered(text, end, kinds)
        if following is None:
            glue = _GLUE.match(text, end)
            beyond = glue.end() if glue else end
            following = _numbered(text, beyond, kinds) if glue else None
            following = following or _named(text, beyond, kinds)
        if following is None:
            return parts
        parts.append(following)


def _named(text: str, position: int, kinds: set[str] | None = None) -> _Part | None:
    """Read a road or estate: the name, without what leads in to it, and the suffix that ends it."""
    done = kinds or set()
    for match in _NAMED.finditer(text, position, position + _LONGEST_REGION + _LONGEST_NAME):
        kind = "road" if match["road"] else "estate"
        if kind in done:
            return None
        start = position
        region = region_of(text[position : match.start()]) if not done else ""
        if not done and not region:
            lead = _LEAD_IN.match(text, position, match.start())
            start = lead.end() if lead else position
            region = region_of(text[start : match.start()])
        name = text[start : match.start()]
        if name == region:
            region = ""  # 中山路 is in no Zhongshan.
        if not _is_name(name.removeprefix(region), match.group(), kind, bool(region)):
            continue
        return _Part(kind, name + match.group(), start, match.end())
    return None


def _is_name(name: str, suffix: str, kind: str, in_region: bool) -> bool:
    if not name or _NEVER_A_NAME.search(name) or _ONLY_NUMERALS.fullmatch(name):
        return False
    if kind == "estate" and len(name) + len(suffix) < 3 and not in_region:
        return False
    return len(name) <= _LONGEST_NAME


def _numbered(text: str, position: int, kinds: set[str]) -> _Part | None:
    """Read a numbered part that may follow the kinds already read."""
    if "road" in kinds and not kinds & {"number", "estate", "building", "unit", "room"}:
        match = _ROAD_NUMBER.match(text, position)
        if match:
            lane = digits(match["lane"]) + "弄" if match["lane"] else ""
            written = lane + digits(match["number"]) + match["suffix"]
            return _Part("number", written, position, match.end())
    for kind, pattern in (
        ("phase", _PHASE),
        ("building", _BUILDING),
        ("unit", _UNIT),
        ("floor", _FLOOR),
    ):
        match = pattern.match(text, position)
        if match and kind not in kinds and "room" not in kinds:
            if kind == "floor" and not kinds:
                return None
            written = with_digits(match["number"]).upper() + _written_suffix(match["suffix"])
            return _Part(kind, written, position, match.end())
    if kinds and "room" not in kinds and kinds & {"building", "unit", "floor", "estate", "number"}:
        match = _ROOM.match(text, position)
        if match and (match["suffix"] or len(with_digits(match["number"])) >= 3 or "unit" in kinds):
            return _Part("room", with_digits(match["number"]).upper() + "室", position, match.end())
    if not kinds:
        match = _LOOSE_ROOM.match(text, position)
        if match:
            return _Part("room", digits(match["number"]) + "室", position, match.end())
    return None


def _written_suffix(said: str) -> str:
    return {"栋楼": "栋", "幢楼": "幢", "层楼": "层"}.get(said, said)


def _span(parts: list[_Part]) -> AddressSpan:
    kinds = {part.kind for part in parts}
    weak = len(parts) == 1 and bool(kinds & {"road", "estate"})
    text = "".join(part.text for part in parts)
    return AddressSpan(parts[0].start, parts[-1].end, Address(text, _is_complete(kinds)), weak)
