"""Calls are found by what people know of them, newest first and a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from store.call_queries import CallFilter, CallPage, CallPlace, find_calls
from store.call_records import call_record, recording_of
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.desk_models import CallFlag
from store.desk_types import DeskLine
from store.errors import StoreError
from store.queries import create_campaign, set_campaign_status
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome, TurnSpeaker
from store.values import Settled, Settlement, TurnRecord

EVERYTHING = CallFilter()
TALK = (
    TurnRecord(TurnSpeaker.MENLING, "您好", 0.5, 2.0, prompt="introduction"),
    TurnRecord(TurnSpeaker.CALLEE, "方便", 3.0, 4.0, prompt="opening", intent="yes"),
)


@pytest.fixture
def calls(database: Database, now: datetime, add_contact: Callable[..., None]) -> tuple[int, ...]:
    """Six calls a minute apart in two campaigns; the last one goes on."""
    attempts: list[int] = []
    with database.transaction() as session:
        campaigns = [_campaign(session, name, now) for name in ("早班", "晚班")]
        for number in range(6):
            at = now + timedelta(minutes=number)
            add_contact(session, campaigns[number % 2], number)
            claimed = claim_next(session, campaigns[number % 2], at, claimed_by="engine")
            assert claimed is not None
            mark_dialing(session, claimed.attempt_id, at)
            attempts.append(claimed.attempt_id)
            if number == 5:
                continue
            settle(session, claimed.attempt_id, _settlement(number, at), then=ContactStatus.DONE)
            if number == 1:
                session.add(
                    CallFlag(
                        attempt_id=claimed.attempt_id,
                        rule="angry_words",
                        priority=5,
                        line=DeskLine.FIRST,
                        label={"zh": "生气", "en": "Angry"},
                    )
                )
    return tuple(attempts)


def _campaign(session: Session, name: str, now: datetime) -> int:
    made = create_campaign(session, name=name, flow="pre-delivery", company="顺达", now=now).id
    set_campaign_status(session, made, CampaignStatus.RUNNING, now)
    return made


def _settlement(number: int, at: datetime) -> Settlement:
    return Settlement(
        disposition=Disposition.COMPLETED if number % 2 else Disposition.NO_ANSWER,
        outcome=Outcome.CONFIRMED if number % 2 else Outcome.NOT_REACHED,
        at=at,
        settled=Settled(needs_person="请回电" if number == 3 else ""),
        answered=bool(number % 2),
        talk_seconds=10.0 * number,
        recording=f"/recordings/{number}.wav" if number % 2 else "",
        turns=TALK if number % 2 else (),
    )


def found(
    database: Database,
    wanted: CallFilter = EVERYTHING,
    after: CallPlace | None = None,
    limit: int = 50,
    scanned: int = 1000,
) -> CallPage:
    with database.reading() as session:
        return find_calls(session, wanted, after, limit, scanned)


def ids(page: CallPage) -> tuple[int, ...]:
    return tuple(line.attempt_id for line in page.lines)


def test_the_newest_call_comes_first_and_one_that_goes_on_has_no_outcome(
    database: Database, calls: tuple[int, ...]
) -> None:
    page = found(database)
    assert ids(page) == tuple(reversed(calls))
    assert (page.lines[0].outcome, page.lines[0].disposition) == (None, None)
    assert page.lines[0].waybills == ("SD5",)
    assert page.lines[1].outcome is Outcome.NOT_REACHED
    assert page.next is None


def test_pages_follow_each_other_without_a_gap_or_a_call_twice(
    database: Database, calls: tuple[int, ...]
) -> None:
    seen: list[int] = []
    after = None
    for _ in range(3):
        page = found(database, after=after, limit=2)
        seen += ids(page)
        after = page.next
    assert tuple(seen) == tuple(reversed(calls))
    assert after is None


FOUND = (
    (CallFilter(waybill="SD2"), (2,)),
    (CallFilter(phone="+8613800138004"), (4,)),
    (CallFilter(name="王1"), (1,)),
    (CallFilter(name="王"), ()),
    (CallFilter(disposition=Disposition.COMPLETED), (3, 1)),
    (CallFilter(outcome=Outcome.NOT_REACHED), (4, 2, 0)),
    (CallFilter(needs_person=True), (3,)),
    (CallFilter(flag="angry_words"), (1,)),
    (CallFilter(shortest_seconds=15, longest_seconds=30), (3, 2)),
    (CallFilter(outcome=Outcome.CONFIRMED, shortest_seconds=20), (3,)),
)


def test_calls_are_found_by_what_is_known_of_them(
    database: Database, calls: tuple[int, ...]
) -> None:
    for wanted, places in FOUND:
        assert ids(found(database, wanted)) == tuple(calls[place] for place in places), wanted


def test_calls_of_one_campaign_and_of_a_stretch_of_time(
    database: Database, calls: tuple[int, ...], now: datetime
) -> None:
    campaign = found(database, CallFilter(waybill="SD0")).lines[0].campaign_id
    assert ids(found(database, CallFilter(campaign_id=campaign))) == (calls[4], calls[2], calls[0])
    first, last = now + timedelta(minutes=1), now + timedelta(minutes=3)
    assert ids(found(database, CallFilter(begins=first, ends=last))) == (calls[2], calls[1])


def test_a_page_tells_how_far_it_looked_and_the_next_one_goes_on_from_there(
    database: Database, calls: tuple[int, ...], now: datetime
) -> None:
    wanted = CallFilter(flag="angry_words")
    page = found(database, wanted, scanned=3)
    assert ids(page) == ()
    assert page.looked_back_to == now + timedelta(minutes=3)
    page = found(database, wanted, after=page.next, scanned=3)
    assert ids(page) == (calls[1],)


def test_a_call_that_is_looked_for_by_its_parcel_is_found_however_old_it_is(
    database: Database, calls: tuple[int, ...]
) -> None:
    assert ids(found(database, CallFilter(waybill="SD0"), scanned=1)) == (calls[0],)


def test_a_call_is_told_with_all_that_was_kept_of_it(
    database: Database, calls: tuple[int, ...]
) -> None:
    with database.reading() as session:
        record = call_record(session, calls[1])
        assert recording_of(session, calls[1]) == "/recordings/1.wav"
    assert [turn.text for turn in record.turns] == ["您好", "方便"]
    assert [flag.rule for flag in record.flags] == ["angry_words"]
    assert record.latest is not None
    assert record.latest.outcome is Outcome.CONFIRMED
    assert [each.address for each in record.deliveries] == ["幸福路1号"]
    assert (record.tickets, record.visits, record.transfers, record.other_calls) == ((), (), (), ())


def test_there_is_nothing_to_tell_of_a_call_that_never_was(database: Database) -> None:
    with database.reading() as session:
        with pytest.raises(StoreError, match="no call 7"):
            call_record(session, 7)
        with pytest.raises(StoreError, match="no call 7"):
            recording_of(session, 7)
