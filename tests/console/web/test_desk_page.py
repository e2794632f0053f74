"""The agent's desk and the supervisor's page, over a store in which a call goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from markupsafe import escape

from campaigns.desk_form import OUTCOMES
from campaigns.rehearsed import invent_campaign
from console.web import desk_form
from console.web.audit import Action
from console.web.desk_asking import Wish, reply_without_answer, waits_on
from console.web.desk_form import FormError, payload_of
from console.web.words import Language, words_in
from store.audit_queries import audit_entries
from store.callbacks import promise_callback
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.desk_agents import step_agent
from store.desk_live import LiveBatch, LiveRow, write_live
from store.desk_models import Transfer
from store.desk_orders import answer_order, place_order, refuse_order, take_orders
from store.desk_queries import agent
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import open_transfer, step_transfer
from store.desk_types import AgentNews, AgentState, DeskLine, OrderKind
from store.desk_values import FlagRecord, LiveTurnRecord, OrderAnswer, OrderFacts, PersonInCall
from store.people_types import Role
from store.people_values import AuditFilter
from store.queries import set_campaign_status
from store.types import CampaignStatus, Disposition, Outcome
from store.values import Settled, Settlement

ENGINE = "here-1-abcd"
PHONE = "sip:6001@127.0.0.1"
ASKED = FlagRecord("asked", 50, DeskLine.FIRST, {"zh": "要求人工", "en": "Asks for a person"})
BRIEF = {
    "recipient": "收件人1",
    "waybill": "SD0001000001",
    "settled": [["window", "明天下午三点到五点"], ["heard_address", "幸福路九号"]],
    "points": ["announce", "ask_window"],
}
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def attempt(database: Database, now: datetime) -> int:
    """A call in progress, in which somebody tried to write on our pages."""
    with database.transaction() as session:
        campaign_id = invent_campaign(session, now, people=1)
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, now)
        call = claim_next(session, campaign_id, now, claimed_by=ENGINE)
        assert call is not None
        mark_dialing(session, call.attempt_id, now)
        row = LiveRow(
            call.attempt_id, campaign_id, "talking", now, now, "announce", "callee",
            f"转人工{SCRIPT}", (ASKED,), (),
        )  # fmt: skip
        said = (
            LiveTurnRecord(0, "menling", "请问方便签收吗?", 0.3, 3.0),
            LiveTurnRecord(1, "callee", f"转人工{SCRIPT}", 3.5, 4.4),
        )
        turns = [(call.attempt_id, each) for each in said]
        write_live(session, ENGINE, LiveBatch((row,), turns), now)
    return call.attempt_id


@dataclass
class Desk:
    """An agent who is ready, and what the engine does with a customer who waits."""

    database: Database
    user_id: int
    now: datetime
    attempt: int

    def offer(self, flag: FlagRecord = ASKED) -> int:
        """Hold the call out to the agent; return the number of the transfer."""
        with self.database.transaction() as session:
            wish = open_transfer(session, self.attempt, ENGINE, flag, "zh-CN", BRIEF, self.now)
            step_agent(session, self.user_id, AgentStep.OFFER, self.now, wish.id)
            step_transfer(session, wish.id, TransferStep.OFFER, self.now, agent_id=self.user_id)
        return wish.id

    def connect(self, transfer: int) -> None:
        """Let the agent talk."""
        with self.database.transaction() as session:
            step_transfer(session, transfer, TransferStep.ACCEPT, self.now)
            step_agent(session, self.user_id, AgentStep.ACCEPT, self.now)
            step_transfer(session, transfer, TransferStep.JOIN, self.now)

    def finish(self, transfer: int) -> None:
        """End the agent's part of the call."""
        with self.database.transaction() as session:
            step_transfer(session, transfer, TransferStep.LEAVE, self.now)
            step_agent(session, self.user_id, AgentStep.FINISH, self.now)

    def stands(self, state: str, join: int) -> None:
        """Let the call be shown in a state, with the agent in it by their order."""
        with self.database.transaction() as session:
            person = PersonInCall(join, self.user_id, "李敏", "agent", "talk")
            row = LiveRow(
                self.attempt, 1, "talking", self.now, self.now, state, "agent", "您稍等",
                (ASKED,), (person,),
            )  # fmt: skip
            write_live(session, ENGINE, LiveBatch((row,)), self.now)

    def asks_for_a_third(self, attended: bool = True) -> int:
        """Let the agent want to pass the customer on; return the number of the order."""
        with self.database.transaction() as session:
            return place_order(
                session, OrderKind.TRANSFER_OUT, self.user_id, "李敏", self.now,
                attempt_id=self.attempt, payload={"uri": "sip:6002@pbx", "attended": attended},
            )  # fmt: skip

    def state(self) -> AgentState:
        """Return what the agent does."""
        with self.database.reading() as session:
            found = agent(session, self.user_id)
        assert found is not None
        return found.state


@contextmanager
def engine(database: Database, now: datetime, **reply: Any) -> Iterator[list[OrderFacts]]:
    """Answer every order as an engine does; `refused` refuses. Gives what was asked."""
    asked: list[OrderFacts] = []
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.02):
            with database.transaction() as session:
                for each in take_orders(session, ENGINE, now):
                    asked.append(each)
                    if "refused" in reply:
                        refuse_order(session, each.id, now, reply["refused"])
                    else:
                        answer_order(session, each.id, now, reply)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield asked
    finally:
        over.set()
        thread.join()


def newest_of_the_trail(database: Database) -> tuple[str, str, int | None]:
    """What was done last, to which call, by whom."""
    with database.reading() as session:
        (entry,) = audit_entries(session, AuditFilter(), limit=1)
    return entry.action, entry.subject, entry.user_id


@pytest.fixture
def agent_browser(browser_of: Callable[..., Any]) -> Any:
    """A browser in which an agent is signed in."""
    return browser_of(Role.AGENT)


@pytest.fixture
def desk(agent_browser: Any, database: Database, now: datetime, attempt: int) -> Desk:
    """The agent is at the desk with a telephone, and ready."""
    skills = {"device": "sip", "address": PHONE, "language": ["zh-CN"], "line": ["first"]}
    assert agent_browser.post("/desk/sign-in", skills).status_code == 303
    return Desk(database, agent_browser.user_id, now, attempt)


def test_an_agent_signs_in_with_a_device_and_is_ready(agent_browser: Any, desk: Desk) -> None:
    page = agent_browser.get("/desk").text
    assert desk.state() is AgentState.READY
    assert "6001" in page
    assert 'data-panel="ready"' in page


@pytest.mark.parametrize(
    "lacking",
    [{"device": "sip", "language": ["zh-CN"], "line": ["first"]}, {"device": "browser"}],
)
def test_a_device_without_address_or_an_agent_without_skills_is_refused(
    agent_browser: Any, lacking: Mapping[str, Any]
) -> None:
    refused = agent_browser.post("/desk/sign-in", lacking)
    assert refused.status_code == 409
    assert "address" in refused.json()["refused"]


@pytest.mark.parametrize("address", ["6001", "sip:6001", "sip:6001@pbx\r\nX: y", "王芳"])
def test_a_telephone_that_nobody_could_ring_is_refused_before_a_customer_waits_for_it(
    agent_browser: Any, database: Database, address: str
) -> None:
    skills = {"device": "sip", "address": address, "language": ["zh-CN"], "line": ["first"]}
    refused = agent_browser.post("/desk/sign-in", skills)
    assert refused.status_code == 409
    assert "sip:6001@pbx.example" in refused.json()["refused"]
    with database.reading() as session:
        assert agent(session, agent_browser.user_id) is None


@pytest.mark.parametrize(
    ("rule", "chosen", "by_itself"),
    [("campaign", True, True), ("campaign", False, False), ("asked", True, False)],
)
def test_a_browser_takes_calls_of_campaigns_by_itself_for_whoever_chose_so(
    agent_browser: Any,
    database: Database,
    now: datetime,
    attempt: int,
    rule: str,
    chosen: bool,
    by_itself: bool,
) -> None:
    skills: dict[str, Any] = {"device": "browser", "language": ["zh-CN"], "line": ["first"]}
    if chosen:
        skills["auto_answer"] = "true"
    assert agent_browser.post("/desk/sign-in", skills).status_code == 303
    desk = Desk(database, agent_browser.user_id, now, attempt)
    transfer = desk.offer(replace(ASKED, rule=rule))
    assert (f'data-auto="{transfer}"' in agent_browser.get("/desk/now").text) is by_itself


def test_an_offer_changes_the_mark_and_shows_the_brief(agent_browser: Any, desk: Desk) -> None:
    before = agent_browser.get("/desk/pulse").json()
    desk.offer()
    after = agent_browser.get("/desk/pulse").json()
    panel = agent_browser.get("/desk/now").text
    assert (before["panel"], before["waiting"]) == ("ready", 0)
    assert (after["panel"], after["waiting"]) == ("offered", 1)
    assert before["mark"] != after["mark"]
    for told in ("收件人1", "SD0001000001", "明天下午三点到五点", "Asks for a person"):
        assert told in panel
    assert "not confirmed" in panel


@pytest.mark.parametrize("news", AgentNews)
def test_why_what_was_in_front_of_an_agent_is_gone_is_told(
    agent_browser: Any, browser_of: Callable[..., Any], desk: Desk, news: AgentNews
) -> None:
    before = agent_browser.get("/desk/pulse").json()["mark"]
    with desk.database.transaction() as session:
        step_agent(session, desk.user_id, AgentStep.GO_ON_BREAK, desk.now, news=news)
        told_in = {each: words_in(each)(f"desk.news_{news}") for each in Language}
    assert agent_browser.get("/desk/pulse").json()["mark"] != before
    assert escape(told_in[Language.ENGLISH]) in agent_browser.get("/desk").text
    assert len(set(told_in.values())) == 2


def test_an_agent_sees_that_the_parcel_moved_on_during_the_call(
    agent_browser: Any, desk: Desk
) -> None:
    before = agent_browser.get("/desk/pulse").json()["mark"]
    transfer = desk.offer()
    with desk.database.transaction() as session:
        session.get_one(Transfer, transfer).brief = BRIEF | {"parcel": {"en": "delivered"}}
    assert "Came in during the call: delivered" in agent_browser.get("/desk/now").text
    assert agent_browser.get("/desk/pulse").json()["mark"] != before


def test_what_a_customer_said_is_shown_and_never_run(agent_browser: Any, desk: Desk) -> None:
    desk.offer()
    for page in ("/desk/now", "/desk/transcript"):
        text = agent_browser.get(page).text
        assert SCRIPT not in text
        assert "&lt;script&gt;" in text


def test_accepting_asks_the_engine_and_brings_the_answer_for_the_browser(
    agent_browser: Any, desk: Desk
) -> None:
    transfer = desk.offer()
    with engine(desk.database, desk.now, join=4, sdp="v=0 answer") as asked:
        told = agent_browser.post("/desk/accept", {"transfer": transfer, "offer_sdp": "v=0 offer"})
    assert told.json() == {"done": True, "join": 4, "sdp": "v=0 answer"}
    assert (asked[0].kind, asked[0].user_id) == (OrderKind.ACCEPT, desk.user_id)
    assert asked[0].payload == {"offer_sdp": "v=0 offer"}


def test_a_refusal_is_told_in_the_language_of_the_agent(
    browser_of: Callable[..., Any], agent_browser: Any, desk: Desk
) -> None:
    transfer = desk.offer()
    why = {"zh": "客户已挂机。", "en": "The customer hung up."}
    with engine(desk.database, desk.now, refused=why):
        refused = agent_browser.post("/desk/accept", {"transfer": transfer})
    assert refused.status_code == 409
    assert refused.json() == {"refused": "The customer hung up."}


def test_an_order_about_a_call_that_is_over_is_refused_at_once(
    agent_browser: Any, desk: Desk
) -> None:
    transfer = desk.offer()
    with desk.database.transaction() as session:
        write_live(session, ENGINE, LiveBatch(over=[desk.attempt]), desk.now)
        step_transfer(session, transfer, TransferStep.LOSE, desk.now)
    refused = agent_browser.post("/desk/accept", {"transfer": transfer})
    assert refused.json() == {"refused": "The call is over."}


@pytest.mark.parametrize(
    ("path", "fields", "kind", "payload", "noted"),
    [
        ("/desk/decline", {}, OrderKind.DECLINE, {}, Action.TRANSFER_DECLINED),
        (
            "/desk/leave",
            {"then": "robot", "flow": "survey"},
            OrderKind.LEAVE,
            {"then": "robot", "point": "", "flow": "survey"},
            Action.CALL_GIVEN_BACK,
        ),
        (
            "/desk/transfer",
            {"uri": " sip:8001@pbx.example ", "attended": "true"},
            OrderKind.TRANSFER_OUT,
            {"uri": "sip:8001@pbx.example", "attended": True},
            Action.CALL_PASSED_ON,
        ),
        ("/desk/transfer/complete", {}, OrderKind.COMPLETE, {}, Action.CALL_PASSED_ON),
        ("/desk/transfer/cancel", {}, OrderKind.CANCEL, {}, Action.CALL_PASSED_ON),
    ],
)
def test_every_button_of_a_call_is_an_order_and_written_down(
    agent_browser: Any,
    desk: Desk,
    path: str,
    fields: dict[str, str],
    kind: OrderKind,
    payload: Mapping[str, Any],
    noted: Action,
) -> None:
    transfer = desk.offer()
    with engine(desk.database, desk.now) as asked:
        done = agent_browser.post(path, fields | {"transfer": transfer})
    assert done.json() == {"done": True}
    assert (asked[0].kind, asked[0].transfer_id, asked[0].payload) == (kind, transfer, payload)
    assert newest_of_the_trail(desk.database) == (noted, str(desk.attempt), desk.user_id)


def test_the_points_at_which_the_robot_can_go_on_are_told_as_questions(
    agent_browser: Any, desk: Desk
) -> None:
    desk.connect(desk.offer())
    panel = agent_browser.get("/desk/now").text
    assert '<option value="ask_window">' in panel
    assert "{" not in panel[panel.index('<option value="ask_window">') :][:80]


@pytest.mark.parametrize("attended", [True, False])
def test_while_a_third_rings_the_agent_sees_whom_and_can_give_up(
    agent_browser: Any, desk: Desk, attended: bool
) -> None:
    desk.connect(desk.offer())
    desk.asks_for_a_third(attended)
    desk.stands("ringing", join=0)
    panel = agent_browser.get("/desk/now").text
    assert "Calling" in panel
    assert "sip:6002@pbx" in panel
    assert 'data-order="/desk/transfer/cancel"' in panel
    assert ('data-order="/desk/transfer/complete"' in panel) is attended
    assert 'data-order="/desk/leave"' not in panel


def test_why_a_third_was_not_had_is_told_until_the_agent_wants_something_else(
    agent_browser: Any, desk: Desk
) -> None:
    desk.connect(desk.offer())
    order = desk.asks_for_a_third()
    with desk.database.transaction() as session:
        refuse_order(session, order, desk.now, {"zh": "对方正忙。", "en": "They are busy."})
    desk.stands("failed", join=0)
    panel = agent_browser.get("/desk/now").text
    assert "sip:6002@pbx was not connected" in panel
    assert "They are busy." in panel
    assert 'data-order="/desk/leave"' in panel
    desk.stands("agent", join=order)
    assert "They are busy." not in agent_browser.get("/desk/now").text


@pytest.mark.parametrize(
    ("taken", "answered", "shown", "waits"),
    [
        (False, False, True, True),
        (True, False, True, False),
        (True, False, False, True),
        (True, True, False, False),
    ],
)
def test_the_page_waits_for_no_third_to_answer(
    taken: bool, answered: bool, shown: bool, waits: bool
) -> None:
    seen = OrderAnswer(1, taken, answered, answer={}, refused={})
    wish = Wish(OrderKind.TRANSFER_OUT, Action.CALL_PASSED_ON, transfer_id=1, shown=shown)
    assert waits_on(seen, wish) is waits


def test_after_the_call_the_form_goes_to_the_engine_with_moments_in_their_zone(
    agent_browser: Any, desk: Desk
) -> None:
    transfer = desk.offer()
    desk.connect(transfer)
    desk.finish(transfer)
    page = agent_browser.get("/desk/now").text
    form = {
        "outcome": "rescheduled",
        "new_window_start": "2026-11-24T15:00",
        "new_window_end": "2026-11-24T17:00",
        "notes": "客户下午在家",
    }
    with engine(desk.database, desk.now) as asked:
        sent = agent_browser.post("/desk/form", form | {"transfer": transfer})
    assert 'name="new_window_start"' in page
    assert sent.json() == {"done": True}
    assert asked[0].payload == {
        "outcome": "rescheduled",
        "new_window_start": "2026-11-24T15:00:00+08:00",
        "new_window_end": "2026-11-24T17:00:00+08:00",
        "notes": "客户下午在家",
    }


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ({}, "outcome_missing"),
        ({"outcome": "suppressed"}, "outcome_missing"),
        ({"outcome": "rescheduled"}, "rescheduled_incomplete"),
        ({"outcome": "address_changed"}, "address_changed_incomplete"),
        ({"outcome": "hand_over_changed"}, "hand_over_changed_incomplete"),
        ({"outcome": "hand_over_changed", "hand_over": "roof"}, "not_understood"),
        ({"outcome": "confirmed", "call_again_at": "tomorrow"}, "not_understood"),
        ({"outcome": "callback_promised"}, "callback_incomplete"),
        ({"outcome": "opted_out", "call_again_at": "2026-11-24T17:00"}, "opted_out_incomplete"),
        ({"outcome": "confirmed", "new_window_end": "2026-11-24T17:00"}, "window_incomplete"),
        (
            {
                "outcome": "rescheduled",
                "new_window_start": "2026-11-24T17:00",
                "new_window_end": "2026-11-24T15:00",
            },
            "window_incomplete",
        ),
    ],
)
def test_a_form_that_says_half_is_sent_back(form: dict[str, str], complaint: str) -> None:
    with pytest.raises(FormError, match=complaint):
        payload_of(form, ZoneInfo("Asia/Shanghai"))


def test_an_agent_takes_a_break_comes_back_and_leaves(agent_browser: Any, desk: Desk) -> None:
    for wanted in (AgentState.BREAK, AgentState.READY, AgentState.OFF):
        assert agent_browser.post("/desk/state", {"state": wanted.value}).status_code == 303
        assert desk.state() is wanted


@pytest.mark.parametrize(
    ("taken", "payload", "refused"),
    [(False, {}, True), (True, {}, False), (True, {"offer_sdp": "v=0"}, True)],
)
def test_a_telephone_that_still_rings_is_not_told_as_a_dead_engine(
    taken: bool, payload: dict[str, str], refused: bool
) -> None:
    seen = OrderAnswer(1, taken, answered=False, answer={}, refused={})
    wish = Wish(OrderKind.ACCEPT, Action.TRANSFER_ACCEPTED, transfer_id=1, payload=payload)
    assert bool(reply_without_answer(seen, wish).refused) is refused


def test_a_form_that_was_not_sent_in_time_can_still_be_written(
    agent_browser: Any, desk: Desk
) -> None:
    transfer = desk.offer()
    desk.connect(transfer)
    desk.finish(transfer)
    assert agent_browser.post("/desk/state", {"state": "ready"}).status_code == 303
    page = agent_browser.get("/desk").text
    assert 'data-order="/desk/form"' in page
    assert f'name="transfer" value="{transfer}"' in page
    assert "SD0001000001" in page
    with engine(desk.database, desk.now):
        sent = agent_browser.post("/desk/form", {"transfer": transfer, "outcome": "confirmed"})
    assert sent.json() == {"done": True}


def test_an_agent_with_time_sees_who_waits_to_be_called_back(
    agent_browser: Any, desk: Desk, calls: Any
) -> None:
    for _ in range(2):  # to the first number a call goes on
        calls.contact()
    promised = Settlement(
        Disposition.COMPLETED, Outcome.CALLBACK_PROMISED, desk.now,
        Settled(needs_person="客户要求人工"), answered=True,
    )  # fmt: skip
    attempt = calls.dial(settlement=promised)
    with desk.database.transaction() as session:
        promise_callback(session, attempt, desk.now)
    assert "1 customer waits to be called back" in agent_browser.get("/desk").text
    desk.offer()
    assert "called back" not in agent_browser.get("/desk/now").text


def test_nobody_can_say_that_they_talk(agent_browser: Any, desk: Desk) -> None:
    refused = agent_browser.post("/desk/state", {"state": "talking"})
    assert refused.status_code == 409
    assert desk.state() is AgentState.READY


def test_the_pulse_of_the_page_is_a_sign_of_life(
    agent_browser: Any, desk: Desk, clock: Any
) -> None:
    clock.forward(seconds=12)
    agent_browser.get("/desk/pulse")
    with desk.database.reading() as session:
        found = agent(session, desk.user_id)
    assert found is not None
    assert found.seen_at == desk.now + timedelta(seconds=12)


def test_a_supervisor_sees_calls_masked_in_the_list_and_in_full_on_their_page(
    browser_of: Callable[..., Any], attempt: int
) -> None:
    supervisor = browser_of(Role.SUPERVISOR)
    listed = supervisor.get("/supervise").text
    call = supervisor.get(f"/supervise/{attempt}").text
    assert "收件人1" not in listed
    assert "收**" in listed
    assert "收件人1" in call
    assert SCRIPT not in listed + call


def test_who_follows_a_live_call_is_written_down_once_and_not_every_second(
    browser_of: Callable[..., Any], database: Database, clock: Any, attempt: int
) -> None:
    first, second = browser_of(Role.SUPERVISOR), browser_of(Role.SUPERVISOR, "other")
    for _ in range(3):
        for browser in (first, second):
            assert "收件人1" in browser.get(f"/supervise/{attempt}/now").text
        clock.forward(seconds=1)
    assert first.get("/supervise/9999/now").status_code == 200
    with database.reading() as session:
        looks = audit_entries(session, AuditFilter(action=Action.CALL_SEEN.value))
    assert [(each.user_id, each.subject) for each in reversed(looks)] == [
        (first.user_id, str(attempt)),
        (second.user_id, str(attempt)),
    ]


@pytest.mark.parametrize(
    ("way", "noted"),
    [
        ("listen", Action.CALL_LISTENED_TO),
        ("whisper", Action.CALL_WHISPERED_INTO),
        ("barge", Action.CALL_BARGED_INTO),
        ("take_over", Action.CALL_TAKEN_OVER),
    ],
)
def test_every_way_of_a_supervisor_is_an_order_with_the_offer_of_the_browser_and_written_down(
    browser_of: Callable[..., Any],
    database: Database,
    now: datetime,
    attempt: int,
    way: str,
    noted: Action,
) -> None:
    supervisor = browser_of(Role.SUPERVISOR)
    with engine(database, now, join=9, sdp="v=0") as asked:
        told = supervisor.post(f"/supervise/{attempt}/join", {"way": way, "offer_sdp": "v=0 o"})
    assert told.json() == {"done": True, "join": 9, "sdp": "v=0"}
    assert (asked[0].kind.value, asked[0].attempt_id) == (way, attempt)
    assert asked[0].payload == {"offer_sdp": "v=0 o"}
    action, subject, user_id = newest_of_the_trail(database)
    assert (Action(action), subject, user_id) == (noted, str(attempt), supervisor.user_id)


def test_a_supervisor_ends_a_call_and_gives_one_back(
    browser_of: Callable[..., Any], database: Database, now: datetime, attempt: int
) -> None:
    supervisor = browser_of(Role.SUPERVISOR)
    with engine(database, now) as asked:
        supervisor.post(f"/supervise/{attempt}/leave", {"point": "ask_window"})
        supervisor.post(f"/supervise/{attempt}/end")
    assert [each.kind for each in asked] == [OrderKind.LEAVE, OrderKind.END_CALL]
    assert asked[0].payload == {"then": "robot", "point": "ask_window", "flow": ""}


def test_a_supervisor_can_do_only_what_there_is(
    browser_of: Callable[..., Any], attempt: int
) -> None:
    supervisor = browser_of(Role.SUPERVISOR)
    assert supervisor.post(f"/supervise/{attempt}/join", {"way": "form"}).status_code == 422
    assert supervisor.post(f"/supervise/{attempt}/leave", {"then": "sing"}).status_code == 422


def test_the_form_offers_all_that_a_talk_can_come_to() -> None:
    assert set(desk_form.OUTCOMES) == OUTCOMES
