"""What dispatch may tell of a parcel, and which conversations are of no use from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml

STATUSES_FILE: Final = Path(__file__).parent / "parcel_statuses.yaml"


@dataclass(frozen=True, slots=True)
class ParcelStatus:
    """What a status means for our calls."""

    zh: str
    en: str
    ends: frozenset[str]
    """Flows of which no call is useful from then on."""


@cache
def parcel_statuses() -> Mapping[str, ParcelStatus]:
    """Return the statuses we know by their word."""
    written = yaml.safe_load(STATUSES_FILE.read_text("utf-8"))
    return MappingProxyType(
        {
            word: ParcelStatus(each["zh"], each["en"], frozenset(each["ends"]))
            for word, each in written.items()
        }
    )


def ends(status: str, flow: str) -> bool:
    """Say whether nobody need be called by a flow about a parcel of that status."""
    known = parcel_statuses().get(status)
    return known is not None and flow in known.ends
