"""The whole demo: two manifests go in, 30 recipients are rung over SIP, outcomes come back."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from audio.aigc import mark_of
from audio.level import dbfs
from audio.pcm import FRAME_BYTES, frames, seconds
from audio.wav import read_stereo, read_wav
from audio_fixtures.scenarios import Scenario, load_scenarios
from campaigns.tables import read_table
from console.cli import DEMO_MANIFESTS
from console.demo import Comparison, run_demo
from console.shipped import example

pytestmark = [
    pytest.mark.sip,
    pytest.mark.vosk,
    pytest.mark.tts,
    pytest.mark.slow,
    # The first test waits for the whole campaign: two minutes, and more on a busy machine.
    pytest.mark.timeout(480),
]

MANIFESTS = tuple(map(example, DEMO_MANIFESTS))
SCENARIOS = load_scenarios()
TALKED = frozenset({"completed", "voicemail"})
SPOKEN_EVIDENCE = {
    "changes_address": "address",
    "locker": "consent",
    "property_office": "consent",
    "doorstep": "consent",
}
"""What is kept as sound; a key that was pressed has none."""

AUDIBLE_DBFS = -45.0


@dataclass(frozen=True, slots=True)
class FinishedDemo:
    """Everything a demo leaves behind."""

    output: Path
    screen: str
    comparisons: Mapping[str, Comparison]
    calls: tuple[dict[str, Any], ...]
    """What the far ends observed, one entry per call."""
    invites: Mapping[str, int]

    def attempt(self, scenario: Scenario) -> int:
        """Return the number under which files of a recipient's last call are kept."""
        contact = self.comparisons[scenario.id].contact
        assert contact is not None
        assert contact.last_attempt_id is not None
        return contact.last_attempt_id

    def recording(self, scenario: Scenario, evidence: str = "") -> Path:
        """Return where the recording of the last call is, or a clip kept of it."""
        name = f"{self.attempt(scenario)}{evidence and '.'}{evidence}.wav"
        return self.output / "recordings" / name


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> FinishedDemo:
    """The demo, run once by the code of `menling demo`."""
    output = tmp_path_factory.mktemp("demo") / "output"
    screen = io.StringIO()
    comparisons = asyncio.run(run_demo(output, MANIFESTS, 8, Console(file=screen, width=200)))
    seen = [
        json.loads(line)
        for line in (output / "observations.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    (summary,) = (entry for entry in seen if entry["event"] == "summary")
    return FinishedDemo(
        output,
        screen.getvalue(),
        {each.scenario.id: each for each in comparisons},
        tuple(entry for entry in seen if entry["event"] == "call"),
        summary["invites"],
    )


def loudest_dbfs(pcm: bytes) -> float:
    """Return the level of the loudest frame."""
    return max(dbfs(frame) for frame in frames(pcm))


def of_all(scenarios: tuple[Scenario, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scenario", scenarios, ids=lambda scenario: scenario.id)


@of_all(SCENARIOS)
def test_the_call_comes_to_what_the_scenario_says(demo: FinishedDemo, scenario: Scenario) -> None:
    assert demo.comparisons[scenario.id].differences == (), demo.screen


@of_all(SCENARIOS)
def test_nobody_is_rung_more_often_than_expected(demo: FinishedDemo, scenario: Scenario) -> None:
    assert demo.invites[scenario.number] == scenario.expect.attempts


def test_nobody_else_is_rung(demo: FinishedDemo) -> None:
    assert set(demo.invites) == {scenario.number for scenario in SCENARIOS}


def test_not_one_packet_of_our_voice_is_lost(demo: FinishedDemo) -> None:
    lost = {
        entry["scenario"]: entry["reception"]["lost"]
        for entry in demo.calls
        if entry["reception"] is not None and entry["reception"]["lost"]
    }
    assert lost == {}


def test_the_recipients_could_do_all_they_wanted(demo: FinishedDemo) -> None:
    assert [entry["problems"] for entry in demo.calls if entry["problems"]] == []


@of_all(tuple(each for each in SCENARIOS if each.expect.disposition in TALKED))
def test_a_recording_holds_both_voices(demo: FinishedDemo, scenario: Scenario) -> None:
    callee, menling = read_stereo(demo.recording(scenario))
    assert seconds(menling) > 5
    assert loudest_dbfs(menling) > AUDIBLE_DBFS
    # He who only presses keys is heard as the noise of his line.
    said = any(turn.get("what", "").count("/") for turn in lines_of(demo, scenario))
    assert loudest_dbfs(callee) > (AUDIBLE_DBFS if said else -75.0)


@of_all(tuple(each for each in SCENARIOS if each.expect.disposition in TALKED))
def test_a_recording_notes_that_a_machine_speaks_in_it(
    demo: FinishedDemo, scenario: Scenario
) -> None:
    mark = mark_of(demo.recording(scenario))
    assert mark is not None
    assert mark.producer == "Menling"
    assert mark.produce_id.startswith("call-")


@of_all(tuple(each for each in SCENARIOS if each.id in SPOKEN_EVIDENCE))
def test_the_words_that_bind_are_kept_as_sound(demo: FinishedDemo, scenario: Scenario) -> None:
    clip = read_wav(demo.recording(scenario, SPOKEN_EVIDENCE[scenario.id]))
    assert len(clip) % FRAME_BYTES == 0
    assert 0.6 < seconds(clip) < 12
    assert loudest_dbfs(clip) > AUDIBLE_DBFS


@of_all(tuple(each for each in SCENARIOS if each.expect.disposition == "completed"))
def test_a_transcript_tells_what_both_said(demo: FinishedDemo, scenario: Scenario) -> None:
    text = (demo.output / "transcripts" / f"call-{demo.attempt(scenario):06}.txt").read_text(
        encoding="utf-8"
    )
    assert "门铃: 您好" in text
    assert "对方" in text


def test_the_manifests_come_back_with_every_row_and_what_came_of_it(demo: FinishedDemo) -> None:
    by_number = {scenario.number: scenario for scenario in SCENARIOS}
    for manifest in MANIFESTS:
        sent = read_table(manifest.name, manifest.read_bytes())
        name = f"{manifest.stem}.completed{manifest.suffix}"
        back = read_table(name, (demo.output / name).read_bytes())
        assert back.header.cells[: len(sent.header.cells)] == sent.header.cells
        assert len(back.rows) == len(sent.rows)
        for before, after in zip(sent.rows, back.rows, strict=True):
            assert after.cells[: len(before.cells)] == before.cells
            cells = dict(zip(back.header.cells, after.cells, strict=False))
            digits = "".join(filter(str.isdigit, cells.get("电话") or cells["Phone"]))
            expected = by_number.pop(f"+86{digits[-11:]}").expect
            assert (cells.get("处置代码") or cells["disposition_id"]) == expected.disposition
            assert (cells.get("结果代码") or cells["outcome_id"]) == expected.outcome
            assert bool(cells.get("收件人同意") or cells.get("Consent")) == expected.consent
            for column in ("通话记录文件", "Transcript file", "录音文件", "Recording file"):
                if cells.get(column):
                    assert (demo.output / cells[column]).is_file()
    assert by_number == {}


def lines_of(demo: FinishedDemo, scenario: Scenario) -> list[dict[str, Any]]:
    """Return what a recipient said and pressed in all his calls."""
    return [
        line
        for entry in demo.calls
        if entry["number"] == scenario.number
        for line in entry["lines"]
    ]
