"""Reads retry tables; every fault has its file, its line and what to do about it.

busy: {minutes: [10, 30, 60]}            hung_up_midway: {minutes: 15, then: short_script}
switched_off: {later_today: [180, 60]}   restricted: never
no_answer: {next_window: 60, sooner: 30} completed: {unfinished: {minutes: 15}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

from campaigns.retry_table import (
    MESSAGE_TAKEN,
    NEVER_DIALLED,
    OPEN,
    REACHED,
    Consequence,
    Pace,
    RetryLimits,
    RetryRule,
    RetryTable,
)
from ivr.flow_model import Fault, FlowError, Place
from ivr.flow_reader import Faults, Table, at_clock, member, one_of, word
from ivr.flow_source import Item, read_source
from store.types import Disposition, Outcome

USUAL: Final = "delivery"
"""The table of a conversation for which there is no other."""
POLICY: Final = "retry"
"""How rules are called that a campaign or the settings write down beside the table."""

LONGEST_MINUTES: Final = 60 * 24 * 14
_ENDS: Final = tuple(
    each
    for each in Disposition
    if each not in NEVER_DIALLED and each is not Disposition.INTERRUPTED
)
"""What a table has a rule for. Nobody redials by himself after an interrupted call."""
_OUTCOMES: Final = (*OPEN, Outcome.MESSAGE_LEFT, Outcome.CALLBACK_PROMISED, Outcome.WRONG_NUMBER)
_WAITS: Final = (Pace.MINUTES, Pace.LATER_TODAY, Pace.NEXT_WINDOW)
_BOUNDS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "max_attempts": (1, 10),
        "max_unfinished": (1, 10),
        "max_trunk_failures": (1, 50),
        "max_asked_for": (0, 5),
    }
)


class RetryTableError(ValueError):
    """A table that can't be used; the message names every fault and how to mend it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def shipped_names() -> tuple[str, ...]:
    """Return the names of the tables that ship with Menling."""
    found = resources.files("campaigns").joinpath("retry_tables").iterdir()
    return tuple(sorted(each.name.removesuffix(".yaml") for each in found if _is_table(each.name)))


def names_in(folder: Path | None) -> tuple[str, ...]:
    """Return the names of the tables that can be chosen, those of a folder included."""
    own = () if folder is None else (each.stem for each in folder.glob("*.yaml"))
    return tuple(sorted({*shipped_names(), *own}))


def load_table(name: str, folder: Path | None = None) -> RetryTable:
    """Return a table: the one of a folder, else the one that ships with Menling.

    Raises RetryTableError for one that isn't there, can't be read or has a fault.
    """
    known = names_in(folder)
    if name not in known:
        place = Place(POLICY, 1)
        raise RetryTableError((Fault(place, f"There is no table {name!r}.", one_of(name, known)),))
    if folder is not None and (own := folder / f"{name}.yaml").exists():
        return read_file(own)
    return _shipped(name)


def table_for(flow: str) -> str:
    """Return the name of the table by which a conversation runs unless another one is named."""
    return next((name for name in shipped_names() if flow in _shipped(name).flows), USUAL)


def read_file(path: Path) -> RetryTable:
    """Return the table of a file. Raises RetryTableError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fault = Fault(Place(str(path), 1), f"The file can't be read: {error}.", "Look at it.")
        raise RetryTableError((fault,)) from error
    return read_table(text, str(path))


def read_table(text: str, file: str) -> RetryTable:
    """Return the table that a text holds. Raises RetryTableError with all that is wrong."""
    try:
        item = read_source(text, file)
    except FlowError as error:
        raise RetryTableError(tuple(map(_about_a_table, error.faults))) from error
    faults = Faults()
    table = Table.of(item, faults)
    table.only("table", "title", "flows", "parts_of_day", "rules", *_BOUNDS)
    title = table.table("title")
    title.only("zh", "en")
    rules = _rules(table.table("rules"))
    for end in _ENDS:
        if not any(disposition is end for disposition, _ in rules):
            faults.add(
                table.place,
                f"Nothing is said of {end.value}.",
                f"Add a line to rules, for example `{end.value}: never`.",
            )
    read = RetryTable(
        name=table.text("table"),
        rules=MappingProxyType(rules),
        limits=_limits(table),
        parts_of_day=_parts(table),
        title=MappingProxyType({name: title.text(name) for name in ("zh", "en")}),
        flows=table.words("flows"),
    )
    if faults.found:
        raise RetryTableError(tuple(faults.found))
    return read


def with_changes(
    table: RetryTable, rules: Mapping[str, object], limits: Mapping[str, int]
) -> RetryTable:
    """Return a table with rules and limits that a campaign has instead. Raises RetryTableError."""
    faults = Faults()
    item = item_of(rules, Place(f"{POLICY}.rules", 1))
    own = _rules(Table.of(item, faults)) if rules else {}
    changed = replace(
        table,
        rules=MappingProxyType({**table.rules, **own}),
        limits=replace(table.limits, **limits),
    )
    if faults.found:
        raise RetryTableError(tuple(faults.found))
    return changed


def item_of(value: object, place: Place) -> Item:
    """Return a value that was not written in YAML as the reader takes it."""
    if isinstance(value, Mapping):
        return Item({str(key): item_of(each, place) for key, each in value.items()}, place)
    if isinstance(value, list | tuple):
        return Item(tuple(item_of(each, place) for each in value), place)
    if isinstance(value, str | int | float | bool):
        return Item(value, place)
    return Item(str(value), place)


@cache
def _shipped(name: str) -> RetryTable:
    file = resources.files("campaigns").joinpath("retry_tables", f"{name}.yaml")
    return read_table(file.read_text("utf-8"), f"{name}.yaml")


def _is_table(file: str) -> bool:
    return file.endswith(".yaml")


def _about_a_table(fault: Fault) -> Fault:
    """Return a fault of the reader of flows, which says what a flow begins with, for a table."""
    if "flow" not in fault.what:
        return fault
    return Fault(fault.place, "The file holds no table.", "Begin with `table:`; see retries.md.")


def _limits(table: Table) -> RetryLimits:
    usual = RetryLimits()
    found: dict[str, int] = {}
    for name, (least, most) in _BOUNDS.items():
        number = table.number(name, getattr(usual, name))
        if number != int(number) or not least <= number <= most:
            what = f"{name} is {number:g}."
            table.faults.add(table.items[name].place, what, f"Write {least} to {most}.")
        found[name] = int(number)
    return RetryLimits(**found)


def _parts(table: Table) -> tuple[time, ...]:
    clocks = table.each("parts_of_day", lambda item: at_clock(item, table.faults))
    parts = tuple(each for each in clocks if each is not None)
    if not parts:
        return RetryTable("", {}).parts_of_day
    if list(parts) != sorted(set(parts)):
        table.faults.add(
            table.items["parts_of_day"].place,
            "The parts of the day don't follow each other.",
            'Write when each begins, the earliest first: ["09:00", "12:00", "18:00"].',
        )
    return parts


def _rules(table: Table) -> dict[tuple[Disposition, Outcome | None], RetryRule]:
    found: dict[tuple[Disposition, Outcome | None], RetryRule] = {}
    for name, item in table.items.items():
        end = member(Item(name, item.place), Disposition, table.faults)
        if end is None:
            continue
        if end not in _ENDS:
            table.faults.add(
                item.place,
                f"Nobody is called again after {end.value}, whatever stands here.",
                "Take the line out.",
            )
            continue
        for outcome, rule in _of_an_end(end, item, table.faults):
            found[end, outcome] = rule
    return found


def _of_an_end(
    end: Disposition, item: Item, faults: Faults
) -> list[tuple[Outcome | None, RetryRule]]:
    """Read one rule for an end of a call, or one for each of its outcomes."""
    outcomes = {each.value for each in Outcome}
    if not (isinstance(item.value, Mapping) and outcomes & item.value.keys()):
        return [(None, _rule(end, None, item, faults))]
    table = Table.of(item, faults)
    table.only(*(each.value for each in _OUTCOMES))
    return [
        (outcome, _rule(end, outcome, table.items[outcome.value], faults))
        for outcome in _OUTCOMES
        if outcome.value in table.items
    ]


def _rule(end: Disposition, outcome: Outcome | None, item: Item, faults: Faults) -> RetryRule:
    if not isinstance(item.value, Mapping):
        item = Item({"wait": item}, item.place)
    table = Table.of(item, faults)
    table.only("wait", "sooner", "then", *(each.value for each in _WAITS))
    chosen = [each for each in _WAITS if each.value in table.items]
    if len(chosen) + ("wait" in table.items) != 1:
        faults.add(
            item.place,
            f"{end.value} says {'nothing of' if not chosen else 'twice'} when to call again.",
            "Write one of minutes, later_today, next_window, or `wait: never`, `wait: exactly`.",
        )
        return RetryRule(Pace.NEVER)
    if chosen:
        pace, minutes = chosen[0], _minutes(table, chosen[0])
    else:
        pace, minutes = _wait(table), ()
    sooner = table.number("sooner", 0.0) if "sooner" in table.items else None
    then = table.choices("then", Consequence)
    rule = RetryRule(pace, minutes, sooner, then)
    _makes_sense(end, outcome, rule, item.place, faults)
    return rule


def _wait(table: Table) -> Pace:
    named = word(table.items["wait"], table.faults)
    words = (Pace.NEVER.value, Pace.EXACTLY.value, Pace.NEXT_WINDOW.value)
    if named not in words:
        what = f"{named!r} doesn't say when to call again."
        table.faults.add(table.items["wait"].place, what, one_of(named, words))
        return Pace.NEVER
    return Pace(named)


def _minutes(table: Table, pace: Pace) -> tuple[float, ...]:
    item = table.items[pace.value]
    listed = item.value if isinstance(item.value, tuple) else (item,)
    numbers = [
        float(each.value)
        for each in listed
        if isinstance(each.value, int | float) and not isinstance(each.value, bool)
    ]
    fits = all(0 <= each <= LONGEST_MINUTES for each in numbers)
    if len(numbers) != len(listed) or not numbers or not fits:
        table.faults.add(
            item.place,
            f"{pace.value} needs numbers of minutes from 0 to {LONGEST_MINUTES}.",
            f"Write one, or a list: `{pace.value}: [10, 30, 60]`.",
        )
        return (60.0,)
    if pace is Pace.MINUTES and numbers != sorted(numbers):
        table.faults.add(
            item.place, "The waits get shorter from time to time.", "Write the shortest one first."
        )
    return tuple(numbers)


def _makes_sense(
    end: Disposition, outcome: Outcome | None, rule: RetryRule, place: Place, faults: Faults
) -> None:
    calls = rule.pace is not Pace.NEVER
    if end is Disposition.INVALID_NUMBER and calls:
        faults.add(
            place,
            "Nobody ever answers a vacant number.",
            "Write `{wait: never, then: merchant_ticket}`.",
        )
    if outcome is Outcome.WRONG_NUMBER and calls:
        faults.add(place, "Somebody else has that number.", "Write `wait: never`.")
    if outcome is Outcome.CALLBACK_PROMISED and rule.pace not in (Pace.NEVER, Pace.EXACTLY):
        faults.add(
            place,
            "A callback was promised, and a person makes it.",
            "Write `never`, or `exactly` for a time that the recipient named.",
        )
    if outcome is Outcome.MESSAGE_LEFT and end not in MESSAGE_TAKEN and calls:
        faults.add(place, "Somebody passes the message on.", "Write `never`.")
    if end is Disposition.ABANDONED and calls and Consequence.AGENT_READY not in rule.then:
        # Ofcom, Persistent misuse, statement of 20 December 2016: not within 72 hours otherwise.
        faults.add(
            place,
            "Whoever found nobody on the line is not called again without an agent.",
            "Add `then: agent_ready`, or write `never`.",
        )
    if Consequence.SHORT_SCRIPT in rule.then and end not in REACHED:
        faults.add(place, "Nobody heard the long script yet.", "Take short_script out of `then`.")
    if rule.sooner is not None and (rule.pace not in _WAITS or not calls):
        faults.add(place, "There is no moment that `sooner` could be before.", "Take it out.")
