"""Finding: what one examination of this machine found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How well a part of the machine is."""

    WELL = "ok"
    DOUBTFUL = "warning"
    """Calls can be made; somebody should know about it first."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one examination found."""

    name: str
    health: Health
    what: str
    remedy: str = ""
    """What to do; empty when all is well."""
