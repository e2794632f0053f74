"""What is still to be erased from the disk: asked for with the forgetting, done after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.erasure_models import Erasure
from store.erasure_types import ErasureKind
from store.models import Attempt, ManifestRow
from store.traces import chunks


@dataclass(frozen=True, slots=True)
class Wanted:
    """Files that are to go."""

    kind: ErasureKind
    subject_id: int
    """An attempt or a manifest."""
    path: str = ""
    """Where the recording was written, if the store knows."""
    id: int = 0


def want_erased(session: Session, files: Iterable[Wanted], now: datetime) -> None:
    """Ask for files to be erased; what was asked for before is asked for once."""
    for some in chunks(tuple(files)):
        known = {
            (kind, subject)
            for kind, subject in session.execute(
                sa.select(Erasure.kind, Erasure.subject_id).where(
                    Erasure.subject_id.in_({each.subject_id for each in some})
                )
            )
        }
        session.add_all(
            Erasure(kind=each.kind, subject_id=each.subject_id, path=each.path, asked_at=now)
            for each in some
            if (each.kind, each.subject_id) not in known
        )
    session.flush()


def erasures_wanted(session: Session) -> tuple[Wanted, ...]:
    """Return what is still to be erased, oldest first."""
    rows = session.scalars(sa.select(Erasure).order_by(Erasure.id))
    return tuple(Wanted(row.kind, row.subject_id, row.path, row.id) for row in rows)


def erased(session: Session, erasures: Collection[int]) -> None:
    """Note that the files are gone."""
    for some in chunks(erasures):
        session.execute(sa.delete(Erasure).where(Erasure.id.in_(some)))


def recordings_gone(session: Session, attempts: Collection[int]) -> None:
    """Note that there is nothing to hear of calls any more."""
    for some in chunks(attempts):
        session.execute(sa.update(Attempt).where(Attempt.id.in_(some)).values(recording=""))


def erased_rows(session: Session, manifest_id: int) -> frozenset[int]:
    """Return the rows of a manifest that stayed out and of which nothing is left."""
    rows = session.execute(
        sa.select(ManifestRow.number, ManifestRow.problems).where(
            ManifestRow.manifest_id == manifest_id, ManifestRow.delivery_id.is_(None)
        )
    )
    return frozenset(number for number, problems in rows if not problems)
