"""Calls of unknown fate: listed, compared with the provider's list, and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audio.wav import StereoRecording
from campaigns.rehearsed import invent_campaign
from store.claims import Binding, claim_next, mark_dialing, settle
from store.database import Database
from store.models import Attempt, Contact
from store.queries import set_campaign_status
from store.reconciliations import unknown_fates
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import Settlement

Menling = Callable[..., object]


@pytest.fixture
def now() -> datetime:
    """Noon of tomorrow in China: retries are called within days, whatever day it is."""
    noon = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=12, minute=0, second=0)
    return (noon.replace(microsecond=0) - timedelta(days=1)).astimezone(UTC)


@pytest.fixture
def database(at_home: Path) -> Iterator[Database]:
    (at_home / "data").mkdir()
    opened = Database(f"sqlite:///{at_home}/data/menling.db")
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
def three(database: Database, now: datetime) -> Database:
    """Three calls of unknown fate, attempts 1 to 3 with the Call-IDs a, b and c."""
    with database.transaction() as session:
        made = invent_campaign(session, now + timedelta(days=2), 3, name="早班")
        set_campaign_status(session, made, CampaignStatus.RUNNING, now)
        for call_id in "abc":
            call = claim_next(session, made, now, claimed_by="gone")
            assert call is not None
            binding = Binding(f"{call_id}@menling", "north")
            mark_dialing(session, call.attempt_id, now, binding=binding)
            unknown = Settlement(Disposition.INTERRUPTED, Outcome.UNKNOWN, at=now, error="gone")
            then = ContactStatus.NEEDS_RECONCILIATION
            settle(session, call.attempt_id, unknown, then=then)
    return database


@pytest.fixture
def listed(tmp_path: Path, now: datetime) -> Path:
    """The provider's list: a was answered, b is not in it, c was busy; others before and after."""
    local = now.astimezone(ZoneInfo("Asia/Shanghai"))

    def at(minutes: int) -> str:
        return f"{local + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S}"

    file = tmp_path / "calls.csv"
    file.write_text(
        "Call-ID,start,answered,duration,cause\n"
        f"x@elsewhere,{at(-10)},,0,19\n"
        f"a@menling,{at(0)},{at(0)},12,16\n"
        f"c@menling,{at(0)},,0,17\n"
        f"y@elsewhere,{at(10)},,0,19\n",
        "utf-8",
    )
    return file


def left(database: Database) -> list[int]:
    with database.reading() as session:
        return [fate.attempt_id for fate in unknown_fates(session)]


def statuses(database: Database) -> list[ContactStatus]:
    with database.reading() as session:
        return [session.get_one(Contact, number).status for number in (1, 2, 3)]


def test_what_is_unknown_is_listed_without_the_number(menling: Menling, three: Database) -> None:
    said = menling("reconcile").said  # type: ignore[attr-defined]
    assert "3 calls" in said
    assert "13800138001" not in said


def test_the_list_of_the_provider_is_shown_first_and_written_when_asked(
    menling: Menling, three: Database, listed: Path
) -> None:
    shown = menling("reconcile", "cdr", listed, "--complete").said  # type: ignore[attr-defined]
    assert "3 can be written down" in shown
    assert "x@elsewhere" in shown
    assert left(three) == [1, 2, 3]
    said = menling("reconcile", "cdr", listed, "--complete", "--apply").said  # type: ignore[attr-defined]
    assert "3 written down; 1 of them certainly rang nobody" in said
    assert left(three) == []
    assert statuses(three) == [ContactStatus.DONE, ContactStatus.WAITING, ContactStatus.DONE]


def test_what_a_list_lacks_stays_unknown_unless_it_is_complete(
    menling: Menling, three: Database, listed: Path
) -> None:
    menling("reconcile", "cdr", listed, "--apply")
    assert left(three) == [2]


def test_a_list_of_answered_calls_only_is_not_taken_for_complete(
    menling: Menling, three: Database, tmp_path: Path
) -> None:
    file = tmp_path / "billed.csv"
    file.write_text("Call-ID,start,billsec\na,2026-11-23 12:00:00,9\n", "utf-8")
    answer = menling("reconcile", "cdr", file, "--complete", "--apply")
    assert answer.status == 1  # type: ignore[attr-defined]
    assert "can't be complete" in answer.complained  # type: ignore[attr-defined]
    assert left(three) == [1, 2, 3]


def test_a_recording_in_which_we_spoke_shows_that_somebody_picked_up(
    menling: Menling, three: Database, at_home: Path
) -> None:
    folder = at_home / "data" / "recordings"
    folder.mkdir()
    with StereoRecording(folder / "2.wav") as recording:
        recording.write(bytes(16000), b"\x00\x20\x00\xe0" * 4000)
    menling("reconcile", "recordings", "--apply")
    assert left(three) == [1, 3]
    with three.reading() as session:
        row = session.get_one(Attempt, 2)
        assert (row.answered, row.talk_seconds) == (True, 1.0)
        assert row.recording.endswith("2.wav")


def test_an_operator_says_what_became_of_a_call_and_how_he_knows(
    menling: Menling, three: Database
) -> None:
    done = menling("reconcile", "attempt", "1", "--as", "confirmed", "--note", "rang back")
    assert done.status == 0  # type: ignore[attr-defined]
    again = menling("reconcile", "attempt", "1", "--as", "confirmed", "--note", "rang back")
    assert "menling reconcile" in again.complained  # type: ignore[attr-defined]
    wrong = menling("reconcile", "attempt", "2", "--as", "maybe", "--note", "rang back")
    assert "never_rang" in wrong.complained  # type: ignore[attr-defined]
    assert left(three) == [2, 3]
