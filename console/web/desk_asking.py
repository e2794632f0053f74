"""Orders from a page: placed in the store, and answered by the engine that holds the call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from campaigns.desk_words import CALL_IS_OVER
from console.web.audit import Action, record
from console.web.roles import Viewer
from console.web.site import Site
from store.desk_orders import place_order, withdraw_order
from store.desk_queries import order, transfer
from store.desk_types import OrderKind
from store.desk_values import OrderAnswer
from store.errors import DeskError

ANSWERED_WITHIN_SECONDS: Final = 8.0
"""An engine looks ten times a second; a telephone that it rings may take longer."""
LOOK_AGAIN_SECONDS: Final = 0.05

NOBODY_ANSWERS: Final = {
    "zh": "外呼引擎没有回应，请稍后再试；一直这样请找管理员。",
    "en": "The engine does not answer. Try again; if it stays so, tell the administrator.",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody at a page wants of a call."""

    kind: OrderKind
    action: Action
    """As which it is written down."""
    attempt_id: int | None = None
    transfer_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, str | int | bool] = field(default_factory=dict)
    """For the audit trail: ids and words of ours."""
    shown: bool = False
    """What comes of it the page shows by itself, so that it need not wait once it is begun."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a wish."""

    refused: Mapping[str, str]
    """Why not, by language: zh, en; empty: it was done."""
    answer: Mapping[str, Any] = field(default_factory=dict)


async def ask_engine(site: Site, viewer: Viewer, wish: Wish) -> Reply:
    """Place an order and return its answer; the wish is in the audit trail whatever comes of it.

    Raises StoreError when the store is out of reach.
    """
    try:
        number = await run_in_threadpool(_place, site, viewer, wish)
    except DeskError:
        return Reply(CALL_IS_OVER)
    until = asyncio.get_running_loop().time() + ANSWERED_WITHIN_SECONDS
    while waits_on(seen := await run_in_threadpool(_look, site, number), wish):
        if asyncio.get_running_loop().time() > until:
            await run_in_threadpool(_take_back, site, number)
            return reply_without_answer(await run_in_threadpool(_look, site, number), wish)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return Reply(seen.refused, seen.answer)


def waits_on(seen: OrderAnswer, wish: Wish) -> bool:
    """Tell whether the page is to wait for what comes of a wish."""
    return not seen.answered and not (seen.taken and wish.shown)


def reply_without_answer(seen: OrderAnswer, wish: Wish) -> Reply:
    """Return what a page is told of an order that has no answer in time.

    What an engine has begun is done as far as the page is concerned: it rings a telephone, and
    what comes of that the page sees. A browser can't go on without the answer to its offer.
    """
    if seen.answered:
        return Reply(seen.refused, seen.answer)
    goes_on = seen.taken and "offer_sdp" not in wish.payload
    return Reply({} if goes_on else NOBODY_ANSWERS)


def _place(site: Site, viewer: Viewer, wish: Wish) -> int:
    now = site.clock()
    with site.database.transaction() as session:
        number = place_order(
            session,
            wish.kind,
            viewer.user_id,
            viewer.name,
            now,
            attempt_id=wish.attempt_id,
            transfer_id=wish.transfer_id,
            payload=wish.payload,
        )
        about, details = wish.attempt_id, dict(wish.details)
        if wish.transfer_id is not None:
            about = transfer(session, wish.transfer_id).attempt_id
            details["transfer"] = wish.transfer_id
        record(session, viewer, wish.action, "call", about or "", details, now)
        return number


def _look(site: Site, number: int) -> OrderAnswer:
    with site.database.reading() as session:
        return order(session, number)


def _take_back(site: Site, number: int) -> None:
    """Let no engine do later what somebody was told can't be done."""
    with site.database.transaction() as session:
        withdraw_order(session, number, site.clock(), NOBODY_ANSWERS)
