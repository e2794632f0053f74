"""What is older than the settings allow is erased, once a night."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from campaigns.retention import STAMP, is_due, last_time, retain, retain_every_night
from campaigns.settings import Settings
from campaigns.settings_retention import RetentionSettings
from campaigns.settings_sections import PathSettings
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import shipped_ticket_rules
from store.audit_queries import audit_entries
from store.claims import claim_next, mark_dialing, settle
from store.database import LETS_OTHERS_IN, Database
from store.desk_models import Transfer
from store.desk_types import DeskLine, TransferStatus
from store.erasure_types import DATA_EXPIRED
from store.models import Attempt, Contact, Delivery, OutcomeRecord, Recipient, Turn
from store.old_calls import words_before
from store.people_values import AuditFilter
from store.traces import CHUNK
from store.types import AttemptStatus, ContactStatus, Disposition, Outcome, TurnSpeaker
from store.values import Settled, Settlement, TurnRecord

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own, and the retention that ships."""
    return Settings(paths=PathSettings(data_dir=tmp_path / "data"))


def written(file: Path, at: datetime) -> Path:
    """Write a file as of then."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"RIFF")
    os.utime(file, (at.timestamp(), at.timestamp()))
    return file


Call = Callable[..., int]


@pytest.fixture
def call(database: Database, campaign: int, settings: Settings) -> Call:
    """Makes a call that was held then, with a recording, a clip, a transcript and consent."""

    def held(at: datetime, words: str = "放柜子吧", answered: bool = True) -> int:
        phone = f"+86138{at.timestamp() % 10**8:08.0f}"
        with database.transaction() as session:
            contact = Contact(
                campaign_id=campaign, recipient=Recipient(name="王芳", phone=phone), phone=phone,
                language="zh-CN", time_zone="Asia/Shanghai",
            )  # fmt: skip
            session.add(
                Delivery(
                    campaign_id=campaign, contact=contact, waybill=f"SD{phone}", address="幸福路"
                )
            )
            session.flush()
            claimed = claim_next(session, campaign, at, claimed_by="engine")
            assert claimed is not None
            mark_dialing(session, claimed.attempt_id, at)
            number = claimed.attempt_id
            recording = settings.recordings_dir / f"{number}.wav"
            turns = (TurnRecord(TurnSpeaker.CALLEE, words, 0, 1),) if answered else ()
            end = Settlement(
                Disposition.COMPLETED, Outcome.CONFIRMED, at=at, answered=answered, turns=turns,
                recording=str(recording),
                settled=Settled(consent_choice="locker", consent_words="同意"),
            )  # fmt: skip
            settle(session, number, end, then=ContactStatus.DONE)
        written(recording, at)
        written(recording.with_suffix(".consent.wav"), at)
        written(settings.data_dir / "results" / "transcripts" / f"call-{number:06}.txt", at)
        return number

    return held


def kept(settings: Settings) -> set[str]:
    """Name the files that are left of calls."""
    files = {file.name for file in settings.data_dir.rglob("*") if file.is_file()}
    return files - {STAMP}


def test_first_the_recording_goes_then_the_words_then_the_evidence(
    database: Database, settings: Settings, call: Call, now: datetime
) -> None:
    number = call(now)
    retain(database, settings, now + 179 * DAY)
    assert len(kept(settings)) == 3
    expired = retain(database, settings, now + 181 * DAY)
    assert (expired.recordings, expired.transcripts, expired.evidence) == (1, 0, 0)
    assert kept(settings) == {f"{number}.consent.wav", f"call-{number:06}.txt"}
    expired = retain(database, settings, now + 366 * DAY)
    assert (expired.recordings, expired.transcripts, expired.evidence) == (0, 1, 0)
    assert kept(settings) == {f"{number}.consent.wav"}
    with database.reading() as session:
        assert session.scalars(sa.select(Turn.text)).all() == [""]
        assert session.scalars(sa.select(OutcomeRecord.consent_words)).all() == ["同意"]
        assert session.get_one(Attempt, number).recording == ""
    expired = retain(database, settings, now + 1096 * DAY)
    assert expired.evidence == 2
    assert kept(settings) == set()
    with database.reading() as session:
        row = session.scalars(sa.select(OutcomeRecord)).one()
        assert (row.consent_choice, row.consent_words) == ("locker", "")
    assert retain(database, settings, now + 1097 * DAY).evidence == 0


def test_what_is_never_to_go_stays(
    database: Database, settings: Settings, call: Call, now: datetime
) -> None:
    call(now)
    for_ever = RetentionSettings(
        recordings_days="never", transcripts_days="never", evidence_days="never",
        speech_days="never",
    )  # fmt: skip
    retain(database, settings.model_copy(update={"retention": for_ever}), now + 9999 * DAY)
    assert len(kept(settings)) == 3
    with database.reading() as session:
        assert session.scalars(sa.select(Turn.text)).all() == ["放柜子吧"]


def test_recordings_that_the_store_does_not_know_go_too(
    database: Database, settings: Settings, now: datetime
) -> None:
    folder = settings.recordings_dir
    written(folder / "trial-20261121-040000.wav", now)
    written(folder / "77.wav", now)  # of a call whose worker died
    written(folder / "notes.txt", now)
    young = written(folder / "78.wav", now + 2 * DAY)
    assert retain(database, settings, now + 181 * DAY).recordings == 2
    assert kept(settings) == {"notes.txt", young.name}


@pytest.fixture
def forgetting_after_a_year(settings: Settings) -> Settings:
    """Settings by which people are forgotten with whom all is over for a year."""
    kept = RetentionSettings(people_days=365)
    return settings.model_copy(update={"retention": kept})


def names(database: Database) -> list[str]:
    """Return the names that are left, in the order of the recipients."""
    with database.reading() as session:
        return list(session.scalars(sa.select(Recipient.name).order_by(Recipient.id)))


def test_people_are_forgotten_with_whom_all_is_over(
    database: Database, forgetting_after_a_year: Settings, call: Call, now: datetime
) -> None:
    call(now)
    call(now + 30 * DAY)
    expired = retain(database, forgetting_after_a_year, now + 370 * DAY)
    assert (expired.people, names(database)) == (1, ["", "王芳"])
    with database.reading() as session:
        consents = session.scalars(sa.select(OutcomeRecord.consent_words)).all()
    assert consents == ["同意", "同意"]  # for as long as evidence is kept
    assert retain(database, forgetting_after_a_year, now + 370 * DAY).people == 0


def test_nobody_is_forgotten_who_waits_or_has_an_open_ticket(
    database: Database, forgetting_after_a_year: Settings, call: Call, now: datetime
) -> None:
    for each in range(3):
        call(now + each * timedelta(hours=1))
    with database.transaction() as session:
        waiting, complaining, _over = session.scalars(sa.select(Contact).order_by(Contact.id))
        waiting.status = ContactStatus.WAITING
        complaint = Complaint(kind="damage", contact_id=complaining.id)
        open_ticket(session, shipped_ticket_rules(), complaint, "wang", now)
    assert retain(database, forgetting_after_a_year, now + 400 * DAY).people == 1
    assert names(database) == ["王芳", "王芳", ""]


def test_one_who_can_not_be_forgotten_is_not_in_the_way_of_others(
    database: Database, forgetting_after_a_year: Settings, call: Call, now: datetime
) -> None:
    first, _second = call(now), call(now + timedelta(hours=1))
    with database.transaction() as session:
        session.add(
            Transfer(
                attempt_id=first, engine="e", rule="asked", priority=1, line=DeskLine.FIRST,
                language="zh-CN", status=TransferStatus.WRAP_UP, requested_at=now,
            )
        )  # fmt: skip
    expired = retain(database, forgetting_after_a_year, now + 400 * DAY)
    assert (expired.people, names(database)) == (1, ["王芳", ""])
    (left,) = expired.left
    assert left.startswith("recipient 1: An agent still writes")


def test_sentences_that_nobody_needs_any_more_go(
    database: Database, settings: Settings, now: datetime
) -> None:
    written(settings.data_dir / "speech" / "ab" / "old.wav", now)
    written(settings.data_dir / "speech" / "ab" / "new.wav", now + 2 * DAY)
    assert retain(database, settings, now + 8 * DAY).sentences == 1
    assert kept(settings) == {"new.wav"}


def test_words_are_found_behind_days_on_which_nobody_answered(
    database: Database, call: Call, now: datetime
) -> None:
    first = call(now)
    for hour in range(1, 5):
        call(now + timedelta(hours=hour), answered=False)
    last = call(now + timedelta(hours=5))
    call(now + 2 * DAY)
    with database.reading() as session:
        assert words_before(session, now + DAY, looked_at=2) == [first, last]


def test_the_search_ends_where_words_were_erased_before(
    database: Database, call: Call, now: datetime
) -> None:
    call(now)
    for hour in (1, 2, 3):
        call(now + timedelta(hours=hour), words="")
    young = call(now + timedelta(hours=4))
    with database.reading() as session:
        assert words_before(session, now + DAY, looked_at=2) == [young]


def test_what_can_not_be_erased_is_told_and_tried_again(
    database: Database, settings: Settings, now: datetime
) -> None:
    stuck = settings.recordings_dir / "5.wav"
    stuck.mkdir(parents=True)
    os.utime(stuck, (now.timestamp(), now.timestamp()))
    written(settings.recordings_dir / "6.wav", now)
    expired = retain(database, settings, now + 181 * DAY)
    assert expired.recordings == 1
    (left,) = expired.left
    assert left.startswith(str(stuck))


def test_what_can_not_be_erased_is_told_once_however_many_people_are_forgotten(
    database: Database, forgetting_after_a_year: Settings, call: Call, now: datetime
) -> None:
    numbers = [call(now + each * timedelta(hours=1)) for each in range(3)]
    with database.transaction() as session:
        session.add(
            Transfer(
                attempt_id=numbers[2], engine="e", rule="asked", priority=1, line=DeskLine.FIRST,
                language="zh-CN", status=TransferStatus.WRAP_UP, requested_at=now,
            )
        )  # fmt: skip
    stuck = forgetting_after_a_year.recordings_dir / f"{numbers[0]}.wav"
    stuck.unlink()
    stuck.mkdir()
    os.utime(stuck, (now.timestamp(), now.timestamp()))
    expired = retain(database, forgetting_after_a_year, now + 400 * DAY)
    assert expired.people == 2
    assert len([each for each in expired.left if each.startswith(str(stuck))]) == 1


def test_how_much_went_is_written_down(
    database: Database, settings: Settings, call: Call, now: datetime
) -> None:
    call(now)
    assert last_time(settings) is None
    retain(database, settings, now + 400 * DAY)
    with database.reading() as session:
        (entry,) = audit_entries(session, AuditFilter(action=DATA_EXPIRED))
    assert entry.user_id is None
    assert entry.details == {
        "recordings": "1", "transcripts": "1", "evidence": "0", "people": "0", "left": "0",
    }  # fmt: skip
    assert last_time(settings) == now + 400 * DAY


def at(hour: int, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (at(12), None, False),
        (at(3), None, True),
        (at(3), at(3, 20), True),
        (at(4), at(3), False),
        (at(12), at(3, 20), False),
        (at(12), at(12, 14), True),
    ],
)
def test_it_is_done_at_night_or_when_it_was_not_done_for_a_week(
    now: datetime, last: datetime | None, due: bool
) -> None:
    assert is_due(now, last, SHANGHAI) is due


def test_a_machine_that_is_never_on_at_night_does_it_by_day_after_a_week(
    database: Database, settings: Settings
) -> None:
    days = [at(13, 28), at(12, 28), at(12, 27), at(12)]

    async def pause(_seconds: float) -> None:
        if not days:
            raise EnoughError

    with pytest.raises(EnoughError):
        asyncio.run(retain_every_night(database, settings, days.pop, pause))
    with database.reading() as session:
        done = [each.at for each in audit_entries(session, AuditFilter(action=DATA_EXPIRED))]
    assert done == [at(12, 28)]


def test_what_is_cut_short_is_done_the_next_time(
    database: Database, settings: Settings, call: Call, now: datetime
) -> None:
    call(now)
    late = now + 1200 * DAY
    cut = retain(database, settings, late, lambda: False)
    assert (cut.recordings, cut.transcripts, cut.evidence) == (0, 0, 0)
    assert last_time(settings) is None
    assert len(kept(settings)) == 3
    retain(database, settings, late)
    assert kept(settings) == set()
    assert last_time(settings) == late


def test_calls_in_progress_write_between_two_pieces_of_what_is_old(
    database: Database,
    settings: Settings,
    forgetting_after_a_year: Settings,
    call: Call,
    now: datetime,
) -> None:
    attempt = call(now)
    with database.transaction() as session:
        contact = session.get_one(Attempt, attempt).contact_id
        for number in range(2, CHUNK + 2):
            session.add(
                Attempt(
                    contact_id=contact, number=number, phone="+8613800138001",
                    status=AttemptStatus.SETTLED, claimed_by="engine", claimed_at=now,
                    dialed_at=now, settled_at=now, answered=True,
                    turns=[
                        Turn(
                            position=0, speaker=TurnSpeaker.CALLEE, text="好",
                            began_seconds=0, ended_seconds=1,
                        )
                    ],
                )
            )  # fmt: skip
    written: list[float] = []

    def somebody_writes(seconds: float) -> None:
        written.append(seconds)
        with database.transaction() as session:
            session.get_one(Contact, contact).priority += 1

    expired = retain(database, settings, now + 370 * DAY, rest=somebody_writes)
    assert expired.transcripts == CHUNK + 1
    assert len(written) == 1
    retain(database, forgetting_after_a_year, now + 371 * DAY, rest=somebody_writes)
    assert written == [LETS_OTHERS_IN.total_seconds()] * 2


def test_whoever_ends_waits_for_no_files_of_those_who_were_just_forgotten(
    database: Database, settings: Settings, call: Call, now: datetime
) -> None:
    recording = f"{call(now)}.wav"
    for_ever = RetentionSettings(recordings_days="never", people_days=365)
    chosen = settings.model_copy(update={"retention": for_ever})
    cut = retain(database, chosen, now + 400 * DAY, lambda: names(database) != [""])
    assert cut.people == 1
    assert recording in kept(settings)
    retain(database, chosen, now + 400 * DAY)
    assert recording not in kept(settings)


class EnoughError(Exception):
    """The test has seen enough."""


def test_a_night_is_not_slept_through_and_no_fault_ends_it(
    database: Database, settings: Settings, call: Call
) -> None:
    call(at(12).astimezone(UTC) - 200 * DAY)
    hours = iter([at(1), at(3), at(4), at(3, 22), at(12, 22)])
    moments: list[datetime] = []

    def clock() -> datetime:
        try:
            moments.append(next(hours))
        except StopIteration:
            raise ValueError("a clock that broke") from None
        return moments[-1]

    pauses = 0

    async def pause(_seconds: float) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == 6:
            raise EnoughError

    with pytest.raises(EnoughError):
        asyncio.run(retain_every_night(database, settings, clock, pause))
    assert pauses == 6
    with database.reading() as session:
        nights = [each.at for each in audit_entries(session, AuditFilter(action=DATA_EXPIRED))]
    assert nights == [at(3, 22), at(3)]
