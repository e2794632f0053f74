"""What evidence tells is written like an agent's form; nobody is rung again who may have been."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from audio.wav import StereoRecording
from campaigns.reconcile import OPERATOR_SAYS, Told
from campaigns.reconcile_recordings import said_seconds
from campaigns.reconcile_writing import write_fate
from campaigns.rehearsed import invent_campaign
from campaigns.settings import Settings
from store.claims import Binding, claim_next, mark_dialing, settle
from store.database import Database
from store.errors import StaleClaimError
from store.models import Contact, OutcomeRecord, WriteBack
from store.queries import campaign, set_campaign_status
from store.reconciliation_models import Evidence
from store.reconciliations import Resolution, unknown_fates
from store.suppression import is_suppressed
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import ClaimedCall, Settlement

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=30)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    opened = Database(either_url)
    yield opened
    opened.close()


@pytest.fixture
def call(database: Database) -> ClaimedCall:
    """A call whose fate is unknown, in a campaign that is finished."""
    with database.transaction() as session:
        made = invent_campaign(session, NOON, 1)
        set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
        claimed = claim_next(session, made, NOON, claimed_by="gone")
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, NOON, binding=Binding("abc@menling", "north"))
        settle(
            session,
            claimed.attempt_id,
            Settlement(Disposition.INTERRUPTED, Outcome.UNKNOWN, at=NOON, error="engine ended"),
            then=ContactStatus.NEEDS_RECONCILIATION,
        )
        set_campaign_status(session, made, CampaignStatus.FINISHED, NOON)
    return claimed


def write(database: Database, call: ClaimedCall, told: Told) -> datetime | None:
    resolution = Resolution(Evidence.OPERATOR, LATER, "wang", "rang the customer")
    with database.transaction() as session:
        return write_fate(session, Settings(), call.attempt_id, told, resolution).retry_at


def contact(database: Database, call: ClaimedCall) -> tuple[ContactStatus, datetime | None]:
    with database.reading() as session:
        row = session.get_one(Contact, call.contact_id)
        return row.status, row.next_call_at


def test_who_certainly_was_not_rung_waits_again_in_a_campaign_that_runs_again(
    database: Database, call: ClaimedCall
) -> None:
    retry_at = write(database, call, OPERATOR_SAYS["never_rang"])
    assert retry_at is not None
    assert contact(database, call) == (ContactStatus.WAITING, retry_at)
    with database.reading() as session:
        assert campaign(session, call.campaign.id).status is CampaignStatus.RUNNING
        assert unknown_fates(session) == ()
    with database.transaction() as session:
        again = claim_next(session, call.campaign.id, retry_at, claimed_by="next")
    assert again is not None
    assert again.number == 2


def test_it_is_too_late_to_call_again_who_was_not_rung_the_day_before(
    database: Database, call: ClaimedCall
) -> None:
    with database.transaction() as session:
        session.get_one(Contact, call.contact_id).useful_until = LATER
    assert write(database, call, OPERATOR_SAYS["never_rang"]) is None
    assert contact(database, call) == (ContactStatus.DONE, None)


@pytest.mark.parametrize("word", ["not_reached", "unfinished", "confirmed", "opted_out"])
def test_nobody_is_called_again_who_may_have_been_rung(
    database: Database, call: ClaimedCall, word: str
) -> None:
    told = OPERATOR_SAYS[word]
    assert write(database, call, told) is None
    assert contact(database, call) == (ContactStatus.DONE, None)
    with database.reading() as session:
        record = session.scalars(sa.select(OutcomeRecord)).one()
        assert (record.disposition, record.outcome) == (told.disposition, told.outcome)
        assert (record.final, record.told) == (True, False)
        keys = session.scalars(sa.select(WriteBack.idempotency_key).order_by(WriteBack.id)).all()
        assert is_suppressed(session, call.phone) is (told.outcome is Outcome.OPTED_OUT)
    assert keys[1] == f"{keys[0]}:r2"


def test_what_is_known_is_not_written_over(database: Database, call: ClaimedCall) -> None:
    write(database, call, OPERATOR_SAYS["confirmed"])
    with pytest.raises(StaleClaimError, match="menling reconcile"):
        write(database, call, OPERATOR_SAYS["never_rang"])
    assert contact(database, call)[0] is ContactStatus.DONE


def test_who_was_forgotten_meanwhile_is_not_called_again(
    database: Database, call: ClaimedCall
) -> None:
    with database.transaction() as session:
        row = session.get_one(Contact, call.contact_id)
        row.phone = ""
        row.attempts[0].phone = ""
    assert write(database, call, OPERATOR_SAYS["never_rang"]) is None
    assert contact(database, call)[0] is ContactStatus.DONE


def test_a_recording_tells_for_how_long_we_spoke_also_when_nobody_ended_it(
    tmp_path: Path, tone: bytes
) -> None:
    silence = bytes(len(tone))
    wav, cut, silent = (tmp_path / f"{number}.wav" for number in (7, 8, 9))
    with StereoRecording(wav) as recording:
        recording.write(tone, silence)
        recording.write(silence, tone)
        recording.write(tone, silence)
    whole = wav.read_bytes()
    no_length = bytes(4)
    cut.write_bytes(whole[:4] + no_length + whole[8:40] + no_length + whole[44:-1000])
    with StereoRecording(silent) as recording:
        recording.write(tone, silence)
    assert said_seconds(wav) == pytest.approx(2.0)
    assert said_seconds(cut) == pytest.approx(2.0, abs=0.1)
    assert said_seconds(silent) == 0.0
    assert said_seconds(tmp_path / "10.wav") is None


@pytest.fixture
def tone() -> bytes:
    """A second of sound."""
    return b"\x00\x20\x00\xe0" * 4000
