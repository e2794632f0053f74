"""What a campaign may talk about: the conversations, by their titles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import yaml

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


def _title(flow: str, spoken: tuple[str, ...], language: Language) -> str:
    """Read the title of a conversation alone: reading and checking all of them takes seconds."""
    name = f"{flow}.{'zh-CN' if 'zh-CN' in spoken else spoken[0]}.yaml"
    text = resources.files("ivr").joinpath("flows", name).read_text("utf-8")
    found = {key: str(yaml.safe_load(value)) for key, value in _TITLE.findall(text)}
    chosen = "title" if language is Language.CHINESE else "title_en"
    return found.get(chosen) or found.get("title") or flow
