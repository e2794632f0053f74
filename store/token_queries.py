"""Keys of the API: made, found by their digest, made void."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.people_models import ApiToken, User
from store.people_queries import existing_user, user_record
from store.people_types import Role
from store.people_values import TokenRecord, UserRecord

USED_TO_THE = timedelta(minutes=1)
"""How exactly the last use of a key is kept: not every request of a program is written down."""


def add_token(
    session: Session, *, user_id: int, name: str, role: Role, digest: str, now: datetime
) -> TokenRecord:
    """Keep a key of the API."""
    owner = existing_user(session, user_id)
    row = ApiToken(user_id=user_id, name=name, role=role, secret_digest=digest, made_at=now)
    session.add(row)
    session.flush()
    return _token(row, owner.name)


def tokens(session: Session, user_id: int | None = None) -> list[TokenRecord]:
    """Return the keys of one user, or of everybody; the newest first."""
    asked = sa.select(ApiToken, User.name).join(User, User.id == ApiToken.user_id)
    if user_id is not None:
        asked = asked.where(ApiToken.user_id == user_id)
    return [_token(row, name) for row, name in session.execute(asked.order_by(ApiToken.id.desc()))]


def revoke_token(
    session: Session, token_id: int, now: datetime, user_id: int | None = None
) -> bool:
    """Make a key void; with `user_id` only if it is theirs. False: there is no such key in use."""
    asked = sa.update(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
    if user_id is not None:
        asked = asked.where(ApiToken.user_id == user_id)
    changed = session.execute(asked.values(revoked_at=now).returning(ApiToken.id))
    return changed.one_or_none() is not None


def token_with(session: Session, digest: str) -> tuple[TokenRecord, UserRecord] | None:
    """Return a key that is in use, and whose it is."""
    found = session.execute(
        sa.select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.secret_digest == digest, ApiToken.revoked_at.is_(None), User.active)
    ).one_or_none()
    if found is None:
        return None
    row, owner = found
    return _token(row, owner.name), user_record(owner)


def note_token_use(session: Session, token_id: int, now: datetime) -> None:
    """Remember that a key was used."""
    session.execute(sa.update(ApiToken).where(ApiToken.id == token_id).values(used_at=now))


def _token(row: ApiToken, user_name: str) -> TokenRecord:
    return TokenRecord(
        id=row.id,
        user_id=row.user_id,
        user_name=user_name,
        name=row.name,
        role=row.role,
        made_at=row.made_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
