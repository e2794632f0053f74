"""Facts: what a flow may know about a delivery beyond what every call knows.

Each is declared once, in `facts.yaml`: what kind of value it is, which column of a manifest brings
it, and an example that the checker of flows reads out. A flow names the facts it uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources

from ivr.flow_reader import Faults, Table
from ivr.flow_source import read_source
from ivr.meaning import FactValue


class FactKind(StrEnum):
    """What kind of value a fact is, and so how it can be said."""

    TEXT = "text"
    NAME = "name"
    PHONE = "phone"
    CODE = "code"
    """Letters and figures that are said one by one."""
    COUNT = "count"
    MONEY = "money"
    """In fen."""
    FLAG = "flag"
    WORD = "word"
    """One of a closed list, for conditions; never said."""
    MOMENT = "moment"
    DAY = "day"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact that deliveries may have."""

    name: str
    kind: FactKind
    titles: Mapping[str, str]
    """By language; a manifest's column is headed by one of them or by the name."""
    samples: Mapping[str, str]
    """An example by language, as a manifest would hold it."""
    one_of: tuple[str, ...] = ()
    """For WORD: what it may be."""
    called: Mapping[str, str] = field(default_factory=dict)
    """Other names of these words, in any language."""


class FactError(ValueError):
    """A text that is no value of that fact; the message says what to write."""


@cache
def facts_known() -> Mapping[str, FactSpec]:
    """Return every declared fact by name."""
    text = (resources.files("ivr") / "facts.yaml").read_text("utf-8")
    faults = Faults()
    table = Table.of(read_source(text, "facts.yaml"), faults)
    specs = {name: _spec(name, table.table(name)) for name in table.items}
    if faults.found:
        raise FactError("; ".join(map(str, faults.found)))
    return specs


def value_of(spec: FactSpec, text: str, now: datetime) -> FactValue:
    """Return the value that a text stands for; days are counted from `now`, which is aware.

    Raises FactError.
    """
    text = text.strip()
    try:
        return _read(spec, text, now)
    except (ValueError, OverflowError) as error:
        if isinstance(error, FactError):
            raise
        raise FactError(f"{text!r} is no {spec.kind.value}: {_WANTED[spec.kind]}") from error


def _read(spec: FactSpec, text: str, now: datetime) -> FactValue:
    match spec.kind:
        case FactKind.COUNT:
            if not text.isdecimal():
                raise ValueError(text)
            return int(text)
        case FactKind.MONEY:
            return round(float(text.removeprefix("¥")) * 100)
        case FactKind.FLAG:
            if text.lower() not in _FLAGS:
                raise ValueError(text)
            return _FLAGS[text.lower()]
        case FactKind.WORD:
            text = spec.called.get(text, text)
            if text not in spec.one_of:
                known = ", ".join((*spec.called, *spec.one_of))
                raise FactError(f"{text!r} is no {spec.name}; write one of {known}")
            return text
        case FactKind.DAY:
            return _moment(f"{text} 00:00", now)
        case FactKind.MOMENT:
            return _moment(text, now)
        case FactKind.WINDOW:
            day, _, hours = text.rpartition(" ")
            first, _, last = hours.partition("-")
            span = _moment(f"{day} {first}", now), _moment(f"{day} {last}", now)
            if span[1] <= span[0]:
                raise FactError(f"{text!r} ends before it begins")
            return span
        case _:
            return text


def _moment(text: str, now: datetime) -> datetime:
    """Read 2026-11-22 14:00, +1 14:00 (tomorrow) or 14:00 (today)."""
    day, _, clock = text.strip().rpartition(" ")
    if day and not day.startswith("+"):
        return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=now.tzinfo)
    date = now.date() + timedelta(days=int(day or "0"))
    return datetime.combine(date, time.fromisoformat(clock), now.tzinfo)


def samples_of(language: str, now: datetime) -> dict[str, FactValue]:
    """Return an example of every fact, as the checker and rehearsals say it."""
    return {
        name: value_of(spec, spec.samples[language], now) for name, spec in facts_known().items()
    }


def _spec(name: str, table: Table) -> FactSpec:
    table.only("kind", "title", "sample", "one_of")
    titles, samples, words = (table.table(each) for each in ("title", "sample", "one_of"))
    return FactSpec(
        name=name,
        kind=table.choice("kind", FactKind, FactKind.TEXT),
        titles={language: titles.text(language) for language in ("zh-CN", "en-US")},
        samples={language: samples.text(language) for language in ("zh-CN", "en-US")},
        one_of=tuple(words.items),
        called={name: word for word in words.items for name in words.words(word)},
    )


_FLAGS = {
    "是": True, "yes": True, "true": True, "1": True, "有": True,
    "否": False, "no": False, "false": False, "0": False, "无": False, "没有": False,
}  # fmt: skip
_WANTED = {
    FactKind.COUNT: "write a whole number",
    FactKind.MONEY: "write yuan, like 12.50",
    FactKind.FLAG: "write 是 or 否",
    FactKind.DAY: "write a day like 2026-11-22, or +1 for tomorrow",
    FactKind.MOMENT: "write a time like 2026-11-22 14:30, or 14:30 for today",
    FactKind.WINDOW: "write a time like 2026-11-22 14:00-16:00, or 14:00-16:00 for today",
}
