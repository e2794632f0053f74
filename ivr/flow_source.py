"""Reads YAML so that every value knows its file and line, and `yes`, `no` and `on` stay words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from ivr.flow_model import Fault, FlowError, Place

Plain = str | int | float | bool

_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's is twelve times as fast; not every build of PyYAML has it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A value of a flow file and where it stands."""

    value: Plain | tuple[Item, ...] | Mapping[str, Item]
    place: Place


def read_source(text: str, file: str) -> Item:
    """Return the document; raises FlowError when it isn't YAML or a key occurs twice."""
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        fault = Fault(
            Place(file, line),
            f"This isn't readable YAML: {error.problem}.",
            "Look at the indentation, and quote texts that contain a colon or begin with a brace.",
        )
        raise FlowError((fault,)) from error
    if not isinstance(node, yaml.MappingNode):
        fault = Fault(
            Place(file, 1),
            "The file holds no flow.",
            "Begin with `flow:`, `version:` and `language:`; see docs/flows.md.",
        )
        raise FlowError((fault,))
    faults: list[Fault] = []
    item = _item(node, Place(file, node.start_mark.line + 1), faults)
    if faults:
        raise FlowError(tuple(faults))
    return item


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_READER)
    except yaml.MarkedYAMLError:
        return yaml.compose(text, Loader=yaml.SafeLoader)  # which explains better what is wrong


def _item(node: yaml.Node, place: Place, faults: list[Fault]) -> Item:
    if isinstance(node, yaml.MappingNode):
        return Item(_mapping(node, place.file, faults), place)
    if isinstance(node, yaml.SequenceNode):
        items = (_item(each, _place(each, place.file), faults) for each in node.value)
        return Item(tuple(items), place)
    return Item(_plain(node.tag, node.value), place)


def _mapping(node: yaml.MappingNode, file: str, faults: list[Fault]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for key, value in node.value:
        where = _place(key, file)
        if key.value in found:
            faults.append(
                Fault(
                    where,
                    f"{key.value!r} stands here and in line {found[key.value].place.line}.",
                    "One of the two would be lost: rename it or remove it.",
                )
            )
        found[key.value] = _item(value, where, faults)
    return found


def _plain(tag: str, value: str) -> Plain:
    """Return numbers as numbers and true/false as truth; every other word as written."""
    if tag == "tag:yaml.org,2002:int" and value.lstrip("-").isdigit():
        return int(value)
    if tag == "tag:yaml.org,2002:float":
        return float(value)
    if value in {"true", "false"} and tag == "tag:yaml.org,2002:bool":
        return value == "true"
    return value


def _place(node: yaml.Node, file: str) -> Place:
    return Place(file, node.start_mark.line + 1)
