"""The corpora of utterances: questions, notation, and how a meaning is written in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import yaml

from ivr.meaning import Address, Intent, Meaning, Window

_MAIN = (
    Intent.YES,
    Intent.NO,
    Intent.RESCHEDULE,
    Intent.NOT_HOME,
    Intent.CHANGE_ADDRESS,
    Intent.HAND_OVER,
)
QUESTIONS: dict[str, tuple[Intent, ...]] = {
    "main": _MAIN,
    "heard_wrongly": _MAIN,
    "confirm": (Intent.YES, Intent.NO),
    "when": (Intent.TELL, Intent.RESCHEDULE),
    "where_to": (Intent.TELL, Intent.CHANGE_ADDRESS),
    "place": (Intent.HAND_OVER, Intent.TELL),
    "none": (),
}
"""By section of a corpus: what the open question hopes for."""


def utterances(name: str) -> list[tuple[str, str, str]]:
    """Return (section, utterance, meaning as written) of a corpus beside this module."""
    text = Path(__file__).with_name(name).read_text("utf-8")
    sections = yaml.load(text, yaml.BaseLoader)
    return [
        (section, said, meant) for section in sections for said, meant in sections[section].items()
    ]


def written(meaning: Meaning, now: datetime) -> str:
    """Return a meaning in the notation of the corpora."""
    parts = ["+".join(intent.value for intent in (meaning.intent, *meaning.also))]
    for name in ("window", "hand_over", "address", "number"):
        value = meaning.slots.get(name)
        if isinstance(value, Window):
            parts.append(f"window={_window(value, now)}")
        elif isinstance(value, Address):
            parts.append(f"address={value.text}{'' if value.complete else '?'}")
        elif value is not None:
            parts.append(f"{name}={value}")
    return " ".join(parts)


def _window(window: Window, now: datetime) -> str:
    until = ""
    if window.end is not None:
        same_day = window.end.date() == window.start.date()
        until = f"{window.end:%H:%M}" if same_day else _moment(window.end, now)
    return f"{_moment(window.start, now)}-{until}{'' if window.certain else '?'}"


def _moment(moment: datetime, now: datetime) -> str:
    return f"+{(moment.date() - now.date()).days}@{moment:%H:%M}"
