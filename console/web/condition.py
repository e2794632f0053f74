"""How a campaign goes at this moment: its pace, what holds its contacts, what comes in, what is
wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from console.web.live_board import BEHIND
from store.campaign_pace import dialled_since, imports_under_way
from store.database import Database
from store.desk_queries import engines
from store.explained import counts_held
from store.message_queries import message_counts
from store.message_types import MessageStatus
from store.queries import progress
from store.types import ContactStatus, Disposition

LOOKED_BACK: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class EnginePace:
    """At what pace one engine calls for a campaign."""

    engine: str
    mode: str
    reason: str
    """Why it places no more calls, a word of `campaigns.pacing.deciding.Reason`."""
    abandoned: float
    """Share of those who answered, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a campaign goes."""

    calls_a_minute: float
    left: timedelta | None
    """How long those who wait take at that pace; None: nobody is called, or nobody waits."""
    held: tuple[tuple[str, int], ...]
    """Why contacts wait although their time had come, and how many."""
    next_call_at: datetime | None
    left_out: int
    """By the pilot."""
    lost: int
    """Contacts whose last call the trunk lost."""
    unknown: int
    """Calls of which nobody knows what became of them."""
    dead: int
    """Messages that did not go out."""


def condition_of(database: Database, campaign_id: int, now: datetime) -> Condition:
    """Return how a campaign goes; it counts all its contacts."""
    with database.reading() as session:
        far = progress(session, campaign_id)
        held = counts_held(session, campaign_id)
        dialled = dialled_since(session, campaign_id, now - LOOKED_BACK)
        messages = message_counts(session, campaign_id)
    a_minute = dialled / (LOOKED_BACK.total_seconds() / 60)
    waiting = far.contacts[ContactStatus.WAITING]
    return Condition(
        calls_a_minute=a_minute,
        left=timedelta(minutes=waiting / a_minute) if a_minute and waiting else None,
        held=tuple(sorted(held.items())),
        next_call_at=far.next_call_at,
        left_out=far.dispositions.get(Disposition.OUT_OF_SCOPE, 0),
        lost=far.dispositions.get(Disposition.TRUNK_FAILURE, 0),
        unknown=far.contacts[ContactStatus.NEEDS_RECONCILIATION],
        dead=sum(each.messages for each in messages if each.status is MessageStatus.DEAD),
    )


def coming_in(database: Database, campaign_id: int) -> tuple[tuple[str, int], ...]:
    """Return the files whose import goes on or broke off, and how many rows of each are in."""
    with database.reading() as session:
        return imports_under_way(session, campaign_id)


def paces(database: Database, campaign_id: int, now: datetime) -> tuple[EnginePace, ...]:
    """Return at what pace each engine that gives signs of life calls for a campaign."""
    with database.reading() as session:
        alive = [each for each in engines(session) if now - each.seen_at < BEHIND]
    found = []
    for engine in alive:
        told = engine.trunk.get("paces", {}).get(str(campaign_id))
        if isinstance(told, Mapping):
            found.append(
                EnginePace(
                    engine.name,
                    str(told.get("mode", "")),
                    str(told.get("reason", "")),
                    float(told.get("abandoned", 0.0)),
                )
            )
    return tuple(found)
