"""`menling events`: what other systems told as it happened, and what followed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from campaigns.incoming.nodes import way_of
from campaigns.incoming.reading import event_in
from campaigns.incoming.rules import incoming_rules_of
from campaigns.incoming.taking import take
from console.running import open_store
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from store.errors import StoreError
from store.live_event_types import LiveEventStatus
from store.live_events import event_lines, retry_event

events_app = typer.Typer(
    help="Events 事件: what other systems told as it happened, and what followed.",
    epilog="Example: menling events list --status refused; then menling events retry 12",
    no_args_is_help=True,
)


@events_app.command("list", epilog="Example: menling events list --status refused")
def list_events(
    status: Annotated[LiveEventStatus | None, typer.Option(help="Only these.")] = None,
    waybill: Annotated[str, typer.Option(help="Only those about this parcel.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")] = 50,
    settings: SettingsFile = None,
) -> None:
    """List events, the newest first, with why nothing followed."""
    with plain_errors():
        database = open_store(settings_from(settings))
        try:
            with database.reading() as session:
                found = event_lines(session, status=status, waybill=waybill, at_most=limit)
        finally:
            database.close()
    table = Table("#", "source", "event", "waybill", "at", "status", "contact", "why")
    for each in found:
        table.add_row(
            str(each.id),
            each.told.source,
            each.told.event,
            each.told.waybill,
            f"{each.told.at:%Y-%m-%d %H:%M}",
            each.status.value,
            str(each.contact_id or ""),
            each.error,
        )
    screen.print(table)
    refused = sum(each.status is LiveEventStatus.REFUSED for each in found)
    say(f"{len(found)} events, {refused} of them refused.")


@events_app.command("retry", epilog="Example: menling events retry 12 13")
def retry(
    numbers: Annotated[list[int], typer.Argument(help="Numbers of refused events.")],
    settings: SettingsFile = None,
) -> None:
    """Handle refused events once more, after what was wrong is put right here."""
    with plain_errors():
        database = open_store(settings_from(settings))
        try:
            with database.transaction() as session:
                for number in numbers:
                    retry_event(session, number, datetime.now(UTC))
        finally:
            database.close()
    say(f"{len(numbers)} events are handled again by `menling serve`.")


@events_app.command("send", epilog="Example: menling events send placed.json")
def send(
    file: Annotated[Path, typer.Argument(help="JSON of one event, or a list of them.")],
    settings: SettingsFile = None,
) -> None:
    """Tell events by hand, as another system would; the same ids count once."""
    now = datetime.now(UTC)
    with plain_errors():
        try:
            written = json.loads(file.read_text(encoding="utf-8-sig"))
            some = written if isinstance(written, list) else [written]
            told = [event_in("file", each, now) for each in some]
        except (OSError, ValueError) as error:
            raise StoreError(f"{file}: {error}") from error
        chosen = settings_from(settings)
        rules = incoming_rules_of(chosen.incoming.rules_file)
        way = way_of(chosen.incoming.nodes_file)
        database = open_store(chosen)
        new = refused = 0
        try:
            for each in told:
                with database.transaction() as session:
                    line, is_new = take(session, rules, each, now, way)
                new += is_new
                refused += line.status is LiveEventStatus.REFUSED
        finally:
            database.close()
    say(f"{len(told)} events, {new} of them new, {refused} refused.")


@events_app.command("rules", epilog="Example: menling events rules")
def show_rules(settings: SettingsFile = None) -> None:
    """Show which event starts which conversation, by the table that counts."""
    with plain_errors():
        rules = incoming_rules_of(settings_from(settings).incoming.rules_file)
    table = Table("event", "status", "starts", "campaign", "after", "until", "again after")
    for name in rules.known:
        rule = rules.of(name)
        for start in (rule.starts if rule else ()) or (None,):
            table.add_row(
                name,
                rule.status if rule else "",
                *(
                    ("", "", "", "", "")
                    if start is None
                    else (
                        start.flow,
                        start.campaign,
                        str(max(start.delay, start.merge)),
                        str(start.within or ""),
                        str(start.again_after or "never"),
                    )
                ),
            )
    screen.print(table)
