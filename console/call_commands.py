"""`menling calls`: recorded calls as fixtures for the test bench, and played to a flow again."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
import yaml
from rich.table import Table

from audio_fixtures.scenarios import Scenario, load_scenario
from campaigns.call_fixture import FixtureError, export_call
from campaigns.settings import Settings
from console.rehearse_aloud import equipped
from console.running import open_store
from console.screen import complain, say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from console.web.audit import Action, record
from ivr.conversation import ConversationReport
from ivr.flow import load_flow
from ivr.invented import facts_for, invented_facts
from ivr.rehearsal import rehearse
from store.queries import call

calls_app = typer.Typer(
    help="Recorded calls: export them as fixtures, and hear what a flow makes of them.",
    epilog="Example: menling calls export 12; menling calls replay fixtures/call-000012",
    no_args_is_help=True,
)


@calls_app.command("export", epilog="Example: menling calls export 12 --to fixtures")
def export(
    number: Annotated[
        int, typer.Argument(help="Number of the call, as lists and reports show it.")
    ],
    to: Annotated[Path, typer.Option(help="Folder in which the fixture is made.")] = Path(
        "fixtures"
    ),
    settings: SettingsFile = None,
) -> None:
    """Write a recorded call as a fixture: WAVs, labels to be put right by ear, a recipient.

    Noted in the audit trail: what somebody said leaves the store.
    """
    with plain_errors():
        database = open_store(settings_from(settings))
        try:
            with database.reading() as session:
                kept = call(session, number)
            there = export_call(kept, to)
            with database.transaction() as session:
                record(session, None, Action.CALL_EXPORTED, "call", number)
        finally:
            database.close()
    say(f"Wrote {there}. Listen to answers/*.wav and put labels.yaml right; then:")
    say(f"  menling calls replay {there}")


@calls_app.command("replay", epilog="Example: menling calls replay fixtures/call-000012")
def replay(
    fixture: Annotated[Path, typer.Argument(help="Folder that `menling calls export` made.")],
    settings: SettingsFile = None,
) -> None:
    """Play a fixture to its flow, faster than it was; status 1 if another end comes of it."""
    with plain_errors():
        chosen = settings_from(settings)
        scenario = load_scenario(fixture / "scenario.yaml")
        labels = _labels(fixture)
        report = asyncio.run(_replayed(chosen, scenario, labels["flow"], labels["language"]))
    screen.print(_turns(report))
    came_to = report.result.outcome.value if report.result else "no conversation"
    if came_to != scenario.expect.outcome:
        complain(f"It came to {came_to}; in the call it was {scenario.expect.outcome}.")
        raise typer.Exit(1)
    say(f"It came to {came_to}, as in the call.")


async def _replayed(
    settings: Settings, scenario: Scenario, flow_id: str, language: str
) -> ConversationReport:
    flow = load_flow(flow_id, language)
    now = datetime.now(ZoneInfo(settings.campaign.time_zone))
    facts = facts_for(flow, invented_facts(now, settings.campaign.company), {})
    async with equipped(settings, language) as equipment:
        return await rehearse(scenario, equipment, flow, facts)


def _labels(fixture: Path) -> dict[str, str]:
    told = yaml.safe_load((fixture / "labels.yaml").read_text(encoding="utf-8"))
    if not isinstance(told, dict) or not all(
        isinstance(told.get(name), str) for name in ("flow", "language")
    ):
        raise FixtureError(
            f"{fixture}/labels.yaml must name the flow and the language of the call."
        )
    return told


def _turns(report: ConversationReport) -> Table:
    table = Table("s", "who", "words", box=None)
    for turn in report.turns:
        words = f"[{turn.key}]" if turn.key else turn.text
        table.add_row(f"{turn.began_seconds:.1f}", turn.speaker.value, words)
    return table
