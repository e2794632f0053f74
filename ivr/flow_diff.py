"""What changed between two versions of a flow, in sentences that whoever wrote them understands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TypeVar

from ivr.flow_model import Everywhere, Flow, Prompt, Question, Rule, Rung, State

K = TypeVar("K", bound=str)
V = TypeVar("V")


def differences(old: Flow, new: Flow) -> tuple[str, ...]:
    """Return every change from `old` to `new`, the words first, then the ways."""
    return (
        *_head(old, new),
        *_prompts(old.script.prompts, new.script.prompts),
        *_slots(old, new),
        *_states(old.script.states, new.script.states),
        *_everywhere(old.script.everywhere, new.script.everywhere),
    )


def _head(old: Flow, new: Flow) -> Iterator[str]:
    if old.version != new.version:
        yield f"Version {old.version} becomes {new.version}."
    for what, before, after in (
        *((f.name, getattr(old.charter, f.name), getattr(new.charter, f.name))
          for f in fields(old.charter)),
        *((f.name, getattr(old.limits, f.name), getattr(new.limits, f.name))
          for f in fields(old.limits)),
        ("starts", old.script.starts, new.script.starts),
        ("needs_facts", old.script.needs_facts, new.script.needs_facts),
        ("may_use_facts", old.script.may_use_facts, new.script.may_use_facts),
    ):  # fmt: skip
        if before != after:
            yield f"{what} was {_shown(before)} and is {_shown(after)}."
    for event in sorted({*old.script.events, *new.script.events}):
        before, after = old.script.events.get(event), new.script.events.get(event)
        if before != after:
            yield f"When {event} happens it goes to {after} instead of {before}."


def _prompts(old: Mapping[str, Prompt], new: Mapping[str, Prompt]) -> Iterator[str]:
    yield from _come_and_gone("prompt", old, new)
    for name in _both(old, new):
        before, after = old[name].wordings, new[name].wordings
        for variant in sorted({*before, *after}):
            if before.get(variant) == after.get(variant):
                continue
            if variant not in after:
                yield f"The prompt {name} has no wording {variant} any more: “{before[variant]}”."
            elif variant not in before:
                yield f"The prompt {name} has a new wording {variant}: “{after[variant]}”."
            else:
                yield (
                    f"The prompt {name} ({variant}) says “{after[variant]}” "
                    f"instead of “{before[variant]}”."
                )
        if old[name].barge_in is not new[name].barge_in:
            may = "may not" if new[name].barge_in == "never" else "may"
            yield f"The prompt {name} {may} be interrupted now."


def _slots(old: Flow, new: Flow) -> Iterator[str]:
    yield from _come_and_gone("slot", old.script.slots, new.script.slots)
    for name in _both(old.script.slots, new.script.slots):
        before, after = old.script.slots[name], new.script.slots[name]
        if before.confirm != after.confirm:
            yield f"The slot {name} {'must' if after.confirm else 'need not'} be confirmed now."
        if before.scale != after.scale:
            yield f"The scale of {name} was {before.scale} and is {after.scale}."
        yield from _come_and_gone(f"choice of {name}", before.choices, after.choices)
        for choice in _both(before.choices, after.choices):
            lost = set(before.choices[choice].phrases) - set(after.choices[choice].phrases)
            added = set(after.choices[choice].phrases) - set(before.choices[choice].phrases)
            for verb, phrases in (("is no longer", lost), ("is also", added)):
                for phrase in sorted(phrases):
                    yield f"“{phrase}” {verb} heard as {choice} of {name}."


def _states(old: Mapping[str, State], new: Mapping[str, State]) -> Iterator[str]:
    yield from _come_and_gone("state", old, new)
    for name in _both(old, new):
        before, after = old[name], new[name]
        if before.say != after.say:
            yield f"{name} says {_shown(after.say)} on the way in, not {_shown(before.say)}."
        yield from _ways(name, before.on, after.on)
        yield from _rules(f"The branch {name}", before.branch, after.branch)
        if before.question and after.question:
            yield from _questions(name, before.question, after.question)
        if before.ending != after.ending and before.ending and after.ending:
            for field in fields(before.ending):
                was, now = getattr(before.ending, field.name), getattr(after.ending, field.name)
                if was != now:
                    yield f"{name} ends with {field.name} {_shown(now)} instead of {_shown(was)}."


def _questions(name: str, old: Question, new: Question) -> Iterator[str]:
    for what in ("prompt", "expects", "fills", "patience"):
        before, after = getattr(old, what), getattr(new, what)
        if before != after:
            yield f"The question {name}: {what} was {_shown(before)} and is {_shown(after)}."
    for digit in sorted({*old.keys, *new.keys}):
        was, now = (
            None if key is None else (key.intent, key.window, key.hand_over, dict(key.slots))
            for key in (old.keys.get(digit), new.keys.get(digit))
        )
        if was != now:
            meaning = "nothing" if now is None else str(now[0])
            yield f"Key {digit} at {name} means {meaning} now."
    for what in ("no_input", "no_match"):
        if _rungs(getattr(old, what)) != _rungs(getattr(new, what)):
            yield f"The {what} ladder of {name} changed."


def _everywhere(old: Everywhere, new: Everywhere) -> Iterator[str]:
    yield from _ways("every question", old.on, new.on)
    yield from _come_and_gone("side question", old.asides, new.asides)
    for intent in _both(old.asides, new.asides):
        if old.asides[intent].say != new.asides[intent].say:
            said = _shown(new.asides[intent].say)
            yield f"The side question {intent} is answered with {said} now."
    if old.order != new.order:
        yield "Of several wishes in one breath another comes first now."


def _ways(
    where: str, old: Mapping[K, tuple[Rule, ...]], new: Mapping[K, tuple[Rule, ...]]
) -> Iterator[str]:
    for intent in sorted({*old, *new}):
        subject = f"The answer {intent} at {where}"
        yield from _rules(subject, old.get(intent, ()), new.get(intent, ()))


def _rules(subject: str, old: tuple[Rule, ...], new: tuple[Rule, ...]) -> Iterator[str]:
    before, after = tuple(map(_way, old)), tuple(map(_way, new))
    if before == after:
        return
    if not after:
        yield f"{subject} leads nowhere any more; it led to {_targets(old)}."
    elif not before:
        yield f"{subject} leads to {_targets(new)} now."
    elif _targets(old) != _targets(new):
        yield f"{subject} leads to {_targets(new)} instead of {_targets(old)}."
    else:
        yield f"{subject} has other conditions or effects: {'; '.join(map(str, after))}."


def _way(rule: Rule) -> str:
    parts = [f"if {' and '.join(rule.guards)}"] if rule.guards else []
    effects = ("take", "other", "say", "confirms", "wishes")
    parts += [f"{name} {', '.join(getattr(rule, name))}" for name in effects if getattr(rule, name)]
    parts += [f"keep {rule.keep}"] if rule.keep else []
    parts += ["take it for consent"] if rule.consent else []
    parts += [f"open a ticket {rule.ticket.kind}"] if rule.ticket else []
    return f"{', '.join(parts)} → {rule.then}".removeprefix(" → ")


def _rungs(ladder: tuple[Rung, ...]) -> list[tuple[object, ...]]:
    return [(rung.say, rung.ask, rung.then, rung.no_input_seconds) for rung in ladder]


def _targets(rules: tuple[Rule, ...]) -> str:
    return ", ".join(dict.fromkeys(rule.then for rule in rules))


def _come_and_gone(what: str, old: Mapping[K, V], new: Mapping[K, V]) -> Iterator[str]:
    for name in sorted(old.keys() - new.keys()):
        yield f"The {what} {name} is gone."
    for name in sorted(new.keys() - old.keys()):
        yield f"The {what} {name} is new."


def _both(old: Mapping[K, V], new: Mapping[K, V]) -> list[K]:
    return sorted(old.keys() & new.keys())


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return str(value) if value not in ("", None) else "nothing"
