"""One call of every flow over real SIP and RTP, understood by the real recogniser."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audio_fixtures.scenarios import Scenario, load_scenarios
from campaigns.callers import Callers
from campaigns.host import dialing_host
from campaigns.order import CallOrder, CallReport
from console.demo import demo_settings
from dialer.callee.process import CalleeProcess
from dialer.supervisor import WorkerLost, WorkerMessage
from ivr.flow import flows, load_flow
from ivr.invented import facts_for, invented_facts
from ivr.transcript import Speaker

pytestmark = [pytest.mark.sip, pytest.mark.vosk, pytest.mark.tts]

CONVERSATIONS = Path(__file__).parents[2] / "audio_fixtures" / "conversations"
CALLS_AT_ONCE = 8
NOW = datetime(2026, 11, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def recipients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalleeProcess]:
    """Simulated recipients, one for each flow, who say yes to what the flow is about."""
    noted = tmp_path_factory.mktemp("recipients") / "observations.jsonl"
    with CalleeProcess(noted, scenarios=CONVERSATIONS) as process:
        yield process


@pytest.fixture(scope="module")
def reports(recipients: CalleeProcess, calls_folder: Path) -> Mapping[str, CallReport]:
    """What came of the call of each flow."""
    settings = demo_settings(calls_folder, recipients.port, CALLS_AT_ONCE)
    scenarios = load_scenarios(CONVERSATIONS)
    orders = [
        order_of(key, scenario, recipients.port, calls_folder)
        for key, scenario in enumerate(scenarios, 1)
    ]

    async def called() -> dict[int, CallReport]:
        async with dialing_host(settings) as callers:
            await callers.start()
            try:
                return await asyncio.wait_for(reported(callers, orders), 240)
            finally:
                await callers.stop()

    held = asyncio.run(called())
    return {order.flow: held[order.attempt] for order in orders}


def order_of(key: int, scenario: Scenario, port: int, folder: Path) -> CallOrder:
    flow = load_flow(scenario.id, "zh-CN")
    return CallOrder(
        attempt=key,
        uri=f"sip:{scenario.number}@127.0.0.1:{port};transport=udp",
        flow=flow.id,
        language=flow.language,
        facts=facts_for(flow, invented_facts(NOW), {}),
        ring_timeout=timedelta(seconds=12),
        recording=None,
    )


async def reported(callers: Callers, orders: list[CallOrder]) -> dict[int, CallReport]:
    """Place every order as soon as there is a line for it; return the reports by order."""
    waiting, held = list(orders), dict[int, CallReport]()
    while len(held) < len(orders):
        while waiting and callers.free_slots():
            order = waiting.pop(0)
            callers.submit(order.attempt, order)
        match await callers.receive():
            case WorkerMessage(message=CallReport() as report):
                callers.release(report.attempt)
                held[report.attempt] = report
            case WorkerLost() as lost:
                pytest.fail(f"a worker died: {lost}")
    return held


def words_of(report: CallReport) -> str:
    return " / ".join(
        f"{'门铃' if turn.speaker is Speaker.MENLING else '对方'} {turn.text}"
        for turn in report.turns
    )


def test_there_is_a_recipient_for_every_flow() -> None:
    assert {scenario.id for scenario in load_scenarios(CONVERSATIONS)} == {
        flow_id for flow_id, _ in flows()
    }


@pytest.mark.parametrize("scenario", load_scenarios(CONVERSATIONS), ids=lambda each: each.id)
def test_who_agrees_is_understood(scenario: Scenario, reports: Mapping[str, CallReport]) -> None:
    report = reports[scenario.id]
    assert report.result is not None, report.error
    assert report.result.outcome == scenario.expect.outcome, words_of(report)
    assert "再见" in report.turns[-1].text
    assert report.talk_seconds <= 45
