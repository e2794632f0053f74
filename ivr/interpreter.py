"""Interpreter: what the callee's words amount to in one talk, and whether more is to follow.

utterance -> best reading      明天下午三点    Said(meaning
          -> another one       明天下午四点         rival)     asked: 您是说三点,还是四点?
"""

from __future__ import annotations

from datetime import timedelta

from asr.hearing import Alternative, Completeness, Utterance
from ivr.completeness import completeness
from ivr.exchange import CallFacts, Said
from ivr.flow_model import Flow
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


class Interpreter:
    """Understands one callee; `began` is when the talk did, in seconds of call audio."""

    def __init__(self, flow: Flow, facts: CallFacts, began: float) -> None:
        self._flow = flow
        self._facts = facts
        self._began = began

    def said(
        self, utterance: Utterance, expecting: tuple[Intent, ...], *, interrupted: bool = False
    ) -> Said:
        """Return what an utterance means as an answer to a question that hopes for `expecting`."""
        meaning = self._meaning(utterance.text, utterance, expecting, utterance.alternatives)
        return Said(meaning, utterance, interrupted, self._rival(meaning, utterance, expecting))

    def completeness(
        self, text: str, confidence: float, expecting: tuple[Intent, ...]
    ) -> Completeness:
        """Return whether words so far answer a question that hopes for `expecting`."""
        if confidence < SURE_CONFIDENCE:
            return Completeness.OPEN
        return completeness(text, expecting, self._facts.now, self._flow.language)

    def _meaning(
        self,
        text: str,
        utterance: Utterance,
        expecting: tuple[Intent, ...],
        alternatives: tuple[Alternative, ...] = (),
    ) -> Meaning:
        return understand(
            text,
            utterance.confidence,
            expecting,
            self._facts.now + timedelta(seconds=utterance.ended - self._began),
            self._flow.language,
            alternatives,
            known_address=self._facts.address,
        )

    def _rival(
        self, meaning: Meaning, utterance: Utterance, expecting: tuple[Intent, ...]
    ) -> Meaning | None:
        """Return another likely reading that would settle something else."""
        if not any(slot in meaning.slots for slot in SETTLING):
            return None
        readings = utterance.alternatives
        taken = next((each.confidence for each in readings if each.text == meaning.text), 1.0)
        for reading in readings:
            likely = reading.confidence >= max(RIVAL_SHARE, RIVAL_LEAST * taken)
            if reading.text == meaning.text or not likely:
                continue
            other = self._meaning(reading.text, utterance, expecting)
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
