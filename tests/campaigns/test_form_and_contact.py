"""What an agent's form changes of the call it is about, and of whoever was called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.desk_form import apply_form
from campaigns.rehearsed import invent_campaign
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.desk_states import TransferStep
from store.desk_transfers import keep_form, open_transfer, step_transfer
from store.desk_types import DeskLine
from store.desk_values import FlagRecord
from store.models import Contact, OutcomeRecord
from store.queries import set_campaign_status
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import Settled, Settlement

LI = 7
ASKED = FlagRecord("asked", 50, DeskLine.FIRST, {"zh": "要求人工", "en": "Asks for a person"})

CallOf = Callable[..., int]


@pytest.fixture
def campaign(database: Database, now: datetime) -> int:
    """A running campaign with one contact."""
    with database.transaction() as session:
        campaign_id = invent_campaign(session, now, people=1)
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, now)
    return campaign_id


@pytest.fixture
def begin(database: Database, campaign: int) -> Callable[[datetime], int]:
    """Begins a call with the contact; returns its number."""

    def begun(at: datetime) -> int:
        with database.transaction() as session:
            claimed = claim_next(session, campaign, at, claimed_by="engine")
            assert claimed is not None
            mark_dialing(session, claimed.attempt_id, at)
        return claimed.attempt_id

    return begun


@pytest.fixture
def talk(database: Database, begin: Callable[[datetime], int], now: datetime) -> CallOf:
    """Lets an agent talk with the contact, who waits for a call again; returns the transfer."""

    def talked(settled: Settled | None = None) -> int:
        attempt = begin(now)
        with database.transaction() as session:
            wish = open_transfer(session, attempt, "engine", ASKED, "zh-CN", {}, now)
            for step in (
                TransferStep.OFFER,
                TransferStep.ACCEPT,
                TransferStep.JOIN,
                TransferStep.LEAVE,
            ):
                step_transfer(session, wish.id, step, now, agent_id=LI)
            end = Settlement(
                Disposition.COMPLETED, Outcome.CONFIRMED, now, settled or Settled(), answered=True
            )
            settle(session, attempt, end, then=ContactStatus.WAITING, next_call_at=now)
        return wish.id

    return talked


@pytest.fixture
def file(database: Database) -> Callable[..., None]:
    """Files the form of a transfer and applies it."""

    def filed(transfer: int, at: datetime, **written: Any) -> None:
        with database.transaction() as session:
            keep_form(session, transfer, written, at)
            apply_form(session, transfer, at)

    return filed


def contact_in(database: Database) -> tuple[ContactStatus, datetime | None, datetime | None]:
    with database.reading() as session:
        row = session.scalars(sa.select(Contact)).one()
        return row.status, row.next_call_at, row.useful_until


@pytest.mark.parametrize(("agreed", "kept"), [("locker", "locker"), ("doorstep", "")])
def test_consent_lasts_only_as_long_as_what_it_was_given_to(
    database: Database, talk: CallOf, file: Callable[..., None], now: datetime, agreed, kept
) -> None:
    consent = Settled(
        hand_over="locker", consent_choice="locker", consent_words="可以", consent_at_seconds=9.0
    )
    file(talk(consent), now, outcome="hand_over_changed", hand_over=agreed)
    with database.reading() as session:
        record = session.scalars(sa.select(OutcomeRecord)).one()
        assert (record.hand_over, record.consent_choice) == (agreed, kept)
        assert bool(record.consent_words) is bool(kept)
        assert (record.consent_at_seconds is not None) is bool(kept)


def test_a_form_ends_the_calls_to_a_contact_unless_it_says_when(
    database: Database, talk: CallOf, file: Callable[..., None], now: datetime
) -> None:
    file(talk(), now, outcome="confirmed")
    assert contact_in(database)[:2] == (ContactStatus.DONE, None)


def test_a_form_may_call_later_than_the_manifest_would(
    database: Database, talk: CallOf, file: Callable[..., None], now: datetime
) -> None:
    transfer = talk()
    with database.transaction() as session:
        session.execute(sa.update(Contact).values(useful_until=now + timedelta(hours=1)))
    late = now + timedelta(hours=2)
    again = {"call_again_at": late.isoformat(), "needs_person": "晚上再打"}
    file(transfer, now, outcome="callback_promised", **again)
    assert contact_in(database) == (ContactStatus.WAITING, late, None)


def test_a_form_that_comes_during_the_next_call_lets_nobody_be_called_beside_it(
    database: Database,
    talk: CallOf,
    begin: Callable[[datetime], int],
    file: Callable[..., None],
    now: datetime,
) -> None:
    transfer = talk()
    later = now + timedelta(minutes=5)
    begin(later)
    again = {"call_again_at": later.isoformat(), "needs_person": "再打一次"}
    file(transfer, later, outcome="callback_promised", **again)
    assert contact_in(database)[0] is ContactStatus.IN_CALL


def test_a_form_that_comes_after_the_next_call_leaves_what_that_one_came_to(
    database: Database,
    talk: CallOf,
    begin: Callable[[datetime], int],
    file: Callable[..., None],
    now: datetime,
) -> None:
    transfer = talk()
    later = now + timedelta(minutes=5)
    attempt = begin(later)
    with database.transaction() as session:
        end = Settlement(Disposition.COMPLETED, Outcome.CONFIRMED, later, answered=True)
        settle(session, attempt, end, then=ContactStatus.DONE)
    again = {"call_again_at": later.isoformat(), "needs_person": "再打一次"}
    file(transfer, later, outcome="callback_promised", **again)
    assert contact_in(database)[0] is ContactStatus.DONE
