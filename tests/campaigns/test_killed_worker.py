"""A worker, or the whole engine, is killed in the middle of real calls."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from audio_fixtures.scenarios import Scenario, load_scenarios
from campaigns.callers import CallersNews
from campaigns.host import SpeechServices
from campaigns.order import CallProgress, CallReport, CallStage
from campaigns.settings import Settings
from campaigns.settings_sections import StoreSettings
from console.cli import DEMO_MANIFESTS
from console.demo import compare, demo_settings
from console.shipped import example
from console.trial import CAMPAIGN, Trial, manifest_like
from dialer.callee.process import CalleeProcess
from dialer.supervisor import Supervisor, WorkerLost, WorkerMessage, WorkerReady
from store.campaign_queries import contact_history
from store.types import AttemptStatus, CampaignStatus, ContactStatus, Disposition, Outcome

pytestmark = [
    pytest.mark.sip,
    pytest.mark.vosk,
    pytest.mark.tts,
    pytest.mark.slow,
    # Two programs after each other, with calls in both: half a minute, and more on a busy machine.
    pytest.mark.timeout(480),
]

MANIFESTS = tuple(map(example, DEMO_MANIFESTS))
RECIPIENTS: Mapping[str, Scenario] = {
    each.number: each
    for each in load_scenarios()
    if each.id
    in {
        "confirms",
        "confirms_by_key",
        "hello_first",
        "wants_person",
        "angry",
        "talks_over",
    }
}
"""Each means the same again when asked again.

On a machine that holds up the sound for a second, a call may last longer, but comes to the same.
"""
MANIFEST = manifest_like(MANIFESTS, {number: number for number in RECIPIENTS})


@pytest.fixture
def callee(tmp_path: Path) -> Iterator[CalleeProcess]:
    with CalleeProcess(tmp_path / "observations.jsonl") as process:
        yield process


@pytest.fixture
def settings(tmp_path: Path, calls_folder: Path, callee: CalleeProcess) -> Settings:
    """Two workers with two lines each, so that six recipients come in two waves."""
    demo = demo_settings(calls_folder, callee.port, 8)
    return demo.model_copy(
        update={
            "store": StoreSettings(url=f"sqlite:///{tmp_path / 'menling.db'}"),
            "dialing": demo.dialing.model_copy(update={"legs_per_worker": 2}),
            "recognition": demo.recognition.model_copy(update={"processes": 1}),
        }
    )


class KillsWorker:
    """Stands between engine and supervisor; kills worker 0 while both its lines talk.

    Nobody else is rung until another worker has taken its place, however long that takes.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._talking: set[int] = set()
        self._place_is_empty = False
        self.lost: WorkerLost | None = None
        self.reported_after: list[int] = []
        """Attempts of the worker that took the dead one's place."""

    async def start(self) -> None:
        await self._supervisor.start()

    async def stop(self) -> None:
        await self._supervisor.stop()

    def free_slots(self) -> int:
        return 0 if self._place_is_empty else self._supervisor.free_slots()

    def submit(self, key: int, message: object) -> None:
        self._supervisor.submit(key, message)

    def release(self, key: int) -> None:
        self._supervisor.release(key)

    async def receive(self) -> CallersNews:
        news = await self._supervisor.receive()
        match news:
            case WorkerLost() if self.lost is None:
                self.lost = news
            case WorkerReady(worker=0):
                self._place_is_empty = False
            case WorkerMessage(worker=0, message=CallReport(attempt=attempt)):
                self._talking.discard(attempt)
                if self.lost:
                    self.reported_after.append(attempt)
            case WorkerMessage(
                worker=0, message=CallProgress(attempt=attempt, stage=CallStage.TALKING)
            ):
                self._talking.add(attempt)
                if len(self._talking) == 2 and self.lost is None:
                    self._place_is_empty = True
                    os.kill(self._supervisor.pids()[0], signal.SIGKILL)
        return news


def observed(tmp_path: Path) -> list[dict[str, Any]]:
    text = (tmp_path / "observations.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def today() -> datetime:
    return datetime.now(ZoneInfo("Asia/Shanghai"))


def is_left_to_a_person(trial: Trial, number: str) -> bool:
    """Say whether a contact was interrupted and waits for a person."""
    contact = trial.contacts()[number]
    latest = contact.latest
    return (
        latest is not None
        and contact.status is ContactStatus.NEEDS_RECONCILIATION
        and latest.disposition is Disposition.INTERRUPTED
        and latest.outcome is Outcome.UNKNOWN
        and "人工" in latest.settled.needs_person
    )


def assert_everybody_is_settled_once(trial: Trial, interrupted: set[str]) -> None:
    """Those in `interrupted` wait for a person; all others came to what they should."""
    began = today()
    contacts = trial.contacts()
    for number, scenario in RECIPIENTS.items():
        with trial.database.reading() as session:
            history = contact_history(session, contacts[number].contact_id)
        assert [each.status for each in history.attempts] == [AttemptStatus.SETTLED]
        if number in interrupted:
            assert is_left_to_a_person(trial, number)
        else:
            assert compare(scenario, contacts[number], began).differences == ()


def test_a_killed_worker_costs_its_own_calls_only(
    tmp_path: Path, callee: CalleeProcess, settings: Settings
) -> None:
    killers: list[KillsWorker] = []

    def through(_: SpeechServices, supervisor: Supervisor) -> KillsWorker:
        killers.append(KillsWorker(supervisor))
        return killers[0]

    with closing(Trial(settings, MANIFEST)) as trial:
        progress = asyncio.run(trial.run(through=through))
        callee.stop()

        (killer,) = killers
        assert killer.lost is not None
        assert killer.lost.exit_code == -signal.SIGKILL
        assert len(killer.lost.keys) == 2
        by_attempt = {each.last_attempt_id: each.phone for each in trial.contacts().values()}
        interrupted = {by_attempt[key] for key in killer.lost.keys}
        assert_everybody_is_settled_once(trial, interrupted)
        assert killer.reported_after, "the worker in its place got no call"
        assert progress.is_complete
        assert progress.campaign.status is CampaignStatus.FINISHED

    *calls, summary = observed(tmp_path)
    assert summary["invites"] == dict.fromkeys(RECIPIENTS, 1)
    sound = [call for call in calls if call["number"] not in interrupted]
    assert [call["reception"]["lost"] for call in sound] == [0] * len(sound)


def toml_of(tables: Mapping[str, Any], prefix: str = "") -> str:
    """Return settings as a settings file."""
    lines: list[str] = []
    inner: list[str] = []
    for key, value in tables.items():
        if isinstance(value, dict):
            inner.append(f"[{prefix}{key}]\n{toml_of(value, f'{prefix}{key}.')}")
        elif value is not None:
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, *inner])


def run_engine(file: Path) -> subprocess.Popen[str]:
    """Start `menling run` as a program of its own, as an operator does."""
    command = [sys.executable, "-m", "console.cli", "run", CAMPAIGN, "--settings", str(file)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )


def test_a_killed_engine_starts_again_and_rings_nobody_twice(
    tmp_path: Path, callee: CalleeProcess, settings: Settings
) -> None:
    Trial(settings, MANIFEST).close()
    file = tmp_path / "menling.toml"
    file.write_text(toml_of(settings.model_dump(mode="json")), encoding="utf-8")

    with run_engine(file) as engine:
        assert engine.stdout is not None
        said = ""
        for line in engine.stdout:
            said += line
            if line.startswith(f"1/{len(RECIPIENTS)} "):
                engine.kill()
                break
        assert engine.wait() == -signal.SIGKILL, said

    with run_engine(file) as engine:
        said, _ = engine.communicate()
        assert engine.returncode == 0, said
    callee.stop()

    assert "interrupted by the end of an engine" in said
    invites = observed(tmp_path)[-1]["invites"]
    assert max(invites.values()) == 1
    with closing(Trial(settings, MANIFEST)) as trial:
        interrupted = {number for number in RECIPIENTS if is_left_to_a_person(trial, number)}
        assert 1 <= len(interrupted) <= settings.lines
        assert set(RECIPIENTS) - interrupted <= set(invites)
        assert_everybody_is_settled_once(trial, interrupted)
        assert trial.campaign.status is CampaignStatus.FINISHED
