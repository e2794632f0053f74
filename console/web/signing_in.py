"""Signing in: the password, and how often somebody may try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from console.web.audit import Action, record
from console.web.passwords import is_right
from console.web.roles import Viewer
from console.web.sessions import digest_of, new_secret, open_session
from console.web.site import Site
from store.database import Database
from store.people_queries import (
    add_link,
    add_user,
    anybody_has_a_password,
    change_user,
    credentials_of,
    failed_tries,
    forgive_failures,
    normal,
    note_failure,
    user_named,
)
from store.people_types import Role
from store.people_values import FailedTries, UserRecord

FORGOTTEN_AFTER: Final = timedelta(minutes=15)
TRIES_OF_BOTH: Final = 5
"""By one name from one address: somebody mistypes."""
TRIES_OF_LOGIN: Final = 50
"""By one name from anywhere: somebody guesses with many machines. It locks the user out, too."""
TRIES_OF_ADDRESS: Final = 30
"""From one address by any name: somebody guesses names."""

FIRST_ADMIN: Final = "admin"
LINK_LASTS: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try with a password came to."""

    user_id: int | None = None
    """Whose password it is; None: nobody's."""
    too_often: bool = False
    """True: the password was not even looked at."""


def too_many(tries: FailedTries) -> bool:
    """Tell whether no further try is looked at for now."""
    return (
        tries.of_both >= TRIES_OF_BOTH
        or tries.of_login >= TRIES_OF_LOGIN
        or tries.of_address >= TRIES_OF_ADDRESS
    )


def try_password(
    site: Site, login: str, password: str, source: str, viewer: Viewer | None = None
) -> Tried:
    """Check a password, as often as somebody may try; a wrong one is written down.

    An unknown name takes as long and is told the same as a wrong password. `viewer`: who is
    signed in already, and wants to choose a new one.
    """
    now = site.clock()
    login_digest, source_digest = digest_of(normal(login)), digest_of(source)
    since = now - FORGOTTEN_AFTER
    with site.database.transaction() as session:
        if too_many(failed_tries(session, login_digest, source_digest, since)):
            return Tried(too_often=True)
        # Counted before it is checked: many tries at once are not more than many.
        note_failure(session, login_digest, source_digest, now, since)
        known = credentials_of(session, login)
    right = is_right(password, known.password_hash if known else "")
    with site.database.transaction() as session:
        if known is None or not right:
            refused = Action.SIGN_IN_REFUSED if viewer is None else Action.PASSWORD_REFUSED
            record(session, viewer, refused, "user", known.user_id if known else "", now=now)
            return Tried()
        forgive_failures(session, login_digest, source_digest)
    return Tried(known.user_id)


def try_to_sign_in(site: Site, login: str, password: str, source: str) -> tuple[Tried, str]:
    """Check a password and return the secret of the session, for its cookie; empty: refused."""
    tried = try_password(site, login, password, source)
    if tried.user_id is None:
        return tried, ""
    now = site.clock()
    with site.database.transaction() as session:
        record(session, None, Action.SIGNED_IN, "user", tried.user_id, now=now)
    return tried, open_session(site.database, tried.user_id, now, site.session_length)


def new_link(database: Database, user_id: int, now: datetime) -> str:
    """Return the path of a link by which that user chooses a password, once, within 24 hours."""
    secret = new_secret()
    with database.transaction() as session:
        add_link(session, user_id, digest_of(secret), now, now + LINK_LASTS)
    return f"/link/{secret}"


def first_link(database: Database, now: datetime, language: str = "zh-CN") -> str | None:
    """Return the path by which the first administrator chooses a password.

    The user `admin` is made for it. None: somebody has a password already. Each start makes a
    new link and voids the one before.
    """
    with database.transaction() as session:
        if anybody_has_a_password(session):
            return None
        admin = user_named(session, FIRST_ADMIN) or _first_admin(session, now, language)
        change_user(session, admin.id, role=Role.ADMIN, active=True)
    return new_link(database, admin.id, now)


def _first_admin(session: Session, now: datetime, language: str) -> UserRecord:
    return add_user(
        session, login=FIRST_ADMIN, name="Admin", role=Role.ADMIN, language=language, now=now
    )
