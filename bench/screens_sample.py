"""A store with a morning's work of invented people in it, for pictures and for tests of pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from audio.wav import StereoRecording
from audio_fixtures.clips import clip_sound
from campaigns.attempt import settle_report
from campaigns.order import CallReport
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from dialer.leg import HangupCause, MediaStatistics
from ivr.exchange import DialogOutcome, DialogResult
from ivr.transcript import Speaker, Turn
from store.claims import Binding, claim_next, mark_dialing, settle
from store.database import Database
from store.desk_agents import set_agent_state, sign_in, step_agent
from store.desk_live import LiveBatch, LiveRow, write_engine, write_live
from store.desk_models import CallFlag
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import open_transfer, step_transfer
from store.desk_types import AgentState, DeskLine, DeviceKind
from store.desk_values import FlagRecord, LiveTurnRecord
from store.message_types import MessageKind, MessageWhy
from store.message_values import OutgoingMessage
from store.messages import bury, claim_due, enqueue
from store.models import Attempt, Contact
from store.people_queries import add_user
from store.people_types import Role
from store.queries import set_campaign_status
from store.review_queries import comment_on, list_review, save_case
from store.review_values import ReviewReason
from store.suppression import suppress
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome, SuppressionReason
from store.values import Settlement

ENGINE = "sample-1"
ASKED = FlagRecord(
    "asked", 50, DeskLine.FIRST, {"zh": "要求人工", "en": "Asks for a person"}, "人工"
)
ROBOT = "您好,我是顺达快递自动语音助手,您尾号0001的快递明天下午两点到四点送到,方便吗?"


@dataclass(frozen=True, slots=True)
class Sample:
    """What is in the sample store."""

    campaign: int
    live: int
    """A call in progress, offered to the agent."""
    settled: int
    contact: int
    """Whom that call went to."""
    review: int
    user: int
    message: int
    """A text message that did not go out."""


def make_sample(database: Database, recordings: Path, now: datetime, language: str) -> Sample:
    """Fill an empty store with a morning's work; the user who looks is administrator and agent."""
    recordings.mkdir(parents=True, exist_ok=True)
    with database.transaction() as session:
        user = add_user(
            session, login="li.min", name="李敏", role=Role.ADMIN, language=language, now=now
        )
        campaign_id = invent_campaign(session, now, people=24, name="明早派件")
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, now)
        settled = [
            _settled_call(session, campaign_id, recordings, now - timedelta(minutes=3 * ago), ago)
            for ago in range(9, 0, -1)
        ]
        live = _live_calls(session, campaign_id, now)
        _offer(session, user.id, live, now)
        suppress(session, "+8613900139000", SuppressionReason.OPERATOR, now, "李敏")
        review = _reviewed(session, settled[-1], now)
        contact = session.get_one(Attempt, settled[-1]).contact_id
        _call_of_unknown_fate(session, campaign_id, now)
        message = _dead_message(session, contact, now)
    return Sample(campaign_id, live, settled[-1], contact, review, user.id, message)


def _settled_call(
    session: Session, campaign_id: int, recordings: Path, now: datetime, number: int
) -> int:
    call = claim_next(session, campaign_id, now, claimed_by=ENGINE)
    assert call is not None
    mark_dialing(session, call.attempt_id, now)
    asks = number == 1
    said = "转人工" if asks else "可以的"
    outcome = DialogOutcome.CALLBACK_PROMISED if asks else DialogOutcome.CONFIRMED
    recording = recordings / f"{call.attempt_id}.wav"
    _record(recording)
    report = CallReport(
        attempt=call.attempt_id,
        cause=HangupCause.WE_HUNG_UP,
        sip_status=200,
        answered=True,
        ring_seconds=3.2,
        talk_seconds=14.0 + number,
        result=DialogResult(
            outcome, finished=True, needs_person="客户要求人工" if asks else "",
            callback_by=now + timedelta(hours=2) if asks else None,
        ),
        turns=(
            Turn(Speaker.MENLING, ROBOT, 0.3, 6.0, prompt="opening"),
            Turn(
                Speaker.CALLEE, said, 6.4, 7.2, prompt="opening",
                intent="person" if asks else "yes", confidence=0.93,
            ),
            Turn(Speaker.MENLING, "好的,再见。", 7.6, 9.0, prompt="goodbye", latency_seconds=0.4),
        ),
        recording=recording,
        flow_version="pre-delivery 3.0 abcdef012345",
        statistics=MediaStatistics(450, 450, 0, 0),
    )  # fmt: skip
    settle_report(session, call, report, now, rules_of(CampaignSettings(), {}))
    if asks:
        session.add(
            CallFlag(
                attempt_id=call.attempt_id,
                rule=ASKED.rule,
                priority=ASKED.priority,
                line=ASKED.line,
                label=dict(ASKED.label),
                words=ASKED.words,
            )
        )
    return call.attempt_id


def _call_of_unknown_fate(session: Session, campaign_id: int, now: datetime) -> None:
    call = claim_next(session, campaign_id, now, claimed_by=ENGINE)
    assert call is not None
    at = now - timedelta(minutes=12)
    binding = Binding("5f0c3f2a9d7e4b16a1c8e2d4b7f90a63@menling", "main")
    mark_dialing(session, call.attempt_id, at, binding=binding)
    unknown = Settlement(
        Disposition.INTERRUPTED, Outcome.UNKNOWN, at=now, error="sample-2 has ended"
    )
    settle(session, call.attempt_id, unknown, then=ContactStatus.NEEDS_RECONCILIATION)


def _dead_message(session: Session, contact_id: int, now: datetime) -> int:
    phone = session.get_one(Contact, contact_id).phone
    message = OutgoingMessage(
        MessageKind.SMS,
        "not_reached",
        "sms",
        "sample",
        body="【顺达】您的快件(尾号0001)预计14:00-16:00送达,请留意来电。回T退订",
        address=phone,
        phone=phone,
        contact_id=contact_id,
    )
    enqueue(session, message, now)
    until = now + timedelta(minutes=1)
    (claim,) = claim_due(session, "sms", now, sender=ENGINE, lease_until=until, at_most=1)
    bury(session, claim, MessageWhy.UNKNOWN, "no answer within 10 s")
    return claim.id


def _record(recording: Path) -> None:
    callee, robot = clip_sound("lin/keyi_de"), clip_sound("carrier/voicemail")
    lead = bytes(16000 * 6)
    length = max(len(lead) + len(callee), len(robot)) + 16000
    with StereoRecording(recording) as written:
        written.write((lead + callee).ljust(length, b"\0"), robot.ljust(length, b"\0"))


def _live_calls(session: Session, campaign_id: int, now: datetime) -> int:
    rows, turns = [], []
    for place, words in enumerate(("我要转人工", "明天下午三点以后吧", "放门口就行", "哪个快递啊")):
        call = claim_next(session, campaign_id, now, claimed_by=ENGINE)
        assert call is not None
        mark_dialing(session, call.attempt_id, now)
        began = now - timedelta(seconds=15 + 8 * place)
        state = "ask_window" if place else "waiting"
        flags = () if place else (ASKED,)
        rows.append(
            LiveRow(
                call.attempt_id, campaign_id, "talking", began, began, state, "callee", words,
                flags, (),
            )
        )  # fmt: skip
        said = (
            LiveTurnRecord(0, "menling", ROBOT, 0.3, 6.0),
            LiveTurnRecord(1, "callee", words, 6.4, 7.3, "person"),
        )
        turns += [(call.attempt_id, each) for each in said]
    waiting = LiveTurnRecord(2, "menling", "好的,正在为您转接客服,请稍等。", 7.5, 9.8)
    turns.append((rows[0].attempt_id, waiting))
    write_live(session, ENGINE, LiveBatch(rows, turns), now)
    pace = {"mode": "automatic", "reason": "lines", "abandoned": 0.0}
    line = {"name": "main", "host": "127.0.0.1", "in_use": 4, "channels": 30, "state": "closed"}
    trunk = {"trunks": [line | {"fault": ""}], "paces": {str(campaign_id): pace}}
    write_engine(session, ENGINE, now, slots=8, in_use=4, workers=2, trunk=trunk)
    return rows[0].attempt_id


def _offer(session: Session, user_id: int, attempt: int, now: datetime) -> None:
    sign_in(session, user_id, "李敏", now, device_kind=DeviceKind.BROWSER, languages=["zh-CN"])
    set_agent_state(session, user_id, AgentState.READY, now)
    brief = {
        "recipient": "收件人10",
        "waybill": "SD0001000010",
        "settled": [["window", "明天下午三点到五点"], ["heard_new_address", "幸福路九号"]],
        "points": ["opening", "ask_window"],
    }
    wish = open_transfer(session, attempt, ENGINE, ASKED, "zh-CN", brief, now)
    step_agent(session, user_id, AgentStep.OFFER, now, wish.id)
    step_transfer(session, wish.id, TransferStep.OFFER, now, agent_id=user_id)


def _reviewed(session: Session, attempt: int, now: datetime) -> int:
    monday = (now - timedelta(days=now.weekday() + 7)).date()
    list_review(session, attempt, monday, ReviewReason.FLAGGED, "客户要求人工", now)
    comment_on(session, attempt, 6.4, "客户一开口就要人工，开场可以再短一点", "李敏", now)
    save_case(
        session, attempt, "开场就要人工", "先答应转接，再问一句原因", ("转人工",), "李敏", now
    )
    return 1
