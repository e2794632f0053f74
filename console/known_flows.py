"""Which conversations a command is about: by id, by file, or all of them, in order of stage."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from console.flow_map_text import Words, names_of
from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_model import Flow

FLOW_FILE: Final = (".yaml", ".yml")
STAGES: Final = tuple(names_of(Words.STAGE))
"""In the order in which a parcel meets them."""


def known_flows(names: Iterable[str] = (), language: str | None = None) -> tuple[Flow, ...]:
    """Return these flows, by stage; all that ship with Menling when none is named.

    `language` narrows them; a flow file is taken in whatever language it is. Raises FlowError.
    """
    wanted = tuple(names)
    shipped = flows()
    found: list[Flow] = []
    for name in wanted:
        if name.endswith(FLOW_FILE):
            found.append(load_flow_file(Path(name)))
            continue
        spoken = [each for flow_id, each in shipped if flow_id == name]
        if not spoken or language not in (None, *spoken):
            load_flow(name, language or "zh-CN")  # says which flows there are
        found += [load_flow(name, each) for each in spoken if language in (None, each)]
    if not wanted:
        found = [load_flow(*each) for each in shipped if language in (None, each[1])]
    return tuple(sorted(found, key=lambda each: (_stage(each), each.id, each.language)))


def _stage(flow: Flow) -> int:
    stage = flow.charter.stage
    return STAGES.index(stage) if stage in STAGES else len(STAGES)
