"""Reads what `flow_source` found into the values of `flow_model`, collecting every fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from ivr.flow_model import Fault, Place
from ivr.flow_source import Item

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


@dataclass(slots=True)
class Faults:
    """Everything found wrong so far."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: Place, what: str, mend: str) -> None:
        """Write a fault down and go on reading."""
        self.found.append(Fault(place, what, mend))


def one_of(word: str, known: Iterable[str]) -> str:
    """Return advice for a word that isn't known: what it may have meant, or what there is."""
    known = sorted(known)
    close = get_close_matches(word, known, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(known) or 'nothing'}."


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of a flow file, read field by field."""

    items: Mapping[str, Item]
    place: Place
    faults: Faults

    @classmethod
    def of(cls, item: Item, faults: Faults) -> Table:
        """Return the item as a table; a fault and an empty one if it isn't a mapping."""
        if isinstance(item.value, Mapping):
            return cls(item.value, item.place, faults)
        faults.add(
            item.place, f"{item.value!r} stands where fields belong.", "Write `name: value`."
        )
        return cls({}, item.place, faults)

    def only(self, *known: str) -> None:
        """Complain about fields nobody would read."""
        for name, item in self.items.items():
            if name not in known:
                self.faults.add(
                    item.place, f"Nobody reads a field {name!r} here.", one_of(name, known)
                )

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; a missing one is a fault unless there is a default."""
        item = self.items.get(name)
        if item is None:
            if default is None:
                self.faults.add(self.place, f"The field {name!r} is missing.", "Write it.")
            return default or ""
        return word(item, self.faults)

    def number(self, name: str, default: float) -> float:
        """Return a number not below zero."""
        item = self.items.get(name)
        if item is None:
            return default
        if isinstance(item.value, bool) or not isinstance(item.value, int | float):
            self.faults.add(item.place, f"{name!r} is not a number.", f"Write {default:g}, say.")
            return default
        if item.value < 0:
            self.faults.add(item.place, f"{name!r} is below zero.", f"Write {default:g}, say.")
            return default
        return item.value

    def truth(self, name: str, default: bool) -> bool:
        """Return true or false."""
        item = self.items.get(name)
        if item is None:
            return default
        if not isinstance(item.value, bool):
            self.faults.add(
                item.place, f"{name!r} is neither true nor false.", "Write one of them."
            )
            return default
        return item.value

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of words; one word alone is a list of one."""
        item = self.items.get(name)
        if item is None:
            return ()
        listed = item.value if isinstance(item.value, tuple) else (item,)
        return tuple(word(each, self.faults) for each in listed)

    def choice(self, name: str, kind: type[E], default: E) -> E:
        """Return a member of an enumeration."""
        item = self.items.get(name)
        return default if item is None else member(item, kind, self.faults) or default

    def choices(self, name: str, kind: type[E]) -> tuple[E, ...]:
        """Return several members of an enumeration."""
        item = self.items.get(name)
        if item is None:
            return ()
        listed = item.value if isinstance(item.value, tuple) else (item,)
        found = (member(each, kind, self.faults) for each in listed)
        return tuple(each for each in found if each is not None)

    def clock(self, name: str, default: time) -> time:
        """Return a time of day written as 08:30."""
        item = self.items.get(name)
        return default if item is None else at_clock(item, self.faults) or default

    def table(self, name: str) -> Table:
        """Return a table within this one; an empty one when it isn't there."""
        item = self.items.get(name)
        return Table({}, self.place, self.faults) if item is None else Table.of(item, self.faults)

    def each(self, name: str, read: Callable[[Item], T]) -> tuple[T, ...]:
        """Read every element of a list; one element alone is a list of one."""
        item = self.items.get(name)
        if item is None:
            return ()
        listed = item.value if isinstance(item.value, tuple) else (item,)
        return tuple(read(each) for each in listed)


def word(item: Item, faults: Faults) -> str:
    """Return a text as it was written."""
    if isinstance(item.value, Mapping | tuple):
        faults.add(item.place, "A list or table stands where one text belongs.", "Write one text.")
        return ""
    return str(item.value)


def member(item: Item, kind: type[E], faults: Faults) -> E | None:
    """Return the member that the item names."""
    name = word(item, faults)
    try:
        return kind(name)
    except ValueError:
        what = f"{name!r} is no {kind.__name__}."
        faults.add(item.place, what, one_of(name, [each.value for each in kind]))
        return None


def at_clock(item: Item, faults: Faults) -> time | None:
    """Return the time of day that the item names."""
    try:
        return time.fromisoformat(word(item, faults))
    except ValueError:
        faults.add(item.place, f"{item.value!r} is no time of day.", "Write it like 08:30.")
        return None
