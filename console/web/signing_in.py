"""Signing in: the password, and how often somebody may try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from console.web.audit import Action, record
from console.web.passwords import is_right
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
    """What a try to sign in came to."""

    secret: str = ""
    """Of the session, for its cookie; empty: not signed in."""
    too_often: bool = False
    """True: the password was not even looked at."""


def too_many(tries: FailedTries) -> bool:
    """Tell whether no further try is looked at for now."""
    return (
        tries.of_both >= TRIES_OF_BOTH
        or tries.of_login >= TRIES_OF_LOGIN
        or tries.of_address >= TRIES_OF_ADDRESS
    )


def try_to_sign_in(site: Site, login: str, password: str, address: str) -> Tried:
    """Check a password; an unknown name takes as long and is told the same as a wrong password."""
    now = site.clock()
    login_digest, address_digest = digest_of(normal(login)), digest_of(address)
    since = now - FORGOTTEN_AFTER
    with site.database.transaction() as session:
        if too_many(failed_tries(session, login_digest, address_digest, since)):
            return Tried(too_often=True)
        # Counted before it is checked: many tries at once are not more than many.
        note_failure(session, login_digest, address_digest, now, since)
        known = credentials_of(session, login)
    right = is_right(password, known.password_hash if known else "")
    if known is None or not right:
        with site.database.transaction() as session:
            about = known.user_id if known else ""
            record(session, None, Action.SIGN_IN_REFUSED, "user", about, now=now)
        return Tried()
    with site.database.transaction() as session:
        forgive_failures(session, login_digest, address_digest)
        record(session, None, Action.SIGNED_IN, "user", known.user_id, now=now)
    return Tried(open_session(site.database, known.user_id, now, site.session_length))


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
