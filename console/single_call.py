"""One call with an invented parcel, to try a trunk, a voice or a model."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console

from asr.model_files import bundled_model, notice
from campaigns.disposition import disposition_of, outcome_of
from campaigns.host import dialing_host, model_of
from campaigns.line import outgoing_line
from campaigns.order import CallOrder, CallProgress, CallReport
from campaigns.settings import Settings
from dialer.supervisor import WorkerLost, WorkerMessage, WorkerReady
from ivr.exchange import CallFacts
from ivr.flow import load_flow

ATTEMPT = 1
LANGUAGE = "zh-CN"


async def call_once(settings: Settings, number: str, flow: str, console: Console) -> None:
    """Ring `number`, talk about an invented parcel, and show what is said and what comes of it."""
    load_flow(flow, LANGUAGE)
    if model_of(settings) == bundled_model():
        console.print(notice(bundled_model().name), style="yellow")
    line = await outgoing_line(settings)
    now = datetime.now(ZoneInfo(settings.campaign.time_zone))
    recording = line.recordings / f"trial-{now:%Y%m%d-%H%M%S}.wav"
    order = CallOrder(
        attempt=ATTEMPT,
        uri=line.uri(number),
        flow=flow,
        language=LANGUAGE,
        facts=_invented(settings, now),
        ring_timeout=line.ring_timeout,
        recording=recording,
    )
    async with dialing_host(settings) as callers:
        await callers.start()
        try:
            while True:
                match await callers.receive():
                    case WorkerReady():
                        if callers.free_slots() == settings.dialing.legs_per_worker:
                            callers.submit(ATTEMPT, order)
                    case WorkerMessage(message=CallProgress() as progress):
                        who = f"{progress.speaker}: " if progress.speaker else ""
                        console.print(f"{progress.stage:8} {who}{progress.text}", markup=False)
                    case WorkerMessage(message=CallReport() as report):
                        _show(report, console)
                        return
                    case WorkerLost(exit_code=code, keys=keys) if keys:
                        console.print(f"The worker died during the call (exit code {code}).")
                        return
        finally:
            await callers.stop()


def _invented(settings: Settings, now: datetime) -> CallFacts:
    start = (now + timedelta(days=1)).replace(hour=14, minute=0, second=0, microsecond=0)
    return CallFacts(
        now=now,
        company=settings.campaign.company,
        recipient="王小明",
        waybill="SF1234567890",
        window_start=start,
        window_end=start + timedelta(hours=2),
        address="幸福路18号阳光花园3号楼2单元501室",
        item="图书",
        merchant="晨光书店",
        callback_number=settings.campaign.callback_number,
    )


def _show(report: CallReport, console: Console) -> None:
    console.print(
        f"{disposition_of(report)}, {outcome_of(report)}; SIP {report.sip_status}, "
        f"rang {report.ring_seconds:.1f} s, talked {report.talk_seconds:.1f} s"
    )
    if report.error:
        console.print(report.error, style="red")
    if report.recording:
        console.print(f"Recording: {report.recording}")
