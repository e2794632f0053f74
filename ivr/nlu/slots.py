"""Which time, address and place hold after everything was said, denied and corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ivr.meaning import Address, HandOver, Intent, SlotValue, Window
from ivr.nlu import english_numbers
from ivr.nlu.language import Language
from ivr.nlu.numerals import number
from ivr.nlu.reading import Reading, Slot
from ivr.nlu.time_words import Spoken
from ivr.nlu.windows import window_of

_DOOR = re.compile(r"\d+(?=室$)")


def slots_of(
    reading: Reading,
    expecting: tuple[Intent, ...],
    now: datetime,
    words: Language,
    *,
    scored: bool = False,
) -> dict[str, SlotValue]:
    """Return what holds of each kind after everything was said and taken back.

    `scored`: a score on a scale was asked for, so that other numbers are none.
    """
    slots: dict[str, SlotValue] = {}
    window = _window(reading, expecting, now, words)
    if window is not None:
        slots["window"] = window
    address = _address(reading)
    if address is not None:
        slots["address"] = address
    denying = {"not_place", "elsewhere", "how_much", "which_parcel", "when", "angry", "question"}
    if corrects_place(reading, expecting):
        denying.discard("not_place")
    places = _said(reading, "place", denying)
    if places:
        slots["hand_over"] = _place(places[-1])
    elif _door_is_meant(reading, expecting):
        slots["hand_over"] = HandOver.DOOR
    names = [slot.value for slot in reading.slots if slot.kind == "name"]
    if names:
        slots["name"] = str(names[-1])
    said_number = None if scored else _number(reading, expecting, slots, words)
    given = [slot.value for slot in reading.slots if slot.kind == "rated"]
    if given:
        slots["number"] = int(str(given[-1]))
    if said_number is not None and "number" not in slots:
        slots["number"] = said_number
    if "address" not in slots and _door_is_corrected(reading, expecting):
        slots["address"] = Address(f"{slots.pop('number')}室", complete=False)
    return slots


def _number(
    reading: Reading, expecting: tuple[Intent, ...], slots: Mapping[str, SlotValue], words: Language
) -> str | int | None:
    """Return a score or count as an int, and digits in a row (telephones, doors) as text."""
    asked = Intent.TELL in expecting
    scores = [slot.value for slot in reading.slots if slot.kind == "score"]
    if scores and asked:
        return _count(str(scores[-1]), words)
    numbers = [
        slot.value
        for slot in reading.slots
        if slot.kind == "number" and not _is_denied(reading, slot)
    ]
    if numbers and isinstance(numbers[-1], str):
        return "".join(map(str, numbers)) if _are_one_telephone(numbers) else numbers[-1]
    if asked and not slots:
        counted = [token for token in reading.tokens if _count(token, words) is not None]
        return _count((" " if words.spaced else "").join(counted), words)
    return None


def _count(said: str, words: Language) -> int | None:
    return english_numbers.number(said) if words.spaced else number(said)


def _is_denied(reading: Reading, slot: Slot) -> bool:
    """不是五零一 names what is wrong."""
    others = [other for other in reading.slots if other.kind == "number" and other is not slot]
    return bool(others) and _follows(reading, slot.at, ("不", "是"))


def _are_one_telephone(numbers: Sequence[object]) -> bool:
    """一三九,一二三四,五六七八: a number said in groups."""
    return len(numbers) > 1 and 7 <= sum(len(str(part)) for part in numbers) <= 12


def _door_is_corrected(reading: Reading, expecting: tuple[Intent, ...]) -> bool:
    """不对是五零一: where an address was read out, a number puts its door right."""
    numbers = [slot for slot in reading.slots if slot.kind == "number"]
    if not numbers or (Intent.TELL in expecting and Intent.CHANGE_ADDRESS not in expecting):
        return False
    if {Intent.TELL, Intent.CHANGE_ADDRESS} <= set(expecting) and len(numbers) == 1:
        return len(str(numbers[0].value)) in {3, 4}  # 九零三 tells which door.
    denies = any(
        spot.kind in {"no", "corrections", "change_address"} for spot in reading.spots
    ) or any(_follows(reading, slot.at, ("不", "是")) for slot in numbers)
    return denies and all(3 <= len(str(slot.value)) <= 4 for slot in numbers)


def _place(slot: Slot) -> HandOver:
    return slot.value if isinstance(slot.value, HandOver) else HandOver.DOOR


def _said(reading: Reading, kind: str, denied_by: Iterable[str]) -> list[Slot]:
    """Return the slots of a kind that were not denied."""
    denied = {
        slot.at
        for spot in reading.spots
        if spot.kind in set(denied_by)
        for slot in reading.slots_in(spot, kind)
    }
    return [slot for slot in reading.slots if slot.kind == kind and slot.at not in denied]


def _address(reading: Reading) -> Address | None:
    said = [
        slot for slot in reading.slots if slot.kind == "address" and isinstance(slot.value, Address)
    ]
    kept = [slot for slot in said if not _is_denied_address(reading, slot, said)]
    if not said:
        return None
    chosen = (kept or said)[-1]
    address = chosen.value
    if not isinstance(address, Address):
        return None
    for slot in reading.slots:
        if slot.kind != "number" or slot.at < chosen.at or not isinstance(slot.value, str):
            continue
        if reading.tokens[chosen.at + 1 : slot.at] != ("不", "是"):
            # 二单元五零一不对是五零二: a number after an address puts its door right.
            address = replace(address, text=_DOOR.sub(slot.value, address.text))
    return address


def _is_denied_address(reading: Reading, slot: Slot, said: list[Slot]) -> bool:
    """不是三号楼 denies it; in 五号楼不是三号楼, without 是 before the first, it puts it right."""
    if not _follows(reading, slot.at, ("不", "是")):
        return False
    before = [other for other in said if other.at < slot.at]
    return not before or _follows(reading, before[-1].at, ("是",)) or slot is not said[-1]


def _follows(reading: Reading, at: int, tokens: tuple[str, ...]) -> bool:
    return reading.tokens[max(0, at - len(tokens)) : at] == tokens


def _window(
    reading: Reading, expecting: tuple[Intent, ...], now: datetime, words: Language
) -> Window | None:
    """Return the time that holds after everything was said and taken back."""
    times = [
        slot
        for slot in _said(reading, "time", _denying_time(reading, expecting))
        if not is_aside(reading, slot)
    ]
    if not times:
        return None
    if isinstance(times[-1].value, Window):
        return times[-1].value
    spoken = Spoken()
    context = [slot for slot in reading.slots if slot.kind == "time" and slot not in times]
    for slot in context:
        # 上午不在家: the day that was denied in part still is the day spoken of.
        if isinstance(slot.value, Spoken) and slot.value.part and slot.at < times[0].at:
            spoken = Spoken(day=slot.value.day)
    in_doubt = False
    for index, slot in enumerate(times):
        if not isinstance(slot.value, Spoken):
            continue
        if index and _are_alternatives(reading, times[index - 1].at, slot.at):
            in_doubt = True
            if _is_span(reading, times[index - 1].at, slot.at):
                return _spanning(spoken, spoken.corrected_by(slot.value), now, words)
            continue
        in_doubt = in_doubt or _keeps_hour_on_new_day(spoken, slot.value)
        spoken = spoken.corrected_by(slot.value)
    window = window_of(spoken, now, words.days)
    if window is not None and in_doubt:
        return Window(window.start, window.end, certain=False)
    return window


def _keeps_hour_on_new_day(before: Spoken, after: Spoken) -> bool:
    moved = before.day is not None and after.day is not None and before.day != after.day
    return moved and bool(before.part or before.clock) and not (after.part or after.clock)


def _are_alternatives(reading: Reading, earlier: int, later: int) -> bool:
    between = reading.tokens[earlier + 1 : later]
    return between in {("或", "者"), ("或",), ("和",), ("跟",), ("到",), ("or",), ("都", "行")}


def _is_span(reading: Reading, earlier: int, later: int) -> bool:
    return reading.tokens[earlier + 1 : later] == ("到",)


def _spanning(first: Spoken, last: Spoken, now: datetime, words: Language) -> Window | None:
    begins, ends = window_of(first, now, words.days), window_of(last, now, words.days)
    if begins is None or ends is None or ends.end is None or ends.end <= begins.start:
        return begins
    return Window(begins.start, ends.end, begins.certain and ends.certain)


def _denying_time(reading: Reading, expecting: tuple[Intent, ...]) -> set[str]:
    denying = {"not_time", "not_home", "when", "angry", "how_much", "repeat", "question"}
    if corrects_at_once(reading, expecting) or _corrects_itself(reading):
        denying.discard("not_time")
    return denying


def _corrects_itself(reading: Reading) -> bool:
    """后天上午不是后天下午吧: without a comma, 不是 between two times takes back the first."""
    times = [slot.at for slot in reading.slots if slot.kind == "time"]
    return len(times) >= 2 and reading.tokens[times[-2] + 1 : times[-1]] == ("不", "是")


def corrects_at_once(reading: Reading, expecting: tuple[Intent, ...]) -> bool:
    """不是后天下午 answers "is it tomorrow?" by naming the right day, not by denying one."""
    times = [slot.at for slot in reading.slots if slot.kind == "time"]
    return (
        len(times) == 1
        and Intent.RESCHEDULE not in expecting
        and Intent.YES in expecting
        and reading.tokens[:2] == ("不", "是")
        and times[0] == 2
    )


def corrects_place(reading: Reading, expecting: tuple[Intent, ...]) -> bool:
    """不是放门口 answers "in the locker?" by naming the right place, not by denying one."""
    places = [slot.at for slot in reading.slots if slot.kind == "place"]
    return (
        len(places) == 1
        and Intent.HAND_OVER not in expecting
        and Intent.YES in expecting
        and reading.tokens[:2] == ("不", "是")
        and places[0] in {2, 3}
    )


def is_aside(reading: Reading, slot: Slot) -> bool:
    """我今天休息全天都在: a bare today that only says why somebody is in or out is no wish."""
    value = slot.value
    if not isinstance(value, Spoken) or value.clock:
        return False
    if value.part not in {"", "全天"} and not _is_all_of_it(reading, slot):
        return False
    today = value.day is not None and value.day.kind == "today_plus" and value.day.value == 0
    if not (today or (value.day is None and value.part)):
        return False
    around = {
        s.kind for s in reading.spots if s.kind == "at_home" or not s.start <= slot.at < s.end
    }
    wished = any(s.kind == "reschedule" and s.start <= slot.at < s.end for s in reading.spots)
    return bool(around & {"at_home", "not_home"}) and not wished


def _is_all_of_it(reading: Reading, slot: Slot) -> bool:
    """我下午都在家, in all afternoon: when he is in, not when we should come."""
    before, after = reading.tokens[: slot.at], reading.tokens[slot.at + 1 :]
    return after[:1] == ("都",) or before[-1:] == ("all",) or before[-2:] == ("整", "个")


def _door_is_meant(reading: Reading, expecting: tuple[Intent, ...]) -> bool:
    """He is in, or he refuses a place where the parcel could be left: it comes to the door."""
    kinds = {spot.kind for spot in reading.spots}
    asked_where = Intent.YES not in expecting and Intent.HAND_OVER in expecting
    if "at_home" in kinds and asked_where:
        return True
    return "not_place" in kinds and Intent.HAND_OVER in expecting
