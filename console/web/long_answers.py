"""Long answers end with the session: a page that is open for hours is not asked for again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Send

from console.web.roles import Viewer
from console.web.site import Clock

LOOKED_UP_EVERY: Final = timedelta(seconds=20)
"""So long somebody who was signed out may still see what is live."""

STREAM: Final = "text/event-stream"

LookUp = Callable[[], Awaitable[Viewer | None]]


class SessionOverError(OSError):
    """Nobody may see the rest of this answer; an OSError, as when a browser goes away."""


class WhileSignedIn:
    """Sends an answer on, and ends a stream once whoever asked is another, or nobody."""

    def __init__(self, send: Send, viewer: Viewer, look_up: LookUp, clock: Clock) -> None:
        """`look_up`: who would be asking now."""
        self._send = send
        self._viewer = viewer
        self._look_up = look_up
        self._clock = clock
        self._looked_up_at: datetime | None = None
        """None: no stream."""

    async def __call__(self, message: Message) -> None:
        """Send a part on; raises SessionOverError when it is the last."""
        if message["type"] == "http.response.start":
            if Headers(raw=message["headers"]).get("content-type", "").startswith(STREAM):
                self._looked_up_at = self._clock()
        elif self._looked_up_at is not None:
            now = self._clock()
            if now - self._looked_up_at >= LOOKED_UP_EVERY:
                self._looked_up_at = now
                if await self._look_up() != self._viewer:
                    await self._send({"type": "http.response.body", "body": b""})
                    raise SessionOverError("the session is over")
        await self._send(message)
