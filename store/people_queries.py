"""Reads and writes about our own people: users, sessions, links, failures."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.clean_text import clean
from store.errors import StoreError
from store.people_models import LoginFailure, User, UserLink, WebSession
from store.people_types import Role, Theme
from store.people_values import Credentials, FailedTries, SignedIn, UserRecord

LOGIN = re.compile(r"[a-z0-9._@-]{2,64}")
"""How people may be named to sign in."""

FORGOTTEN_AFTER = timedelta(days=1)
"""So long a session is kept that nobody can use any more."""


def users(session: Session) -> list[UserRecord]:
    """Return everybody, by name to sign in."""
    return [user_record(row) for row in session.scalars(sa.select(User).order_by(User.login))]


def user(session: Session, user_id: int) -> UserRecord | None:
    """Return one of them."""
    row = session.get(User, user_id)
    return None if row is None else user_record(row)


def user_named(session: Session, login: str) -> UserRecord | None:
    """Return whoever signs in by that name."""
    row = session.scalar(sa.select(User).where(User.login == normal(login)))
    return None if row is None else user_record(row)


def add_user(
    session: Session, *, login: str, name: str, role: Role, language: str, now: datetime
) -> UserRecord:
    """Add somebody, who then chooses a password by a link.

    Raises StoreError when the name to sign in by is taken, or not one of letters and digits.
    """
    if not LOGIN.fullmatch(normal(login)):
        raise StoreError(
            f"{login!r} is no user name; write 2 to 64 letters, digits, dots, dashes, _ or @."
        )
    if user_named(session, login) is not None:
        raise StoreError(f"There is a user {normal(login)} already; choose another name.")
    row = User(login=normal(login), name=name, role=role, language=language, created_at=now)
    session.add(row)
    session.flush()
    return user_record(row)


def change_user(
    session: Session,
    user_id: int,
    *,
    name: str | None = None,
    role: Role | None = None,
    active: bool | None = None,
    language: str | None = None,
    theme: Theme | None = None,
) -> UserRecord:
    """Change what is given; raises StoreError when nobody would be left to administer."""
    row = existing_user(session, user_id)
    row.name = row.name if name is None else name
    row.role = row.role if role is None else role
    row.active = row.active if active is None else active
    row.language = row.language if language is None else language
    row.theme = row.theme if theme is None else theme
    session.flush()
    if (role is not None or active is False) and not _administrators(session):
        raise StoreError(
            "Somebody must be left who administers; make another user an administrator first."
        )
    if not row.active:
        end_sessions(session, user_id)
    return user_record(row)


def credentials_of(session: Session, login: str) -> Credentials | None:
    """Return what a password is checked against; None: nobody signs in by that name."""
    row = session.scalar(sa.select(User).where(User.login == normal(login), User.active))
    return None if row is None else Credentials(row.id, row.password_hash)


def set_password(session: Session, user_id: int, password_hash: str) -> None:
    """Set a password, end every session of that user and make all links void."""
    existing_user(session, user_id).password_hash = password_hash
    end_sessions(session, user_id)
    session.execute(
        sa.delete(UserLink).where(UserLink.user_id == user_id, UserLink.used_at.is_(None))
    )


def anybody_has_a_password(session: Session) -> bool:
    """Tell whether anybody can sign in yet."""
    return bool(session.scalar(sa.select(User.id).where(User.password_hash != "").limit(1)))


def add_link(
    session: Session, user_id: int, digest: str, now: datetime, expires_at: datetime
) -> None:
    """Keep a link by which that user chooses a password; earlier ones are void."""
    existing_user(session, user_id)
    session.execute(
        sa.delete(UserLink).where(UserLink.user_id == user_id, UserLink.used_at.is_(None))
    )
    session.add(UserLink(user_id=user_id, secret_digest=digest, made_at=now, expires_at=expires_at))


def user_of_link(session: Session, digest: str, now: datetime) -> UserRecord | None:
    """Return whose link it is; None: there is none, it was used, or it is too old."""
    row = session.scalar(
        sa.select(User)
        .join(UserLink, UserLink.user_id == User.id)
        .where(
            UserLink.secret_digest == digest,
            UserLink.used_at.is_(None),
            UserLink.expires_at > now,
            User.active,
        )
    )
    return None if row is None else user_record(row)


def use_link(session: Session, digest: str, now: datetime) -> UserRecord | None:
    """Use a link up and return whose it was; None as for `user_of_link`."""
    found = user_of_link(session, digest, now)
    if found is not None:
        session.execute(
            sa.update(UserLink).where(UserLink.secret_digest == digest).values(used_at=now)
        )
    return found


def begin_session(
    session: Session, user_id: int, digest: str, now: datetime, expires_at: datetime
) -> None:
    """Remember that somebody signed in; sessions that ended a day ago are forgotten.

    Until then a talk at the desk is told from one whose owner was signed out.
    """
    session.execute(sa.delete(WebSession).where(WebSession.expires_at <= now - FORGOTTEN_AFTER))
    existing_user(session, user_id).signed_in_at = now
    session.add(
        WebSession(user_id=user_id, secret_digest=digest, began_at=now, expires_at=expires_at)
    )


def signed_in(session: Session, digest: str, now: datetime) -> SignedIn | None:
    """Return who is signed in there; None: nobody, or not any more."""
    found = session.execute(
        sa.select(WebSession, User)
        .join(User, User.id == WebSession.user_id)
        .where(WebSession.secret_digest == digest, WebSession.expires_at > now, User.active)
    ).one_or_none()
    if found is None:
        return None
    row, owner = found
    return SignedIn(user_record(owner), row.expires_at)


def end_session(session: Session, digest: str) -> None:
    """Sign somebody out in one browser."""
    session.execute(sa.delete(WebSession).where(WebSession.secret_digest == digest))


def end_sessions(session: Session, user_id: int) -> None:
    """Sign somebody out everywhere."""
    session.execute(sa.delete(WebSession).where(WebSession.user_id == user_id))


def failed_tries(
    session: Session, login_digest: str, address_digest: str, since: datetime
) -> FailedTries:
    """Count the tries to sign in that failed since then."""
    by_login = LoginFailure.login_digest == login_digest
    by_address = LoginFailure.address_digest == address_digest

    def count(*conditions: sa.ColumnElement[bool]) -> int:
        asked = sa.select(sa.func.count()).select_from(LoginFailure)
        return session.scalar(asked.where(LoginFailure.at > since, *conditions)) or 0

    return FailedTries(count(by_login, by_address), count(by_login), count(by_address))


def note_failure(
    session: Session, login_digest: str, address_digest: str, now: datetime, since: datetime
) -> None:
    """Remember a try that failed; those before `since` are forgotten."""
    session.execute(sa.delete(LoginFailure).where(LoginFailure.at <= since))
    session.add(LoginFailure(at=now, login_digest=login_digest, address_digest=address_digest))


def forgive_failures(session: Session, login_digest: str, address_digest: str) -> None:
    """Forget the failures of somebody who signed in after all."""
    session.execute(
        sa.delete(LoginFailure).where(
            LoginFailure.login_digest == login_digest,
            LoginFailure.address_digest == address_digest,
        )
    )


def normal(login: str) -> str:
    """Return a name to sign in by as it is kept."""
    return str(clean(login)).strip().casefold()


def existing_user(session: Session, user_id: int) -> User:
    """Return the row of a user, to change it; raises StoreError when there is none."""
    row = session.get(User, user_id)
    if row is None:
        raise StoreError(f"There is no user {user_id}; see the list of users.")
    return row


def _administrators(session: Session) -> int:
    asked = sa.select(sa.func.count()).select_from(User)
    return session.scalar(asked.where(User.role == Role.ADMIN, User.active)) or 0


def user_record(row: User) -> UserRecord:
    """Copy a user out of their row."""
    return UserRecord(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        language=row.language,
        theme=row.theme,
        active=row.active,
        has_password=bool(row.password_hash),
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
    )
