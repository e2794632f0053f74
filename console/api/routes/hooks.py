"""Hooks: signed requests by which other systems tell events, without a key of the API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from campaigns.incoming.nodes import way_of
from campaigns.incoming.rules import incoming_rules_of
from campaigns.incoming.taking import take_body
from campaigns.messages.signing import is_genuine
from campaigns.settings import Settings
from console.api.asking import Configured, Now, Store
from console.api.problems import problem
from console.web.roles import Viewer
from console.web.security import Anybody
from store.live_event_types import LiveEventStatus

router = APIRouter(include_in_schema=False)

Asks = Annotated[Viewer | None, Depends(Anybody())]
UNKNOWN: Final = (
    "This request is not signed by a source of the settings, or too long ago; see docs/events.md."
)


@router.post("/hooks/{source}")
async def take_event(
    _viewer: Asks, request: Request, source: str, store: Store, settings: Configured, now: Now
) -> Response:
    """Take an event of another system down: 202, again 200; 422 when nothing can follow from it.

    A request that is sent once more, by whomever, changes nothing: its event came before.
    """
    body = await request.body()
    headers = {name.lower(): text for name, text in request.headers.items()}
    secrets = _secrets(settings, source)
    if not secrets or not is_genuine(secrets, headers, body, int(now.timestamp())):
        return problem(HTTPStatus.UNAUTHORIZED, UNKNOWN)

    def taken() -> Response:
        rules = incoming_rules_of(settings.incoming.rules_file)
        way = way_of(settings.incoming.nodes_file)
        with store.transaction() as session:
            message_id = headers["webhook-id"]
            line, is_new = take_body(session, rules, source, body, now, message_id, way)
        if line.status is LiveEventStatus.REFUSED:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, line.error)
        status = HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK
        return JSONResponse({"id": line.id, "status": line.status.value}, status)

    return await run_in_threadpool(taken)


def _secrets(settings: Settings, source: str) -> tuple[str, ...]:
    return tuple(
        secret.get_secret_value()
        for each in settings.incoming.sources
        if each.name == source
        for secret in each.secrets
    )
