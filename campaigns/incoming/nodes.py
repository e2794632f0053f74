"""The way of a parcel: its nodes, who answers for each, and how long each may take. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from campaigns.parcel_statuses import parcel_statuses
from campaigns.settings import SettingsError

_KEYS: Final = frozenset({"node", "zh", "en", "statuses", "owner", "call", "hours"})


@dataclass(frozen=True, slots=True)
class Node:
    """A point that every parcel passes."""

    name: str
    zh: str
    en: str
    statuses: frozenset[str]
    owner: str
    call: bool
    hours: Mapping[str, float]
    """After the node before it, by product line; the empty word stands for all others."""

    def due(self, after: datetime, product_line: str) -> datetime | None:
        """Return when it is late; None: for this product line nobody watches."""
        hours = self.hours.get(product_line, self.hours.get(""))
        return None if hours is None else after + timedelta(hours=hours)


@dataclass(frozen=True, slots=True)
class Way:
    """All nodes in their order."""

    begins: frozenset[str]
    ends: frozenset[str]
    nodes: tuple[Node, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the nodes."""
        return tuple(each.name for each in self.nodes)

    def place(self, status: str) -> int | None:
        """Return which node a status says was passed, -1: the way began; None: it says nothing."""
        if status in self.begins:
            return -1
        return next((n for n, each in enumerate(self.nodes) if status in each.statuses), None)

    def up_to(self, place: int) -> tuple[str, ...]:
        """Return the nodes that are passed when this one is."""
        return self.names[: place + 1]

    def next_due(
        self, passed: Mapping[str, datetime], place: int, at: datetime, product_line: str
    ) -> tuple[str, datetime] | None:
        """Return the node to watch once one was passed, and when it is late; None: nothing.

        What came late, behind a later node, changes nothing.
        """
        if place + 1 >= len(self.nodes) or any(name in passed for name in self.names[place + 1 :]):
            return None
        following = self.nodes[place + 1]
        due = following.due(at, product_line)
        return None if due is None else (following.name, due)


def way_of(own: Path | None = None) -> Way:
    """Return the way that ships, or that of a file of one's own.

    Raises SettingsError naming the node and what is wrong.
    """
    if own is None:
        return _shipped()
    try:
        return _read(yaml.safe_load(own.expanduser().read_text(encoding="utf-8")), str(own))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"incoming.nodes_file {own} can't be read: {error}") from error


@cache
def _shipped() -> Way:
    text = resources.files("campaigns.incoming").joinpath("nodes.yaml").read_text(encoding="utf-8")
    return _read(yaml.safe_load(text), "campaigns/incoming/nodes.yaml")


def _read(loaded: object, source: str) -> Way:
    nodes = loaded.get("nodes") if isinstance(loaded, Mapping) else None
    if not isinstance(loaded, Mapping) or not isinstance(nodes, list) or not nodes:
        raise SettingsError(f"{source}: write `version: 1` and `nodes:`, a list")
    way = Way(
        _statuses(loaded.get("begins"), f"{source}, begins"),
        _statuses(loaded.get("ends"), f"{source}, ends"),
        tuple(_node(each, f"{source}, node {n}") for n, each in enumerate(nodes, start=1)),
    )
    if len(set(way.names)) < len(way.names):
        raise SettingsError(f"{source}: two nodes have the same name")
    return way


def _node(written: object, where: str) -> Node:
    if not isinstance(written, Mapping) or not set(written) <= _KEYS or "node" not in written:
        raise SettingsError(f"{where}: write a table with {', '.join(sorted(_KEYS))}")
    name = str(written["node"])
    hours = written.get("hours") or {}
    if not isinstance(hours, Mapping) or not all(map(_is_span, hours.values())):
        raise SettingsError(f'{where}: hours is a table such as {{"": 24}}, in hours above 0')
    return Node(
        name=name,
        zh=str(written.get("zh") or name),
        en=str(written.get("en") or name),
        statuses=_statuses(written.get("statuses"), where),
        owner=str(written.get("owner") or "delivery"),
        call=written.get("call") is True,
        hours={str(line): float(each) for line, each in hours.items()},
    )


def _is_span(value: Any) -> bool:
    return isinstance(value, int | float) and 0 < value <= 24 * 60


def _statuses(written: object, where: str) -> frozenset[str]:
    some = frozenset(map(str, written)) if isinstance(written, list) else frozenset()
    strange = sorted(some - set(parcel_statuses()))
    if strange:
        known = ", ".join(parcel_statuses())
        raise SettingsError(f"{where}: there is no status {strange[0]}; there are {known}")
    return some
