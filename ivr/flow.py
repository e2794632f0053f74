"""Flow files: loading, including, versioning. Nothing runs that wasn't checked.

flow = load_flow("pre-delivery", "zh-CN")      # one that ships with Menling
flow = load_flow_file(Path("ours.yaml"))       # one of your own
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from ivr import flow_parts as parts
from ivr.flow_check import faults_of, reached
from ivr.flow_model import Fault, Flow, FlowError, Place, Script
from ivr.flow_reader import Faults, Table, member
from ivr.flow_slots import fact_names, flag, slot_specs, topics
from ivr.flow_source import Item, read_source
from ivr.meaning import HandOver
from ivr.wording import all_prompts

__all__ = [
    "Fault",
    "Flow",
    "FlowError",
    "all_prompts",
    "files_of_flow",
    "flows",
    "load_flow",
    "load_flow_file",
    "shipped_file",
]

_SHARED = (
    "prompts", "states", "asides", "everywhere", "events", "names", "hopes", "slots", "knowledge",
)  # fmt: skip
"""Tables that an included fragment may bring along; the including file's entries win."""

_OWN = (
    "flow", "title", "version", "language", "stage", "trigger", "responsible", "collects",
    "writes", "time_limit_seconds", "turn_limit", "sure_confidence", "service_hours",
    "latest_days", "reply_minutes", "include", "starts", "title_en", "trigger_en",
    "responsible_en", "exceptions", "order", "needs_facts", "may_use_facts", "flags",
)  # fmt: skip


def flows() -> tuple[tuple[str, str], ...]:
    """Return id and language of every flow that ships with Menling."""
    names = sorted(each.name for each in _shipped().iterdir() if each.name.endswith(".yaml"))
    found = (name.removesuffix(".yaml").rsplit(".", 1) for name in names)
    return tuple((flow_id, language) for flow_id, language in found)


@cache  # what ships doesn't change while a program runs, and the check takes its time
def load_flow(flow_id: str, language: str) -> Flow:
    """Return a flow that ships with Menling; raises FlowError when it is unknown or faulty."""
    file = _shipped() / f"{flow_id}.{language}.yaml"
    if not file.is_file():
        known = ", ".join(f"{name} in {spoken}" for name, spoken in flows())
        fault = Fault(
            Place(file.name, 1), f"There is no flow {flow_id!r} in {language}.", f"Known: {known}."
        )
        raise FlowError((fault,))
    return _load(file, _shipped())


def load_flow_file(path: Path) -> Flow:
    """Return the flow in a file; fragments it includes lie beside it or ship with Menling.

    Raises FlowError with every fault found.
    """
    return _load(path, path.parent)


def files_of_flow(path: Path) -> Mapping[str, str]:
    """Return the text of a flow file and of every fragment it consists of, by name.

    Raises FlowError when one of them can't be read.
    """
    sources = _Sources(path.parent)
    table = Table.of(sources.read(path, path.name), Faults())
    _with_fragments(table, sources, Faults())
    return dict(sources.files)


def shipped_file(flow_id: str, language: str) -> Traversable:
    """Return the file of a flow that ships with Menling; it may not be there."""
    return _shipped() / f"{flow_id}.{language}.yaml"


def _shipped() -> Traversable:
    return resources.files("ivr") / "flows"


def _load(file: Traversable | Path, folder: Traversable | Path) -> Flow:
    sources = _Sources(folder)
    main = sources.read(file, file.name)
    faults = Faults()
    table = Table.of(main, faults)
    table.only(*_OWN, *_SHARED)
    whole = _with_fragments(table, sources, faults)
    flow = _flow(Table(whole, main.place, faults), sources.digest())
    if not faults.found:
        faults.found += faults_of(flow)
    if faults.found:
        in_order = sorted(
            dict.fromkeys(faults.found), key=lambda fault: (fault.place.file, fault.place.line)
        )
        raise FlowError(tuple(in_order))
    return _without_idle_states(flow)


def _without_idle_states(flow: Flow) -> Flow:
    """Leave out what fragments offer and this flow doesn't use."""
    used = reached(flow.script)
    states = {name: state for name, state in flow.script.states.items() if name in used}
    return replace(flow, script=replace(flow.script, states=states))


def _with_fragments(
    table: Table, sources: _Sources, faults: Faults, within: tuple[str, ...] = ()
) -> dict[str, Item]:
    """Return a table laid over the fragments that it includes, and those over theirs."""
    below: dict[str, Item] = {}
    for name in table.words("include"):
        place = table.items["include"].place
        if name in within:
            faults.add(place, f"{name!r} includes itself.", "Take it out of one of the two files.")
            continue
        fragment = Table.of(sources.fragment(name, place), faults)
        fragment.only("include", *_SHARED)
        below = _merged(below, _with_fragments(fragment, sources, faults, (*within, name)))
    return _merged(below, table.items)


@dataclass(slots=True)
class _Sources:
    """The files that make up one flow."""

    folder: Traversable | Path
    files: dict[str, str] = field(default_factory=dict)

    def read(self, file: Traversable | Path, name: str) -> Item:
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            fault = Fault(Place(name, 1), "There is no such file.", "Check the path.")
            raise FlowError((fault,)) from error
        except UnicodeDecodeError as error:
            fault = Fault(Place(name, 1), "The file isn't UTF-8.", "Save it again as UTF-8.")
            raise FlowError((fault,)) from error
        self.files[name] = text
        return read_source(text, name)

    def fragment(self, name: str, place: Place) -> Item:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            # A published flow is kept in a folder of its own, with all its files.
            what = f"The included file {name!r} lies outside the folder of the flow."
            raise FlowError((Fault(place, what, "Put it beside the flow, or in a folder there."),))
        for folder in (self.folder, _shipped()):
            file = folder / name
            if file.is_file():
                return self.read(file, name)
        fault = Fault(place, f"The included file {name!r} isn't there.", "Check its name.")
        raise FlowError((fault,))

    def digest(self) -> str:
        return sha256("\0".join(self.files.values()).encode()).hexdigest()


def _merged(below: Mapping[str, Item], above: Mapping[str, Item]) -> dict[str, Item]:
    """Lay one file over another: tables grow together, anything else is replaced."""
    merged = dict(below)
    for name, item in above.items():
        held = merged.get(name)
        if held is not None and isinstance(held.value, Mapping) and isinstance(item.value, Mapping):
            deeper = name in {"everywhere", "on", "keys"}
            joined = _merged(held.value, item.value) if deeper else {**held.value, **item.value}
            merged[name] = Item(joined, item.place)
        else:
            merged[name] = item
    return merged


def _flow(table: Table, digest: str) -> Flow:
    faults = table.faults
    common, prompts, states = (table.table(name) for name in ("everywhere", "prompts", "states"))
    names, hopes = table.table("names"), table.table("hopes")
    spoken = {
        choice: names.text(name)
        for name, item in names.items.items()
        if (choice := member(Item(name, item.place), HandOver, faults)) is not None
    }
    events = table.table("events")
    declared = slot_specs(table.table("slots"))
    script = Script(
        starts=table.text("starts"),
        states={
            name: parts.state(name, item, common, hopes, declared)
            for name, item in states.items.items()
        },
        prompts={name: parts.prompt(name, item, faults) for name, item in prompts.items.items()},
        everywhere=parts.everywhere(common, table.table("asides"), declared),
        events={name: events.text(name) for name in events.items},
        names=spoken,
        place=table.place,
        slots=declared,
        needs_facts=fact_names(table, "needs_facts"),
        may_use_facts=fact_names(table, "may_use_facts"),
        flags=table.each("flags", lambda item: flag(item, faults)),
        knowledge=topics(table.table("knowledge")),
    )
    return Flow(
        id=table.text("flow"),
        version=table.text("version"),
        language=table.text("language"),
        digest=digest,
        charter=parts.charter(table),
        limits=parts.limits(table),
        script=script,
    )
