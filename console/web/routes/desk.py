"""The agent's desk: sign in with a device, take calls over, hand them back, write down the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from campaigns.desk_devices import DeviceError, telephone_uri
from campaigns.labels import LabelLanguage, Shelf, label
from console.web.audit import Action, record
from console.web.desk_asking import Reply, Wish, ask_engine
from console.web.desk_form import OUTCOMES, FormError, payload_of, prefilled
from console.web.desk_view import DeskView, desk_view, offered_until
from console.web.flow_points import points_told
from console.web.names import label_language, names_for
from console.web.roles import Permission, Viewer
from console.web.searching import LARGEST_ID
from console.web.security import may
from console.web.site import Site, site_of
from console.web.templating import render, words_of
from ivr.meaning import HandOver
from store.callbacks import callbacks_owed
from store.desk_agents import agent_seen, set_agent_state, sign_in
from store.desk_types import AgentState, DeskLine, DeviceKind, OrderKind
from store.errors import DeskError

router = APIRouter()

AtDesk = Annotated[Viewer, Depends(may(Permission.WORK_AT_DESK))]
Transfer = Annotated[int, Form(ge=1, le=LARGEST_ID)]

LANGUAGES: Final = ("zh-CN", "en-US")
ADDRESS_LENGTH: Final = 128
SDP_LENGTH: Final = 64_000


@router.get("/desk")
def page(request: Request, viewer: AtDesk) -> Response:
    """Show the desk."""
    return render(request, "desk/page.html", **_told(request, viewer, _view(request, viewer)))


@router.get("/desk/now")
def panel(request: Request, viewer: AtDesk) -> Response:
    """Show what is in front of the agent now: the part that changes."""
    return render(request, "desk/panel.html", **_told(request, viewer, _view(request, viewer)))


@router.get("/desk/transcript")
def transcript(request: Request, viewer: AtDesk) -> Response:
    """Show what was said so far in the call that the agent has or is offered."""
    view = _view(request, viewer)
    return render(request, "desk/turns.html", turns=view.turns)


@router.get("/desk/pulse")
def pulse(request: Request, viewer: AtDesk) -> Response:
    """Tell the page whether to draw itself anew, and take it as a sign of life."""
    site = site_of(request)
    with site.database.transaction() as session:
        agent_seen(session, viewer.user_id, site.clock())
        view = desk_view(session, viewer.user_id)
    return JSONResponse({"mark": view.mark, "panel": view.panel, "waiting": view.waiting})


@router.post("/desk/sign-in")
def enter(
    request: Request,
    viewer: AtDesk,
    device: Annotated[DeviceKind, Form()],
    address: Annotated[str, Form(max_length=ADDRESS_LENGTH)] = "",
    language: Annotated[list[str], Form()] = [],  # noqa: B006  FastAPI copies it
    line: Annotated[list[DeskLine], Form()] = [],  # noqa: B006
    auto_answer: Annotated[bool, Form()] = False,
) -> Response:
    """Bring the agent to the desk with a device and skills; ready at once."""
    site = site_of(request)
    spoken = [each for each in language if each in LANGUAGES]
    if device is DeviceKind.SIP and address.strip():
        try:
            telephone_uri(address, site.settings.desk.sip_domain)
        except DeviceError:
            # Now, and not when a customer waits for it.
            return _refused(request, "desk.device_unreachable")
    try:
        with site.database.transaction() as session:
            now = site.clock()
            sign_in(
                session,
                viewer.user_id,
                viewer.name,
                now,
                device_kind=device,
                device_address=address,
                languages=spoken,
                lines=line,
                auto_answer=auto_answer,
            )
            set_agent_state(session, viewer.user_id, AgentState.READY, now)
            record(session, viewer, Action.DESK_ENTERED, "desk", "", {"device": device.value})
    except DeskError:
        return _refused(request, "desk.device_incomplete")
    return _done(request)


@router.post("/desk/state")
def choose_state(
    request: Request, viewer: AtDesk, state: Annotated[AgentState, Form()]
) -> Response:
    """Be ready, take a break, or leave the desk."""
    site = site_of(request)
    action = Action.DESK_LEFT if state is AgentState.OFF else Action.DESK_STATE_SET
    try:
        with site.database.transaction() as session:
            set_agent_state(session, viewer.user_id, state, site.clock())
            record(session, viewer, action, "desk", "", {"state": state.value})
    except DeskError:
        return _refused(request, "desk.not_now")
    return _done(request)


@router.post("/desk/accept")
async def accept(
    request: Request,
    viewer: AtDesk,
    transfer: Transfer,
    offer_sdp: Annotated[str, Form(max_length=SDP_LENGTH)] = "",
) -> Response:
    """Take the offered call; a browser brings its offer and gets the answer."""
    payload = {"offer_sdp": offer_sdp} if offer_sdp else {}
    wish = Wish(OrderKind.ACCEPT, Action.TRANSFER_ACCEPTED, transfer_id=transfer, payload=payload)
    return await _ask(request, viewer, wish)


@router.post("/desk/decline")
async def decline(request: Request, viewer: AtDesk, transfer: Transfer) -> Response:
    """Let the offered call go to the next agent."""
    wish = Wish(OrderKind.DECLINE, Action.TRANSFER_DECLINED, transfer_id=transfer)
    return await _ask(request, viewer, wish)


@router.post("/desk/leave")
async def leave(
    request: Request,
    viewer: AtDesk,
    transfer: Transfer,
    then: Annotated[str, Form(pattern="^(hang_up|robot|callback)$")],
    point: Annotated[str, Form(max_length=64)] = "",
    flow: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Leave the call: end it, give it back to the robot, or let the robot promise a callback."""
    payload = {"then": then, "point": point, "flow": flow}
    wish = Wish(
        OrderKind.LEAVE,
        Action.CALL_GIVEN_BACK,
        transfer_id=transfer,
        payload=payload,
        details={"then": then},
    )
    return await _ask(request, viewer, wish)


@router.post("/desk/transfer")
async def pass_on(
    request: Request,
    viewer: AtDesk,
    transfer: Transfer,
    uri: Annotated[str, Form(min_length=1, max_length=ADDRESS_LENGTH)],
    attended: Annotated[bool, Form()] = False,
) -> Response:
    """Pass the customer on to a SIP address, at once or after talking to whoever is there."""
    wish = Wish(
        OrderKind.TRANSFER_OUT,
        Action.CALL_PASSED_ON,
        transfer_id=transfer,
        payload={"uri": uri.strip(), "attended": attended},
        details={"attended": attended},
        shown=True,
    )
    return await _ask(request, viewer, wish)


@router.post("/desk/transfer/complete")
async def complete(request: Request, viewer: AtDesk, transfer: Transfer) -> Response:
    """Leave the customer with whoever was called."""
    wish = Wish(OrderKind.COMPLETE, Action.CALL_PASSED_ON, transfer_id=transfer)
    return await _ask(request, viewer, wish)


@router.post("/desk/transfer/cancel")
async def cancel(request: Request, viewer: AtDesk, transfer: Transfer) -> Response:
    """Return to the customer."""
    wish = Wish(OrderKind.CANCEL, Action.CALL_PASSED_ON, transfer_id=transfer)
    return await _ask(request, viewer, wish)


@router.post("/desk/form")
async def send_form(request: Request, viewer: AtDesk, transfer: Transfer) -> Response:
    """Write down what the call came to; the agent is ready again."""
    site = site_of(request)
    try:
        payload = payload_of(await request.form(), _zone(site))
    except FormError as error:
        return _refused(request, str(error))
    wish = Wish(OrderKind.FORM, Action.FORM_SENT, transfer_id=transfer, payload=payload)
    return await _ask(request, viewer, wish)


async def _ask(request: Request, viewer: Viewer, wish: Wish) -> Response:
    reply = await ask_engine(site_of(request), viewer, wish)
    return answer_of(request, reply)


def answer_of(request: Request, reply: Reply) -> Response:
    """Return what the page's script is told of an order: done, or why not in its language."""
    if reply.refused:
        short = words_of(request).language.value[:2]
        return JSONResponse({"refused": reply.refused.get(short, "")}, 409)
    told: dict[str, Any] = {"done": True}
    told |= {name: reply.answer[name] for name in ("sdp", "join") if name in reply.answer}
    return JSONResponse(told)


def _told_as(
    shelf: Shelf, words: Iterable[str], language: LabelLanguage
) -> Iterator[tuple[str, str]]:
    return ((str(word), label(shelf, word, language)) for word in words)


def _zone(site: Site) -> ZoneInfo:
    return ZoneInfo(site.settings.campaign.time_zone)


def _done(request: Request) -> Response:
    if "hx-request" in request.headers or _wants_json(request):
        return JSONResponse({"done": True})
    return RedirectResponse("/desk", 303)


def _refused(request: Request, key: str) -> Response:
    return JSONResponse({"refused": words_of(request)(key)}, 409)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _view(request: Request, viewer: Viewer) -> DeskView:
    site = site_of(request)
    with site.database.reading() as session:
        return desk_view(session, viewer.user_id)


def _told(request: Request, viewer: Viewer, view: DeskView) -> dict[str, Any]:
    site: Site = site_of(request)
    transfer = view.transfer
    short = label_language(request)
    points: tuple[tuple[str, str], ...] = ()
    if transfer is not None and view.call is not None:
        points = points_told(view.call.flow, view.call.language, transfer.brief.get("points", ()))
    return names_for(request) | {
        "view": view,
        "brief": {} if transfer is None else transfer.brief,
        "short": short,
        "seconds_left": 0
        if transfer is None
        else offered_until(transfer, site.settings.desk.offer_seconds, site.clock()),
        "points": points,
        "outcomes": (("", ""), *_told_as(Shelf.OUTCOME, OUTCOMES, short)),
        "hand_overs": (("", ""), *_told_as(Shelf.HAND_OVER, HandOver, short)),
        "filled": None
        if view.to_write is None
        else prefilled(view.to_write, view.latest, _zone(site)),
        "languages": LANGUAGES,
        "device_kinds": tuple(DeviceKind),
        "lines": tuple(DeskLine),
        "callbacks": _callbacks(site, view),
    }


def _callbacks(site: Site, view: DeskView) -> int:
    """Return how many customers wait to be called back, for an agent who has time for them."""
    if view.panel not in ("ready", "break"):
        return 0
    with site.database.reading() as session:
        return callbacks_owed(session)
