"""One line for every request, without personal data: route, status, time, the user's id."""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.web.errors import failure_response
from console.web.roles import Viewer

LOG_NAME: Final = "menling.requests"
LOG_BYTES: Final = 10 * 2**20
LOG_FILES: Final = 5

log = logging.getLogger(LOG_NAME)


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered."""

    method: str
    route: str
    """As it is declared, `/calls/{attempt_id}`: never what stands for the id."""
    status: int
    seconds: float
    """Until the answer began: a stream goes on after it."""
    user_id: int | None
    token_id: int | None
    error: str
    """The class of an error of ours and where it came from; empty: there was none."""


Observer = Callable[[Answered], None]


class RequestLog:
    """Writes the line, tells `observers`, and answers what fails with a page."""

    def __init__(self, app: ASGIApp, observers: list[Observer]) -> None:
        """Stand before everything else."""
        self._app = app
        self._observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on and write its line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status, answered_after = 0, 0.0

        async def sending(message: Message) -> None:
            nonlocal status, answered_after
            if message["type"] == "http.response.start":
                status = message["status"]
                answered_after = time.perf_counter() - began
            await send(message)

        error = ""
        try:
            await self._app(scope, receive, sending)
        except Exception as raised:
            error = _told(raised)
            if not status:
                response = failure_response(Request(scope))
                await response(scope, receive, sending)
        finally:
            viewer: Viewer | None = scope.get("menling.viewer")
            self._note(
                Answered(
                    method=scope["method"],
                    route=_template(scope),
                    status=status,
                    seconds=round(answered_after, 4),
                    user_id=None if viewer is None else viewer.user_id,
                    token_id=None if viewer is None else viewer.token_id,
                    error=error,
                )
            )

    def _note(self, answered: Answered) -> None:
        level = logging.ERROR if answered.error else logging.INFO
        log.log(level, json.dumps(asdict(answered), ensure_ascii=False))
        for observer in self._observers:
            observer(answered)


class JsonLines(logging.Formatter):
    """Puts the time at the front of a line that is JSON already."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created).astimezone().isoformat("T", "milliseconds")
        return f'{{"at": "{at}", {record.getMessage().removeprefix("{")}'


def keep_log(folder: Path) -> logging.Handler:
    """Write the lines to `console.jsonl` in a folder from now on, and return what does."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / "console.jsonl", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
    )
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    return handler


def _template(scope: Scope) -> str:
    """Return the route of a request as it is declared, with what it is included under."""
    asked: str = scope["path"]
    if asked.startswith("/static/"):
        return "/static"
    declared: str = getattr(scope.get("route"), "path", "")
    if not declared:
        return "-"
    # A route knows nothing of its router's prefix: that is the rest of the path's beginning.
    above = asked.count("/") - declared.count("/")
    prefix = "/".join(asked.split("/")[: above + 1]) if ":path}" not in declared else ""
    return f"{prefix}{declared}"


def _told(error: Exception) -> str:
    """Return class and places of an error; its message may quote what people said."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{Path(each.filename).name}:{each.lineno}" for each in reversed(frames))
    return f"{type(error).__name__} at {places}"
