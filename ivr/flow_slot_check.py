"""Checks what a flow does with what it hears: is it asked for, confirmed, and known to anybody."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.flow_model import Fault, Flow, Place, Rule, Script, SlotKind, TicketOrder
from ivr.flow_reader import one_of
from ivr.flow_ways import held_on_every_way, ways
from ivr.settling import ALWAYS_CONFIRMED, must_be_confirmed

TICKETS = (
    "timeliness", "late", "early", "damage", "damaged", "soiled", "quantity", "short", "surplus",
    "wrong_item", "information", "tracking_missing", "wrong_address", "wrong_number", "service",
    "complaint", "attitude", "inquiry", "question", "person", "request", "return", "send_back",
    "exchange", "lost", "not_found", "not_received", "other",
)  # fmt: skip
"""Types and causes of the exception taxonomy, which has its own file in `campaigns/data`."""
REPORTED = ("window", "address", "hand_over")
"""Slots of every flow that an ending may report."""


def slot_faults(flow: Flow) -> Iterator[Fault]:
    """Yield what is wrong with what a flow hears, writes and orders."""
    yield from _reports(flow.script)
    yield from _unfilled(flow.script)
    yield from _unconfirmed(flow)
    yield from _tickets(flow.script)
    yield from _without_end(flow.script)


def _reports(script: Script) -> Iterator[Fault]:
    known = (*REPORTED, *script.slots)
    for state in script.states.values():
        for name in state.ending.reports if state.ending else ():
            if name not in known:
                what = f"The ending {state.id!r} reports {name!r}, which is no slot."
                yield Fault(state.place, what, one_of(name, known))


def _unfilled(script: Script) -> Iterator[Fault]:
    questions = [state.question for state in script.states.values() if state.question]
    filled = {question.fills for question in questions}
    filled |= {
        name for question in questions for key in question.keys.values() for name in key.slots
    }
    filled |= {name for way in ways(script) if way.rule for name in way.rule.sets}
    for name, spec in script.slots.items():
        if name not in filled and not spec.anywhere and spec.place.file == script.place.file:
            what = f"Nothing ever fills the slot {name!r}."
            yield Fault(spec.place, what, f"Let a question have `fills: {name}`, or remove it.")


def _unconfirmed(flow: Flow) -> Iterator[Fault]:
    """Yield endings that report what nobody may have agreed to."""
    script = flow.script
    names = {*ALWAYS_CONFIRMED, *(name for name in script.slots if must_be_confirmed(flow, name))}
    confirmed = held_on_every_way(script, names, _confirms, _doubts)
    for state in script.states.values():
        for name in state.ending.reports if state.ending else ():
            if name in names - confirmed[state.id]:
                what = f"The ending {state.id!r} reports {name!r}, which may be unconfirmed there."
                mend = f"Read it back, and lead there by a rule with `confirms: {name}`."
                yield Fault(state.place, what, mend)


def _confirms(rule: Rule) -> set[str]:
    held = (g.removeprefix("confirmed.") for g in rule.guards if g.startswith("confirmed."))
    return {*rule.confirms, *held}


def _doubts(rule: Rule) -> set[str]:
    return {*rule.take, *rule.other, *rule.sets}


def _tickets(script: Script) -> Iterator[Fault]:
    orders: list[tuple[Place, TicketOrder | None]] = [
        (way.rule.place, way.rule.ticket) for way in ways(script) if way.rule
    ]
    orders += [(aside.place, aside.ticket) for aside in script.everywhere.asides.values()]
    for state in script.states.values():
        orders.append((state.place, state.ending.ticket if state.ending else None))
    facts = (*script.needs_facts, *script.may_use_facts)
    for place, order in dict.fromkeys(orders):
        if order is None:
            continue
        name = order.kind.strip("{}")
        if not order.kind.startswith("{"):
            if name not in TICKETS:
                what = f"There is no ticket of the type {name!r}."
                yield Fault(place, what, one_of(name, TICKETS))
            continue
        spec = script.slots.get(name)
        if spec is None and name not in facts:
            what = f"The type of a ticket is taken from {name!r}, which is no slot or fact here."
            yield Fault(place, what, one_of(name, (*script.slots, *facts)))
        elif spec is not None and (
            spec.kind is not SlotKind.CHOICE or not {*spec.choices} <= {*TICKETS}
        ):
            unknown = ", ".join(sorted({*spec.choices} - {*TICKETS})) or spec.kind.value
            what = f"The slot {name!r} names types of tickets that nobody knows: {unknown}."
            yield Fault(place, what, f"Name its choices like these: {', '.join(TICKETS)}.")


def _without_end(script: Script) -> Iterator[Fault]:
    """Yield questions whose answers only ever lead on to one another."""
    ends = {state.id for state in script.states.values() if state.ending}
    answered = [
        (state.id, rule.then)
        for state in script.states.values()
        for rule in (*state.branch, *(rule for rules in state.on.values() for rule in rules))
    ]
    changed = True
    while changed:
        more = {source for source, target in answered if target in ends} - ends
        changed = bool(more)
        ends |= more
    for state in script.states.values():
        leads_on = any(target in script.states for source, target in answered if source == state.id)
        if state.question and leads_on and state.id not in ends and not state.aside:
            what = f"The answers to {state.id!r} go round for ever: none comes to an end."
            yield Fault(state.place, what, "Lead one of them to a state with `end`.")
