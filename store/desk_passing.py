"""Whom an agent called up last to pass a customer on, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import DeskOrder
from store.desk_types import OrderKind


@dataclass(frozen=True, slots=True)
class PassingFacts:
    """A third whom an agent wants for a customer."""

    order_id: int
    uri: str
    """As the agent typed it."""
    attended: bool
    """The agent talks to the third first."""
    refused: Mapping[str, str]
    """Why the third can't be had, by language: zh, en; empty: nothing says so."""


def passing_of(session: Session, attempt_id: int, user_id: int, join: int) -> PassingFacts | None:
    """Return whom a user called up last in a call; None: nobody, or they gave it up since.

    `join`: the order by which they came into the call; only what was asked later is looked at.
    """
    kinds = (OrderKind.TRANSFER_OUT, OrderKind.CANCEL)
    row = session.scalar(
        sa.select(DeskOrder)
        .where(
            DeskOrder.id > join,
            DeskOrder.attempt_id == attempt_id,
            DeskOrder.user_id == user_id,
            DeskOrder.kind.in_(kinds),
        )
        .order_by(DeskOrder.id.desc())
        .limit(1)
    )
    if row is None or row.kind is OrderKind.CANCEL:
        return None
    asked = row.payload
    return PassingFacts(
        row.id,
        str(asked.get("uri", "")),
        bool(asked.get("attended")),
        MappingProxyType(dict(row.refused or {})),
    )
