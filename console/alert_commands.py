"""`menling alerts`: parcels that are late at a node of their way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from campaigns.incoming.nodes import way_of
from console.running import open_store
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from store.nodes import acknowledge, alerts

alerts_app = typer.Typer(
    help="Alerts 预警: parcels that are late at a node of their way.",
    epilog="Example: menling alerts list --owner warehouse; menling alerts acknowledge 3 --by 王",
    no_args_is_help=True,
)


@alerts_app.command("list", epilog="Example: menling alerts list --owner warehouse")
def list_alerts(
    owner: Annotated[str, typer.Option(help="Only those of this department.")] = "",
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Those that are cleared, too; the newest first.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")] = 100,
    settings: SettingsFile = None,
) -> None:
    """List alerts, the longest overdue first."""
    with plain_errors():
        chosen = settings_from(settings)
        way = way_of(chosen.incoming.nodes_file)
        database = open_store(chosen)
        try:
            with database.reading() as session:
                found = alerts(session, owner=owner, cleared=all_of_them, at_most=limit)
        finally:
            database.close()
    names = {each.name: f"{each.zh} {each.en}" for each in way.nodes}
    table = Table("#", "waybill", "node", "owner", "due", "raised", "seen to by", "cleared")
    for each in found:
        table.add_row(
            str(each.id),
            each.waybill,
            names.get(each.node, each.node),
            each.owner,
            f"{each.due_at:%Y-%m-%d %H:%M}",
            f"{each.raised_at:%Y-%m-%d %H:%M}",
            each.acknowledged_by,
            "" if each.cleared_at is None else f"{each.cleared_at:%Y-%m-%d %H:%M}",
        )
    screen.print(table)
    say(f"{len(found)} alerts.")


@alerts_app.command("acknowledge", epilog="Example: menling alerts acknowledge 3 4 --by 王")
def acknowledge_alerts(
    numbers: Annotated[list[int], typer.Argument(help="Numbers of alerts.")],
    by: Annotated[str, typer.Option(help="Who sees to them.")],
    settings: SettingsFile = None,
) -> None:
    """Note who sees to alerts; they are cleared when the parcel moves on."""
    with plain_errors():
        database = open_store(settings_from(settings))
        try:
            with database.transaction() as session:
                for number in numbers:
                    acknowledge(session, number, by, datetime.now(UTC))
        finally:
            database.close()
    say(f"{len(numbers)} alerts are seen to by {by}.")
