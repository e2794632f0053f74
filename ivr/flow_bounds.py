"""What a flow is for, and what keeps it within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

STAGES = ("下单与确认", "揽件与出库", "运输与途中", "派送与签收", "售后与闭环")
"""Of a delivery, in the order in which a parcel meets them."""


@dataclass(frozen=True, slots=True)
class Charter:
    """What a flow is for, who answers for it, and what it may touch (the flow map's columns)."""

    title: str
    stage: str
    trigger: str
    responsible: str
    collects: tuple[str, ...]
    writes: tuple[str, ...]
    title_en: str = ""
    trigger_en: str = ""
    responsible_en: str = ""
    exceptions: tuple[str, ...] = ()
    """Ids of flows that take over when this one can't settle the matter."""
    order: int = 0
    """When a parcel meets it within the stage; the map shows them so."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What keeps a conversation within bounds."""

    time_limit_seconds: float
    turn_limit: int
    sure_confidence: float
    """Below it, what matters is asked once more."""
    service_begins: time
    service_ends: time
    latest_days: int
    """A delivery can't be put off by more days than this."""
    reply_minutes: int = 30
    """Within so many minutes of service a person answers what the dialog couldn't."""
