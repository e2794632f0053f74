"""The rules of a campaign as a form has them: what is typed becomes its policy.

What is left empty, or is as the settings have it, is left to the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from campaigns.settings_sections import CampaignSettings

GROUPS_OF_THEIR_OWN: Final = ("scope",)
"""What a policy says of these stands for all that the settings say of them."""


class Kind(StrEnum):
    """What a field holds."""

    WHOLE = "whole"
    NUMBER = "number"
    PERCENT = "percent"
    """Typed as 20, kept as 0.2."""
    TEXT = "text"
    WORDS = "words"
    """Several, parted by commas."""
    SWITCH = "switch"
    SCRIPTS = "scripts"
    """A line each: name, published version, weight."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field, and where its rule stands in the policy."""

    name: str
    kind: Kind
    path: tuple[str, ...]


def _field(kind: Kind, *path: str) -> Field:
    return Field("_".join(path), kind, path)


FIELDS: Final = (
    _field(Kind.TEXT, "calling_window"),
    _field(Kind.WHOLE, "max_attempts"),
    _field(Kind.WHOLE, "max_concurrent_calls"),
    _field(Kind.SWITCH, "record_calls"),
    _field(Kind.SWITCH, "recording_notice"),
    _field(Kind.TEXT, "pacing", "mode"),
    _field(Kind.PERCENT, "pacing", "abandon_ceiling"),
    _field(Kind.NUMBER, "pacing", "calls_per_second"),
    _field(Kind.WHOLE, "pacing", "priority"),
    _field(Kind.WHOLE, "pacing", "weight"),
    _field(Kind.TEXT, "when", "weekend"),
    _field(Kind.TEXT, "when", "holiday"),
    _field(Kind.TEXT, "when", "rest"),
    _field(Kind.NUMBER, "when", "lead_minutes"),
    _field(Kind.TEXT, "when", "jurisdiction"),
    _field(Kind.WHOLE, "when", "calls_per_day"),
    _field(Kind.WHOLE, "when", "calls_per_week"),
    _field(Kind.NUMBER, "when", "minimum_gap_minutes"),
    _field(Kind.TEXT, "retry", "table"),
    _field(Kind.WORDS, "trunks", "use"),
    _field(Kind.WORDS, "trunks", "caller_ids"),
    _field(Kind.WORDS, "scope", "regions"),
    _field(Kind.WORDS, "scope", "product_lines"),
    _field(Kind.PERCENT, "scope", "share"),
    _field(Kind.SCRIPTS, "scripts"),
)
LONGEST: Final = 2000


def typed_in(form: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed into the fields of the rules."""
    return {
        each.name: str(form.get(each.name, "")).replace("\r\n", "\n").strip()[:LONGEST]
        for each in FIELDS
    }


def usual(settings: CampaignSettings, policy: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return what the form shows at first: the settings, with what a policy says instead."""
    return {each.name: _shown(each, _value(each, settings, policy or {})) for each in FIELDS}


def policy_in(typed: Mapping[str, str], settings: CampaignSettings) -> dict[str, Any]:
    """Return the rules that differ from the settings.

    Raises ValueError, which names the field, for what can't be read.
    """
    policy: dict[str, Any] = {}
    for each in FIELDS:
        text = typed.get(each.name, "")
        try:
            value = _read(each.kind, text)
        except ValueError as error:
            raise ValueError(each.name) from error
        if value is None or _shown(each, value) == _shown(each, _value(each, settings, {})):
            continue
        _put(policy, each.path, value)
    for group in GROUPS_OF_THEIR_OWN:
        if group in policy:
            for each in FIELDS:
                value = _read(each.kind, typed.get(each.name, ""))
                if each.path[0] == group and value is not None:
                    _put(policy, each.path, value)
    return policy


def with_rules(
    policy: Mapping[str, Any], typed: Mapping[str, str], settings: CampaignSettings
) -> dict[str, Any]:
    """Return a policy whose rules are as typed; what the form doesn't show stays as it was."""
    kept = {
        key: dict(value) if isinstance(value, Mapping) else value for key, value in policy.items()
    }
    for each in FIELDS:
        *groups, last = each.path
        place: Any = kept
        for group in groups:
            place = place.get(group, {})
        place.pop(last, None)
    for key, value in policy_in(typed, settings).items():
        kept[key] = {**kept.get(key, {}), **value} if isinstance(value, dict) else value
    return {key: value for key, value in kept.items() if value != {}}


def _read(kind: Kind, text: str) -> Any:
    """Return what a text means, None: nothing. Raises ValueError."""
    text = text.strip()
    if kind is Kind.SWITCH:
        return text == "true"
    if not text:
        return None
    match kind:
        case Kind.WHOLE:
            if not text.isdecimal() or len(text) > 6:
                raise ValueError(text)
            return int(text)
        case Kind.NUMBER:
            return None if text == "none" else float(text)
        case Kind.PERCENT:
            return round(float(text.removesuffix("%")) / 100, 6)
        case Kind.WORDS:
            return _words(text)
        case Kind.SCRIPTS:
            return [_script(line) for line in text.splitlines() if line.strip()]
        case _:
            return text


def _words(text: str) -> list[str]:
    for comma in "，、;；\n":
        text = text.replace(comma, ",")
    return [each.strip() for each in text.split(",") if each.strip()]


def _script(line: str) -> dict[str, Any]:
    name, *rest = line.split()
    if len(rest) > 2:
        raise ValueError(line)
    script: dict[str, Any] = {"name": name}
    if rest and rest[0] != "-":
        script["version"] = rest[0]
    if len(rest) > 1:
        script["weight"] = float(rest[1])
    return script


def _value(field: Field, settings: CampaignSettings, policy: Mapping[str, Any]) -> Any:
    value: Any = settings
    for name in field.path:
        value = getattr(value, name)
    own: Any = policy
    for name in field.path:
        if not isinstance(own, Mapping) or name not in own:
            return value
        own = own[name]
    return own


def _shown(field: Field, value: Any) -> str:
    if value is None or value == "none":
        return ""
    match field.kind:
        case Kind.SWITCH:
            return "true" if value else ""
        case Kind.PERCENT:
            return f"{value * 100:g}"
        case Kind.WORDS:
            return ", ".join(value)
        case Kind.SCRIPTS:
            return "\n".join(_line(each) for each in value)
        case Kind.NUMBER:
            return f"{value:g}"
        case _:
            return str(value)


def _line(script: Any) -> str:
    told: Mapping[str, Any] = script if isinstance(script, Mapping) else script.model_dump()
    return f"{told['name']} {told.get('version') or '-'} {told.get('weight', 1):g}"


def _put(policy: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *groups, last = path
    place = policy
    for group in groups:
        place = place.setdefault(group, {})
    place[last] = value
