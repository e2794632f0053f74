"""Whom a resolved ticket makes us call, on every database, and whom it keeps from being called."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.laws import judge_of
from campaigns.tickets import (
    acknowledge,
    agree,
    decline,
    explain,
    propose,
    reopen,
    resolve,
    tell,
)
from campaigns.tickets_clock import Timer
from campaigns.tickets_due import due
from campaigns.tickets_follow_up import PLANNED
from campaigns.tickets_machine import TicketError
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_planning import (
    ANOTHER,
    NO_CONTACT,
    NOT_KNOWN,
    NOT_SPOKEN,
    OTHER_FLOW,
    SUPPRESSED,
    WRONG_NUMBER,
)
from campaigns.tickets_rules import shipped_ticket_rules
from campaigns.unwanted import sparing
from store.claims import LEASE, claim_some
from store.database import Database
from store.models import Campaign, Contact, Delivery
from store.outcomes import record_outcome
from store.queries import campaign_named, contact_lines, create_campaign, set_campaign_status
from store.suppression import close_unwanted, suppress
from store.ticket_queries import (
    ticket_events,
)
from store.ticket_values import TicketFacts
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome, SuppressionReason
from store.types import TicketStatus as Status
from store.values import ClaimedCall, Settled
from store.wish_queries import add_wish, wish_counts

RULES = shipped_ticket_rules()
MakeComplaint = Callable[..., Complaint]
ANNA = "+8613800138001"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def resolved(database: Database, number: str, now: datetime, result: str = "") -> TicketFacts:
    with database.transaction() as session:
        propose(session, RULES, number, "replace", "王芳", now)
        agree(session, RULES, number, "王芳", now)
        return resolve(session, RULES, number, "王芳", now, result=result)


def test_a_resolution_plans_the_call_that_tells_the_customer(
    database: Database, opened: TicketFacts, parcel: Delivery, now: datetime
) -> None:
    done = resolved(database, opened.number, now)
    with database.reading() as session:
        facts = campaign_named(session, "工单回访")
        planned = session.get_one(Contact, done.follow_up_contact_id)
        told = planned.deliveries[0].facts
        assert facts is not None
        assert (facts.flow, planned.campaign_id) == ("complaint-follow-up", facts.id)
        assert (planned.phone, planned.status) == (ANNA, ContactStatus.WAITING)
        assert planned.useful_until == now + timedelta(days=3)
        assert planned.recipient.name == "安娜"
        assert ticket_events(session, opened.number)[-1].note == PLANNED
        assert due(session, now) == ()
    assert told["ticket"] == "0001"
    assert told["ticket_result"] == "给您换了一件新的"
    assert told["problem"] == "damaged"
    assert told["resolve_by"] == "2026-11-24 12:00"
    assert told["value"] == "299"


def contact_status(session: Session, campaign: str) -> ContactStatus:
    facts = campaign_named(session, campaign)
    assert facts is not None
    (line,) = contact_lines(session, facts.id)
    return line.status


def test_an_explanation_that_came_too_late_is_not_called(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        explain(session, RULES, opened.number, "王芳", now)
        assert contact_status(session, "异常沟通") is ContactStatus.WAITING
        propose(session, RULES, opened.number, "replace", "王芳", now)
        assert contact_status(session, "异常沟通") is ContactStatus.CLOSED


def test_the_explanation_of_one_ticket_is_not_disturbed_by_another(
    database: Database,
    opened: TicketFacts,
    parcel: Delivery,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    with database.transaction() as session:
        explain(session, RULES, opened.number, "王芳", now)
        late = open_ticket(session, RULES, complaint(parcel, "late"), "call 2", now).number
    with pytest.raises(TicketError, match=ANOTHER), database.transaction() as session:
        explain(session, RULES, late, "王芳", now)
    with database.transaction() as session:
        propose(session, RULES, late, "wait", "王芳", now)
        assert contact_status(session, "异常沟通") is ContactStatus.WAITING


@pytest.mark.parametrize("step", [tell, reopen])
def test_a_result_that_is_known_or_not_true_any_more_is_not_called(
    database: Database, opened: TicketFacts, now: datetime, step: Callable[..., TicketFacts]
) -> None:
    resolved(database, opened.number, now)
    with database.transaction() as session:
        step(session, RULES, opened.number, "王芳", now)
        assert contact_status(session, "工单回访") is ContactStatus.CLOSED


def test_a_call_that_tells_two_results_is_made_for_the_other_one(
    database: Database,
    opened: TicketFacts,
    parcel: Delivery,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    resolved(database, opened.number, now)
    with database.transaction() as session:
        late = open_ticket(session, RULES, complaint(parcel, "late"), "call 2", now).number
        acknowledge(session, RULES, late, "王芳", now)
        both = resolve(session, RULES, late, "王芳", now, result="给您赔了十块钱")
        tell(session, RULES, opened.number, "王芳", now)
        assert contact_status(session, "工单回访") is ContactStatus.WAITING
        (told,) = session.get_one(Contact, both.follow_up_contact_id).deliveries
        assert (told.facts["ticket_result"], told.facts["problem"]) == ("给您赔了十块钱", "late")


def test_nobody_is_called_where_the_matrix_wants_no_follow_up(
    database: Database, parcel: Delivery, now: datetime, complaint: MakeComplaint
) -> None:
    with database.transaction() as session:
        asked = complaint(parcel, "request", words="轻拿轻放")
        number = open_ticket(session, RULES, asked, "call 1", now).number
        acknowledge(session, RULES, number, "王芳", now)
        done = resolve(session, RULES, number, "王芳", now, result="跟快递员说了")
        assert due(session, now) == ()
        assert campaign_named(session, "工单回访") is None
    assert (done.status, done.times.customer_told_at) == (Status.CLOSED, None)


def test_two_results_for_one_parcel_are_told_in_one_call(
    database: Database,
    opened: TicketFacts,
    parcel: Delivery,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    first = resolved(database, opened.number, now, "给您换了灯罩")
    with database.transaction() as session:
        late = open_ticket(session, RULES, complaint(parcel, "late"), "call 2", now).number
        acknowledge(session, RULES, late, "王芳", now)
        second = resolve(session, RULES, late, "王芳", now, result="给您赔了十块钱")
        told = session.get_one(Contact, second.follow_up_contact_id).deliveries[0].facts
    assert second.follow_up_contact_id == first.follow_up_contact_id
    assert told["ticket_result"] == "给您换了灯罩,给您赔了十块钱"


def test_a_number_that_was_the_wrong_one_is_not_rung_about_a_ticket(
    database: Database, opened: TicketFacts, parcel: Delivery, now: datetime
) -> None:
    with database.transaction() as session:
        contact = session.get_one(Contact, parcel.contact_id)
        came_to = Disposition.COMPLETED, Outcome.WRONG_NUMBER
        record_outcome(session, contact, None, came_to, now, True, Settled())
    done = resolved(database, opened.number, now)
    assert done.follow_up_contact_id is None
    with database.reading() as session:
        assert ticket_events(session, opened.number)[-1].note == WRONG_NUMBER
        assert [each.timer for each in due(session, now)] == [Timer.TELLING]


def test_a_campaign_of_that_name_about_something_else_rings_nobody_about_tickets(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        create_campaign(session, name="工单回访", flow="survey", company="顺达快递", now=now)
    assert resolved(database, opened.number, now).follow_up_contact_id is None
    with database.reading() as session:
        assert ticket_events(session, opened.number)[-1].note == OTHER_FLOW


def test_a_call_that_could_not_say_all_it_speaks_of_is_left_to_a_person(
    database: Database, opened: TicketFacts, parcel: Delivery, now: datetime
) -> None:
    with database.transaction() as session:
        unpromised = session.get_one(Delivery, parcel.id)
        unpromised.window_start = unpromised.window_end = None
    with pytest.raises(TicketError, match=re.escape(NOT_KNOWN)), database.transaction() as session:
        explain(session, RULES, opened.number, "王芳", now)


def test_a_call_about_a_parcel_says_nothing_of_an_earlier_ticket(
    database: Database, opened: TicketFacts, now: datetime, complaint: MakeComplaint
) -> None:
    first = resolved(database, opened.number, now)
    with database.transaction() as session:
        told = session.get_one(Contact, first.follow_up_contact_id)
        told.status = ContactStatus.DONE
        asked = complaint(told.deliveries[0], "attitude", words="态度不好")
        number = open_ticket(session, RULES, asked, "call 2", now).number
        acknowledge(session, RULES, number, "王芳", now)
        second = resolve(session, RULES, number, "王芳", now, result="跟快递员谈过了")
        facts = session.get_one(Contact, second.follow_up_contact_id).deliveries[0].facts
    assert "problem" not in facts
    assert (facts["ticket_result"], facts["value"]) == ("跟快递员谈过了", "299")


def test_a_later_result_gets_a_call_of_its_own(
    database: Database,
    opened: TicketFacts,
    parcel: Delivery,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    first = resolved(database, opened.number, now)
    with database.transaction() as session:
        session.get_one(Contact, first.follow_up_contact_id).status = ContactStatus.DONE
        late = open_ticket(session, RULES, complaint(parcel, "late"), "call 2", now).number
        acknowledge(session, RULES, late, "王芳", now)
        second = resolve(session, RULES, late, "王芳", now, result="给您赔了十块钱")
        assert second.follow_up_contact_id != first.follow_up_contact_id
        planned = session.get_one(Contact, second.follow_up_contact_id)
        assert planned.deliveries[0].facts["ticket_result"] == "给您赔了十块钱"
        assert session.scalar(sa.select(sa.func.count(Campaign.id))) == 2


def test_a_customer_whom_no_call_reached_is_told_by_a_person(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    done = resolved(database, opened.number, now)
    with database.transaction() as session:
        session.get_one(Contact, done.follow_up_contact_id).status = ContactStatus.DONE
        (waiting,) = due(session, now)
        assert waiting.timer is Timer.TELLING
        told = tell(session, RULES, opened.number, "王芳", now + HOUR)
        assert due(session, now) == ()
    assert (told.status, told.times.customer_told_at) == (Status.RESOLVED, now + HOUR)


@pytest.mark.parametrize("suppressed", [True, False])
def test_who_can_not_be_called_is_left_to_a_person(
    database: Database, opened: TicketFacts, now: datetime, suppressed: bool
) -> None:
    number = opened.number
    with database.transaction() as session:
        if suppressed:
            suppress(session, ANNA, SuppressionReason.OPTED_OUT, now)
        else:
            number = open_ticket(session, RULES, Complaint("late"), "王芳", now).number
        acknowledge(session, RULES, number, "王芳", now)
        done = resolve(session, RULES, number, "王芳", now, result="送到了")
        note = ticket_events(session, number)[-1].note
    assert done.follow_up_contact_id is None
    assert note == (SUPPRESSED if suppressed else NO_CONTACT)


def test_who_speaks_what_the_conversation_does_not_is_left_to_a_person(
    database: Database, opened: TicketFacts, parcel: Delivery, now: datetime
) -> None:
    with database.transaction() as session:
        session.get_one(Contact, parcel.contact_id).language = "en-GB"
    assert resolved(database, opened.number, now).follow_up_contact_id is None
    with database.reading() as session:
        assert ticket_events(session, opened.number)[-1].note == NOT_SPOKEN


def test_a_resolution_says_what_was_done_and_why_it_had_to_be(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        acknowledge(session, RULES, opened.number, "王芳", now)
    with pytest.raises(TicketError, match="Say what was done"), database.transaction() as session:
        resolve(session, RULES, opened.number, "王芳", now)
    with pytest.raises(TicketError, match="no reason bad luck"), database.transaction() as session:
        resolve(session, RULES, opened.number, "王芳", now, result="好了", why="bad luck")
    with database.transaction() as session:
        propose(session, RULES, opened.number, "replace", "王芳", now)
        decline(session, RULES, opened.number, "王芳", now)
    with pytest.raises(TicketError, match="declined; say what"), database.transaction() as session:
        resolve(session, RULES, opened.number, "王芳", now)


def test_a_result_that_is_not_good_is_taken_up_by_the_second_line(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    resolved(database, opened.number, now)
    with database.transaction() as session:
        again = reopen(session, RULES, opened.number, "王芳", now + 48 * HOUR, "还是坏的")
    assert (again.status, again.level) == (Status.ACKNOWLEDGED, 1)
    assert again.times.resolved_at is None
    assert again.times.propose_by == now + 49 * HOUR
    assert again.times.resolve_by == now + 120 * HOUR


def test_a_call_can_explain_it_and_offer_what_the_matrix_allows(
    database: Database, opened: TicketFacts, parcel: Delivery, now: datetime
) -> None:
    with database.transaction() as session:
        taken_on = explain(session, RULES, opened.number, "王芳", now)
        calls = campaign_named(session, "异常沟通")
        assert calls is not None
        (line,) = contact_lines(session, calls.id)
        told = session.get_one(Contact, line.contact_id).deliveries[0].facts
    assert taken_on.status is Status.ACKNOWLEDGED
    assert (calls.flow, line.phone) == ("exception", ANNA)
    assert told == {
        "problem": "damaged",
        "ticket": "0001",
        "resolve_by": "2026-11-24 12:00",
        "value": "299",
        "may_redeliver": "false",
        "may_replace": "true",
        "may_refund": "true",
        "compensation": "299.00",
    }


def test_what_a_call_can_not_explain_is_left_to_a_person(
    database: Database,
    opened: TicketFacts,
    parcel: Delivery,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    with database.transaction() as session:
        rude = open_ticket(session, RULES, complaint(parcel, "attitude"), "call 2", now).number
        gone = open_ticket(session, RULES, Complaint("late"), "王芳", now).number
        propose(session, RULES, opened.number, "replace", "王芳", now)
    for number, said in (
        (rude, "A call can explain late, early"),
        (gone, NO_CONTACT),
        (opened.number, "is proposed; there is nothing to explain"),
    ):
        with pytest.raises(TicketError, match=said), database.transaction() as session:
            explain(session, RULES, number, "王芳", now)


def test_wishes_are_counted_once_a_call(
    database: Database, parcel: Delivery, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        for number, phone in enumerate((ANNA, ANNA), start=1):
            session.execute(
                sa.text(
                    "INSERT INTO attempts (id, contact_id, number, phone, status, claimed_by,"
                    " claimed_at, settled_at, cause, sip_status, answered, ring_seconds,"
                    " talk_seconds, announcement, machine, flow_version, recording, error, media)"
                    " VALUES (:id, :contact, :id, :phone, 'settled', '', :at, :at, '', 0, true, 0,"
                    " 0, '', '', '', '', '', '{}')"
                ),
                {
                    "id": number,
                    "contact": parcel.contact_id,
                    "phone": phone,
                    "at": now.isoformat(sep=" "),
                },
            )
        add_wish(session, "evening", parcel.id, 1, "晚上送行吗", now)
        add_wish(session, "evening", parcel.id, 1, "晚上", now)
        add_wish(session, "evening", parcel.id, 2, "", now + HOUR)
        add_wish(session, "weekend", parcel.id, 2, "", now + HOUR)
        evening, weekend = wish_counts(session)
        assert (evening.tag, evening.count, evening.words) == ("evening", 2, "晚上送行吗")
        assert (weekend.tag, weekend.count) == ("weekend", 1)
        assert [each.tag for each in wish_counts(session, before=now + MINUTE)] == ["evening"]
        assert wish_counts(session, since=now + 2 * HOUR) == ()


def waiting_again(session: Session, parcel: Delivery, flow: str, now: datetime) -> int:
    """Let Anna wait to be called by a running campaign with that flow; return the campaign."""
    contact = session.get_one(Contact, parcel.contact_id)
    contact.status = ContactStatus.WAITING
    campaign = session.get_one(Campaign, contact.campaign_id)
    campaign.flow = flow
    set_campaign_status(session, campaign.id, CampaignStatus.RUNNING, now)
    return campaign.id


def claimed_by_care(session: Session, campaign: int, now: datetime) -> tuple[ClaimedCall, ...]:
    judge = judge_of((sparing(RULES.sparing),), now)
    lease = now + LEASE
    return claim_some(session, campaign, now, judge, engine="a", lease_until=lease, at_most=1)


@pytest.mark.parametrize(("flow", "called"), [("care", False), ("pre-delivery", True)])
def test_a_call_of_care_leaves_people_alone_who_wait_for_us(
    database: Database,
    parcel: Delivery,
    opened: TicketFacts,
    now: datetime,
    flow: str,
    called: bool,
) -> None:
    with database.transaction() as session:
        campaign = waiting_again(session, parcel, flow, now)
        assert close_unwanted(session, campaign, now, RULES.sparing) == (0 if called else 1)
        lines = contact_lines(session, campaign)
        claimed = claimed_by_care(session, campaign, now)
    assert bool(claimed) is called
    if not called:
        assert lines[0].latest is not None
        assert lines[0].latest.disposition is Disposition.OPEN_TICKET


def test_somebody_whose_ticket_came_after_the_look_is_not_claimed_either(
    database: Database, parcel: Delivery, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        campaign = waiting_again(session, parcel, "care", now)
        assert claimed_by_care(session, campaign, now) == ()


def test_who_was_made_good_may_be_cared_for_again(
    database: Database, parcel: Delivery, opened: TicketFacts, now: datetime
) -> None:
    resolved(database, opened.number, now)
    with database.transaction() as session:
        campaign = waiting_again(session, parcel, "care", now)
        assert close_unwanted(session, campaign, now, RULES.sparing) == 0
        claimed = claimed_by_care(session, campaign, now)
    assert claimed
