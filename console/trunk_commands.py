"""`menling trunks`: the trunks of the settings, and how they fare."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from campaigns.settings import Settings
from campaigns.settings_trunks import TrunkSettings
from console.finding import Finding, Health
from console.screen import complain, say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from console.trunk_findings import told_of, trunk_finding


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("trunks", epilog="Example: menling trunks --ping")(trunks)


def trunks(
    ping: Annotated[
        bool, typer.Option("--ping", help="Ask each by SIP OPTIONS whether it is there.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Show the trunks: what each may carry, its state, its calls; status 1 when --ping fails."""
    with plain_errors():
        chosen = settings_from(settings)
        written = chosen.all_trunks
        if not any(trunk.host for trunk in written.values()):
            say("No trunk is set; write trunk.host into the settings file.")
            raise typer.Exit(1)
        findings = asyncio.run(_asked(chosen)) if ping else ()
        told = asyncio.run(_told(chosen))
    screen.print(_table(written, told))
    for name, engines in told.items():
        for each in engines:
            if fault := str(each.get("fault", "")):
                complain(f"{name} at {each['engine']}: {fault}")
    for finding in findings:
        say(f"{finding.name}: {finding.what}" + (f" → {finding.remedy}" if finding.remedy else ""))
    if any(each.health is Health.MISSING for each in findings):
        raise typer.Exit(1)


async def _asked(settings: Settings) -> tuple[Finding, ...]:
    found = (trunk_finding(name, settings) for name in settings.all_trunks)
    return tuple(await asyncio.gather(*found))


async def _told(settings: Settings) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    return {name: await told_of(settings, name) for name in settings.all_trunks}


def _table(
    written: Mapping[str, TrunkSettings], told: Mapping[str, tuple[Mapping[str, Any], ...]]
) -> Table:
    table = Table()
    for heading in ("trunk", "where", "priority", "channels", "per second", "state", "registered"):
        table.add_column(heading)
    for name, trunk in written.items():
        engines = told[name]
        in_use = sum(int(each.get("in_use", 0)) for each in engines)
        table.add_row(
            name,
            f"{trunk.host}:{trunk.port} {trunk.transport}",
            f"{trunk.priority} ×{trunk.weight}",
            f"{in_use}/{trunk.max_channels}" if engines else str(trunk.max_channels),
            f"{trunk.calls_per_second:g}",
            ", ".join(sorted({str(each["state"]) for each in engines})) or "no engine serves",
            _registered(trunk, engines),
        )
    return table


def _registered(trunk: TrunkSettings, engines: tuple[Mapping[str, Any], ...]) -> str:
    if not trunk.registers:
        return "-"
    if not engines:
        return "?"
    return "yes" if all(each.get("registered") for each in engines) else "no"
