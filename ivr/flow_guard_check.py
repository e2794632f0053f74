"""Checks the conditions of a flow: does each ask for something that exists?"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.facts import FactKind, facts_known
from ivr.flow_model import Fault, Place, Script
from ivr.flow_reader import one_of
from ivr.guards import AFTER, BUILT_IN, COVERS, GUARDS, subject_of
from ivr.settling import ALWAYS_CONFIRMED


def guard_faults(script: Script, guard: str, place: Place) -> Iterator[Fault]:
    """Yield what is wrong with a condition about what was said or is known."""
    if guard in GUARDS:
        return
    if guard.startswith(AFTER):
        guard = f"known.{guard.removeprefix(AFTER)}"
    facts = (*script.needs_facts, *script.may_use_facts)
    if guard.startswith(COVERS):
        spans = [name for name in facts if facts_known()[name].kind is FactKind.WINDOW]
        if guard.removeprefix(COVERS) not in spans:
            what = f"{guard!r} asks for a span of time that the flow doesn't use."
            yield Fault(place, what, one_of(guard, [f"{COVERS}{name}" for name in spans]))
        return
    name, relation, value = subject_of(guard)
    known = (*script.slots, *(() if relation in {"heard", "same"} else (*facts, *BUILT_IN)))
    if relation == "confirmed":
        known = (*script.slots, *ALWAYS_CONFIRMED)
    if not relation or (name not in known and name not in facts_known()):
        kinds = (
            *GUARDS,
            *(f"known.{each}" for each in known),
            *(f"heard.{s}" for s in script.slots),
        )
        yield Fault(place, f"There is no condition {guard!r}.", one_of(guard, kinds))
    elif name not in known:
        mend = f"List it under `needs_facts` or `may_use_facts`: [{name}]."
        yield Fault(place, f"{guard!r} asks for a fact that the flow doesn't use.", mend)
    elif relation == "is":
        spec = script.slots.get(name)
        values = tuple(spec.choices) if spec else ()
        if name in facts_known():
            values = facts_known()[name].one_of
        if values and value not in values:
            yield Fault(place, f"{name!r} is never {value!r}.", one_of(value, values))
