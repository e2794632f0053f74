"""What the store tells about our own people, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.people_types import Role, Theme


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Somebody who works with the console."""

    id: int
    login: str
    name: str
    role: Role
    language: str
    theme: Theme
    active: bool
    has_password: bool
    created_at: datetime
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a try to sign in is checked against."""

    user_id: int
    password_hash: str
    """Empty: no password was chosen yet."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser in which somebody is signed in."""

    user: UserRecord
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A key of the API, without its secret."""

    id: int
    user_id: int
    user_name: str
    name: str
    role: Role
    made_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What somebody did or looked at."""

    id: int
    at: datetime
    user_id: int | None
    user_name: str
    """Empty: nobody who had signed in."""
    token_id: int | None
    action: str
    kind: str
    subject: str
    details: dict[str, str]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries of the audit trail are wanted; what is empty admits all."""

    action: str = ""
    kind: str = ""
    subject: str = ""
    user_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = None
    """Only older ones than this: how one turns pages."""


@dataclass(frozen=True, slots=True)
class FailedTries:
    """Tries to sign in that failed of late."""

    of_both: int
    """By that name from that address."""
    of_login: int
    of_address: int
