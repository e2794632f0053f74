"""The supervisor's page: calls in progress; listen, whisper, barge, take over, end, give back."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.web.audit import ONE_LOOK, Action, is_recorded, record
from console.web.desk_asking import Wish, ask_engine
from console.web.flow_points import points_told
from console.web.masking import Page, sight
from console.web.names import names_for
from console.web.roles import Permission, Viewer
from console.web.routes.board import live_board_of
from console.web.routes.desk import ADDRESS_LENGTH, SDP_LENGTH, answer_of
from console.web.searching import Id
from console.web.security import may
from console.web.site import site_of
from console.web.supervise_view import call_of, talking_calls
from console.web.templating import render
from store.desk_queries import live_call, live_turns
from store.desk_types import OrderKind

router = APIRouter()

Supervises = Annotated[Viewer, Depends(may(Permission.SUPERVISE))]

WAYS: Final = {
    OrderKind.LISTEN: Action.CALL_LISTENED_TO,
    OrderKind.WHISPER: Action.CALL_WHISPERED_INTO,
    OrderKind.BARGE: Action.CALL_BARGED_INTO,
    OrderKind.TAKE_OVER: Action.CALL_TAKEN_OVER,
}
"""How a supervisor takes part, and as what it is written down."""


@router.get("/supervise")
def page(request: Request, viewer: Supervises) -> Response:
    """Show the calls in progress and the people at the desk."""
    return _board(request, viewer, "supervise/page.html")


@router.get("/supervise/now")
def now(request: Request, viewer: Supervises) -> Response:
    """Show the part that changes."""
    return _board(request, viewer, "supervise/calls.html")


@router.get("/supervise/{attempt}")
def one_call(request: Request, viewer: Supervises, attempt: Id) -> Response:
    """Show one call in progress with what can be done about it; it is written down."""
    _write_down_look(request, viewer, attempt)
    return _call(request, viewer, attempt, "supervise/call.html")


@router.get("/supervise/{attempt}/now")
def one_call_now(request: Request, viewer: Supervises, attempt: Id) -> Response:
    """Show what was said and who is there, as it is now; the first look is written down."""
    site = site_of(request)
    with site.database.reading() as session:
        seen = is_recorded(
            session, viewer, Action.CALL_SEEN, "call", attempt, site.clock() - ONE_LOOK
        )
        goes_on = live_call(session, attempt) is not None
    if goes_on and not seen:
        _write_down_look(request, viewer, attempt)
    return _call(request, viewer, attempt, "supervise/state.html")


@router.post("/supervise/{attempt}/join")
async def join(
    request: Request,
    viewer: Supervises,
    attempt: Id,
    way: Annotated[OrderKind, Form()],
    offer_sdp: Annotated[str, Form(max_length=SDP_LENGTH)] = "",
    uri: Annotated[str, Form(max_length=ADDRESS_LENGTH)] = "",
) -> Response:
    """Come into a call, or take part in another way; a browser brings its offer."""
    if way not in WAYS:
        raise HTTPException(422, "listen, whisper, barge or take_over")
    payload = {"offer_sdp": offer_sdp, "uri": uri.strip()}
    wish = Wish(
        way,
        WAYS[way],
        attempt_id=attempt,
        payload={name: value for name, value in payload.items() if value},
    )
    return answer_of(request, await ask_engine(site_of(request), viewer, wish))


@router.post("/supervise/{attempt}/leave")
async def leave(
    request: Request,
    viewer: Supervises,
    attempt: Id,
    then: Annotated[str, Form(pattern="^(hang_up|robot|callback)$")] = "robot",
    point: Annotated[str, Form(max_length=64)] = "",
    flow: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Leave a call; one that was taken over goes back to the robot."""
    wish = Wish(
        OrderKind.LEAVE,
        Action.CALL_GIVEN_BACK,
        attempt_id=attempt,
        payload={"then": then, "point": point, "flow": flow},
        details={"then": then},
    )
    return answer_of(request, await ask_engine(site_of(request), viewer, wish))


@router.post("/supervise/{attempt}/end")
async def end(request: Request, viewer: Supervises, attempt: Id) -> Response:
    """End a call with a goodbye."""
    wish = Wish(OrderKind.END_CALL, Action.CALL_ENDED, attempt_id=attempt)
    return answer_of(request, await ask_engine(site_of(request), viewer, wish))


def _write_down_look(request: Request, viewer: Viewer, attempt: int) -> None:
    site = site_of(request)
    with site.database.transaction() as session:
        record(session, viewer, Action.CALL_SEEN, "call", attempt, {"live": True}, site.clock())


def _board(request: Request, viewer: Viewer, template: str) -> Response:
    # The page asks every second: all who watch share one look at the store.
    moment = live_board_of(request).now()
    board = moment.board
    return render(
        request,
        template,
        board=board,
        calls=talking_calls(board),
        call_of=partial(call_of, board=board),
        addresses=moment.seen.addresses,
        seen=sight(viewer.role, Page.BOARD),
        **names_for(request),
    )


def _call(request: Request, viewer: Viewer, attempt: int, template: str) -> Response:
    with site_of(request).database.reading() as session:
        call = live_call(session, attempt)
        turns = live_turns(session, attempt)
    own = None
    points: tuple[tuple[str, str], ...] = ()
    if call is not None:
        own = next((each for each in call.people if each.user_id == viewer.user_id), None)
        points = points_told(call.flow, call.language)
    return render(
        request,
        template,
        attempt=attempt,
        call=call,
        turns=turns,
        own=own,
        points=points,
        ways=tuple(WAYS),
        seen=sight(viewer.role, Page.CALL),
        **names_for(request),
    )
