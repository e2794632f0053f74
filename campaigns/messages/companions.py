"""Companions: what follows an outcome in writing, by a table of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

from campaigns.messages.events import PersonEvent
from campaigns.settings import SettingsError
from store.message_types import Channel
from store.types import Disposition, Outcome

_KEYS: Final = frozenset({"disposition", "outcome", "flow", "final", "event", "channels"})
_Word = TypeVar("_Word", Disposition, Outcome, Channel)


@dataclass(frozen=True, slots=True)
class Companion:
    """A message to the recipient that follows an outcome."""

    event: PersonEvent
    channels: tuple[Channel, ...]
    """Those that will do, the one to prefer first."""


@dataclass(frozen=True, slots=True)
class Row:
    """When something follows, and what; what is empty fits all."""

    dispositions: frozenset[Disposition]
    outcomes: frozenset[Outcome]
    flows: frozenset[str]
    final: bool | None
    companion: Companion | None
    """None: nothing goes out."""

    def fits(self, words: tuple[Disposition, Outcome], *, final: bool, flow: str) -> bool:
        """Say whether this row speaks of such an outcome."""
        disposition, outcome = words
        return (
            (not self.dispositions or disposition in self.dispositions)
            and (not self.outcomes or outcome in self.outcomes)
            and (not self.flows or flow in self.flows)
            and (self.final is None or self.final is final)
        )


@dataclass(frozen=True, slots=True)
class Companions:
    """The whole table."""

    rows: tuple[Row, ...]

    def after(
        self, words: tuple[Disposition, Outcome], *, final: bool, flow: str
    ) -> Companion | None:
        """Return what follows an outcome: of the first row that fits; None: nothing."""
        for row in self.rows:
            if row.fits(words, final=final, flow=flow):
                return row.companion
        return None


def companions_of(own: Path | None = None) -> Companions:
    """Return the table that ships, or that of a file of one's own.

    Raises SettingsError naming the row and what is wrong.
    """
    if own is None:
        return _shipped()
    try:
        return _read(yaml.safe_load(own.expanduser().read_text(encoding="utf-8")), str(own))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"messages.companions_file {own} can't be read: {error}") from error


@cache
def _shipped() -> Companions:
    name = "companions.yaml"
    text = resources.files("campaigns.messages").joinpath(name).read_text(encoding="utf-8")
    return _read(yaml.safe_load(text), f"campaigns/messages/{name}")


def _read(loaded: object, source: str) -> Companions:
    rows = loaded.get("rows") if isinstance(loaded, Mapping) else None
    if not isinstance(rows, list):
        raise SettingsError(f"{source}: write `version: 1` and `rows:`, a list")
    return Companions(tuple(_row(row, f"{source}, row {n}") for n, row in enumerate(rows, start=1)))


def _row(row: object, where: str) -> Row:
    if not isinstance(row, Mapping):
        raise SettingsError(f"{where}: write a table such as {{outcome: [expired], channels: []}}")
    strange = set(row) - _KEYS
    if strange or "channels" not in row:
        what = f"there is no {sorted(map(str, strange))[0]}" if strange else "channels is missing"
        raise SettingsError(f"{where}: {what}; there are {', '.join(sorted(_KEYS))}")
    channels = _words(row, "channels", Channel, where)
    final = row.get("final")
    if final is not None and not isinstance(final, bool):
        raise SettingsError(f"{where}: final is true or false")
    if Channel.CALL in channels:
        raise SettingsError(f"{where}: channels are sms and email; calls have retry tables")
    return Row(
        frozenset(_words(row, "disposition", Disposition, where)),
        frozenset(_words(row, "outcome", Outcome, where)),
        frozenset(map(str, row.get("flow") or ())),
        final,
        Companion(_event(row.get("event"), where), channels) if channels else None,
    )


def _words(row: Mapping[str, Any], key: str, kind: type[_Word], where: str) -> tuple[_Word, ...]:
    written = row.get(key) or ()
    if isinstance(written, str):
        raise SettingsError(f"{where}: write {key} as a list: [{written}]")
    try:
        return tuple(kind(each) for each in written)
    except ValueError as error:
        known = ", ".join(kind)
        raise SettingsError(f"{where}: {key}: {error}; there are {known}") from error


def _event(word: object, where: str) -> PersonEvent:
    try:
        return PersonEvent(str(word))
    except ValueError as error:
        known = ", ".join(PersonEvent)
        raise SettingsError(f"{where}: event {word} is unknown; there are {known}") from error
