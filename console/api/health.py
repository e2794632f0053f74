"""Is the console alive, and can it work? For whoever starts and watches processes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from console.api.asking import Store
from console.web.roles import Viewer
from console.web.security import Anybody
from store.errors import StoreError
from store.queries import campaigns
from store.types import CampaignStatus

router = APIRouter(include_in_schema=False)

Asks = Annotated[Viewer | None, Depends(Anybody())]


@router.get("/healthz")
def is_alive(_viewer: Asks) -> JSONResponse:
    """Answer while the process lives."""
    return JSONResponse({"status": "alive"})


@router.get("/readyz")
def is_ready(_viewer: Asks, store: Store) -> JSONResponse:
    """Answer 200 when the store can be read, 503 when not."""
    try:
        with store.reading() as session:
            campaigns(session, (CampaignStatus.RUNNING,))
    except StoreError:
        return JSONResponse({"status": "store out of reach"}, 503)
    return JSONResponse({"status": "ready"})
