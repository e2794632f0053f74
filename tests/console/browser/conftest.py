"""A console in a real browser, and behind it a desk whose engine has no telephone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from sqlalchemy.orm import Session

from bench.screens import chromium, served
from campaigns.desk_asking import CallNow, Place, Refused, take_order
from campaigns.desk_effects import Arrived, Effect, Send
from campaigns.desk_news import take_news
from campaigns.rehearsed import invent_campaign
from campaigns.settings import Settings
from console.web.sessions import open_session
from ivr.people import (
    CancelTransfer,
    HowJoinEnded,
    JoinCall,
    Joined,
    JoinEnded,
    LeaveCall,
    TransferOut,
)
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.desk_agents import set_agent_state, sign_in, step_agent
from store.desk_live import LiveBatch, LiveRow, write_live
from store.desk_orders import refuse_order, take_orders
from store.desk_queries import agent
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import open_transfer, step_transfer
from store.desk_types import AgentNews, AgentState, DeskLine, DeviceKind, OrderKind
from store.desk_values import FlagRecord, LiveTurnRecord, PersonInCall
from store.people_queries import add_user
from store.people_types import Role
from store.queries import set_campaign_status
from store.types import CampaignStatus

PATIENCE_MS = 120_000
"""What takes longer hangs, however busy the machine is."""
ENGINE = "here-1-abcd"
ASKED = FlagRecord("asked", 50, DeskLine.FIRST, {"zh": "要求人工", "en": "Asks for a person"})
BRIEF = {"recipient": "收件人1", "waybill": "SD0001000001", "settled": [], "points": []}

SOUND_OF_ITS_OWN = """
  // Who answers the page's offer is in the page itself; its microphone is a tone or nothing.
  window.microphoneHz = 0;
  window.connections = [];
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext();
    const out = context.createMediaStreamDestination();
    if (window.microphoneHz) {
      const tone = context.createOscillator();
      tone.frequency.value = window.microphoneHz;
      tone.connect(out);
      tone.start();
    }
    return out.stream;
  };
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...given) { super(...given); window.connections.push(this); }
  };
  async function answered(offer) {
    const other = new Real();
    other.addEventListener("datachannel", ({ channel }) =>
      channel.addEventListener("message", () => channel.send("beat")));
    await other.setRemoteDescription({ type: "offer", sdp: offer });
    const silence = new AudioContext().createMediaStreamDestination().stream;
    other.addTrack(silence.getAudioTracks()[0], silence);
    await other.setLocalDescription();
    while (other.iceGatheringState !== "complete") await new Promise(done => setTimeout(done, 20));
    window.other = other;
    return other.localDescription.sdp;
  }
  const realFetch = window.fetch.bind(window);
  window.fetch = async (url, options) => {
    const answer = await realFetch(url, options);
    const offer = answer.ok && options?.body?.get?.("offer_sdp");
    return offer ? Response.json({ done: true, sdp: await answered(offer) }) : answer;
  };
"""


# Of a module, not of the session: Playwright keeps an event loop running, beside which no other
# test of the process could run its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a screen."""
    with chromium("--autoplay-policy=no-user-gesture-required") as opened:
        yield opened


class Desk:
    """A customer who wants a person, and an engine that does what the desk asks of it."""

    def __init__(self, database: Database, user_id: int, attempt: int) -> None:
        self.database = database
        self.user_id = user_id
        self.attempt = attempt
        self.asked: list[OrderKind] = []
        """What the page asked for, in its order."""
        self.rests = threading.Event()
        """Set: the engine takes nothing for a while."""
        self._people: tuple[PersonInCall, ...] = ()

    def sign_in(self, kind: DeviceKind) -> None:
        """Bring the agent to the desk."""
        with self.database.transaction() as session:
            sign_in(
                session, self.user_id, "李敏", _now(), device_kind=kind,
                device_address="6001" if kind is DeviceKind.SIP else "", languages=["zh-CN"],
            )  # fmt: skip
            set_agent_state(session, self.user_id, AgentState.READY, _now())

    def offer(self) -> int:
        """Hold the customer out to the agent."""
        with self.database.transaction() as session:
            wish = open_transfer(session, self.attempt, ENGINE, ASKED, "zh-CN", BRIEF, _now())
        self.offer_again(wish.id)
        return wish.id

    def offer_again(self, transfer: int) -> None:
        """Hold a customer out to the agent who waits already."""
        with self.database.transaction() as session:
            step_agent(session, self.user_id, AgentStep.OFFER, _now(), transfer)
            step_transfer(session, transfer, TransferStep.OFFER, _now(), agent_id=self.user_id)

    def time_out(self, transfer: int) -> None:
        """Let the offer pass."""
        with self.database.transaction() as session:
            step_agent(session, self.user_id, AgentStep.PASS, _now(), news=AgentNews.LET_PASS)
            step_transfer(session, transfer, TransferStep.WITHDRAW, _now())

    def says(self, *words: str) -> None:
        """Let the customer say something more."""
        turns = [
            (self.attempt, LiveTurnRecord(at, "callee", text, float(at), at + 0.5))
            for at, text in enumerate(words)
        ]
        with self.database.transaction() as session:
            write_live(session, ENGINE, LiveBatch((), turns), _now())

    def state(self) -> AgentState:
        """Return what the agent does."""
        with self.database.reading() as session:
            found = agent(session, self.user_id)
        return AgentState.OFF if found is None else found.state

    def seen_at(self) -> datetime:
        """Return when the agent's page said something last."""
        with self.database.reading() as session:
            found = agent(session, self.user_id)
        assert found is not None
        return found.seen_at

    def work(self) -> None:
        """Do what was asked since."""
        if self.rests.is_set():
            return
        with self.database.transaction() as session:
            for order in take_orders(session, ENGINE, _now()):
                self.asked.append(order.kind)
                call = CallNow("zh-CN", self._people)
                try:
                    effects = take_order(session, order, call, Place(ENGINE, "pbx"), _now())
                except Refused as refused:
                    refuse_order(session, order.id, _now(), refused.why)
                else:
                    for each in effects:
                        self._carry_out(session, each)

    def _carry_out(self, session: Session, effect: Effect) -> None:
        match effect:
            case Send(JoinCall(join=join)):
                for each in take_news(session, Joined(self.attempt, join), ENGINE, "zh-CN", _now()):
                    self._carry_out(session, each)
            case Arrived(person=person):
                self._people = (person,)
                self._stand(session, "agent")
            case Send(LeaveCall(join=join)):
                left = JoinEnded(self.attempt, join, HowJoinEnded.LEFT)
                take_news(session, left, ENGINE, "zh-CN", _now())
                self._people = ()
                self._stand(session, "opening")
            case Send(TransferOut()):
                self._stand(session, "ringing")
            case Send(CancelTransfer()):
                self._stand(session, "returned")
            case _:
                pass

    def _stand(self, session: Session, state: str) -> None:
        row = LiveRow(
            self.attempt, 1, "talking", _now(), _now(), state, "callee", "转人工", (ASKED,),
            self._people,
        )  # fmt: skip
        write_live(session, ENGINE, LiveBatch((row,)), _now())


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _at_work(desk: Desk) -> Iterator[None]:
    over = threading.Event()
    faults: list[Exception] = []

    def work() -> None:
        while not over.wait(0.03):
            try:
                desk.work()
            except Exception as error:
                faults.append(error)
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert faults == []


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    """An agent who is not at the desk yet, and a call in progress."""
    database = Database(sqlite_url)
    with database.transaction() as session:
        user = add_user(
            session, login="li", name="李敏", role=Role.AGENT, language="zh-CN", now=_now()
        )
        campaign = invent_campaign(session, _now(), people=1)
        set_campaign_status(session, campaign, CampaignStatus.RUNNING, _now())
        call = claim_next(session, campaign, _now(), claimed_by=ENGINE)
        assert call is not None
        mark_dialing(session, call.attempt_id, _now())
        row = LiveRow(
            call.attempt_id, campaign, "talking", _now(), _now(), "waiting", "callee", "转人工",
            (ASKED,), (),
        )  # fmt: skip
        write_live(session, ENGINE, LiveBatch((row,)), _now())
    made = Desk(database, user.id, call.attempt_id)
    with _at_work(made):
        yield made
    database.close()


@pytest.fixture
def at_desk(browser: Browser, desk: Desk) -> Iterator[Callable[[], Page]]:
    """Opens the agent's desk in a browser with a sound of its own."""
    secret = open_session(desk.database, desk.user_id, _now(), timedelta(hours=1))
    with served(desk.database, Settings()) as address:
        context: BrowserContext = browser.new_context(base_url=address, locale="zh-CN")
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "menling_session", "value": secret, "url": address}])
        context.add_init_script(SOUND_OF_ITS_OWN)

        def opened() -> Page:
            page = context.new_page()
            page.goto("/desk")
            return page

        yield opened
        context.close()


@pytest.fixture
def sees() -> Callable[[Page, str], Locator]:
    """Waits until something is to be seen on a page, and gives it."""

    def wait(page: Page, selector: str) -> Locator:
        found = page.locator(selector).first
        found.wait_for(state="visible", timeout=PATIENCE_MS)
        return found

    return wait
