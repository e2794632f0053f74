"""Contacts, manifests and the do-not-call list are looked through a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from store.board_queries import (
    CallsSeen,
    addresses_of,
    call_figures,
    calls_seen,
    newest_outcomes,
    wait_figures,
)
from store.claims import claim_next, mark_dialing, settle
from store.contact_queries import ContactFilter, campaign_of_contact, find_contacts, status_counts
from store.database import Database
from store.desk_models import LiveCall, Transfer
from store.desk_types import DeskLine, TransferStatus
from store.errors import StoreError
from store.manifest_queries import manifest_lines, row_problems
from store.models import Delivery, Manifest, ManifestRow
from store.queries import create_campaign, set_campaign_status
from store.suppression import is_suppressed, suppress
from store.suppression_queries import suppressions, unsuppress
from store.types import (
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    SheetFormat,
    SuppressionReason,
)
from store.values import Settled, Settlement

NUMBERS = range(6)


@pytest.fixture
def campaign(database: Database, now: datetime, add_contact: Callable[..., None]) -> int:
    """A running campaign: contacts 0 to 5, of which 0 and 1 were called."""
    with database.transaction() as session:
        made = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达", now=now
        ).id
        set_campaign_status(session, made, CampaignStatus.RUNNING, now)
        for number in NUMBERS:
            add_contact(session, made, number, priority=10 - number)
        for number in (0, 1):
            at = now + timedelta(minutes=90 * number)
            claimed = claim_next(session, made, at, claimed_by="engine")
            assert claimed is not None
            mark_dialing(session, claimed.attempt_id, at)
            settle(session, claimed.attempt_id, _ended(number, at), then=ContactStatus.DONE)
    return made


def _ended(number: int, at: datetime) -> Settlement:
    return Settlement(
        disposition=(Disposition.COMPLETED, Disposition.HUNG_UP_MIDWAY)[number],
        outcome=(Outcome.CONFIRMED, Outcome.UNFINISHED)[number],
        at=at,
        settled=Settled(needs_person=("", "请回电")[number]),
        answered=True,
        talk_seconds=20.0,
    )


def names(database: Database, campaign: int, wanted: ContactFilter) -> list[str]:
    with database.reading() as session:
        return [line.recipient for line in find_contacts(session, campaign, wanted).lines]


def test_contacts_come_in_the_order_of_import_page_by_page(
    database: Database, campaign: int
) -> None:
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        with database.reading() as session:
            page = find_contacts(session, campaign, after=after, limit=2)
        seen += [line.recipient for line in page.lines]
        after = page.next
    assert seen == [f"王{number}" for number in NUMBERS]


FOUND = (
    (ContactFilter(status=ContactStatus.DONE), (0, 1)),
    (ContactFilter(status=ContactStatus.WAITING), (2, 3, 4, 5)),
    (ContactFilter(waybill="SD4"), (4,)),
    (ContactFilter(phone="+8613800138003"), (3,)),
    (ContactFilter(name="王1"), (1,)),
    (ContactFilter(name="王1", status=ContactStatus.WAITING), ()),
)


def test_contacts_are_found_by_what_is_known_of_them(database: Database, campaign: int) -> None:
    for wanted, numbers in FOUND:
        assert names(database, campaign, wanted) == [f"王{number}" for number in numbers], wanted
    assert names(database, campaign + 1, ContactFilter(waybill="SD4")) == []
    assert names(database, campaign + 1, ContactFilter()) == []


def test_a_contact_is_listed_with_its_calls_and_its_newest_outcome(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.reading() as session:
        line = find_contacts(session, campaign, ContactFilter(waybill="SD1")).lines[0]
        assert campaign_of_contact(session, line.contact_id) == campaign
        assert addresses_of(session, [line.contact_id]) == {line.contact_id: ("幸福路1号",)}
    assert (line.attempts, line.last_called_at) == (1, now + timedelta(minutes=90))
    assert line.latest is not None
    assert line.latest.outcome is Outcome.UNFINISHED
    assert line.waybills == ("SD1",)


def test_contacts_are_counted_by_status(database: Database, campaign: int) -> None:
    with database.reading() as session:
        counts = status_counts(session)
    assert {status: n for status, n in counts[campaign].items() if n} == {
        ContactStatus.WAITING: 4,
        ContactStatus.DONE: 2,
    }


def test_calls_are_counted_by_campaign_outcome_and_hour(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.reading() as session:
        figures = call_figures(session, now, now + timedelta(hours=2, minutes=30))
        earlier = call_figures(session, now - timedelta(hours=1), now)
        other = call_figures(session, now, now + timedelta(hours=3), campaign + 1)
        outcomes = newest_outcomes(session, campaign)
    assert (figures.all.dialed, figures.all.reached, figures.all.confirmed) == (2, 2, 1)
    assert figures.by_campaign[campaign] == figures.all
    assert (figures.all.needs_person, figures.all.talk_seconds) == (1, 40.0)
    assert [hour.dialed for hour in figures.by_hour] == [1, 1, 0]
    assert figures.dialed_by_hour == {campaign: (1, 1, 0)}
    assert dict(figures.by_outcome) == {Outcome.CONFIRMED: 1, Outcome.UNFINISHED: 1}
    assert earlier.all.dialed == other.all.dialed == 0
    assert outcomes == {Outcome.CONFIRMED: 1, Outcome.UNFINISHED: 1}


def test_waits_for_a_person_are_counted_once_they_are_over(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        done = ContactFilter(status=ContactStatus.DONE)
        first = find_contacts(session, campaign, done).lines[0]
        assert first.last_attempt_id is not None
        for status, joined in (
            (TransferStatus.LOST, None),
            (TransferStatus.DONE, now + timedelta(seconds=12)),
            (TransferStatus.LOST, now - timedelta(seconds=30)),
            (TransferStatus.WAITING, None),
        ):
            session.add(
                Transfer(
                    attempt_id=first.last_attempt_id,
                    engine="engine",
                    rule="asked",
                    priority=1,
                    line=DeskLine.FIRST,
                    language="zh-CN",
                    status=status,
                    requested_at=now,
                    joined_at=joined,
                )
            )
    with database.reading() as session:
        waits = wait_figures(session, now - timedelta(hours=1))
        later = wait_figures(session, now + timedelta(hours=1))
    assert (waits.asked, waits.lost, waits.nobody) == (3, 2, 0)
    assert (waits.mean_wait_seconds, waits.lost_share) == (12.0, 2 / 3)
    assert (later.asked, later.lost_share) == (0, None)


def test_a_manifest_is_listed_with_the_rows_that_stayed_out(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        manifest = Manifest(
            campaign_id=campaign,
            file_name="早班.csv",
            content_hash="0" * 64,
            format=SheetFormat.CSV,
            imported_at=now,
            import_day=now.date(),
            content=b"",
        )
        session.add(manifest)
        session.flush()
        delivery = session.query(Delivery).filter_by(waybill="SD1").one()
        session.add(ManifestRow(manifest_id=manifest.id, number=2, delivery_id=delivery.id))
        session.add(ManifestRow(manifest_id=manifest.id, number=3, problems=["电话：没有填写"]))
    with database.reading() as session:
        (line,) = manifest_lines(session, campaign)
        (problem,) = row_problems(session, line.id)
    assert (line.file_name, line.rows, line.problem_rows) == ("早班.csv", 2, 1)
    assert (problem.row, problem.problems) == (3, ("电话：没有填写",))


def test_the_do_not_call_list_is_looked_through_and_searched(
    database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        for number in NUMBERS:
            reason = SuppressionReason.LISTED if number % 2 else SuppressionReason.OPTED_OUT
            suppress(session, f"+861380013800{number}", reason, now, "list")
    with database.reading() as session:
        page = suppressions(session, limit=4)
        rest = suppressions(session, before=page.next, limit=4)
        (one,) = suppressions(session, "+8613800138003").lines
        listed = suppressions(session, reason=SuppressionReason.LISTED)
    assert [line.phone[-1] for line in (*page.lines, *rest.lines)] == list("543210")
    assert rest.next is None
    assert (one.phone, one.source) == ("+8613800138003", "list")
    assert len(listed.lines) == 3


def test_a_listed_number_can_be_taken_off_the_list_once(database: Database, now: datetime) -> None:
    phone = "+8613800138001"
    with database.transaction() as session:
        suppress(session, phone, SuppressionReason.LISTED, now)
    with database.transaction() as session:
        entry = suppressions(session, phone).lines[0]
        assert unsuppress(session, entry.id).phone == phone
        assert not is_suppressed(session, phone)
    with database.transaction() as session, pytest.raises(StoreError, match="not on the list"):
        unsuppress(session, entry.id)


def test_who_asked_never_to_be_called_stays_on_the_list(database: Database, now: datetime) -> None:
    phone = "+8613800138001"
    with database.transaction() as session:
        suppress(session, phone, SuppressionReason.OPTED_OUT, now)
        entry = suppressions(session, phone).lines[0]
    with database.transaction() as session, pytest.raises(StoreError, match="never to be called"):
        unsuppress(session, entry.id)
    with database.reading() as session:
        assert is_suppressed(session, phone)


def test_a_look_at_the_calls_in_progress_reads_those_that_changed(
    database: Database, campaign: int, now: datetime
) -> None:
    def look(before: CallsSeen) -> CallsSeen:
        with database.reading() as session:
            return calls_seen(session, before)

    with database.transaction() as session:
        done = ContactFilter(status=ContactStatus.DONE)
        attempt = find_contacts(session, campaign, done).lines[0].last_attempt_id
        flags = [{"rule": "angry", "priority": 3, "line": "first", "label": {}, "words": ""}]
        session.add(
            LiveCall(
                attempt_id=attempt, campaign_id=campaign, engine="engine", stage="talking",
                began_at=now, flags=flags, people=[], updated_at=now,
            )
        )  # fmt: skip
    first = look(CallsSeen())
    assert [call.flags[0].rule for call in first.calls] == ["angry"]
    second = look(first)
    assert second.calls[0] is first.calls[0]
    with database.transaction() as session:
        session.get_one(LiveCall, attempt).words = "喂"
    assert [call.words for call in look(second).calls] == ["喂"]
