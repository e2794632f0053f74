"""The form of a new campaign: what is talked about, for whom, and by which rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from campaigns.rules import rules_of
from campaigns.settings import SettingsError
from campaigns.settings_sections import CampaignSettings
from console.web.words import Language
from ivr.flow import flows

_TITLE: Final = re.compile(r"^(title|title_en): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FlowChoice:
    """A conversation that a campaign may hold."""

    id: str
    title: str
    languages: tuple[str, ...]


@cache
def flow_choices(language: Language) -> tuple[FlowChoice, ...]:
    """Return the conversations that ship with Menling, by their titles in that language."""
    found: dict[str, list[str]] = {}
    for flow, spoken in flows():
        found.setdefault(flow, []).append(spoken)
    return tuple(
        FlowChoice(flow, _title(flow, tuple(spoken), language), tuple(spoken))
        for flow, spoken in found.items()
    )


def titles(language: Language) -> dict[str, str]:
    """Return what conversations are called, by their id."""
    return {each.id: each.title for each in flow_choices(language)}


def policy_in(typed: Mapping[str, str], settings: CampaignSettings) -> dict[str, Any]:
    """Return the rules of a campaign that differ from the settings.

    Raises ValueError for what the settings wouldn't take either.
    """
    policy: dict[str, Any] = {}
    for name in ("max_attempts", "max_concurrent_calls"):
        text = typed.get(name, "").strip()
        if text and (not text.isdecimal() or len(text) > 6):
            raise ValueError(name)
        if text and int(text) != getattr(settings, name):
            policy[name] = int(text)
    window = typed.get("calling_window", "").strip()
    if window and window != settings.calling_window:
        policy["calling_window"] = window
    for name in ("record_calls", "recording_notice"):
        usual = getattr(settings, name)
        if (typed.get(name) == "true") != usual:
            policy[name] = not usual
    try:
        rules_of(settings, policy)
    except SettingsError as error:
        raise ValueError(str(error)) from error
    return policy


def _title(flow: str, spoken: tuple[str, ...], language: Language) -> str:
    """Read the title of a conversation alone: reading and checking all of them takes seconds."""
    name = f"{flow}.{'zh-CN' if 'zh-CN' in spoken else spoken[0]}.yaml"
    text = resources.files("ivr").joinpath("flows", name).read_text("utf-8")
    found = {key: str(yaml.safe_load(value)) for key, value in _TITLE.findall(text)}
    chosen = "title" if language is Language.CHINESE else "title_en"
    return found.get(chosen) or found.get("title") or flow
