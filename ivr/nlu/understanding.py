"""From the words of an utterance to its meaning, in the light of the question that was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from asr.hearing import Alternative
from ivr.meaning import Address, Intent, Meaning, SlotValue
from ivr.nlu.addresses import merged
from ivr.nlu.certainty import likelihood, probability_of
from ivr.nlu.coverage import coverage, is_enough
from ivr.nlu.events import (
    SLOT_NAMES,
    Event,
    events_of,
    in_order,
    question_in,
)
from ivr.nlu.language import Language, language_of
from ivr.nlu.reading import Wanted, read
from ivr.nlu.scores import opinions_of
from ivr.nlu.slots import slots_of
from ivr.nlu.wishes import wishes_of

_UNCONCERNED = {Intent.OPT_OUT, Intent.WRONG_NUMBER}
"""Whoever says this arranges nothing."""
_ALTERNATIVES = 4
"""Readings looked at besides the likeliest; those after them hardly ever differ in meaning."""
_LEAST_SHARE = 0.05
"""Of the probability; a reading below it changes nothing."""
_SENSE_OF_NOTHING = 0.15
"""How readily a reading without any meaning is believed, beside one that answers."""
_LEAST_ASKED = 0.3
"""How well everything must speak for a question that no phrase knows; less is a misheard word."""
_SENSE_UNASKED = 0.7
"""The same for a reading that answers something else than was asked."""


@dataclass(frozen=True, slots=True)
class _Understood:
    """One reading and what it amounts to."""

    meaning: Meaning
    share: float
    """Of the probability among the readings."""
    sense: float
    """How well it fits the question, 0 to 1."""

    @property
    def weight(self) -> float:
        return self.share * self.sense


def prepare(language: str = "zh-CN") -> None:
    """Load what `understand` needs, so that the first caller does not wait for it.

    Raises LanguageError when the language has no phrase file.
    """
    language_of(language)
    opinions_of(language)
    wishes_of(language)


def understand(
    text: str,
    confidence: float,
    expecting: tuple[Intent, ...],
    now: datetime,
    language: str = "zh-CN",
    alternatives: Sequence[Alternative] = (),
    *,
    known_address: str = "",
    scale: tuple[int, int] | None = None,
) -> Meaning:
    """Return what an utterance means as an answer to a question which hopes for `expecting`.

    `confidence` is the recogniser's, 0 to 1; `now` is aware, in the recipient's zone. Of the
    `alternatives` the one that makes sense is taken; `Meaning.text` says which. A part of an
    address that is said alone changes `known_address`. `scale` is that of the score which was asked
    for: 满分 is its highest, 一般 its middle.
    Raises LanguageError when the language has no phrase file; never because of the text.
    """
    meaning = understand_raw(
        text,
        confidence,
        expecting,
        now,
        language,
        alternatives,
        known_address=known_address,
        scale=scale,
    )
    if meaning.intent is Intent.NOTHING:
        return meaning
    return replace(meaning, confidence=round(probability_of(meaning.confidence), 3))


def understand_raw(
    text: str,
    confidence: float,
    expecting: tuple[Intent, ...],
    now: datetime,
    language: str = "zh-CN",
    alternatives: Sequence[Alternative] = (),
    *,
    known_address: str = "",
    scale: tuple[int, int] | None = None,
) -> Meaning:
    """Return the same with a confidence that no measurement has put right yet."""
    words = language_of(language)
    first = _understood(text, 1.0, expecting, now, words, scale)
    readings = [first]
    others = [a for a in alternatives if a.text != text and a.confidence >= _LEAST_SHARE]
    if others:
        own = next((a.confidence for a in alternatives if a.text == text), None)
        readings[0] = replace(
            first, share=1.0 - sum(a.confidence for a in others) if own is None else own
        )
        readings += [
            _understood(a.text, a.confidence, expecting, now, words, scale)
            for a in others[:_ALTERNATIVES]
        ]
    best = max(readings, key=lambda each: each.weight)
    agreeing = sum(each.share for each in readings if _agree(each.meaning, best.meaning))
    agreement = agreeing / (sum(each.share for each in readings) or 1.0)
    meaning = best.meaning
    certainty = likelihood(min(1.0, max(0.0, confidence)), meaning.confidence, agreement)
    if certainty <= _LEAST_ASKED:
        meaning = _without_question(meaning)
    if meaning.intent is Intent.NOTHING:
        certainty = confidence * 0.5 if meaning.confidence else 0.0
    return replace(
        meaning,
        confidence=round(certainty, 4),
        slots=MappingProxyType(_with_known(meaning.slots, known_address)),
    )


def _without_question(meaning: Meaning) -> Meaning:
    if meaning.intent is Intent.QUESTION:
        return replace(meaning, intent=Intent.NOTHING, also=())
    also = tuple(intent for intent in meaning.also if intent is not Intent.QUESTION)
    return replace(meaning, also=also)


def _agree(one: Meaning, other: Meaning) -> bool:
    return one.intent is other.intent and dict(one.slots) == dict(other.slots)


def _with_known(slots: Mapping[str, SlotValue], known_address: str) -> dict[str, SlotValue]:
    address = slots.get("address")
    if not known_address or not isinstance(address, Address):
        return dict(slots)
    return {**slots, "address": merged(address, known_address)}


def _understood(
    text: str,
    share: float,
    expecting: tuple[Intent, ...],
    now: datetime,
    words: Language,
    scale: tuple[int, int] | None,
) -> _Understood:
    meaning = _meaning(text, expecting, now, words, scale)
    if meaning.intent is Intent.NOTHING:
        return _Understood(meaning, share, _SENSE_OF_NOTHING)
    hoped = not expecting or {meaning.intent, *meaning.also} & set(expecting)
    fit = meaning.confidence * (1.0 if hoped else _SENSE_UNASKED)
    return _Understood(meaning, share, max(fit, _SENSE_OF_NOTHING))


def _meaning(
    text: str,
    expecting: tuple[Intent, ...],
    now: datetime,
    words: Language,
    scale: tuple[int, int] | None,
) -> Meaning:
    """Return the meaning of one reading; its confidence says only how well the words fit."""
    told = Intent.TELL in expecting
    wanted = Wanted(told, told and Intent.CHANGE_ADDRESS in expecting, scale)
    reading = read(text, words, wanted)
    slots = slots_of(reading, expecting, now, words, scored=scale is not None)
    events = events_of(reading, slots, expecting)
    longest = max((event.length for event in events), default=0)
    if not events or not is_enough(reading, longest):
        events = question_in(reading)
    if not events:
        return Meaning(Intent.NOTHING, float(bool(reading.tokens)), text=text)
    primary, *others = in_order(events, expecting)
    intent = _as_answer(primary, slots, expecting)
    if intent in _UNCONCERNED:
        slots = {}
    also = dict.fromkeys(_as_answer(event, slots, expecting) for event in others)
    return Meaning(
        intent,
        primary.likeness * (0.5 + 0.5 * coverage(reading)),
        MappingProxyType(slots),
        tuple(i for i in also if i not in {intent, Intent.BACKCHANNEL}),
        text,
    )


def _as_answer(event: Event, slots: dict[str, SlotValue], expecting: tuple[Intent, ...]) -> Intent:
    """Where the question hopes to be told a time or an address, giving one is TELL."""
    gives = event.intent in {Intent.RESCHEDULE, Intent.CHANGE_ADDRESS} and (
        SLOT_NAMES[event.intent] in slots
    )
    return Intent.TELL if gives and Intent.TELL in expecting else event.intent
