"""What a conversation asks of tickets and wishes is written with the end of its call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.attempt import order_for, settle_report
from campaigns.line import OutgoingLine
from campaigns.order import CallReport
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from campaigns.tickets import acknowledge, resolve
from campaigns.tickets_calls import WHICH
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import shipped_ticket_rules
from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome, DialogResult, TicketWish
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.errors import StaleClaimError
from store.models import Contact, Delivery
from store.queries import set_campaign_status
from store.ticket_queries import ticket_events, tickets
from store.ticket_values import TicketFacts
from store.types import CampaignStatus, ContactStatus
from store.types import TicketStatus as Status
from store.types import TicketStep as Step
from store.values import ClaimedCall
from store.wish_queries import wish_counts

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("192.0.2.7", 5060, "udp", timedelta(seconds=12), Path("calls"), 30, 5.0)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = shipped_ticket_rules()
HEARD = DialogResult(DialogOutcome.PROBLEM_REPORTED, finished=True)


def dial(database: Database, campaign: int, now: datetime) -> ClaimedCall:
    with database.transaction() as session:
        call = claim_next(session, campaign, now, claimed_by="engine")
        assert call is not None
        mark_dialing(session, call.attempt_id, now)
        return call


@pytest.fixture
def campaign(database: Database) -> int:
    """A running campaign with two people."""
    with database.transaction() as session:
        campaign_id = invent_campaign(session, NOON, people=2)
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, NOON)
    return campaign_id


@pytest.fixture
def call(database: Database, campaign: int) -> ClaimedCall:
    """A call that is going on."""
    return dial(database, campaign, NOON)


def end(
    database: Database, call: ClaimedCall, result: DialogResult | None, now: datetime = NOON
) -> tuple[TicketFacts, ...]:
    """Settle a call; return all tickets there are."""
    answered = result is not None
    report = CallReport(
        attempt=call.attempt_id,
        cause=HangupCause.WE_HUNG_UP if answered else HangupCause.NO_ANSWER,
        sip_status=200,
        answered=answered,
        ring_seconds=3.0,
        talk_seconds=15.0,
        result=result,
    )
    with database.transaction() as session:
        settle_report(session, call, report, now, rules_of(CampaignSettings(), {}), RULES)
        return tickets(session)


def test_a_call_opens_the_ticket_that_the_dialog_asks_for(
    database: Database, call: ClaimedCall
) -> None:
    wish = TicketWish("soiled", "箱子上都是油", callback_by=NOON + HOUR)
    (opened,) = end(database, call, replace(HEARD, tickets=(wish,)))
    assert (opened.kind, opened.cause) == ("damage", "soiled")
    assert opened.words == "箱子上都是油"
    assert opened.opened_by == f"call {call.attempt_id}"
    assert opened.waybill == call.deliveries[0].waybill
    assert (opened.delivery_id, opened.contact_id, opened.attempt_id) == (
        call.deliveries[0].id,
        call.contact_id,
        call.attempt_id,
    )
    assert opened.times.callback_by == NOON + HOUR
    assert dict(opened.record) == {
        "who": call.recipient,
        "what": "弄脏",
        "when": "2026-11-22 12:00",
        "where": call.deliveries[0].address,
        "how": f"pre-delivery, call {call.attempt_id}",
    }


def test_a_call_may_open_several_tickets_and_wish_for_several_things(
    database: Database, call: ClaimedCall
) -> None:
    wishes = (TicketWish("short"), TicketWish("attitude"), TicketWish("wrong_item"))
    opened = end(
        database, call, replace(HEARD, tickets=wishes, wishes=("evening", "weekend", "evening"))
    )
    # Two kinds of trouble: what is missing and what is wrong are both a matter of quantity.
    assert [(each.kind, each.cause) for each in opened] == [
        ("quantity", "short"),
        ("service", "attitude"),
    ]
    with database.reading() as session:
        assert {each.tag: each.count for each in wish_counts(session)} == {
            "evening": 1,
            "weekend": 1,
        }


@pytest.mark.parametrize(("needs_person", "rings_back"), [("", False), ("客户要取消订单", True)])
def test_nobody_rings_back_for_what_was_only_written_down(
    database: Database, call: ClaimedCall, needs_person: str, rings_back: bool
) -> None:
    wish = TicketWish("request", "轻拿轻放", callback_by=NOON + HOUR)
    result = DialogResult(
        DialogOutcome.CONFIRMED, finished=True, tickets=(wish,), needs_person=needs_person
    )
    (opened,) = end(database, call, result)
    assert (opened.department, opened.words) == ("delivery", "轻拿轻放")
    assert (opened.times.callback_by is not None) is rings_back


def test_trouble_without_a_name_is_kept_under_the_words_of_the_dialog(
    database: Database, call: ClaimedCall
) -> None:
    (opened,) = end(database, call, replace(HEARD, tickets=(TicketWish("ghosts", "有鬼"),)))
    assert (opened.kind, opened.cause, opened.record["what"]) == ("other", "", "ghosts")


def test_a_call_that_is_settled_twice_opens_one_ticket(
    database: Database, call: ClaimedCall
) -> None:
    result = replace(HEARD, tickets=(TicketWish("late"),))
    end(database, call, result)
    with pytest.raises(StaleClaimError):
        end(database, call, result)
    with database.reading() as session:
        assert len(tickets(session)) == 1


def test_a_call_without_trouble_opens_nothing(database: Database, call: ClaimedCall) -> None:
    assert end(database, call, DialogResult(DialogOutcome.CONFIRMED, finished=True)) == ()


def chosen(solution: str, kind: str = "late") -> DialogResult:
    return DialogResult(
        DialogOutcome.SOLUTION_CHOSEN,
        finished=True,
        tickets=(TicketWish(kind),) if kind else (),
        collected={"solution": solution},
    )


def test_the_solution_that_the_customer_takes_is_agreed(
    database: Database, call: ClaimedCall
) -> None:
    (opened,) = end(database, call, chosen("redeliver"))
    assert (opened.status, opened.proposal) == (Status.AGREED, "redeliver")
    with database.reading() as session:
        steps = [line.step for line in ticket_events(session, opened.number)]
    assert steps == [Step.OPEN, Step.PROPOSE, Step.AGREE]


def test_the_compensation_that_the_call_may_name_is_what_is_granted(
    database: Database, call: ClaimedCall
) -> None:
    with database.transaction() as session:
        parcel = session.get_one(Delivery, call.deliveries[0].id)
        parcel.facts = {"problem": "late", "compensation": "12.50"}
    (opened,) = end(database, call, chosen("compensate"))
    assert (opened.proposal, opened.compensation_fen) == ("compensate", 1250)


def test_a_call_offers_no_more_than_the_matrix_allows(database: Database, campaign: int) -> None:
    with database.transaction() as session:
        for parcel in session.scalars(sa.select(Delivery)):
            parcel.facts = {"problem": "late", "compensation": "500", "may_refund": "true"}
    more = order_for(dial(database, campaign, NOON), LINE, NOON).facts.more
    assert (more["compensation"], more["may_refund"], more["may_redeliver"]) == (2000, False, True)


@pytest.mark.parametrize("solution", ["refund", "compensate", "a pony"])
def test_a_choice_that_the_matrix_does_not_allow_is_left_to_a_person(
    database: Database, call: ClaimedCall, solution: str
) -> None:
    (opened,) = end(database, call, chosen(solution))
    assert (opened.status, opened.proposal, opened.compensation_fen) == (Status.OPEN, "", 0)
    with database.reading() as session:
        assert ticket_events(session, opened.number)[-1].note.startswith(f"{solution}: ")


def test_a_choice_belongs_to_the_only_open_ticket_about_the_parcel(
    database: Database, call: ClaimedCall
) -> None:
    first = replace(HEARD, outcome=DialogOutcome.UNFINISHED, tickets=(TicketWish("damaged"),))
    (opened,) = end(database, call, first)
    with database.transaction() as session:
        contact = session.get_one(Contact, call.contact_id)
        contact.status, contact.next_call_at = ContactStatus.WAITING, None
    again = dial(database, call.campaign.id, NOON + HOUR)
    assert again.contact_id == call.contact_id
    (agreed,) = end(database, again, chosen("return", kind=""), NOON + HOUR)
    assert (agreed.number, agreed.status) == (opened.number, Status.AGREED)


def test_a_choice_that_may_belong_to_several_tickets_is_left_to_a_person(
    database: Database, call: ClaimedCall
) -> None:
    two = (TicketWish("late"), TicketWish("damaged"))
    opened = end(database, call, replace(chosen("return"), tickets=two))
    assert [each.status for each in opened] == [Status.OPEN, Status.OPEN]
    with database.reading() as session:
        noted = [ticket_events(session, each.number)[-1].note for each in opened]
    assert noted == [f"return: {WHICH}"] * 2


def resolved(database: Database, number: str, result: str = "给您换了", at: datetime = NOON) -> int:
    """Resolve an open ticket; return the campaign of follow-up calls, which runs."""
    with database.transaction() as session:
        acknowledge(session, RULES, number, "王芳", at)
        facts = resolve(session, RULES, number, "王芳", at, result=result)
        assert facts.follow_up_contact_id is not None
        campaign_id = session.get_one(Contact, facts.follow_up_contact_id).campaign_id
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, at)
    return campaign_id


@pytest.fixture
def opened(database: Database, call: ClaimedCall) -> TicketFacts:
    """A ticket that a call opened."""
    (opened,) = end(database, call, replace(HEARD, tickets=(TicketWish("damaged", "碎了"),)))
    return opened


def test_a_follow_up_call_tells_the_result_and_closes_the_ticket(
    database: Database, opened: TicketFacts
) -> None:
    follow_up = dial(database, resolved(database, opened.number), NOON + MINUTE)
    assert follow_up.campaign.flow == "complaint-follow-up"
    told = DialogResult(DialogOutcome.INFORMED, finished=True)
    (closed,) = end(database, follow_up, told, NOON + 2 * MINUTE)
    assert closed.status is Status.CLOSED
    assert closed.times.customer_told_at == NOON + 2 * MINUTE


def test_a_follow_up_call_that_nobody_answers_tells_nothing(
    database: Database, opened: TicketFacts
) -> None:
    follow_up = dial(database, resolved(database, opened.number), NOON + MINUTE)
    (waiting,) = end(database, follow_up, None, NOON + 2 * MINUTE)
    assert (waiting.status, waiting.times.customer_told_at) == (Status.RESOLVED, None)


def test_a_customer_who_is_not_content_gets_the_same_ticket_taken_up_again(
    database: Database, opened: TicketFacts
) -> None:
    follow_up = dial(database, resolved(database, opened.number), NOON + MINUTE)
    angry = replace(
        HEARD,
        tickets=(
            TicketWish("complaint", "换来的也是碎的", urgent=True, callback_by=NOON + HOUR),
            TicketWish("inquiry", "发票怎么开"),
        ),
    )
    again, question = end(database, follow_up, angry, NOON + 2 * MINUTE)
    assert (again.number, again.status, again.level) == (opened.number, Status.ACKNOWLEDGED, 1)
    assert (again.urgent, again.times.callback_by) == (True, NOON + HOUR)
    assert again.words == "碎了\n换来的也是碎的"
    assert question.kind == "inquiry"
    with database.reading() as session:
        events = ticket_events(session, opened.number)
    assert [(line.step, line.note) for line in events[-2:]] == [
        (Step.TELL, "problem_reported"),
        (Step.REOPEN, "换来的也是碎的"),
    ]


def test_what_is_resolved_while_the_call_goes_on_is_told_in_another_one(
    database: Database, opened: TicketFacts
) -> None:
    campaign = resolved(database, opened.number)
    follow_up = dial(database, campaign, NOON + MINUTE)
    about = Complaint("late", waybill=opened.waybill, contact_id=opened.contact_id)
    with database.transaction() as session:
        late = open_ticket(session, RULES, about, "王芳", NOON + MINUTE).number
        acknowledge(session, RULES, late, "王芳", NOON + MINUTE)
        second = resolve(session, RULES, late, "王芳", NOON + 2 * MINUTE, result="给您赔了十块钱")
        assert second.follow_up_contact_id == follow_up.contact_id
    told = DialogResult(DialogOutcome.INFORMED, finished=True)
    first, waiting = end(database, follow_up, told, NOON + 3 * MINUTE)
    assert first.status is Status.CLOSED
    assert (waiting.status, waiting.times.customer_told_at) == (Status.RESOLVED, None)
    next_call = dial(database, campaign, NOON + HOUR)
    assert next_call.contact_id == waiting.follow_up_contact_id != follow_up.contact_id
    with database.reading() as session:
        facts = session.get_one(Delivery, next_call.deliveries[0].id).facts
    assert facts["ticket_result"] == "给您赔了十块钱"
