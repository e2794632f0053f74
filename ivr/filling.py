"""Fills the slots that a flow declares from what was said: choices, scores, words, topics."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from ivr.answers import UNMISTAKABLE
from ivr.asides import TOPIC
from ivr.flow_model import Flow, SlotKind, SlotSpec
from ivr.flow_slots import choices_of
from ivr.meaning import Intent, Meaning, SlotValue
from ivr.nlu.choices import chosen

SHORT_WORDS = {"zh-CN": 4, "en-US": 12}
"""Characters; less is the answer it is (没有, 不知道) and nobody's own words."""
NO_WORDS = UNMISTAKABLE | {
    Intent.REPEAT,
    Intent.SLOWER,
    Intent.LOUDER,
    Intent.CHILD,
    Intent.OTHER_LANGUAGE,
    Intent.WAIT,
    Intent.BACK,
    Intent.GREETING,
    Intent.BACKCHANNEL,
}
"""Said about the call and not in answer to a question."""
_ASKS = frozenset({Intent.NOTHING, Intent.QUESTION, Intent.TELL, Intent.BACKCHANNEL})


def filled(flow: Flow, meaning: Meaning, spec: SlotSpec | None, heard_confidence: float) -> Meaning:
    """Return the meaning with the slot `spec` it was asked for, and the topic it asks about."""
    meaning = _topic(flow, meaning)
    if not meaning.text or meaning.intent in UNMISTAKABLE:
        return meaning
    for each in flow.script.slots.values():
        if each.anywhere and each is not spec:
            meaning = _chosen(flow, meaning, each, heard_confidence)
    return meaning if spec is None else _asked(flow, meaning, spec, heard_confidence)


def _asked(flow: Flow, meaning: Meaning, spec: SlotSpec, heard_confidence: float) -> Meaning:
    """Return the meaning with the slot that the open question asks for."""
    match spec.kind:
        case SlotKind.SCORE:
            number = meaning.slots.get("number")
            if isinstance(number, int) and spec.lowest <= number <= spec.highest:
                return _with(meaning, spec.name, number, meaning.confidence or heard_confidence)
        case SlotKind.CHOICE:
            return _chosen(flow, meaning, spec, heard_confidence)
        case SlotKind.WORDS:
            long_enough = len(meaning.text) > SHORT_WORDS.get(flow.language, 0)
            nothing_else = meaning.intent in {Intent.NOTHING, Intent.TELL}
            if meaning.intent not in NO_WORDS and (long_enough or nothing_else):
                return _with(meaning, spec.name, meaning.text, heard_confidence)
    return meaning


def _chosen(flow: Flow, meaning: Meaning, spec: SlotSpec, heard_confidence: float) -> Meaning:
    found = chosen(meaning.text, spec.phrases, flow.language)
    if found is None:
        return meaning
    sure = max(meaning.confidence, found.likeness * heard_confidence)
    return _with(meaning, spec.name, found.name, sure)


def _with(meaning: Meaning, name: str, value: SlotValue, confidence: float) -> Meaning:
    slots = MappingProxyType({**meaning.slots, name: value})
    also = meaning.also
    if meaning.intent not in {Intent.NOTHING, Intent.TELL}:
        also = (meaning.intent, *also)
    also = tuple(each for each in also if each is not Intent.QUESTION)  # this answer explains it
    return replace(meaning, intent=Intent.TELL, slots=slots, also=also, confidence=confidence)


def _topic(flow: Flow, meaning: Meaning) -> Meaning:
    """Return the meaning with the entry of the knowledge base it asks for."""
    if not flow.script.knowledge or not meaning.text:
        return meaning
    beside = meaning.intent not in _ASKS
    if beside and Intent.QUESTION not in meaning.also:
        return meaning
    found = chosen(meaning.text, choices_of(flow.script.knowledge), flow.language)
    if found is None:
        return meaning
    slots = MappingProxyType({**meaning.slots, TOPIC: found.name})
    if beside:
        return replace(meaning, slots=slots)  # 可以,对了能开发票吗
    sure = max(meaning.confidence, found.likeness)
    return replace(meaning, intent=Intent.QUESTION, slots=slots, confidence=sure)
