"""Script versions: which of several published versions of its flow a contact of a campaign hears.

It is drawn by the number, salted by the campaign and by the versions' names: always the same one
for the same person, whatever engine calls and however often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.scope import lot


@dataclass(frozen=True, slots=True)
class ScriptVersion:
    """One side of a comparison."""

    name: str
    """As figures name it, and `contacts.script` keeps it."""
    version: str = ""
    """The published version of the flow; empty: what is said otherwise."""
    weight: float = 1.0


def script_for(scripts: Sequence[ScriptVersion], campaign_id: int, phone: str) -> str:
    """Return the name of the version that somebody hears; empty where there is nothing to compare.

    Who has one keeps it: ask once, and keep what it says.
    """
    total = sum(each.weight for each in scripts)
    if total <= 0:
        return ""
    drawn = lot(f"script {campaign_id} {' '.join(each.name for each in scripts)}", phone) * total
    for each in scripts:
        drawn -= each.weight
        if drawn < 0:
            return each.name
    return scripts[-1].name


def version_of(scripts: Sequence[ScriptVersion], name: str) -> str:
    """Return the published version that a script of a campaign speaks; empty: the current one."""
    return next((each.version for each in scripts if each.name == name), "")
