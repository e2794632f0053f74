"""What every request of the API needs: the store, the settings, ETags and keys sent twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from campaigns.settings import Settings
from console.api.problems import ProblemError
from console.web.roles import Viewer
from console.web.site import site_of
from store.api_queries import created_before, note_created
from store.database import Database

KEYS_KEPT: Final = timedelta(days=7)


def _database(request: Request) -> Database:
    return site_of(request).database


def _settings(request: Request) -> Settings:
    return site_of(request).settings


def _now(request: Request) -> datetime:
    return site_of(request).clock()


Store = Annotated[Database, Depends(_database)]
Configured = Annotated[Settings, Depends(_settings)]
Now = Annotated[datetime, Depends(_now)]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        description="ETag of what you have seen; it is only changed when it is still so.",
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=100,
        description="ETag of what you have; 304 when it is still so.",
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="Yours; the same request sent again with it creates nothing further.",
    ),
]


def etag_of(shown: BaseModel) -> str:
    """Return the ETag of a representation."""
    return f'"{hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:16]}"'


def is_same(etag: str, sent: str | None) -> bool:
    """Say whether the client has the current representation already."""
    return sent is not None and (sent == "*" or sent.removeprefix("W/") == etag)


def expect(etag: str, if_match: str | None, *, required: bool = False) -> None:
    """Refuse to change what the client has not seen. Raises ProblemError."""
    if if_match is None:
        if required:
            raise ProblemError(
                HTTPStatus.PRECONDITION_REQUIRED, "Send If-Match with the ETag that you have seen."
            )
        return
    if if_match not in ("*", etag):
        raise ProblemError(
            HTTPStatus.PRECONDITION_FAILED,
            "It was changed since you saw it; look again and decide anew.",
        )


def once(
    session: Session,
    viewer: Viewer,
    key: str | None,
    sent: BaseModel,
    now: datetime,
    create: Callable[[], int],
) -> tuple[int, bool]:
    """Create something, or find what the same request created before; return its id and if new.

    Raises ProblemError when the key was used for another request.
    """
    if key is None:
        return create(), True
    digest = hashlib.sha256(sent.model_dump_json().encode()).hexdigest()
    before = created_before(session, viewer.user_id, key)
    if before is None:
        created = create()
        note_created(session, viewer.user_id, key, digest, created, now, now - KEYS_KEPT)
        return created, True
    if before[0] != digest:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            "This Idempotency-Key was sent with another request; take a new key.",
        )
    return before[1], False
