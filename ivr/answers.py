"""Reads an answer: which intent comes first, what a key means, which slots are remembered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ivr import windows
from ivr.dialog_state import Answer
from ivr.flow_model import Key, Rule
from ivr.meaning import Address, Intent, Meaning, SlotValue, Window


def in_order(meaning: Meaning, order: tuple[Intent, ...]) -> list[Intent]:
    """Return the intents of one breath, weightiest first; slots alone come last, as TELL."""
    intents = list(dict.fromkeys((meaning.intent, *meaning.also)))
    intents.sort(key=lambda intent: order.index(intent) if intent in order else len(order))
    if meaning.slots and Intent.TELL not in intents:
        intents.append(Intent.TELL)
    return intents


def said(meaning: Meaning, interrupted: bool) -> Answer:
    """Return what the callee's words amount to."""
    return Answer(meaning, interrupted, names_day=windows.names_a_day(meaning.text))


def pressed(key: Key, digit: str, now: datetime) -> Answer:
    """Return what a key amounts to when it is pressed `now`."""
    slots: dict[str, SlotValue] = {}
    if key.hand_over is not None:
        slots["hand_over"] = key.hand_over
    if key.window is not None:
        day = now.date() + timedelta(days=key.window.days or 0)
        start = datetime.combine(day, key.window.start, now.tzinfo)
        slots["window"] = Window(start, datetime.combine(day, key.window.end, now.tzinfo))
    names_day = key.window is not None and key.window.days is not None
    meaning = Meaning(key.intent, 1.0, slots, text=f"按键{digit}")
    return Answer(meaning, has_sound=False, names_day=names_day)


def remembered(
    slots: Mapping[str, SlotValue], rule: Rule, answer: Answer
) -> Mapping[str, SlotValue]:
    """Return the slots after a rule took what it wants of an answer."""
    after = dict(slots)
    for name in rule.take:
        heard = answer.meaning.slots.get("window" if name == "call_at" else name)
        if heard is not None:
            after[name] = _joined(slots.get(name), heard, answer.names_day)
    return after


def _joined(held: SlotValue | None, heard: SlotValue, names_day: bool) -> SlotValue:
    if isinstance(held, Window) and isinstance(heard, Window) and not names_day:
        return windows.completed(held, heard)
    if isinstance(held, Address) and isinstance(heard, Address):
        if heard.complete or held.complete:
            return heard
        return Address(held.text + heard.text, complete=True)
    return heard
