"""Builds the slots, facts, flags and knowledge that a flow declares from the tables of its file."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.facts import facts_known
from ivr.flow_model import Choice, Flag, SlotKind, SlotSpec, Topic
from ivr.flow_reader import Faults, Table, one_of, word
from ivr.flow_source import Item
from ivr.meaning import SlotValue
from ivr.nlu.patterns import PatternError, parse

RESERVED = ("window", "address", "hand_over", "call_at", "number", "name")
"""Slots that every flow has."""


def slot_specs(table: Table) -> dict[str, SlotSpec]:
    """Return what a flow declares under `slots`."""
    found = {}
    for name, item in table.items.items():
        if name in RESERVED or name in facts_known():
            what = f"A slot can't be called {name!r}: every call has something of that name."
            table.faults.add(item.place, what, "Give it another name.")
            continue
        found[name] = _spec(name, Table.of(item, table.faults))
    return found


def _spec(name: str, table: Table) -> SlotSpec:
    table.only("kind", "choices", "from", "to", "confirm", "at_once", "anywhere")
    choices = table.table("choices")
    spec = SlotSpec(
        name=name,
        kind=table.choice("kind", SlotKind, SlotKind.WORDS),
        place=table.place,
        choices={each: _choice(each, item, table.faults) for each, item in choices.items.items()},
        lowest=int(table.number("from", 0)),
        highest=int(table.number("to", 0)),
        confirm=table.truth("confirm", False),
        at_once=table.truth("at_once", False),
        anywhere=table.truth("anywhere", False),
    )
    if spec.anywhere and spec.kind is not SlotKind.CHOICE:
        what = f"{name!r} would be heard at every question, but it isn't a choice."
        table.faults.add(table.place, what, "Write `kind: choice`, or leave out `anywhere`.")
    if spec.kind is SlotKind.CHOICE and not spec.choices:
        what = f"The choice {name!r} has nothing to choose."
        table.faults.add(table.place, what, "Write `choices`.")
    if spec.kind is SlotKind.SCORE and spec.lowest >= spec.highest:
        table.faults.add(
            table.place, f"The score {name!r} has no range.", "Write `from: 1, to: 5`."
        )
    return spec


def _choice(name: str, item: Item, faults: Faults) -> Choice:
    table = Table.of(item, faults)
    table.only("said", "phrases")
    phrases = table.words("phrases")
    if not phrases:
        faults.add(
            item.place, f"Nobody can choose {name!r}: it has no phrases.", "Write `phrases`."
        )
    return Choice(table.text("said"), _sound(phrases, table.items.get("phrases", item), faults))


def _sound(phrases: tuple[str, ...], item: Item, faults: Faults) -> tuple[str, ...]:
    sound = []
    for phrase in phrases:
        try:
            parse(phrase.removeprefix("="))
        except PatternError as error:
            faults.add(
                item.place, f"{error}.", "See docs/understanding.md for the signs of phrases."
            )
        else:
            sound.append(phrase)
    return tuple(sound)


def slot_value(spec: SlotSpec, item: Item, faults: Faults) -> SlotValue | None:
    """Return the value of a declared slot that a key stands for."""
    if spec.kind is SlotKind.SCORE and isinstance(item.value, int):
        if spec.lowest <= item.value <= spec.highest:
            return item.value
        what = f"{item.value} isn't on the scale of {spec.name!r}."
        faults.add(item.place, what, f"Write {spec.lowest} to {spec.highest}.")
        return None
    value = word(item, faults)
    if spec.kind is SlotKind.CHOICE and value not in spec.choices:
        what = f"{spec.name!r} can't be {value!r}."
        faults.add(item.place, what, one_of(value, spec.choices))
    return value


def fact_names(table: Table, name: str) -> tuple[str, ...]:
    """Return the facts listed under `name`; complains about those nobody knows."""
    for each in table.words(name):
        if each not in facts_known():
            what = f"There is no fact {each!r}."
            table.faults.add(table.items[name].place, what, one_of(each, facts_known()))
    return tuple(each for each in table.words(name) if each in facts_known())


def flag(item: Item, faults: Faults) -> Flag:
    """Return a reason why a person should look at a call."""
    table = Table.of(item, faults)
    table.only("if", "why")
    return Flag(table.words("if"), table.text("why"), item.place)


def topics(table: Table) -> tuple[Topic, ...]:
    """Return the reviewed questions and answers."""
    return tuple(_topic(name, item, table.faults) for name, item in table.items.items())


def _topic(name: str, item: Item, faults: Faults) -> Topic:
    table = Table.of(item, faults)
    table.only("phrases", "say", "source")
    if not table.text("source", ""):
        what = f"The answer {name!r} names no source."
        faults.add(
            item.place, what, "Write under `source` where it is laid down; a guess is no answer."
        )
    phrases = _sound(table.words("phrases"), table.items.get("phrases", item), faults)
    return Topic(name, phrases, table.words("say"), table.text("source", ""), item.place)


def choices_of(topics_: tuple[Topic, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return how each topic is asked for."""
    return {topic.name: topic.phrases for topic in topics_}
