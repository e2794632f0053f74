"""One call with an invented parcel, to try a trunk, a voice or a model."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console

from campaigns.disposition import disposition_of, outcome_of
from campaigns.host import dialing_host
from campaigns.labels import Shelf, label
from campaigns.line import outgoing_line
from campaigns.order import CallOrder, CallProgress, CallReport
from campaigns.settings import Settings, SettingsError
from console.live import STAGES
from console.ports import port_faults
from console.screen import say
from console.strangers import tell_of_models
from dialer.supervisor import WorkerLost, WorkerMessage, WorkerReady
from ivr.flow import load_flow
from ivr.invented import facts_for, invented_facts
from store.types import Disposition

ATTEMPT = 1
_DIALLABLE: Final = re.compile(r"\+?[0-9*#]{2,32}")


async def call_once(
    settings: Settings,
    number: str,
    flow: str,
    console: Console,
    bundled_model: bool = False,
    language: str = "zh-CN",
) -> bool:
    """Ring `number`, talk about an invented parcel, and show what is said and what comes of it.

    `bundled_model`: ring people even with the model that doesn't hear them.
    Return whether somebody answered. Raises SettingsError for what is no number, and when the model
    must not meet the people behind the trunk; FlowError when the flow is not there in `language`.
    """
    if not _DIALLABLE.fullmatch(number):
        raise SettingsError(
            f"{number!r} is no number to ring; write digits only, for example +8613800138000"
        )
    spoken = load_flow(flow, language)
    tell_of_models(settings, {language}, bundled_model, console)
    if faults := await asyncio.to_thread(port_faults, settings):
        raise SettingsError(" ".join(faults))
    line = await outgoing_line(settings)
    now = datetime.now(ZoneInfo(settings.campaign.time_zone))
    recording = line.recordings / f"trial-{now:%Y%m%d-%H%M%S}.wav"
    order = CallOrder(
        attempt=ATTEMPT,
        uri=line.uri(number),
        flow=flow,
        language=language,
        facts=facts_for(
            spoken,
            invented_facts(now, settings.campaign.company, settings.campaign.callback_number),
            {},
        ),
        ring_timeout=line.ring_timeout,
        recording=recording,
    )
    async with dialing_host(settings, {language}) as callers:
        await callers.start()
        try:
            while True:
                match await callers.receive():
                    case WorkerReady():
                        if callers.free_slots() == settings.dialing.legs_per_worker:
                            callers.submit(ATTEMPT, order)
                    case WorkerMessage(message=CallProgress() as progress):
                        say(_told(progress), console=console)
                    case WorkerMessage(message=CallReport() as report):
                        _show(report, console)
                        return report.answered
                    case WorkerLost(exit_code=code, keys=keys) if keys:
                        console.print(f"The worker died during the call (exit code {code}).")
                        return False
        finally:
            await callers.stop()


def _told(progress: CallProgress) -> str:
    if not progress.text:
        return STAGES[progress.stage]
    return f"{'◀' if progress.speaker == 'callee' else '▶'} {progress.text}"


def _show(report: CallReport, console: Console) -> None:
    disposition = label(Shelf.DISPOSITION, disposition_of(report), "zh")
    outcome = label(Shelf.OUTCOME, outcome_of(report), "zh")
    lines = [
        f"{disposition}，{outcome}；SIP {report.sip_status}, "
        f"rang {report.ring_seconds:.1f} s, talked {report.talk_seconds:.1f} s"
    ]
    if report.error:
        lines.append(report.error)
    if report.recording:
        lines.append(f"Recording: {report.recording}")
    if not report.answered and disposition_of(report) is Disposition.TRUNK_FAILURE:
        lines.append("The trunk did not put the call through: see `menling doctor`.")
    for line in lines:
        say(line, console=console)
