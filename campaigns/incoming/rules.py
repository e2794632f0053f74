"""The table that says which event starts which conversation. Pure but for reading it once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from campaigns.parcel_statuses import parcel_statuses
from campaigns.settings import SettingsError

PARCEL: Final = "parcel."
"""An event of this beginning says the status of a parcel."""
_MINUTES: Final = ("delay_minutes", "within_minutes", "merge_minutes", "again_after_minutes")
_START_KEYS: Final = frozenset({"flow", "campaign", "priority", *_MINUTES})
_MOST_MINUTES: Final = 60 * 24 * 30


@dataclass(frozen=True, slots=True)
class Start:
    """A conversation that an event starts."""

    flow: str
    campaign: str
    """Name of the standing campaign."""
    delay: timedelta = timedelta(0)
    within: timedelta | None = None
    """Later after the event nobody is called; None: the flow's own limits."""
    merge: timedelta = timedelta(0)
    again_after: timedelta | None = None
    """None: the same parcel is called about once."""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class EventRule:
    """What an event means."""

    status: str = ""
    """Of the parcel; empty: it says none."""
    starts: tuple[Start, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingRules:
    """The whole table."""

    events: Mapping[str, EventRule]

    def of(self, event: str) -> EventRule | None:
        """Return what an event means; None: it is unknown."""
        known = self.events.get(event)
        if known is not None:
            return known
        status = event.removeprefix(PARCEL)
        if event.startswith(PARCEL) and status in parcel_statuses():
            return EventRule(status)
        return None

    @property
    def known(self) -> tuple[str, ...]:
        """All events that are understood."""
        statuses = (f"{PARCEL}{status}" for status in parcel_statuses())
        return tuple(dict.fromkeys((*self.events, *statuses)))


def incoming_rules_of(own: Path | None = None) -> IncomingRules:
    """Return the table that ships, or that of a file of one's own.

    Raises SettingsError naming the event and what is wrong.
    """
    if own is None:
        return _shipped()
    try:
        return _read(yaml.safe_load(own.expanduser().read_text(encoding="utf-8")), str(own))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"incoming.rules_file {own} can't be read: {error}") from error


@cache
def _shipped() -> IncomingRules:
    text = resources.files("campaigns.incoming").joinpath("rules.yaml").read_text(encoding="utf-8")
    return _read(yaml.safe_load(text), "campaigns/incoming/rules.yaml")


def _read(loaded: object, source: str) -> IncomingRules:
    events = loaded.get("events") if isinstance(loaded, Mapping) else None
    if not isinstance(events, Mapping):
        raise SettingsError(f"{source}: write `version: 1` and `events:`, a table")
    return IncomingRules(
        {str(name): _rule(rule, f"{source}, {name}") for name, rule in events.items()}
    )


def _rule(rule: object, where: str) -> EventRule:
    if not isinstance(rule, Mapping):
        raise SettingsError(f"{where}: write a table such as {{status: placed, starts: []}}")
    strange = sorted(map(str, set(rule) - {"status", "starts"}))
    if strange:
        raise SettingsError(f"{where}: there is no {strange[0]}; there are starts and status")
    status = str(rule.get("status") or "")
    if status and status not in parcel_statuses():
        known = ", ".join(parcel_statuses())
        raise SettingsError(f"{where}: there is no status {status}; there are {known}")
    starts = rule.get("starts") or ()
    if not isinstance(starts, list | tuple):
        raise SettingsError(f"{where}: starts is a list")
    return EventRule(status, tuple(_start(each, where) for each in starts))


def _start(written: object, where: str) -> Start:
    if not isinstance(written, Mapping) or not written.get("flow"):
        raise SettingsError(f"{where}: each of starts names a flow: {{flow: pickup-notice}}")
    strange = sorted(map(str, set(written) - _START_KEYS))
    if strange:
        known = ", ".join(sorted(_START_KEYS))
        raise SettingsError(f"{where}: there is no {strange[0]}; there are {known}")
    flow = str(written["flow"])
    within, again = _minutes(written, "within_minutes", where), _minutes(
        written, "again_after_minutes", where
    )  # fmt: skip
    priority = written.get("priority", 0)
    if not isinstance(priority, int) or abs(priority) > 999:
        raise SettingsError(f"{where}: priority is a whole number from -999 to 999")
    return Start(
        flow=flow,
        campaign=str(written.get("campaign") or f"events-{flow}"),
        delay=_minutes(written, "delay_minutes", where) or timedelta(0),
        within=within,
        merge=_minutes(written, "merge_minutes", where) or timedelta(0),
        again_after=again,
        priority=priority,
    )


def _minutes(written: Mapping[Any, Any], key: str, where: str) -> timedelta | None:
    minutes = written.get(key)
    if minutes is None:
        return None
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        raise SettingsError(f"{where}: {key} is a number of minutes, not {minutes!r}")
    if not 0 <= minutes <= _MOST_MINUTES:
        raise SettingsError(f"{where}: {key} is at most {_MOST_MINUTES} (30 days)")
    return timedelta(minutes=minutes)
