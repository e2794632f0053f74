"""Telephones of a take-over: customers who want a person at once, and those of their agents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

_UNTIL_THE_END: Final = 120
"""Seconds; longer than any of these calls."""
# What a call comes to is not judged by these scenarios, but each must state something.
_EXPECT: Final = {"disposition": "completed", "outcome": "unfinished"}


def write_telephones(
    folder: Path,
    customers: Iterable[str],
    agents: Iterable[str] = (),
    *,
    agent_waits: float = 2.0,
    agent_lost_after: float | None = None,
    noise_dbfs: int = -60,
) -> None:
    """Write the scenario of each of these numbers into `folder`, made for them.

    A customer asks for a person into the first sentence and then listens. An agent's telephone
    waits so many seconds, says a word and listens; with `agent_lost_after` it is gone so many
    seconds after that word, without a goodbye. Around all of them is noise of `noise_dbfs`.
    """
    folder.mkdir(parents=True)
    asks = ({"interrupt": 1}, {"say": "zhou/zhuan_rengong"}, {"wait": _UNTIL_THE_END})
    for number in customers:
        _write(folder, "customer", number, "zhou", asks, noise_dbfs)
    last: tuple[Mapping[str, Any], ...] = ({"wait": _UNTIL_THE_END},)
    if agent_lost_after is not None:
        last = ({"wait": agent_lost_after}, {"hang_up": True})
    for number in agents:
        says: tuple[Mapping[str, Any], ...] = ({"wait": agent_waits}, {"say": "zheng/keyi"}, *last)
        _write(folder, "agent", number, "zheng", says, noise_dbfs)


def _write(
    folder: Path,
    who: str,
    number: str,
    voice: str,
    script: tuple[Mapping[str, Any], ...],
    noise_dbfs: int,
) -> None:
    name = f"{who}_{number.removeprefix('+')}"
    scenario = {
        "id": name,
        "number": number,
        "title": {"customer": "一接通就要人工", "agent": "坐席的话机"}[who],
        "voice": voice,
        "noise_dbfs": noise_dbfs,
        "script": list(script),
        "expect": _EXPECT,
    }
    text = yaml.safe_dump(scenario, allow_unicode=True, sort_keys=False)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
