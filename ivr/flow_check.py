"""Checks a flow before it may run, and explains each fault: what, where, and a cure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.exchange import BargeIn
from ivr.flow_guard_check import guard_faults
from ivr.flow_model import BACK, EVENTS, STAY, Fault, Flow, Place, Rule, Script, State
from ivr.flow_reader import one_of
from ivr.flow_slot_check import slot_faults
from ivr.flow_ways import stand_ins, ways
from ivr.flow_wording_check import wording_faults
from ivr.guards import seen
from ivr.meaning import HandOver, Intent

SLOTS = ("window", "address", "hand_over", "call_at")
"""What a rule may take from an answer."""
OTHERS = ("window", "address", "hand_over")
"""Slots of which another reading may be known."""


def faults_of(flow: Flow) -> tuple[Fault, ...]:
    """Return everything that must be mended before the flow may run."""
    script = flow.script
    names = (*_unknown_names(script),)
    if names:
        return names  # the other checks walk along the names
    return (
        *_rules(script),
        *_ways(script),
        *_questions(script),
        *_laws(script),
        *slot_faults(flow),
        *wording_faults(flow),
    )


def rules_of(script: Script) -> Iterator[tuple[State | None, Rule]]:
    """Yield every rule with the state it belongs to; None: every question."""
    for state in script.states.values():
        for rules in state.on.values():
            yield from ((state, rule) for rule in rules)
        yield from ((state, rule) for rule in state.branch)
    for rules in script.everywhere.on.values():
        yield from ((None, rule) for rule in rules)


def _unknown_names(script: Script) -> Iterator[Fault]:
    targets = {*script.states, STAY, BACK}
    for place, target in _targets(script):
        if target not in targets:
            yield Fault(place, f"There is no state {target!r}.", one_of(target, targets))
    for place, prompt in _prompts_said(script):
        if prompt not in script.prompts:
            yield Fault(place, f"There is no prompt {prompt!r}.", one_of(prompt, script.prompts))
    for event in EVENTS:
        if event not in script.events:
            what = f"The flow doesn't say what to do when {event!r} happens."
            yield Fault(script.place, what, f"Write `{event}: STATE` under `events`.")
    for choice in HandOver:
        if choice not in script.names:
            what = f"The hand-over {choice.value!r} has no spoken name."
            yield Fault(script.place, what, f"Write `{choice.value}: …` under `names`.")


def _targets(script: Script) -> Iterator[tuple[Place, str]]:
    yield script.place, script.starts
    yield from ((script.place, state) for state in script.events.values())
    yield from ((rule.place, rule.then) for _, rule in rules_of(script))
    for state in script.states.values():
        if state.question:
            for rung in (*state.question.no_input, *state.question.no_match):
                if rung.then:
                    yield rung.place, rung.then


def _prompts_said(script: Script) -> Iterator[tuple[Place, str]]:
    for state in script.states.values():
        yield from ((state.place, prompt) for prompt in (*state.say, *state.repeat))
        if state.question:
            yield state.place, state.question.prompt
            for rung in (*state.question.no_input, *state.question.no_match):
                yield from ((rung.place, prompt) for prompt in rung.say)
    for _, rule in rules_of(script):
        yield from ((rule.place, prompt) for prompt in rule.say)
    for aside in script.everywhere.asides.values():
        yield from ((aside.place, prompt) for prompt in aside.say)
    for prompt in script.prompts.values():
        if prompt.otherwise:
            yield prompt.place, prompt.otherwise


def _rules(script: Script) -> Iterator[Fault]:
    for state, rule in rules_of(script):
        for guard in rule.guards:
            bare = guard.removeprefix("not ")
            if bare.startswith("seen."):
                visited, _ = seen(bare)
                if visited not in script.states:
                    mend = one_of(visited, script.states)
                    yield Fault(rule.place, f"{guard!r} asks for an unknown state.", mend)
            else:
                yield from guard_faults(script, bare, rule.place)
        for slot in (*rule.take, *rule.confirms):
            if slot not in (*SLOTS, *script.slots):
                what = f"There is no slot {slot!r} to take."
                yield Fault(rule.place, what, one_of(slot, (*SLOTS, *script.slots)))
        for slot, value in rule.sets.items():
            yield from _set_faults(script, slot, value, rule.place)
        for slot in rule.other:
            if slot not in OTHERS:
                what = f"There is never another reading of {slot!r}."
                yield Fault(rule.place, what, one_of(slot, OTHERS))
            elif state is None or not _asks_between(script, state, slot):
                what = f"`other: {slot}` stands where no other reading may be known."
                mend = f"Lead to this question only by rules with `if: {slot}.doubtful`."
                yield Fault(rule.place, what, mend)
        if rule.then == BACK and (state is None or not state.aside):
            what = "`back` has nowhere to go: this state interrupts no question."
            yield Fault(rule.place, what, "Write `stay`, or mark the state with `aside: true`.")
        if rule.then == STAY and state is not None and state.question is None:
            what = "`stay` has no question to put again."
            yield Fault(rule.place, what, "Name the state to go to.")


def _set_faults(script: Script, slot: str, value: str, place: Place) -> Iterator[Fault]:
    choices = {name: spec.choices for name, spec in script.slots.items() if spec.choices}
    if slot not in choices:
        what = f"A rule can't set {slot!r}, which is no choice that the flow declares."
        yield Fault(place, what, one_of(slot, choices))
    elif value not in choices[slot]:
        yield Fault(place, f"{slot!r} is never {value!r}.", one_of(value, choices[slot]))


def _asks_between(script: Script, state: State, slot: str) -> bool:
    """Answer whether every way to a question goes through the doubt that it settles."""
    ways = [rule for _, rule in rules_of(script) if rule.then == state.id]
    return bool(ways) and all(f"{slot}.doubtful" in rule.guards for rule in ways)


def reached(script: Script) -> set[str]:
    """Return the states that a conversation can come to."""
    leads: dict[str, set[str]] = {}
    for way in ways(script):
        leads.setdefault(way.source, set()).add(way.target)
    found: set[str] = set()
    waiting = set(leads.get("", ()))
    while waiting:
        found |= waiting
        waiting = {target for name in waiting for target in leads.get(name, ())} - found
    return found


def _ways(script: Script) -> Iterator[Fault]:
    found = reached(script)
    for state in script.states.values():
        # What a fragment offers and a flow doesn't use is no fault of the flow.
        if state.id not in found and state.place.file == script.place.file:
            what = f"Nothing leads to the state {state.id!r}."
            yield Fault(state.place, what, "Lead a rule to it, or remove it.")
        if state.branch and state.branch[-1].guards:
            what = f"The branch {state.id!r} may find no way: its last rule has a condition."
            yield Fault(state.place, what, "End it with a rule that has only `then`.")
        if _goes_in_a_circle(script, state):
            what = f"The branch {state.id!r} can lead back to itself without asking anything."
            yield Fault(state.place, what, "Put a question between them.")


def _goes_in_a_circle(script: Script, state: State) -> bool:
    waiting, passed = [rule.then for rule in state.branch], set[str]()
    while waiting:
        name = waiting.pop()
        if name == state.id:
            return True
        if name in passed or name not in script.states:
            continue
        passed.add(name)
        waiting += [rule.then for rule in script.states[name].branch]
    return False


def _questions(script: Script) -> Iterator[Fault]:
    everywhere = script.everywhere
    common = {*everywhere.on, *everywhere.asides, *everywhere.chatter}
    for state in script.states.values():
        question = state.question
        if question is None:
            continue
        leaves = [r.then for rules in state.on.values() for r in rules if r.then != STAY]
        if not leaves:
            what = f"The question {state.id!r} has no way out: no answer leads on."
            yield Fault(state.place, what, "Write under `on` where its answers lead.")
        for intent in question.expects:
            led = intent in state.on or intent in common or state.aside
            if not led:
                what = f"The question {state.id!r} expects {intent.value!r} but leads it nowhere."
                yield Fault(state.place, what, f"Write a rule for `{intent.value}` under `on`.")
        for digit, key in question.keys.items():
            if key.intent not in state.on and key.intent not in common:
                what = f"Key {digit} means {key.intent.value!r}, which leads nowhere here."
                yield Fault(key.place, what, f"Write a rule for `{key.intent.value}` under `on`.")
        if not script.prompts[question.prompt].wordings.get("keypad"):
            what = f"The question {state.id!r} can't be answered on the keypad when speech fails."
            mend = f"Give the prompt {question.prompt!r} a wording `keypad`, and the question keys."
            yield Fault(state.place, what, mend)
        for name, ladder in (("no_input", question.no_input), ("no_match", question.no_match)):
            if not ladder or not ladder[-1].then:
                what = f"The question {state.id!r} never gives up: its {name} ladder has no end."
                yield Fault(state.place, what, "End the ladder with `- then: STATE`.")


def _laws(script: Script) -> Iterator[Fault]:
    """What a recipient may rely on, whatever the flow is about."""
    everywhere = script.everywhere
    for intent, wish in (
        (Intent.OPT_OUT, "never to be called again"),
        (Intent.PERSON, "for a person"),
        (Intent.WRONG_NUMBER, "to be told from another at a wrong number"),
    ):
        rules = everywhere.on.get(intent, ())
        if not rules or rules[-1].guards:
            what = f"A wish {wish} isn't understood at every moment."
            mend = f"Write `everywhere: on: {intent.value}:` with a last rule without conditions."
            yield Fault(script.place, what, mend)
    for state in script.states.values():
        if state.question:
            meant = {key.intent for key in state.question.keys.values()}
            for intent in (Intent.OPT_OUT, Intent.PERSON):
                if intent not in meant:
                    what = f"No key means {intent.value!r} at the question {state.id!r}."
                    yield Fault(state.place, what, "Give it one under `everywhere: keys:`.")
        last_words = stand_ins(script, state.say[-1]) if state.ending and state.say else ()
        for last in (each for each in last_words if each.barge_in is not BargeIn.NEVER):
            what = f"The last words of {state.id!r} can be cut off."
            yield Fault(state.place, what, f"Give the prompt {last.id!r} `barge_in: never`.")
    yield from _hand_overs_without_consent(script)


def _hand_overs_without_consent(script: Script) -> Iterator[Fault]:
    settling = {
        state.id
        for state in script.states.values()
        if state.ending and "hand_over" in state.ending.reports
    }
    for _, rule in rules_of(script):
        if rule.then in settling and not rule.consent and "hand_over.door" not in rule.guards:
            what = "This leaves a parcel unattended without the recipient's consent."
            mend = "Ask for it first and mark the agreeing rule with `consent: true`."
            yield Fault(rule.place, what, mend)
    for place, target in (
        *((script.place, state) for state in (script.starts, *script.events.values())),
        *(
            (rung.place, rung.then)
            for state in script.states.values()
            if state.question
            for rung in (*state.question.no_input, *state.question.no_match)
        ),
    ):
        if target in settling:
            what = f"{target!r} settles a hand-over that nobody agreed to."
            yield Fault(place, what, "Lead somewhere else.")
