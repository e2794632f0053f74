"""The demo: Menling calls simulated recipients on this machine and shows what came of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audio_fixtures.scenarios import Expectation, Scenario, load_catalogue
from campaigns.importer import import_manifest
from campaigns.labels import Shelf, label
from campaigns.settings import Settings
from campaigns.settings_calling import NO_LAW, CallingSettings
from campaigns.settings_sections import (
    CampaignSettings,
    DialingSettings,
    PathSettings,
    RecognitionSettings,
    RetryAfterMinutes,
    TrunkSettings,
)
from console.free_ports import free_port_range
from console.pages import start_console, tell_where
from console.running import campaign_for, open_store, run_campaign, serve_campaign
from dialer.callee.process import CalleeProcess
from store.queries import contact_lines
from store.values import ContactLine

CAMPAIGN = "demo"
FLOW = "pre-delivery"
MARK = ".menling-demo"
"""A folder with this file in it was made by the demo and may be made anew by it."""


class DemoError(Exception):
    """The demo can't start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one scenario should have come to, and what it came to."""

    scenario: Scenario
    contact: ContactLine | None
    differences: tuple[str, ...]


def demo_settings(output: Path, trunk_port: int, calls: int) -> Settings:
    """Return the settings of the demo: loopback only, any hour, one quick retry for the engaged."""
    workers = -(-calls // 4)
    never: Literal["never"] = "never"
    return Settings(
        trunk=TrunkSettings(
            host="127.0.0.1",
            port=trunk_port,
            caller_id="4008001234",
            max_channels=calls,
            calls_per_second=4,
        ),
        dialing=DialingSettings(
            workers=workers,
            bound_address="127.0.0.1",
            sip_port_base=free_port_range(workers),
            rtp_port_base=free_port_range(64 * workers),
            ring_timeout_seconds=12,
        ),
        recognition=RecognitionSettings(processes=2),
        # Nobody real is called: at any hour, and again at once.
        calling=CallingSettings(
            jurisdiction=NO_LAW,
            calls_per_hour=0,
            calls_per_day=0,
            calls_per_week=0,
            minimum_gap_minutes=0,
        ),
        campaign=CampaignSettings(
            calling_window="00:00-24:00",
            max_concurrent_calls=calls,
            recording_notice=False,
            max_attempts=2,
            retry_after_minutes=RetryAfterMinutes(
                busy=0.25,
                in_a_call=never,
                no_answer=never,
                declined=never,
                switched_off=never,
                out_of_reach=never,
                no_conversation=never,
                hung_up_midway=never,
            ),
        ),
        paths=PathSettings(data_dir=output),
    )


def prepare(output: Path) -> None:
    """Make an empty folder for the demo's results; raises DemoError rather than delete files."""
    if output.exists():
        if not (output / MARK).exists() and any(output.iterdir()):
            raise DemoError(f"{output} holds other files; choose another folder with --output.")
        shutil.rmtree(output)
    output.mkdir(parents=True)
    (output / MARK).touch()


def with_console(settings: Settings) -> Settings:
    """Return the settings of a demo that is seen in the browser: lines are kept for agents."""
    dialing, desk = settings.dialing, settings.desk
    workers = -(-settings.trunk.max_channels // (dialing.legs_per_worker - desk.legs_kept))
    return settings.model_copy(
        update={
            "dialing": dialing.model_copy(
                update={
                    "workers": workers,
                    "sip_port_base": free_port_range(workers),
                    "rtp_port_base": free_port_range(64 * workers),
                }
            ),
            "console": settings.console.model_copy(update={"port": free_port_range(1)}),
        }
    )


async def run_demo(
    output: Path,
    manifests: tuple[Path, ...],
    calls: int,
    console: Console,
    browser: Callable[[], Awaitable[object]] | None = None,
) -> tuple[Comparison, ...]:
    """Run the whole demo and return how each scenario compares with what it should come to.

    `browser`: show it there, too, with agents and supervisors; it is waited for at the end, while
    the pages are still served.
    """
    prepare(output)
    scenarios = load_catalogue().values()
    started_on = datetime.now(ZoneInfo("Asia/Shanghai"))
    with ExitStack() as stack:
        callees = stack.enter_context(CalleeProcess(output / "observations.jsonl"))
        settings = demo_settings(output, callees.port, calls)
        if browser is not None:
            settings = with_console(settings)
        database = await asyncio.to_thread(open_store, settings)
        stack.callback(database.close)
        if browser is not None:
            tell_where(settings, database)
            stack.callback(start_console(settings).kill)
        campaign = campaign_for(database, settings, CAMPAIGN, FLOW)
        for manifest in manifests:
            report = import_manifest(
                database, campaign.id, manifest.name, manifest.read_bytes(), datetime.now(UTC)
            )
            console.print(f"{manifest.name}: {report.new} deliveries imported")
        run = run_campaign if browser is None else serve_campaign
        await run(database, settings, campaign, console, results=output)
        with database.reading() as session:
            lines = {line.phone: line for line in contact_lines(session, campaign.id)}
        if browser is not None:
            await browser()
    return tuple(compare(each, lines.get(each.number), started_on) for each in scenarios)


def compare(scenario: Scenario, contact: ContactLine | None, called_on: datetime) -> Comparison:
    """Compare what the store knows of a contact with what its scenario expects."""
    if contact is None or contact.latest is None:
        return Comparison(scenario, contact, ("was not called",))
    return Comparison(scenario, contact, tuple(_differences(scenario.expect, contact, called_on)))


def _differences(expected: Expectation, contact: ContactLine, called_on: datetime) -> list[str]:
    latest = contact.latest
    if latest is None:
        return ["has no outcome"]
    got = latest.settled
    zone = ZoneInfo(contact.time_zone)
    wanted = {
        "disposition": (expected.disposition, latest.disposition.value),
        "outcome": (expected.outcome, latest.outcome.value),
        "attempts": (str(expected.attempts), str(contact.attempts)),
        "hand-over": (expected.hand_over, got.hand_over),
        "consent": (str(expected.consent), str(bool(got.consent_words))),
    }
    if expected.needs_person is not None:
        wanted["needs person"] = (str(expected.needs_person), str(bool(got.needs_person)))
    different = [
        f"{what}: {is_} instead of {should}"
        for what, (should, is_) in wanted.items()
        if should != is_
    ]
    if expected.address not in got.new_address:
        different.append(f"address: {got.new_address or 'none'} instead of {expected.address}")
    window = expected.new_window
    if window is not None:
        start, end = got.new_window_start, got.new_window_end
        local = None if start is None else start.astimezone(zone)
        until = None if end is None else end.astimezone(zone)
        if local is None or not window.fits(local, until, called_on.astimezone(zone).date()):
            different.append(f"window: {local} to {until}")
    return different


def comparison_table(comparisons: tuple[Comparison, ...]) -> Table:
    """Return the table that ends the demo."""
    table = Table(title="What each recipient came to", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("剧本", overflow="fold")
    table.add_column("处置", overflow="fold", min_width=10)
    table.add_column("结果", no_wrap=True)
    table.add_column("as expected", no_wrap=True)
    for each in comparisons:
        latest = each.contact.latest if each.contact else None
        table.add_row(
            each.scenario.title,
            label(Shelf.DISPOSITION, latest.disposition, "zh") if latest else "-",
            label(Shelf.OUTCOME, latest.outcome, "zh") if latest else "-",
            Text("no", "red") if each.differences else Text("yes", "green"),
        )
    return table


def difference_lines(comparisons: tuple[Comparison, ...]) -> tuple[str, ...]:
    """Return for every scenario that ended otherwise than expected what was different."""
    return tuple(
        f"{each.scenario.title} ({each.scenario.id}): {'; '.join(each.differences)}"
        for each in comparisons
        if each.differences
    )
