"""Interpreter: what the callee's words amount to in one talk, and whether more is to follow.

utterance -> best reading      明天下午三点    Said(meaning
          -> another one       明天下午四点         rival)     asked: 您是说三点,还是四点?
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from asr.hearing import Alternative, Completeness, Utterance
from ivr.completeness import completeness
from ivr.exchange import CallFacts, Listen, Said
from ivr.filling import filled
from ivr.flow_model import Flow, SlotKind, SlotSpec
from ivr.meaning import Address, Intent, Meaning, SlotValue, Window
from ivr.nlu.understanding import understand

SURE_CONFIDENCE = 0.4
"""Words that the recogniser believes less are never taken for a complete answer."""
RIVAL_SHARE = 0.25
"""Of the probability; a reading that has less of it is not asked about."""
RIVAL_LEAST = 0.5
"""How probable another reading must be, measured by the one that is taken."""
SETTLING = ("window", "hand_over", "address")
"""Slots for whose sake somebody is asked which of two he means."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question hopes for."""

    expecting: tuple[Intent, ...] = ()
    fills: SlotSpec | None = None
    """The declared slot that the answer is for."""

    @classmethod
    def by(cls, listen: Listen | None) -> Asked:
        """Return what is hoped for while listening; nothing when nobody asked."""
        return cls() if listen is None else cls(listen.expecting, listen.fills)


class Interpreter:
    """Understands one callee; `began` is when the talk did, in seconds of call audio."""

    def __init__(self, flow: Flow, facts: CallFacts, began: float) -> None:
        self._flow = flow
        self._facts = facts
        self._began = began

    def said(self, utterance: Utterance, asked: Asked, *, interrupted: bool = False) -> Said:
        """Return what an utterance means as an answer to what was asked."""
        meaning = self._meaning(utterance.text, utterance, asked, utterance.alternatives)
        return Said(meaning, utterance, interrupted, self._rival(meaning, utterance, asked))

    def completeness(self, text: str, confidence: float, asked: Asked) -> Completeness:
        """Return whether words so far answer what was asked."""
        if confidence < SURE_CONFIDENCE:
            return Completeness.OPEN
        if asked.fills is not None and asked.fills.kind is SlotKind.WORDS:
            return Completeness.OPEN
        scored = asked.fills is not None and asked.fills.kind is SlotKind.SCORE
        now, language = self._facts.now, self._flow.language
        so_far = completeness(text, asked.expecting, now, language, scored=scored)
        if so_far is Completeness.OPEN and asked.fills is not None:
            whole = Utterance(text, confidence, 0.0, 0.0)
            if asked.fills.name in self._meaning(text, whole, asked).slots:
                return Completeness.COMPLETE
        return so_far

    def _meaning(
        self,
        text: str,
        utterance: Utterance,
        asked: Asked,
        alternatives: tuple[Alternative, ...] = (),
    ) -> Meaning:
        meaning = understand(
            text,
            utterance.confidence,
            asked.expecting,
            self._facts.now + timedelta(seconds=utterance.ended - self._began),
            self._flow.language,
            alternatives,
            known_address=self._facts.address,
            scale=asked.fills.scale if asked.fills else None,
        )
        return filled(self._flow, meaning, asked.fills, utterance.confidence)

    def _rival(self, meaning: Meaning, utterance: Utterance, asked: Asked) -> Meaning | None:
        """Return another likely reading that would settle something else."""
        if not any(slot in meaning.slots for slot in SETTLING):
            return None
        readings = utterance.alternatives
        taken = next((each.confidence for each in readings if each.text == meaning.text), 1.0)
        for reading in readings:
            likely = reading.confidence >= max(RIVAL_SHARE, RIVAL_LEAST * taken)
            if reading.text == meaning.text or not likely:
                continue
            other = self._meaning(reading.text, utterance, asked)
            if other.intent is meaning.intent and _differ(meaning, other):
                return other
        return None


def _differ(meaning: Meaning, other: Meaning) -> bool:
    """Answer whether both would settle something, and not the same."""
    pairs = [(meaning.slots.get(slot), other.slots.get(slot)) for slot in SETTLING]
    if any((one is None) is not (two is None) for one, two in pairs):
        return False
    return any(not _is_same(one, two) for one, two in pairs) and all(
        _makes_sense(two) for _, two in pairs
    )


def _is_same(one: SlotValue | None, two: SlotValue | None) -> bool:
    if isinstance(one, Window) and isinstance(two, Window):
        return (one.start, one.end) == (two.start, two.end)
    if isinstance(one, Address) and isinstance(two, Address):
        return one.text == two.text
    return one == two


def _makes_sense(value: SlotValue | None) -> bool:
    return not (isinstance(value, Window) and value.problem)
