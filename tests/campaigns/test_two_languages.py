"""A campaign with recipients of two languages over real SIP: each is heard in his own."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from audio_fixtures.corpus.recipients import write_recipient
from audio_fixtures.scenarios import SCENARIOS, load_scenario
from campaigns.host import SpeechServices
from campaigns.settings import Settings
from campaigns.settings_sections import StoreSettings
from console.demo import demo_settings
from console.trial import Trial
from dialer.callee.process import CalleeProcess
from dialer.supervisor import Supervisor
from store.queries import call
from store.types import Disposition, Outcome, TurnSpeaker
from store.values import Call

pytestmark = [
    pytest.mark.sip,
    pytest.mark.vosk,
    pytest.mark.tts,
    pytest.mark.slow,
]

MANDARIN = SCENARIOS / "01_confirms.yaml"
ENGLISH = "+8613800138077"
COLUMNS = ("运单号", "收件人", "电话", "地址", "预约时段", "语言")


def manifest(**languages: str) -> bytes:
    """Return a manifest with a parcel for each number (without its plus), in that language."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for number, (phone, language) in enumerate(languages.items(), start=1):
        waybill = f"SD2026{number:06}"
        rows.writerow((waybill, "李雷", phone, "幸福路1号", "明天 14:00-16:00", language))
    return text.getvalue().encode()


@pytest.fixture
def recipients(tmp_path: Path) -> Path:
    """Scenario files: one speaks Mandarin and confirms, one English and wants another time."""
    folder = tmp_path / "recipients"
    folder.mkdir()
    shutil.copy(MANDARIN, folder)
    expect = {"disposition": "completed", "outcome": "rescheduled"}
    write_recipient(folder, ENGLISH, ("en_mike/021", "en_mike/023"), expect)
    return folder


@pytest.fixture
def callee(tmp_path: Path, recipients: Path) -> Iterator[CalleeProcess]:
    with CalleeProcess(tmp_path / "observations.jsonl", scenarios=recipients) as process:
        yield process


@pytest.fixture
def settings(tmp_path: Path, calls_folder: Path, callee: CalleeProcess) -> Settings:
    demo = demo_settings(calls_folder, callee.port, 4)
    return demo.model_copy(
        update={
            "store": StoreSettings(url=f"sqlite:///{tmp_path / 'menling.db'}"),
            "recognition": demo.recognition.model_copy(update={"processes": 1}),
        }
    )


class Watched:
    """Remembers which languages were heard in a run."""

    languages: tuple[str, ...] = ()

    def through(self, services: SpeechServices, supervisor: Supervisor) -> Supervisor:
        self.languages = tuple(services.recognizers.by_language)
        return supervisor


def said(held: Call) -> list[str]:
    return [turn.text for turn in held.turns if turn.speaker is TurnSpeaker.CALLEE]


def test_everybody_is_heard_in_his_language(settings: Settings) -> None:
    mandarin = load_scenario(MANDARIN).number
    watched = Watched()
    content = manifest(**{mandarin.lstrip("+"): "zh-CN", ENGLISH.lstrip("+"): "en-US"})
    with closing(Trial(settings, content)) as trial:
        asyncio.run(trial.run(through=watched.through))
        came_to = trial.contacts()
        with trial.database.reading() as session:
            held = {phone: call(session, line.last_attempt_id) for phone, line in came_to.items()}
    assert set(watched.languages) == {"zh-CN", "en-US"}
    latest = came_to[ENGLISH].latest
    assert latest.disposition is Disposition.COMPLETED
    assert latest.outcome is Outcome.RESCHEDULED, held[ENGLISH].turns
    assert latest.settled.new_window_start.astimezone().minute == 0
    # A word whose packets came late may be lost; that the others are of his language decides.
    assert "morning" in " ".join(said(held[ENGLISH]))
    assert any("Parcel zero zero zero two comes" in turn.text for turn in held[ENGLISH].turns)
    assert came_to[mandarin].latest.outcome is Outcome.CONFIRMED
    assert "可以" in "".join(said(held[mandarin]))
