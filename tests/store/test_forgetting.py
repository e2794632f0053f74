"""A person is forgotten: nothing of theirs is left in any table, and what happened stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.desk_models import CallFlag, DeskOrder, LiveCall, LiveTurn, Transfer
from store.desk_types import DeskLine, OrderKind, TransferStatus
from store.erasure_types import ErasureKind
from store.erasures import erased, erasures_wanted
from store.errors import StoreError
from store.forgetting import Hindrance, footprint, forget
from store.live_event_models import LiveEvent
from store.live_event_types import LiveEventStatus
from store.message_models import ChannelResult, Message
from store.message_types import Channel, MessageKind
from store.models import (
    Attempt,
    Base,
    Contact,
    Delivery,
    Manifest,
    ManifestRow,
    OutcomeRecord,
    Recipient,
    WriteBack,
)
from store.personal_data import BY_HAND, KEPT, OF_NOBODY, OF_OUR_PEOPLE, PLACES
from store.queries import create_campaign, set_campaign_status
from store.reconciliation_models import Reconciliation
from store.review_models import CallCase, CallComment, CaseTag, Review
from store.review_values import ReviewReason
from store.suppression import is_suppressed, suppress
from store.ticket_models import Ticket, TicketEvent, Wish
from store.traces import people_at, person_of
from store.types import (
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    SheetFormat,
    SuppressionReason,
    TicketStep,
    TurnSpeaker,
)
from store.values import Settled, Settlement, TurnRecord

PHONE = "+8613800138001"
MARK = "ONLY-ANNA-SAID-SO"
IN_FILES = {("manifests", "content")}
"""What `campaigns.forgetting` erases, because it knows what a manifest looks like."""


def texts(table: sa.Table) -> Iterator[str]:
    """Name the columns of a table that could hold something of a person."""
    for column in table.columns:
        free = isinstance(column.type, sa.String | sa.JSON | sa.LargeBinary)
        if free and not isinstance(column.type, sa.Enum):
            yield column.name


def declared() -> dict[tuple[str, str], str]:
    """Return where every column stands that is declared, and whether it is there once."""
    found: dict[tuple[str, str], str] = {}
    shelves: dict[str, Any] = {
        "places": {name: place.holds for name, place in PLACES.items()},
        "by hand": BY_HAND,
        "kept": KEPT,
        "of our people": OF_OUR_PEOPLE,
        "of nobody": OF_NOBODY,
    }
    for shelf, tables in shelves.items():
        for table, columns in tables.items():
            for column in columns:
                assert (table, column) not in found, (table, column, shelf)
                found[table, column] = shelf
    return found


def test_every_column_that_could_hold_something_of_a_person_says_whether_it_does() -> None:
    known = declared()
    there = {
        (table.name, column) for table in Base.metadata.tables.values() for column in texts(table)
    }
    assert there - known.keys() == set(), "say in store/personal_data.py what these hold"
    columns = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
    }
    assert known.keys() - columns == set(), "there are no such columns"


def fill(session: Session) -> None:
    """Write the mark into every column that is said to hold something of a person."""
    held = {name: set(place.holds) for name, place in PLACES.items()}
    for name, more in BY_HAND.items():
        held.setdefault(name, set()).update(more)
    for name, columns in held.items():
        table = Base.metadata.tables[name]
        values: dict[str, Any] = {}
        for column in columns & set(texts(table)):
            kind = table.c[column].type
            if column in ("phone", "extension"):
                continue  # its own number is the mark, and it has to fit
            if isinstance(kind, sa.JSON):
                values[column] = {"said": MARK} if column != "problems" else [MARK]
            elif isinstance(kind, sa.LargeBinary):
                values[column] = MARK.encode()
            else:
                values[column] = MARK[: getattr(kind, "length", None) or len(MARK)]
        assert session.scalar(sa.select(sa.func.count()).select_from(table)), name
        if values:
            session.execute(sa.update(table).values(values))


def everything(session: Session) -> dict[tuple[str, str], str]:
    """Return all that is in the store, as text, by table and column."""
    found: dict[tuple[str, str], str] = {}
    for table in Base.metadata.tables.values():
        for row in session.execute(sa.select(table)).mappings():
            for column, value in row.items():
                told = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                text = json.dumps(told, ensure_ascii=False, default=str)
                found[table.name, column] = found.get((table.name, column), "") + text
    return found


class Anna:
    """Somebody who was called, asked for a person, complained, and became a case."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        with database.transaction() as session:
            self.campaign = create_campaign(
                session, name="早班", flow="pre-delivery", company="顺达", now=now
            ).id
            set_campaign_status(session, self.campaign, CampaignStatus.RUNNING, now)
            self.contact, self.delivery = self.wait(session, "SD0001")
        with database.reading() as session:
            self.recipient = person_of(session, self.contact)
        self.attempt = self.called()

    def wait(self, session: Session, waybill: str, name: str = "安娜", phone: str = PHONE) -> Any:
        """Let her, or somebody, wait for a call about a parcel."""
        person = session.scalar(sa.select(Recipient).where(Recipient.phone == phone))
        contact = Contact(
            campaign_id=self.campaign,
            recipient=person or Recipient(name=name, phone=phone),
            phone=phone,
            language="zh-CN",
            time_zone="Asia/Shanghai",
        )
        parcel = Delivery(
            campaign_id=self.campaign, contact=contact, waybill=waybill, address="幸福路18号"
        )
        session.add(parcel)
        session.flush()
        return contact.id, parcel.id

    def called(self, end: Settlement | None = None, *, settled: bool = True) -> int:
        """Call who waits; the call ends so."""
        with self.database.transaction() as session:
            claimed = claim_next(session, self.campaign, self.now, claimed_by="engine")
            assert claimed is not None
            mark_dialing(session, claimed.attempt_id, self.now)
            if settled:
                settle(session, claimed.attempt_id, end or self.end(), then=ContactStatus.DONE)
            return claimed.attempt_id

    def end(self) -> Settlement:
        """What a call came to."""
        return Settlement(
            Disposition.COMPLETED,
            Outcome.CONFIRMED,
            self.now,
            Settled(hand_over="locker", consent_choice="locker", consent_words="放柜子吧"),
            answered=True,
            recording="/there/1.wav",
            turns=(TurnRecord(TurnSpeaker.CALLEE, "放柜子吧", 1.0, 2.0, intent="yes"),),
        )

    def everywhere(self, session: Session) -> None:
        """Leave something of her in every table that can hold it."""
        now, call = self.now, self.attempt
        sheet = Manifest(
            campaign_id=self.campaign, file_name="a.csv", content_hash="0" * 64,
            format=SheetFormat.CSV, imported_at=now, import_day=date(2026, 11, 22), content=b"x",
        )  # fmt: skip
        session.add(sheet)
        session.flush()
        transfer = Transfer(
            attempt_id=call, engine="e", rule="asked", priority=1, line=DeskLine.FIRST,
            language="zh-CN", status=TransferStatus.DONE, requested_at=now, form_applied=True,
        )  # fmt: skip
        ticket = Ticket(
            number="T20261122-0001", kind="damage", department="d", contact_id=self.contact,
            opened_at=now, opened_by="call 1", respond_by=now, propose_by=now, resolve_by=now,
            events=[TicketEvent(at=now, who="timer", step=TicketStep.OPEN, to_status="open")],
        )  # fmt: skip
        case = CallCase(attempt_id=call, title="t", saved_by="wang", saved_at=now)
        session.add_all([transfer, ticket, case])
        session.flush()
        session.add_all([
            ManifestRow(manifest_id=sheet.id, number=2, delivery_id=self.delivery),
            Wish(tag="evening", delivery_id=self.delivery, attempt_id=call, at=now),
            LiveCall(
                attempt_id=call, campaign_id=self.campaign, engine="e", stage="talking",
                began_at=now, updated_at=now,
            ),
            LiveTurn(
                attempt_id=call, position=0, speaker="callee", text="", began_seconds=0,
                ended_seconds=1,
            ),
            DeskOrder(
                at=now, user_id=1, user_name="w", kind=OrderKind.FORM, transfer_id=transfer.id
            ),
            CallFlag(attempt_id=call, rule="asked", priority=1, line=DeskLine.FIRST),
            Review(
                attempt_id=call, week=date(2026, 11, 16), reason=ReviewReason.RANDOM, listed_at=now
            ),
            CallComment(
                attempt_id=call, at_seconds=0, text="", written_by="wang", written_at=now
            ),
            CaseTag(case_id=case.id, tag="t"),
            Reconciliation(attempt_id=call, asked_at=now),
            Message(
                kind=MessageKind.SMS, event="not_reached", target="sms", idempotency_key="1",
                contact_id=self.contact, phone=PHONE, created_at=self.now, next_try_at=self.now,
            ),
            LiveEvent(
                source="oms", event_id="1", event="order.placed", waybill="SD0001", at=now,
                received_at=now, next_try_at=now, status=LiveEventStatus.REFUSED,
                contact_id=self.contact,
            ),
            ChannelResult(phone=PHONE, channel=Channel.SMS, worked=1.0, failed=0.0, at=self.now),
        ])  # fmt: skip
        session.flush()
        fill(session)


@pytest.fixture
def anna(database: Database, now: datetime) -> Anna:
    """Anna, who was called once."""
    return Anna(database, now)


Forget = Callable[..., Any]


@pytest.fixture
def forgets(anna: Anna, database: Database, now: datetime) -> Forget:
    """Forgets Anna."""

    def forgets(**how: bool) -> Any:
        with database.transaction() as session:
            return forget(session, [anna.recipient], now, **how)

    return forgets


def test_nothing_of_a_person_is_left_in_any_column_but_what_is_kept(
    anna: Anna, database: Database, forgets: Forget
) -> None:
    with database.transaction() as session:
        anna.everywhere(session)
        before = everything(session)
    for name, place in PLACES.items():
        for column in place.holds:
            text = before[name, column]
            known = any(each in text for each in (MARK, PHONE)) or column in (
                "extension",
                "cod_fen",
                "key",
                "consent_at_seconds",
            )
            assert known, (name, column)
    forgets(evidence=True)
    with database.reading() as session:
        after = everything(session)
    left = {
        place for place, text in after.items() if MARK in text or PHONE in text or "安娜" in text
    }
    assert left - IN_FILES == set()


def test_consent_to_leave_a_parcel_stays_unless_it_is_to_go_too(
    anna: Anna, database: Database, forgets: Forget
) -> None:
    forgets()
    with database.reading() as session:
        kept = session.scalars(sa.select(OutcomeRecord)).one()
        assert (kept.consent_choice, kept.consent_words) == ("locker", "放柜子吧")
        wanted = {each.kind for each in erasures_wanted(session)}
    assert wanted == {ErasureKind.CALL}
    forgets(evidence=True)
    with database.reading() as session:
        kept = session.scalars(sa.select(OutcomeRecord)).one()
        assert (kept.consent_choice, kept.consent_words) == ("locker", "")


def test_that_somebody_was_called_and_what_it_came_to_stays(
    anna: Anna, database: Database, forgets: Forget
) -> None:
    forgets()
    with database.reading() as session:
        call = session.get_one(Attempt, anna.attempt)
        (turn,) = call.turns
        assert (call.phone, call.answered, turn.intent, turn.text) == ("", True, "yes", "")
        assert call.outcome is not None
        assert call.outcome.outcome is Outcome.CONFIRMED
        parcel = session.get_one(Delivery, anna.delivery)
        assert (parcel.waybill, parcel.address) == ("SD0001", "")


def test_a_number_that_is_never_to_be_called_stays_on_the_list(
    anna: Anna, database: Database, forgets: Forget, now: datetime
) -> None:
    with database.transaction() as session:
        suppress(session, PHONE, SuppressionReason.OPTED_OUT, now, "call 1")
    forgets()
    with database.reading() as session:
        assert is_suppressed(session, PHONE)


def test_who_waits_for_a_call_is_not_called_any_more(
    anna: Anna, database: Database, forgets: Forget, now: datetime
) -> None:
    with database.transaction() as session:
        waiting, _ = anna.wait(session, "SD0002")
    forgets()
    with database.transaction() as session:
        assert session.get_one(Contact, waiting).status is ContactStatus.CLOSED
        assert claim_next(session, anna.campaign, now, claimed_by="engine") is None
        told = session.scalars(sa.select(WriteBack).join(OutcomeRecord).where(
            OutcomeRecord.contact_id == waiting
        )).all()  # fmt: skip
    assert len(told) == 1


def test_nobody_is_forgotten_in_the_middle_of_a_call(
    anna: Anna, database: Database, forgets: Forget, now: datetime
) -> None:
    with database.transaction() as session:
        anna.wait(session, "SD0002")
    going_on = anna.called(settled=False)
    with pytest.raises(StoreError, match="wait until the call is over"):
        forgets()
    with database.transaction() as session:
        assert footprint(session, [anna.recipient]).in_the_way is Hindrance.CALLED
        settle(session, going_on, anna.end(), then=ContactStatus.DONE)
    forgets()


@pytest.mark.parametrize(
    ("status", "form"), [(TransferStatus.WRAP_UP, False), (TransferStatus.DONE, True)]
)
def test_what_an_agent_still_writes_would_bring_a_person_back(
    anna: Anna,
    database: Database,
    forgets: Forget,
    now: datetime,
    status: TransferStatus,
    form: bool,
) -> None:
    with database.transaction() as session:
        about = Transfer(
            attempt_id=anna.attempt, engine="e", rule="asked", priority=1, line=DeskLine.FIRST,
            language="zh-CN", status=status, requested_at=now, form_at=now if form else None,
        )  # fmt: skip
        session.add(about)
    with pytest.raises(StoreError, match="agent"):
        forgets()


def test_grades_stay_in_the_figures_and_words_do_not(
    anna: Anna, database: Database, forgets: Forget
) -> None:
    with database.transaction() as session:
        row = session.scalars(sa.select(OutcomeRecord)).one()
        row.answers = {"recommend": "9", "reason": "邻居代收了", "code": "4471"}
    forgets()
    with database.reading() as session:
        assert session.scalars(sa.select(OutcomeRecord.answers)).one() == {"recommend": "9"}


def test_forgetting_twice_is_forgetting_once_and_leaves_others_alone(
    anna: Anna, database: Database, forgets: Forget, now: datetime
) -> None:
    with database.transaction() as session:
        other, _ = anna.wait(session, "SD0009", "王强", "+8613800138009")
    forgets()
    with database.reading() as session:
        once = everything(session)
        (work,) = erasures_wanted(session)
    assert forgets().phones == ()
    with database.transaction() as session:
        assert everything(session) == once
        assert session.get_one(Contact, other).recipient.name == "王强"
        assert (work.kind, work.subject_id, work.path) == (
            ErasureKind.CALL, anna.attempt, "/there/1.wav",
        )  # fmt: skip
        erased(session, [work.id])
        assert erasures_wanted(session) == ()


def test_two_people_can_be_forgotten(anna: Anna, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        anna.wait(session, "SD0009", "王强", "+8613800138009")
        both = (*people_at(session, PHONE), *people_at(session, "+8613800138009"))
        assert len(both) == 2
        forget(session, both, now)
        assert people_at(session, PHONE) == ()
        assert people_at(session, "") == ()


def test_the_footprint_tells_what_would_go(anna: Anna, database: Database, now: datetime) -> None:
    with database.transaction() as session:
        session.add(
            Ticket(
                number="T20261122-0001", kind="damage", department="d", waybill="SD0001",
                opened_at=now, opened_by="wang", respond_by=now, propose_by=now,
                resolve_by=now + timedelta(days=1),
            )
        )  # fmt: skip
        suppress(session, PHONE, SuppressionReason.OPERATOR, now)
    with database.reading() as session:
        found = footprint(session, [anna.recipient])
    assert (found.recordings, found.open_tickets, found.untold) == (1, 1, 1)
    assert found.suppressed
    assert found.in_the_way is None
    assert found.traces.phones == (PHONE,)
    assert found.traces.attempts == (anna.attempt,)


def test_an_unknown_contact_is_told(database: Database) -> None:
    with database.reading() as session, pytest.raises(StoreError, match="no contact 77"):
        person_of(session, 77)


def test_what_is_erased_is_overwritten_in_the_file(sqlite_url: str, now: datetime) -> None:
    database = Database(sqlite_url)
    anna = Anna(database, now)
    with database.transaction() as session:
        anna.everywhere(session)
    with database.transaction() as session:
        session.execute(sa.update(Manifest).values(content=b""))
        forget(session, [anna.recipient], now, evidence=True)
    database.close()
    url = sa.make_url(sqlite_url).database
    assert url is not None
    with open(url, "rb") as file:
        content = file.read()
    assert MARK.encode() not in content
    assert PHONE.encode() not in content
