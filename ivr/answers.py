"""Reads an answer: which intent comes first, what a key means, which slots are remembered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from ivr import windows
from ivr.dialog_state import Answer
from ivr.flow_model import Key, Rule
from ivr.meaning import Address, Intent, Meaning, SlotValue, Window

OTHER = "other_"
"""Before the name of a slot: another reading of what was heard."""

_ADDRESS_PART = re.compile(r"\d+(?P<kind>号楼|号|栋|幢|座|单元|楼|层|室)")


UNMISTAKABLE = frozenset({Intent.OPT_OUT, Intent.PERSON, Intent.WRONG_NUMBER})
"""Wishes that no answer to a question outweighs."""


def in_order(meaning: Meaning, order: tuple[Intent, ...], *, fills: bool = False) -> list[Intent]:
    """Return the intents of one breath, weightiest first; slots alone come last, as TELL.

    `fills`: it holds what the question asked for, which comes before anything that was not asked.
    """
    intents = list(dict.fromkeys((meaning.intent, *meaning.also)))
    intents.sort(key=lambda intent: order.index(intent) if intent in order else len(order))
    if meaning.slots and Intent.TELL not in intents:
        intents.append(Intent.TELL)
    if fills:
        intents.sort(key=lambda i: 0 if i in UNMISTAKABLE else 1 if i is Intent.TELL else 2)
    return intents


def said(meaning: Meaning, interrupted: bool, rival: Meaning | None = None) -> Answer:
    """Return what the callee's words amount to."""
    names_day = windows.names_a_day(meaning.text)
    return Answer(meaning, interrupted, names_day=names_day, rival=rival)


def pressed(key: Key, digit: str, now: datetime) -> Answer:
    """Return what a key amounts to when it is pressed `now`."""
    slots: dict[str, SlotValue] = {}
    if key.hand_over is not None:
        slots["hand_over"] = key.hand_over
    if key.window is not None:
        day = now.date() + timedelta(days=key.window.days or 0)
        start = datetime.combine(day, key.window.start, now.tzinfo)
        slots["window"] = Window(start, datetime.combine(day, key.window.end, now.tzinfo))
    slots |= key.slots
    names_day = key.window is not None and key.window.days is not None
    meaning = Meaning(key.intent, 1.0, slots, text=f"按键{digit}")
    return Answer(meaning, has_sound=False, names_day=names_day)


def remembered(
    slots: Mapping[str, SlotValue], rule: Rule, answer: Answer
) -> Mapping[str, SlotValue]:
    """Return the slots after a rule took what it wants of an answer.

    Beside a slot stands its other reading, as long as it is open which of the two was meant.
    """
    after = dict(slots)
    for name in rule.take:
        heard = answer.meaning.slots.get("window" if name == "call_at" else name)
        if heard is not None:
            after[name] = _joined(slots.get(name), heard, answer.names_day)
            after.pop(OTHER + name, None)
            other = answer.rival.slots.get(name) if answer.rival else None
            if other is not None:
                after[OTHER + name] = _joined(slots.get(name), other, answer.names_day)
    after |= rule.sets
    for name in rule.other:
        after[name] = after.pop(OTHER + name, after[name])
    return after


def _joined(held: SlotValue | None, heard: SlotValue, names_day: bool) -> SlotValue:
    if isinstance(held, Window) and isinstance(heard, Window) and not names_day:
        return windows.completed(held, heard)
    if isinstance(held, Address) and isinstance(heard, Address):
        return heard if heard.complete else _addressed(held, heard)
    return heard


def _addressed(held: Address, heard: Address) -> Address:
    """Return an address with a part of it added or put right.

    和平路20号 + 3单元501室; 3单元501室 + 502室 -> 3单元502室
    """
    first = _ADDRESS_PART.search(heard.text)
    same = [
        part
        for part in _ADDRESS_PART.finditer(held.text)
        if first is not None and part["kind"] == first["kind"]
    ]
    kept = held.text[: same[-1].start()] if same else held.text
    return Address(kept + heard.text, complete=True)
