"""What must be known of a delivery before a flow may be held about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.exchange import CallFacts
from ivr.flow_check import reached
from ivr.flow_model import Flow, Script
from ivr.flow_ways import stand_ins
from tts.prompts import slots_of


@dataclass(frozen=True, slots=True)
class FlowNeeds:
    """What a manifest for a flow must bring, besides who is called about which parcel."""

    window: bool = True
    """The promised window."""
    facts: tuple[str, ...] = ()
    """Facts of `ivr/facts.yaml`."""


ONLY_A_WINDOW = FlowNeeds()
"""What the flows before a delivery need."""


def needs_of(*flows: Flow) -> FlowNeeds:
    """Return what is needed for any of these flows; those of one campaign, a language each."""
    facts = {name: None for flow in flows for name in flow.script.needs_facts}
    return FlowNeeds(any(_speaks_of_window(flow.script) for flow in flows), tuple(facts))


def unknown_to(facts: CallFacts, flow: Flow) -> tuple[str, ...]:
    """Return the names of facts that a flow must know and that aren't known of a parcel."""
    needs = needs_of(flow)
    window = ("promised",) if needs.window and facts.window_start is None else ()
    return (*window, *(name for name in needs.facts if name not in facts.more))


def _speaks_of_window(script: Script) -> bool:
    """Answer whether something that may be said or asked can't do without the promised window."""
    states = [script.states[name] for name in reached(script)]
    rules = [rule for state in states for rules in state.on.values() for rule in rules]
    rules += [rule for state in states for rule in state.branch]
    rules += [rule for rules in script.everywhere.on.values() for rule in rules]
    said = {prompt for state in states for prompt in (*state.say, *state.repeat)}
    said |= {state.question.prompt for state in states if state.question}
    said |= {prompt for rule in rules for prompt in rule.say}
    said |= {prompt for aside in script.everywhere.asides.values() for prompt in aside.say}
    said |= {prompt for topic in script.knowledge for prompt in topic.say}
    for state in states:
        if state.question:
            ladders = (*state.question.no_input, *state.question.no_match)
            said |= {prompt for rung in ladders for prompt in rung.say}
    return any(_needs_window(script, name) for name in said)


def _needs_window(script: Script, prompt_id: str) -> bool:
    return any(
        "promised" not in prompt.needs
        and any("promised" in slots_of(text) for text in prompt.wordings.values())
        for prompt in stand_ins(script, prompt_id)
    )
