"""Live rows: what an engine tells of its calls while they go on, written in batches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.desk_models import EngineSign, LiveCall, LiveTurn
from store.desk_reading import written_flag, written_person
from store.desk_values import FlagRecord, LiveTurnRecord, PersonInCall

_AT_ONCE = 200
"""Rows of one statement; SQLite takes a limited number of values."""


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A call in progress as it is to be written."""

    attempt_id: int
    campaign_id: int
    stage: str
    began_at: datetime
    answered_at: datetime | None
    state: str
    speaker: str
    words: str
    flags: tuple[FlagRecord, ...]
    people: tuple[PersonInCall, ...]


@dataclass(frozen=True, slots=True)
class LiveBatch:
    """What changed since the last batch."""

    calls: Sequence[LiveRow] = ()
    turns: Sequence[tuple[int, LiveTurnRecord]] = ()
    """Attempt and turn; one at a position that is there takes its place."""
    over: Collection[int] = ()
    """Attempts that are settled."""

    def __bool__(self) -> bool:
        """There is something to write."""
        return bool(self.calls or self.turns or self.over)


def write_live(session: Session, engine: str, batch: LiveBatch, now: datetime) -> None:
    """Write what changed; calls that are over leave nothing behind."""
    over = list(batch.over)
    for start in range(0, len(over), _AT_ONCE):
        _forget(session, over[start : start + _AT_ONCE])
    calls = [_call_values(each, engine, now) for each in batch.calls]
    _upsert(session, LiveCall, calls, ["attempt_id"])
    turns = [_turn_values(attempt, turn) for attempt, turn in batch.turns]
    _upsert(session, LiveTurn, turns, ["attempt_id", "position"])


def write_engine(
    session: Session,
    name: str,
    now: datetime,
    *,
    slots: int,
    in_use: int,
    workers: int,
    trunk: Mapping[str, Any],
) -> None:
    """Give a sign of life of an engine."""
    row = session.get(EngineSign, name)
    if row is None:
        row = EngineSign(name=name, started_at=now)
        session.add(row)
    row.seen_at = now
    row.slots, row.in_use, row.workers = slots, in_use, workers
    row.trunk = dict(trunk)
    session.flush()


def forget_engine(session: Session, name: str) -> None:
    """Take away an engine's sign of life and all that it told of its calls."""
    attempts = list(session.scalars(sa.select(LiveCall.attempt_id).where(LiveCall.engine == name)))
    for start in range(0, len(attempts), _AT_ONCE):
        _forget(session, attempts[start : start + _AT_ONCE])
    session.execute(sa.delete(EngineSign).where(EngineSign.name == name))


def _forget(session: Session, attempts: Sequence[int]) -> None:
    session.execute(sa.delete(LiveTurn).where(LiveTurn.attempt_id.in_(attempts)))
    session.execute(sa.delete(LiveCall).where(LiveCall.attempt_id.in_(attempts)))


def _call_values(row: LiveRow, engine: str, now: datetime) -> dict[str, Any]:
    return {
        "attempt_id": row.attempt_id,
        "campaign_id": row.campaign_id,
        "engine": engine,
        "stage": row.stage,
        "began_at": row.began_at,
        "answered_at": row.answered_at,
        "state": row.state,
        "speaker": row.speaker,
        "words": row.words,
        "flags": [written_flag(flag) for flag in row.flags],
        "people": [written_person(person) for person in row.people],
        "updated_at": now,
    }


def _turn_values(attempt_id: int, turn: LiveTurnRecord) -> dict[str, Any]:
    return {
        "attempt_id": attempt_id,
        "position": turn.position,
        "speaker": turn.speaker,
        "text": turn.text,
        "began_seconds": turn.began_seconds,
        "ended_seconds": turn.ended_seconds,
        "intent": turn.intent,
        "state": turn.state,
    }


def _upsert(
    session: Session,
    model: type[LiveCall] | type[LiveTurn],
    rows: Sequence[dict[str, Any]],
    key: list[str],
) -> None:
    if not rows:
        return
    changed = [name for name in rows[0] if name not in key]
    # One statement for many rows, which is read once and never grows with them.
    if session.get_bind().dialect.name == "sqlite":
        lite = sqlite.insert(model)
        session.execute(
            lite.on_conflict_do_update(
                index_elements=key, set_={name: lite.excluded[name] for name in changed}
            ),
            rows,
        )
    else:
        post = postgresql.insert(model)
        session.execute(
            post.on_conflict_do_update(
                index_elements=key, set_={name: post.excluded[name] for name in changed}
            ),
            rows,
        )
