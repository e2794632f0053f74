"""What was said, as events in order: one per wish, question and answer of a breath."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ivr.meaning import Intent, SlotValue
from ivr.nlu.coverage import SILENT, SURE_WORDS, coverage
from ivr.nlu.questions import asked_at
from ivr.nlu.reading import Reading, Slot
from ivr.nlu.slots import corrects_at_once, corrects_place
from ivr.nlu.spotting import Spot
from ivr.nlu.time_words import Spoken

_DECISIVE = (
    Intent.OPT_OUT,
    Intent.WRONG_NUMBER,
    Intent.REFUSE,
    Intent.PERSON,
    Intent.ANGRY,
)
"""Whatever else was said, these come first, in this order."""
_PLAIN: dict[Intent, float] = {
    Intent.NOT_HOME: 7,
    Intent.DONT_KNOW: 7,
    Intent.YES: 8,
    Intent.NO: 8,
    Intent.QUESTION: 8.5,
    Intent.BACK: 9,
    Intent.THANKS: 10,
    Intent.GOODBYE: 10,
    Intent.GREETING: 11,
    Intent.BACKCHANNEL: 12,
}
"""Rank of what gives way to a wish or a question of the same breath."""
_WISH = 6
_NOT = frozenset("不没别未") | {"not", "don't", "isn't", "never"}
"""In front of a yes they make it a no."""
_FOR_EVER = re.compile("再|以后|今后|老|总|天天|骚扰|烦|这个")
"""Turns a 别打电话 about this parcel into one about all calls."""
_YES_OR_NO = frozenset({Intent.YES, Intent.NO, Intent.TELL, Intent.DONT_KNOW})
"""A question that hopes for nothing else is about anything; one that does arranges a delivery."""
_PARCEL = frozenset("退拒收签买订购单件货寄送派取拦截递东西裹") | {
    "back",
    "order",
    "parcel",
    "return",
}
"""In a refusal: it is the parcel that isn't wanted."""
_TIME_TO_TALK = frozenset("空时")
"""没空 and 没时间 say no to whatever was asked."""
_RING = frozenset("打拨电联说讲聊话") | {"call", "ring", "phone", "talk"}
"""Words of somebody who wants to be called, or can't speak now."""
_OUTWEIGH_BUSY = {
    Intent.RESCHEDULE,
    Intent.HAND_OVER,
    Intent.CHANGE_ADDRESS,
    Intent.REFUSE,
    Intent.NOT_HOME,
}
_WEAKLY = 0.5
"""How much an 哦 counts as a yes."""
_ASKED = 0.7
"""Likeness of a question that only its question word gives away."""
_SLOT_INTENTS = {
    "time": Intent.RESCHEDULE,
    "address": Intent.CHANGE_ADDRESS,
    "place": Intent.HAND_OVER,
}
SLOT_NAMES = {
    Intent.RESCHEDULE: "window",
    Intent.CHANGE_ADDRESS: "address",
    Intent.HAND_OVER: "hand_over",
}
_LEAST_COVERAGE_OF_DAY = 0.7
"""Of an utterance, where nothing but the name of a day was understood."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing said."""

    intent: Intent
    at: int
    likeness: float
    length: int
    bare: bool = False
    """Only a slot, with no word that says what to do with it."""


_ASKED_BACK = frozenset(
    {
        Intent.WHO,
        Intent.WHICH_PARCEL,
        Intent.FROM_WHOM,
        Intent.WHEN,
        Intent.HOW_MUCH,
        Intent.IS_IT_A_SCAM,
        Intent.HOW_DID_YOU_GET_MY_NUMBER,
        Intent.QUESTION,
    }
)
"""Questions; a spot's kind is the word of its intent."""


def events_of(
    reading: Reading, slots: dict[str, SlotValue], expecting: tuple[Intent, ...]
) -> list[Event]:
    """Return what was said, as an answer to a question that hopes for `expecting`."""
    events: list[Event] = []
    used: set[int] = set()
    asks_back = any(spot.kind in _ASKED_BACK for spot in reading.spots)
    for spot in reading.spots:
        intents = _intents_of(spot, reading, slots, expecting)
        if asks_back and spot.kind in {"acks", "weak_acks"} and spot.end - spot.start == 1:
            intents = ()  # 嗯你几点到啊: he has heard us and wants to know more before he answers
        length = spot.end - spot.start
        sure = spot.likeness * (_WEAKLY if spot.kind == "weak_acks" else 1.0)
        events += [Event(intent, spot.start, sure, length) for intent in intents]
        if spot.kind not in SILENT:
            used |= set(range(spot.start, spot.end))
    for slot in reading.slots:
        intent = _SLOT_INTENTS.get(slot.kind)
        in_force = intent is not None and SLOT_NAMES[intent] in slots
        if slot.kind == "number" and "address" in slots and "number" not in slots:
            intent, in_force = Intent.CHANGE_ADDRESS, True
        if intent is not None and in_force and slot.at not in used:
            if slot.kind == "place" and _is_elsewhere(reading, slot):
                continue
            if slot.kind == "time" and _is_passing_mention(reading, slot):
                continue
            events.append(Event(intent, slot.at, 1.0, SURE_WORDS, bare=True))
    if (
        Intent.TELL in expecting
        and "number" in slots
        and (not events or any(slot.kind in {"score", "rated"} for slot in reading.slots))
    ):
        events.append(Event(Intent.TELL, 0, 1.0, SURE_WORDS, bare=True))
    events = [e for e in events if e.intent is not Intent.ANGRY or not _rates(reading)]
    if not events and "name" in slots:
        events.append(Event(Intent.TELL, 0, 1.0, SURE_WORDS, bare=True))
    if events:
        events += question_in(reading, used)
    return _without_slips(sorted(events, key=lambda event: event.at), reading)


def _rates(reading: Reading) -> bool:
    """打一分太差了 answers the question for a score, however angry it sounds."""
    return any(slot.kind == "rated" for slot in reading.slots)


def question_in(reading: Reading, used: AbstractSet[int] = frozenset()) -> list[Event]:
    """Return the question that no phrase knows, if one was asked outside the tokens in `used`."""
    plain = {
        (spot.start, spot.end) for spot in reading.spots if spot.kind in {"plain", "elsewhere"}
    }
    at = asked_at(reading.tokens, used, plain)
    return [] if at is None else [Event(Intent.QUESTION, at, _ASKED, SURE_WORDS)]


def _intents_of(
    spot: Spot, reading: Reading, slots: dict[str, SlotValue], expecting: tuple[Intent, ...]
) -> tuple[Intent, ...]:
    asked = Intent.YES in expecting
    plainly = asked and _YES_OR_NO.issuperset(expecting)
    match spot.kind:
        case "affirmed" | "denied":
            answers = plainly and (spot.end - spot.start > 1 or _is_all(spot, reading))
            is_yes = spot.kind == "affirmed" and not _is_negated(spot, reading)
            return (Intent.YES if is_yes else Intent.NO,) if answers else ()
        case "refuse" if plainly and _names_no_parcel(spot, reading):
            return (Intent.NO,)
        case "not_home" if plainly and _TIME_TO_TALK & set(reading.tokens[spot.start : spot.end]):
            return (Intent.NO,)
        case "acks" if _is_negated(spot, reading):
            return (Intent.NO,) if asked else ()
        case "acks":
            if spot.end - spot.start == 1 and not _stands_alone(spot, reading):
                return ()
            return (Intent.YES if asked else Intent.BACKCHANNEL,)
        case "weak_acks" if not _opens(spot, reading):
            return ()
        case "weak_acks":
            return (Intent.YES if asked else Intent.BACKCHANNEL,)
        case "yes" if _is_negated(spot, reading):
            return (Intent.NO,)
        case "hand_over" if asked and Intent.HAND_OVER not in expecting:
            agrees = reading.tokens[spot.start : spot.start + 2] == ("可", "以")
            asks = reading.tokens[spot.end : spot.end + 1] == ("吗",)
            return (Intent.YES, Intent.HAND_OVER) if agrees and not asks else (Intent.HAND_OVER,)
        case "sounds":
            return (Intent.BACKCHANNEL,)
        case "at_home":
            where = not asked and Intent.HAND_OVER in expecting
            return (Intent.HAND_OVER if where else Intent.YES,)
        case "corrections" if _denies(spot, reading):
            return (Intent.NO,)
        case "unchanged":
            return (Intent.YES if asked else Intent.NO,)
        case "not_place":
            if corrects_place(reading, expecting):
                return (Intent.NO, Intent.HAND_OVER)
            if "hand_over" in slots:
                return (Intent.HAND_OVER,)
            return (Intent.NO,)
        case "not_time":
            if corrects_at_once(reading, expecting):
                return (Intent.NO, Intent.RESCHEDULE)
            return (Intent.RESCHEDULE,)
        case kind if kind in SILENT:
            return ()
        case kind:
            return (Intent(kind),)


def _is_negated(spot: Spot, reading: Reading) -> bool:
    before = reading.tokens[max(0, spot.start - 2) : spot.start]
    return (
        before[-1:] == ("有",) and before[0] in _NOT
        if before[-1:] == ("有",)
        else bool(before) and before[-1] in _NOT
    )


def _is_all(spot: Spot, reading: Reading) -> bool:
    others = (other for other in reading.spots if other is not spot)
    return len(reading.tokens) == 1 or (
        not reading.slots and all(other.kind in {"fillers", "sounds", "acks"} for other in others)
    )


def _names_no_parcel(spot: Spot, reading: Reading) -> bool:
    """我不要了 says no to 需要发票吗; 快递我不要了 refuses whatever was asked."""
    return not _PARCEL & set(reading.tokens[spot.start : spot.end])


def _denies(spot: Spot, reading: Reading) -> bool:
    """呃不对, with nothing after it, is the whole answer."""
    said = set(reading.tokens[spot.start : spot.end])
    return (
        bool(said & {"不", "错"})
        and all(later.kind == "fillers" for later in reading.spots if later.start >= spot.end)
        and not any(slot.at >= spot.end for slot in reading.slots)
    )


def _stands_alone(spot: Spot, reading: Reading) -> bool:
    """Tell 对 from the first half of a word nobody knows."""
    if spot.start == 0:
        return True
    explained = any(other.end == spot.start for other in reading.spots)
    return explained and spot.end == len(reading.tokens)


def _opens(spot: Spot, reading: Reading) -> bool:
    """Tell 哦 from the particle that ends 你听错了哦."""
    light = {"acks", "weak_acks", "sounds", "fillers"}
    return all(other.kind in light for other in reading.spots if other.start < spot.start)


def _is_passing_mention(reading: Reading, slot: Slot) -> bool:
    """Tell 今天天气真好 from an answer that names a day."""
    only_day = isinstance(slot.value, Spoken) and not (slot.value.part or slot.value.clock)
    return only_day and coverage(reading, besides="plain") < _LEAST_COVERAGE_OF_DAY


def _is_elsewhere(reading: Reading, slot: Slot) -> bool:
    return any(s.kind == "elsewhere" and s.start <= slot.at < s.end for s in reading.spots)


def _without_slips(events: list[Event], reading: Reading) -> list[Event]:
    """Drop a no that only takes back the slot before it, and what a later answer replaced."""
    kept: list[Event] = []
    for index, event in enumerate(events):
        if event.intent is Intent.NO:
            before = {_kind_of(e) for e in events[:index]}
            after = {_kind_of(e) for e in events[index + 1 :]}
            if before & after - {None}:
                continue
        if event.intent is Intent.WAIT and Intent.BACK in {e.intent for e in events[index + 1 :]}:
            continue
        kept.append(event)
    said = {e.intent for e in kept}
    if said & {Intent.LOUDER, Intent.SLOWER}:
        kept = [e for e in kept if e.intent is not Intent.REPEAT]  # 没听清你大声点
    if Intent.QUESTION in said:
        # 什么的热线是多少 asks, and not for what we said.
        kept = [e for e in kept if e.intent is not Intent.REPEAT or e.length >= SURE_WORDS]
    if said & _OUTWEIGH_BUSY:
        # 我在忙放门口吧 says why, not that we should ring again.
        kept = [e for e in kept if e.intent is not Intent.CALL_LATER or _asks_to_ring(e, reading)]
    kinds = {spot.kind for spot in reading.spots}
    if Intent.BACK in {e.intent for e in kept} and "yes" not in kinds and "at_home" not in kinds:
        kept = [e for e in kept if e.intent is not Intent.YES]  # 好现在可以说了
    if Intent.HAND_OVER in {e.intent for e in kept}:
        # 别打电话了放门口 spares himself a ring at the door.
        kept = [e for e in kept if not (e.intent is Intent.OPT_OUT and _is_mild(e, reading))]
    turn = max((spot.start for spot in reading.spots if spot.kind == "but"), default=0)
    if any(event.at > turn and event.intent in SLOT_NAMES for event in kept):
        # 可以但是要三点以后 does not agree.
        kept = [e for e in kept if not (e.intent is Intent.YES and e.at < turn)]
    answers = [event for event in kept if event.intent in {Intent.YES, Intent.NO}]
    if len({answer.intent for answer in answers}) == 2:
        last = answers[-1].intent
        kept = [e for e in kept if e not in answers or e.intent is last]
    return kept


def _asks_to_ring(event: Event, reading: Reading) -> bool:
    return bool(_RING & set(reading.tokens[event.at : event.at + event.length]))


def _is_mild(event: Event, reading: Reading) -> bool:
    said = "".join(reading.tokens[max(0, event.at - 3) : event.at + event.length])
    return "电话" in said and not _FOR_EVER.search(said)


def _kind_of(event: Event) -> str | None:
    return SLOT_NAMES.get(event.intent)


def in_order(events: list[Event], expecting: tuple[Intent, ...]) -> list[Event]:
    """Return the events, the one that matters most first and the others as they were said."""
    best = min(events, key=lambda event: (_rank(event, events, expecting), event.at))
    return [best, *(event for event in events if event is not best)]


def _rank(event: Event, events: list[Event], expecting: tuple[Intent, ...]) -> float:
    if event.intent is Intent.TELL and event.bare and expecting == (Intent.TELL,):
        return _DECISIVE.index(Intent.ANGRY) - 0.5  # 打一分太差了 answers the question.
    if event.intent in _DECISIVE:
        return _DECISIVE.index(event.intent)
    if event.intent in _PLAIN:
        agrees = event.intent is Intent.YES and Intent.YES in expecting
        details = all(
            other.intent in _PLAIN or (other.intent in SLOT_NAMES and other.intent not in expecting)
            for other in events
        )
        return _WISH - 0.5 if agrees and details else _PLAIN[event.intent]
    if event.intent is Intent.WAIT and any(other.intent in SLOT_NAMES for other in events):
        return _WISH + 0.4  # 等我哪天有空再送
    return _WISH
