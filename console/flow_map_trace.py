"""The way that a call took through a flow, read from the prompts and questions of its turns.

A turn of the callee names the question that it answers. A sentence of Menling's names its prompt:
the state that asks or says it is the one the call is in. What is said in passing (side questions,
reprompts, on the way from state to state) leaves it where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.flow_model import Script
from store.flow_figures import TurnMark
from store.types import TurnSpeaker


@dataclass(frozen=True, slots=True)
class Visit:
    """A call's stay in one state, in seconds of call audio."""

    state: str
    began_seconds: float
    ended_seconds: float


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Which states a prompt tells of."""

    states: frozenset[str]
    by_prompt: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, script: Script) -> Whereabouts:
        """Read them from a flow."""
        in_passing = set(_all_wordings(script, _said_in_passing(script)))
        found: dict[str, list[str]] = {}
        for state in script.states.values():
            asked = (state.question.prompt,) if state.question else ()
            for prompt in _all_wordings(script, (*state.say, *asked)):
                if prompt in asked or prompt not in in_passing:
                    found.setdefault(prompt, []).append(state.id)
        return cls(frozenset(script.states), {prompt: tuple(ids) for prompt, ids in found.items()})


def way_of(places: Whereabouts, turns: tuple[TurnMark, ...]) -> tuple[Visit, ...]:
    """Return the states that a call was in; the same state twice in a row is one visit."""
    visits: list[Visit] = []
    for index, turn in enumerate(turns):
        here = visits[-1].state if visits else ""
        state = _state_at(places, turns[index:], here)
        if state and state != here:
            if visits:
                visits[-1] = Visit(here, visits[-1].began_seconds, turn.began_seconds)
            visits.append(Visit(state, turn.began_seconds, turn.ended_seconds))
        elif visits:
            last = visits[-1]
            visits[-1] = Visit(
                here, last.began_seconds, max(last.ended_seconds, turn.ended_seconds)
            )
    return tuple(visits)


def _state_at(places: Whereabouts, turns: tuple[TurnMark, ...], here: str) -> str:
    """Return the state that the first of these turns tells of; empty when it tells of none."""
    turn = turns[0]
    if turn.speaker is TurnSpeaker.CALLEE:
        return turn.prompt if turn.prompt in places.states else ""
    candidates = places.by_prompt.get(turn.prompt, ())
    if here in candidates:
        return here
    answered = next(
        (each.prompt for each in turns if each.speaker is TurnSpeaker.CALLEE and each.prompt), ""
    )
    return answered if answered in candidates else next(iter(candidates), "")


def _said_in_passing(script: Script) -> Iterable[str]:
    for aside in script.everywhere.asides.values():
        yield from aside.say
    for rules in script.everywhere.on.values():
        for rule in rules:
            yield from rule.say
    for state in script.states.values():
        for rules in (*state.on.values(), state.branch):
            for rule in rules:
                yield from rule.say
        if state.question:
            for rung in (*state.question.no_input, *state.question.no_match):
                yield from rung.say


def _all_wordings(script: Script, prompts: Iterable[str]) -> Iterable[str]:
    """Yield the prompts and those that stand in for them when something isn't known."""
    for name in prompts:
        while name:
            yield name
            name = script.prompts[name].otherwise
