"""The ways through a flow: every step from a state to another, every prompt said for another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ivr.flow_model import Prompt, Rule, Script


@dataclass(frozen=True, slots=True)
class Way:
    """One step; `source` is empty at the start, `rule` is None for events and ladders."""

    source: str
    target: str
    rule: Rule | None = None


def ways(script: Script) -> tuple[Way, ...]:
    """Return every step to a state; `stay` and `back` lead to none."""
    questions = [state.id for state in script.states.values() if state.question]
    found = [Way("", script.starts)]
    found += [Way(state, target) for state in questions for target in script.events.values()]
    for state in script.states.values():
        rules = [*state.branch, *(rule for rules in state.on.values() for rule in rules)]
        found += [Way(state.id, rule.then, rule) for rule in rules]
        if state.question:
            rungs = (*state.question.no_input, *state.question.no_match)
            found += [Way(state.id, rung.then) for rung in rungs if rung.then]
    for everywhere in script.everywhere.on.values():
        found += [Way(state, rule.then, rule) for rule in everywhere for state in questions]
    return tuple(way for way in found if way.target in script.states)


def held_on_every_way(
    script: Script,
    everything: Iterable[str],
    gains: Callable[[Rule], set[str]],
    loses: Callable[[Rule], set[str]] = lambda _: set(),
) -> dict[str, set[str]]:
    """Return for each state what is held there whichever way a conversation came to it."""
    whole = set(everything)
    held = {name: set(whole) for name in script.states}
    steps = ways(script)
    changed = True
    while changed:
        changed = False
        for way in steps:
            before = held[way.source] if way.source else set()
            after = before
            if way.rule is not None:
                after = before - loses(way.rule) | gains(way.rule)
            if not held[way.target] <= after:
                held[way.target] &= after
                changed = True
    return held


def stand_ins(script: Script, prompt_id: str) -> tuple[Prompt, ...]:
    """Return a prompt and those that may be said in its place."""
    found: dict[str, Prompt] = {}
    while prompt_id and prompt_id not in found:
        found[prompt_id] = script.prompts[prompt_id]
        prompt_id = found[prompt_id].otherwise
    return tuple(found.values())
