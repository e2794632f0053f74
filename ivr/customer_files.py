"""Reads simulated customers from their files; a fault says where it is and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ivr.agent_lines import AgentAct, AgentEar, Solution
from ivr.customer import Case, Customer, Effect, Known, Mood, Need, Temperament
from ivr.flow_model import Fault, FlowError, Place
from ivr.flow_reader import Faults, Table, one_of
from ivr.flow_source import Item, read_source
from ivr.nlu.patterns import PatternError

OCCASIONS = (
    "interrupted", "unheard", "silent", "unclear", "vague", "refuse", "blame", "shirk", "forbidden",
    "overpromise", "not_done", "leaves", "wary", "waybill", "name", "details", "unknown_waybill",
    "unknown_name", "unknown_details", "calmed", "still_upset", "waits", "explained", "not_yet",
    "accepts", "timed", "apology", "cause", "solution", "time", "proof", "settled", "confirms",
    "nothing_else", "lingers", "bye", "gives_up", "greets", "proved", "listens",
)  # fmt: skip
"""When a customer says something; those without a wording pass in silence."""
NEEDED = ("silent", "unclear", "not_done", "leaves", "settled", "confirms", "bye", "gives_up")
"""Every mood must have words for these."""
_MOODS = "moods.zh-CN.yaml"
_OTHERS = (_MOODS, "agent_lines.zh-CN.yaml")


@cache
def customers() -> tuple[Customer, ...]:
    """Return the customers that come with Menling, by id."""
    files = sorted(
        (each for each in _shipped().iterdir() if each.name.endswith(".yaml")),
        key=lambda each: each.name,
    )
    return tuple(_customer(each) for each in files if each.name not in _OTHERS)


def customer(name: str) -> Customer:
    """Return a customer by id, or the one in a file of one's own; raises FlowError."""
    for each in customers():
        if each.id == name:
            return each
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        try:
            return _customer(path)
        except FileNotFoundError as error:
            fault = Fault(Place(path.name, 1), "There is no such file.", "Check the path.")
            raise FlowError((fault,)) from error
    known = one_of(name, [each.id for each in customers()])
    raise FlowError((Fault(Place("customers", 1), f"Nobody is called {name!r}.", known),))


def _shipped() -> Traversable:
    return resources.files("ivr.customers")


@cache
def _moods() -> Mapping[Mood, Temperament]:
    faults = Faults()
    table = Table.of(read_source((_shipped() / _MOODS).read_text("utf-8"), _MOODS), faults)
    table.only("effects", "says", *Mood)
    effects, says = _effects(table.table("effects")), _says(table.table("says"))
    moods = {mood: _temperament(table.table(mood), effects, says) for mood in Mood}
    for mood, temperament in moods.items():
        for occasion in NEEDED:
            if not temperament.says.get(occasion):
                faults.add(table.place, f"{mood} has no words for {occasion!r}.", "Write some.")
    _raise(faults)
    return moods


def _temperament(
    table: Table, effects: Mapping[str, float], says: Mapping[str, tuple[str, ...]]
) -> Temperament:
    table.only("starts", "accepts_at", "leaves_at", "effects", "says")
    return Temperament(
        starts=table.number("starts", 4.0),
        accepts_at=table.number("accepts_at", 6.0),
        leaves_at=table.number("leaves_at", 10.0),
        effects={**effects, **_effects(table.table("effects"))},
        says={**says, **_says(table.table("says"))},
    )


def _customer(file: Traversable | Path) -> Customer:
    faults = Faults()
    table = Table.of(read_source(file.read_text(encoding="utf-8"), file.name), faults)
    table.only(
        "customer", "title", "name", "mood", "company", "company_short", "problem", "brief",
        "cause", "known_by", "solutions", "limit_yuan", "story", "knows", "needs", "says",
        "hears", "patience_turns",
    )  # fmt: skip
    mood = table.choice("mood", Mood, Mood.CALM)
    company, short = table.text("company"), table.text("company_short", "")
    case = Case(
        problem=table.text("problem"),
        company=company,
        brief=table.words("brief"),
        called_company=tuple(filter(None, (company, short))),
        cause=table.text("cause"),
        known_by=table.words("known_by"),
        solutions=table.choices("solutions", Solution),
        limit_yuan=int(table.number("limit_yuan", 0)),
    )
    found = Customer(
        id=table.text("customer"),
        title=table.text("title"),
        name=table.text("name"),
        mood=mood,
        temperament=_moods()[mood],
        case=case,
        story=table.words("story"),
        knows=table.choices("knows", Known),
        needs=table.choices("needs", Need),
        says=_says(table.table("says")),
        hears=int(table.number("hears", 0)),
        patience_turns=int(table.number("patience_turns", 12)),
    )
    _check(found, table)
    _raise(faults)
    return found


def _check(found: Customer, table: Table) -> None:
    """Complain about a customer whom nobody could satisfy, or who would have nothing to say."""
    faults, place = table.faults, table.place
    if not found.story:
        faults.add(place, "The customer says nothing.", "Write `story:` and what he says first.")
    if not found.needs:
        faults.add(place, "The customer wants nothing.", "Write `needs: [apology, solution, …]`.")
    if Need.CAUSE in found.needs and not found.case.known_by:
        faults.add(place, "Nobody could tell the cause.", "Write `known_by:` and its words.")
    if Need.SOLUTION in found.needs and not found.case.solutions:
        faults.add(place, "Nothing may be offered.", "Write `solutions:`, as the matrix allows.")
    faults_of_says = [known for known in found.knows if not found.wordings(known)]
    for known in faults_of_says:
        faults.add(place, f"He knows his {known}, but says nothing.", f"Write `says: {known}:`.")
    try:
        AgentEar(found.case.called_company, found.case.known_by)
    except PatternError as error:
        faults.add(place, str(error), "See docs/understanding.md about phrases.")


def _effects(table: Table) -> dict[str, float]:
    known = {*AgentAct, *Effect}
    found: dict[str, float] = {}
    for name, item in table.items.items():
        if name not in known:
            table.faults.add(item.place, f"Nothing is called {name!r}.", one_of(name, known))
        if isinstance(item.value, int | float) and not isinstance(item.value, bool):
            found[name] = float(item.value)
        else:
            table.faults.add(item.place, f"{item.value!r} is no number.", "Write -1 or 2, say.")
    return found


def _says(table: Table) -> dict[str, tuple[str, ...]]:
    for name, item in table.items.items():
        if name not in OCCASIONS:
            what = f"There is no occasion {name!r}."
            table.faults.add(_place(item), what, one_of(name, OCCASIONS))
    return {name: table.words(name) for name in table.items}


def _place(item: Item) -> Place:
    return item.place


def _raise(faults: Faults) -> None:
    if faults.found:
        raise FlowError(tuple(faults.found))
