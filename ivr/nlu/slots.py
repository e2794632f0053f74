"""Which time, address and place hold after everything was said, denied and corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ivr.meaning import Address, HandOver, Intent, SlotValue, Window
from ivr.nlu.language import Language
from ivr.nlu.numerals import number
from ivr.nlu.reading import Reading, Slot
from ivr.nlu.time_words import Spoken
from ivr.nlu.windows import window_of

_DOOR = re.compile(r"\d+(?=室$)")


def slots_of(
    reading: Reading, expecting: tuple[Intent, ...], now: datetime, words: Language
) -> dict[str, SlotValue]:
    """Return what holds of each kind after everything was said and taken back."""
    slots: dict[str, SlotValue] = {}
    window = _window(reading, expecting, now, words)
    if window is not None:
        slots["window"] = window
    address = _address(reading)
    if address is not None:
        slots["address"] = address
    places = [s for s in _said(reading, "place", {"not_place", "elsewhere"})]
    if places:
        slots["hand_over"] = _place(places[-1])
    elif _door_is_meant(reading, expecting):
        slots["hand_over"] = HandOver.DOOR
    numbers = [slot.value for slot in reading.slots if slot.kind == "number"]
    if numbers and isinstance(numbers[-1], str):
        slots["number"] = numbers[-1]
    elif Intent.TELL in expecting and not slots:
        spoken = number("".join(token for token in reading.tokens if number(token) is not None))
        if spoken is not None:
            slots["number"] = spoken
    return slots


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
    kept = [slot for slot in said if not _follows(reading, slot.at, ("不", "是"))]
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


def _follows(reading: Reading, at: int, tokens: tuple[str, ...]) -> bool:
    return reading.tokens[max(0, at - len(tokens)) : at] == tokens


def _window(
    reading: Reading, expecting: tuple[Intent, ...], now: datetime, words: Language
) -> Window | None:
    """Return the time that holds after everything was said and taken back."""
    times = _said(reading, "time", _denying_time(reading, expecting))
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
    denying = {"not_time", "not_home", "when", "angry"}
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


def _door_is_meant(reading: Reading, expecting: tuple[Intent, ...]) -> bool:
    """He is in, or he refuses a place where the parcel could be left: it comes to the door."""
    kinds = {spot.kind for spot in reading.spots}
    asked_where = Intent.YES not in expecting and Intent.HAND_OVER in expecting
    if "at_home" in kinds and asked_where:
        return True
    return "not_place" in kinds and Intent.HAND_OVER in expecting
