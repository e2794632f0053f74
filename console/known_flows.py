"""Which conversations a command is about: by id, by file, or all of them, in order of stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_bounds import STAGES
from ivr.flow_model import Flow

FLOW_FILE: Final = (".yaml", ".yml")


def known_flows(
    names: Iterable[str] = (),
    language: str | None = None,
    *,
    there: Iterable[tuple[str, str]] | None = None,
    load: Callable[[str, str], Flow] = load_flow,
) -> tuple[Flow, ...]:
    """Return these flows, by stage; all there are when none is named.

    `language` narrows them; a flow file is taken in whatever language it is. There are those that
    ship with Menling, or those (id and language) in `there`, which `load` brings. Raises FlowError.
    """
    wanted = tuple(names)
    all_of_them = flows() if there is None else tuple(there)
    found: list[Flow] = []
    for name in wanted:
        if name.endswith(FLOW_FILE):
            found.append(load_flow_file(Path(name)))
            continue
        spoken = [each for flow_id, each in all_of_them if flow_id == name]
        if not spoken or language not in (None, *spoken):
            load(name, language or "zh-CN")  # says which flows there are
        found += [load(name, each) for each in spoken if language in (None, each)]
    if not wanted:
        found = [load(*each) for each in all_of_them if language in (None, each[1])]
    return tuple(sorted(found, key=_on_the_way))


def _on_the_way(flow: Flow) -> tuple[int, int, str, str]:
    """Return where a flow stands on a parcel's way."""
    stage = flow.charter.stage
    number = STAGES.index(stage) if stage in STAGES else len(STAGES)
    return number, flow.charter.order, flow.id, flow.language
