"""Calls exported as fixtures and played again, and the list of a week, from the command line."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from asr.listener import Listener
from asr.local_stream import LocalStream
from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from asr.vad import WebRtcVoiceDetector
from audio.level import dbfs
from audio.wav import read_wav
from audio_fixtures.scenarios import load_scenario, load_scenarios
from campaigns.attempt import settle_report
from campaigns.order import CallReport
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from ivr.conversation import Equipment
from ivr.flow import load_flow
from ivr.invented import invented_facts
from ivr.rehearsal import rehearse
from store.audit_queries import audit_entries
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.desk_models import CallFlag
from store.desk_types import DeskLine
from store.people_values import AuditFilter
from store.queries import set_campaign_status
from store.types import CampaignStatus
from tts.speaker import LocalSpeaker

FRIDAY = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture
def recorded_call(at_home: Path) -> int:
    """A call with a recipient who wants the locker, held and settled; returns its number."""
    [scenario] = [each for each in load_scenarios() if each.expect.hand_over == "locker"][:1]
    flow = load_flow("pre-delivery", "zh-CN")
    recording = at_home / "data" / "recordings" / "1.wav"
    recording.parent.mkdir(parents=True)
    hearing = Listener(LocalStream(SpeechModel(bundled_model())), WebRtcVoiceDetector())
    equipment = Equipment(hearing, LocalSpeaker(at_home))
    held = asyncio.run(rehearse(scenario, equipment, flow, invented_facts(FRIDAY), recording))
    database = Database(f"sqlite:///{at_home}/data/menling.db")
    database.upgrade()
    with database.transaction() as session:
        campaign_id = invent_campaign(session, FRIDAY, people=1)
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, FRIDAY)
        call = claim_next(session, campaign_id, FRIDAY, claimed_by="test")
        assert call is not None
        mark_dialing(session, call.attempt_id, FRIDAY)
        report = CallReport(
            attempt=call.attempt_id,
            cause=held.ended.cause,
            sip_status=200,
            answered=True,
            ring_seconds=held.ring_seconds,
            talk_seconds=held.talk_seconds,
            result=held.result,
            turns=held.turns,
            recording=recording,
            flow_version=f"{flow.id} {flow.version} {flow.digest[:12]}",
        )
        settle_report(session, call, report, FRIDAY, rules_of(CampaignSettings(), {}))
        session.add(
            CallFlag(
                attempt_id=call.attempt_id,
                rule="legal",
                priority=3,
                line=DeskLine.SECOND,
                label={"zh": "法律", "en": "Legal"},
                words="律师",
            )
        )
    database.close()
    return call.attempt_id


@pytest.mark.vosk
def test_a_call_becomes_a_fixture_that_comes_to_the_same_end(
    menling, recorded_call: int, at_home: Path
) -> None:
    exported = menling("calls", "export", str(recorded_call), "--to", "fixtures")
    there = at_home / "fixtures" / f"call-{recorded_call:06}"
    labels = yaml.safe_load((there / "labels.yaml").read_text("utf-8"))
    answers = sorted((there / "answers").glob("*.wav"))
    assert exported.status == 0
    assert [each.stem for each in answers] == list(labels["answers"])
    assert all(dbfs(read_wav(each)) > -45 for each in answers)
    assert len(load_scenario(there / "scenario.yaml").clips()) == len(answers)

    replayed = menling("calls", "replay", there)
    assert replayed.status == 0, replayed.said + replayed.complained
    assert "as in the call" in replayed.said


def test_an_export_tells_nothing_of_the_recipient(
    menling, recorded_call: int, at_home: Path
) -> None:
    menling("calls", "export", str(recorded_call))
    written = [each for each in (at_home / "fixtures").rglob("*") if each.suffix == ".yaml"]
    told = "".join(each.read_text("utf-8") for each in written)
    assert len(written) == 2
    assert "收件人1" not in told
    assert "SD0001000001" not in told
    assert "13800138001" not in told


def test_a_call_is_exported_once_and_the_trail_says_so(
    menling, recorded_call: int, at_home: Path
) -> None:
    menling("calls", "export", str(recorded_call))
    again = menling("calls", "export", str(recorded_call))
    assert again.status == 1
    assert "is there already; move it away" in again.complained
    database = Database(f"sqlite:///{at_home}/data/menling.db")
    with database.reading() as session:
        (entry,) = audit_entries(session, AuditFilter())
    database.close()
    assert (entry.action, entry.subject) == ("call_exported", str(recorded_call))


def test_the_calls_of_a_week_are_drawn_and_listed(menling, recorded_call: int) -> None:
    drawn = menling("review", "draw", "--week", "2026-11-20")
    again = menling("review", "draw", "--week", "2026-11-16")
    listed = menling("review", "list", "--week", "2026-11-22")
    empty = menling("review", "list", "--week", "2026-11-02")
    assert drawn.said.startswith("1 call(s)")
    assert again.said.startswith("0 call(s)")
    assert "被标记" in listed.said
    assert "legal" in listed.said
    assert "Nothing is on the list" in empty.said
