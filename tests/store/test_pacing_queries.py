"""What pacing reads back from the store."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from store.database import Database
from store.desk_agents import set_agent_state, sign_in
from store.desk_types import AgentState, DeviceKind
from store.models import Attempt, Contact, OutcomeRecord, Recipient
from store.pacing_queries import answers_since, desk_now
from store.queries import create_campaign
from store.types import AttemptStatus, Disposition, Outcome


def test_answers_are_read_back_with_who_was_abandoned(either_url, now) -> None:
    database = Database(either_url)
    ends = [Disposition.COMPLETED, Disposition.VOICEMAIL, Disposition.ABANDONED]
    with database.transaction() as session:
        campaign = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达快递", now=now
        )
        for number, end in enumerate([Disposition.ABANDONED, *ends]):
            # The first is of yesterday.
            at = now + timedelta(minutes=number) if number else now - timedelta(days=1)
            recipient = Recipient(name="王", phone=f"+861380000000{number}")
            session.add(recipient)
            session.flush()
            contact = Contact(
                campaign_id=campaign.id, recipient_id=recipient.id, phone=recipient.phone
            )
            contact.language, contact.time_zone = "zh-CN", "Asia/Shanghai"
            session.add(contact)
            session.flush()
            attempt = Attempt(contact_id=contact.id, number=1, phone=contact.phone)
            attempt.status = AttemptStatus.SETTLED
            attempt.claimed_at = attempt.dialed_at = attempt.settled_at = at
            session.add(attempt)
            session.flush()
            session.execute(
                sa.insert(OutcomeRecord).values(
                    contact_id=contact.id,
                    attempt_id=attempt.id,
                    disposition=end,
                    outcome=Outcome.UNFINISHED,
                    at=at,
                    final=False,
                )
            )
    with database.reading() as session:
        found = answers_since(session, campaign.id, now - timedelta(hours=1))
    database.close()
    assert found == (
        (now + timedelta(minutes=1), False),
        (now + timedelta(minutes=3), True),
    )


def test_agents_on_a_break_are_not_counted_on(either_url, now) -> None:
    database = Database(either_url)
    with database.transaction() as session:
        for user in (1, 2):
            sign_in(session, user, f"坐席{user}", now, device_kind=DeviceKind.BROWSER)
        set_agent_state(session, 1, AgentState.READY, now)
    with database.reading() as session:
        present, waiting, engines = desk_now(session)
    database.close()
    assert [each.user_id for each in present] == [1]
    assert (waiting, engines) == (frozenset(), ())
