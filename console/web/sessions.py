"""Who asks: browsers in which somebody is signed in, and programs with a key.

Secrets are 256 random bits. The store has their digests only, so a copy of it signs nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from console.web.roles import Viewer, includes
from store.database import Database
from store.people_queries import begin_session, signed_in
from store.token_queries import USED_TO_THE, note_token_use, token_with

KEY_PREFIX: Final = "menling_"
"""Begins every key of the API, so that a scanner for leaked secrets knows one."""


def new_secret() -> str:
    """Return 256 bits that nobody guesses."""
    return secrets.token_urlsafe(32)


def new_key() -> str:
    """Return a key of the API."""
    return KEY_PREFIX + new_secret()


def digest_of(secret: str) -> str:
    """Return what the store keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(secret: str) -> str:
    """Return what the forms of a session bring along; it doesn't tell the session's secret."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Tell whether two secrets are the same, without telling how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def open_session(database: Database, user_id: int, now: datetime, length: timedelta) -> str:
    """Sign somebody in and return the secret of the session, for its cookie."""
    secret = new_secret()
    with database.transaction() as session:
        begin_session(session, user_id, digest_of(secret), now, now + length)
    return secret


def viewer_of_session(database: Database, secret: str, now: datetime) -> Viewer | None:
    """Return who is signed in with that cookie; None: nobody, or not any more."""
    with database.reading() as session:
        found = signed_in(session, digest_of(secret), now)
    if found is None:
        return None
    user = found.user
    return Viewer(user.id, user.name, user.role, user.language, csrf_of(secret), user.theme)


def viewer_of_key(database: Database, key: str, now: datetime) -> Viewer | None:
    """Return who asks with that key; None: it is void, or its owner may not do so much any more."""
    digest = digest_of(key)
    with database.reading() as session:
        found = token_with(session, digest)
    if found is None:
        return None
    token, owner = found
    if not includes(owner.role, token.role):
        return None
    if token.used_at is None or now - token.used_at >= USED_TO_THE:
        with database.transaction() as session:
            note_token_use(session, token.id, now)
    return Viewer(
        owner.id, owner.name, token.role, owner.language, "", owner.theme, token_id=token.id
    )
