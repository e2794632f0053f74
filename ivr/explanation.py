"""Explanation: what a dialog made of one event, and why it went where it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.answers import in_order, pressed
from ivr.dialog import step
from ivr.dialog_state import Dialog
from ivr.exchange import Action, DialogEvent, Pressed, Said
from ivr.flow_model import Flow, Place, Question, Rule, Rung
from ivr.guards import Situation, holds
from ivr.meaning import Address, Intent, Meaning, SlotValue, Window


@dataclass(frozen=True, slots=True)
class Followed:
    """A rule, a rung of a ladder, or the branch of a state that was taken."""

    place: Place
    leads_to: str
    """A state, `stay` or `back`; empty: the question is put again."""
    guards: tuple[str, ...] = ()
    """The conditions that held."""
    is_rung: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that would have come first, had its conditions held."""

    place: Place
    leads_to: str
    failed: str
    """The first condition that did not hold."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was understood, which rules were followed, and where that led."""

    meaning: Meaning | None
    """None: nothing was said or pressed."""
    intents: tuple[Intent, ...]
    """In the order in which they were looked at."""
    hoped: bool
    """The question hoped for one of them."""
    asides: tuple[Intent, ...]
    """Side questions that were answered first."""
    followed: tuple[Followed, ...]
    passed: tuple[Passed, ...]
    ladder: tuple[int, int]
    """How many silences and misunderstandings there are now in a row."""
    came_from: str
    leads_to: str
    """The state that it came to."""
    slots: Mapping[str, str]
    """Everything that is remembered now, as text."""


Explained = tuple[Dialog, tuple[Action, ...], Explanation]
"""What `step` returns, and why."""


def explain(flow: Flow, dialog: Dialog, event: DialogEvent) -> Explained:
    """Take one event as `step` does, and say why it led where it led; raises DialogError."""
    after, actions = step(flow, dialog, event)
    meaning = _meaning(flow, dialog, event)
    state = flow.script.states[dialog.state]
    fills = state.question.fills if state.question else ""
    intents: tuple[Intent, ...] = ()
    if meaning is not None:
        found = bool(fills) and fills in meaning.slots
        intents = tuple(in_order(meaning, flow.script.everywhere.order, fills=found))
    hoped = state.question.expects if state.question else ()
    known = flow.script.everywhere.asides
    explanation = Explanation(
        meaning=meaning,
        intents=intents,
        hoped=any(intent in hoped for intent in intents),
        asides=tuple(each for each in intents if each in known and each not in state.on),
        followed=tuple(_followed(way) for way in after.followed),
        passed=_passed(flow, dialog, meaning, intents, after),
        ladder=(after.tally.no_input, after.tally.no_match),
        came_from=dialog.state,
        leads_to=after.state,
        slots={name: words_of(value) for name, value in after.slots.items()},
    )
    return after, actions, explanation


def words_of(value: SlotValue) -> str:
    """Return a remembered value as people read it."""
    if isinstance(value, Window):
        start, end = value.start, value.end
        until = "" if end is None else f"{end:%H:%M}" if end.date() == start.date() else str(end)
        return f"{start:%m-%d %H:%M}-{until}" + ("" if value.certain else " ?")
    return value.text if isinstance(value, Address) else str(value)


def _meaning(flow: Flow, dialog: Dialog, event: DialogEvent) -> Meaning | None:
    if isinstance(event, Said):
        return event.meaning
    if isinstance(event, Pressed):
        question: Question | None = flow.script.states[dialog.state].question
        keys = question.keys if question else flow.script.everywhere.keys
        key = keys.get(event.digit)
        return None if key is None else pressed(key, event.digit, dialog.facts.now).meaning
    return None


def _followed(way: Rule | Rung) -> Followed:
    if isinstance(way, Rung):
        return Followed(way.place, way.then, is_rung=True)
    return Followed(way.place, way.then, way.guards)


def _passed(
    flow: Flow, dialog: Dialog, meaning: Meaning | None, intents: tuple[Intent, ...], after: Dialog
) -> tuple[Passed, ...]:
    """Return the rules that were looked at before the one that was followed."""
    taken = next((way for way in after.followed if isinstance(way, Rule)), None)
    situation = Situation(dialog.facts, flow.limits, dialog.slots, dialog.tally.visits, meaning)
    state = flow.script.states[dialog.state]
    passed: list[Passed] = []
    for intent in intents:
        for rule in (*state.on.get(intent, ()), *flow.script.everywhere.on.get(intent, ())):
            if rule is taken:
                return tuple(passed)
            failed = next((guard for guard in rule.guards if not holds(guard, situation)), "")
            if failed:
                passed.append(Passed(rule.place, rule.then, failed))
    return tuple(passed)
