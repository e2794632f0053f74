"""The words in which it is explained why somebody was called, or not: data, in two languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import yaml

from campaigns.contact_reasons import Reason
from campaigns.labels import LabelLanguage, Shelf, label


class Words(StrEnum):
    """What is worded; a word that is not in the data stands for itself."""

    WHY = "why"
    CAMPAIGN = "campaign"
    NEVER = "never"
    LINE = "line"
    DAY = "day"
    EVIDENCE = "evidence"
    KIND = "kind"
    SENT = "sent"


def words(shelf: Words, word: str, /, language: LabelLanguage, **slots: object) -> str:
    """Return a word or sentence, filled in."""
    texts = _shelves()[shelf.value].get(word)
    return word if texts is None else texts[language].format(**slots)


def worded(reason: Reason, zone: ZoneInfo, language: LabelLanguage) -> str:
    """Return a reason as a sentence, its moments on the clock of the contact."""
    told: dict[str, object] = {}
    for name, value in reason.slots.items():
        if isinstance(value, datetime):
            told[name] = local(value, zone)
        elif name == "status":
            told[name] = words(Words.CAMPAIGN, str(value), language)
        elif language == "zh" and name in ("disposition", "outcome"):
            told[name] = label(Shelf(name), str(value), language)
        else:
            told[name] = value
    return words(Words.WHY, reason.why.value, language, **told)


def local(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment on the clock of a zone, to the minute."""
    return "-" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


@cache
def _shelves() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    text = resources.files("campaigns").joinpath("explained.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(text)
    return loaded
