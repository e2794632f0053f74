"""One call of every flow over real SIP and RTP, understood by the real recogniser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from audio_fixtures.scenarios import Scenario
from bench.talk_time import CONVERSATIONS, call_everybody, conversations, table
from campaigns.order import CallReport
from console.demo import demo_settings
from dialer.callee.process import CalleeProcess
from ivr.flow import flows
from ivr.transcript import Speaker

pytestmark = [
    pytest.mark.sip,
    pytest.mark.vosk,
    pytest.mark.tts,
    # The first test waits for all calls: more than a minute, and more on a busy machine.
    pytest.mark.timeout(480),
]

CALLS_AT_ONCE = 8


@pytest.fixture(scope="module")
def reports(
    tmp_path_factory: pytest.TempPathFactory, calls_folder: Path
) -> Mapping[str, CallReport]:
    """What came of the call of each flow, to somebody who agrees."""
    noted = tmp_path_factory.mktemp("recipients") / "observations.jsonl"
    with CalleeProcess(noted, scenarios=CONVERSATIONS) as recipients:
        settings = demo_settings(calls_folder, recipients.port, CALLS_AT_ONCE)
        return asyncio.run(call_everybody(settings, recipients.port))


def words_of(report: CallReport) -> str:
    return " / ".join(
        f"{'门铃' if turn.speaker is Speaker.MENLING else '对方'} {turn.text}"
        for turn in report.turns
    )


def test_there_is_a_recipient_for_every_flow() -> None:
    assert {scenario.id for scenario in conversations()} == {flow_id for flow_id, _ in flows()}


@pytest.mark.parametrize("scenario", conversations(), ids=lambda each: each.id)
def test_who_agrees_is_understood(scenario: Scenario, reports: Mapping[str, CallReport]) -> None:
    report = reports[scenario.id]
    assert report.result is not None, report.error
    assert report.result.outcome == scenario.expect.outcome, words_of(report)
    assert "再见" in report.turns[-1].text


def test_the_bench_tells_of_every_call(reports: Mapping[str, CallReport]) -> None:
    told = table(reports)
    for each in conversations():
        assert f"| {each.id} | {each.expect.outcome} |" in told
