"""The tables of our own people: who may sign in, and what they did."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.columns import word
from store.people_types import Role, Theme
from store.schema import Base

LOGIN_LENGTH = 64
DIGEST_LENGTH = 64
"""SHA-256, hexadecimal: secrets are kept as digests only."""


class User(Base):
    """Somebody who works with the console; users are switched off, never deleted."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(LOGIN_LENGTH), unique=True)
    """What they sign in with, in lower case."""
    name: Mapped[str]
    """What others see."""
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    language: Mapped[str] = mapped_column(sa.String(16), default="zh-CN")
    theme: Mapped[Theme] = mapped_column(word(Theme, "theme"), default=Theme.SYSTEM)
    password_hash: Mapped[str] = mapped_column(default="")
    """Argon2id with its parameters; empty: they still have to choose one by a link."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    """For the last time."""


class UserLink(Base):
    """A link by which somebody chooses a password, once."""

    __tablename__ = "user_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    secret_digest: Mapped[str] = mapped_column(sa.String(DIGEST_LENGTH), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WebSession(Base):
    """A browser in which somebody is signed in."""

    __tablename__ = "web_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    secret_digest: Mapped[str] = mapped_column(sa.String(DIGEST_LENGTH), unique=True)
    began_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    """A key by which a program uses the API in somebody's name."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    name: Mapped[str]
    """What it is for."""
    secret_digest: Mapped[str] = mapped_column(sa.String(DIGEST_LENGTH), unique=True)
    role: Mapped[Role] = mapped_column(word(Role, "role"))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    """For the last time, to the minute."""
    revoked_at: Mapped[datetime | None]


class AuditEntry(Base):
    """What somebody did or looked at; entries are added, never changed, and name nobody we call."""

    __tablename__ = "audit_entries"
    __table_args__ = (sa.Index(None, "kind", "subject", "id"), sa.Index(None, "user_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    """None: nobody who had signed in, or the command line."""
    token_id: Mapped[int | None] = mapped_column(sa.ForeignKey("api_tokens.id"))
    """The key that was used; None: a browser."""
    action: Mapped[str] = mapped_column(sa.String(48))
    """A word of `console.web.audit.Action`."""
    kind: Mapped[str] = mapped_column(sa.String(32))
    """What it was done to: user, call, campaign…"""
    subject: Mapped[str] = mapped_column(sa.String(64), default="")
    """The id of that."""
    details: Mapped[dict[str, str]] = mapped_column(default=dict)


class LoginFailure(Base):
    """A try to sign in that did not succeed, kept as long as it counts."""

    __tablename__ = "login_failures"
    __table_args__ = (sa.Index(None, "login_digest", "at"), sa.Index(None, "address_digest", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    login_digest: Mapped[str] = mapped_column(sa.String(DIGEST_LENGTH))
    """Of what was typed, which may have been a password."""
    address_digest: Mapped[str] = mapped_column(sa.String(DIGEST_LENGTH))
