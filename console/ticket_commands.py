"""`menling tickets`: what went wrong for customers, whose it is, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from campaigns.tickets_due import due, escalate_overdue
from campaigns.tickets_figures import figures_of, week_of
from campaigns.tickets_money import known_value_fen
from campaigns.tickets_reader import load_matrix
from campaigns.tickets_rules import ticket_rules_of
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from console.ticket_desk import (
    First,
    Last,
    Number,
    day_or_today,
    days_between,
    desk,
    spoken_number,
)
from console.ticket_ledger import ledger_rows, write_ledger
from console.ticket_steps import register_steps
from console.ticket_tables import (
    due_table,
    events_table,
    matrix_table,
    ticket_table,
    tickets_table,
    week_tables,
    wishes_table,
)
from store.ticket_queries import TicketFilter, ticket, ticket_events, tickets
from store.types import TicketStatus
from store.wish_queries import wish_counts

tickets_app = typer.Typer(
    help="Tickets 工单: what went wrong for customers, and what became of it.",
    epilog="Example: menling tickets due; then menling tickets show T20261122-0001",
    no_args_is_help=True,
)
register_steps(tickets_app)

Department = Annotated[str, typer.Option(help="Only those of this department, by its id.")]


@tickets_app.command("list", epilog="Example: menling tickets list --status open --overdue")
def list_tickets(
    status: Annotated[
        list[TicketStatus] | None, typer.Option(help="Only these; may be given several times.")
    ] = None,
    department: Department = "",
    waybill: Annotated[str, typer.Option(help="Only those about this parcel.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are late.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Settled ones, too.")] = False,
    settings: SettingsFile = None,
) -> None:
    """List tickets, the oldest first; without --status or --all those that are not settled."""
    unsettled = [each for each in TicketStatus if not each.is_settled]
    with desk(settings) as at, at.database.reading() as session:
        wanted = TicketFilter(
            statuses=status or ([] if everything else unsettled),
            department=department,
            waybill=waybill,
            overdue_at=at.now if overdue else None,
        )
        found = tickets(session, wanted)
        words, zone = at.rules.matrix.taxonomy, at.rules.zone
        screen.print(tickets_table(found, words, zone, at.now))
    say(f"{len(found)} tickets. One of them: menling tickets show NUMBER")


@tickets_app.command(epilog="Example: menling tickets show T20261122-0001")
def show(number: Number, settings: SettingsFile = None) -> None:
    """Show one ticket: 5W1H, time limits, what may be offered, and every step."""
    with desk(settings) as at, at.database.reading() as session:
        found = ticket(session, spoken_number(number))
        events = ticket_events(session, found.number)
        matrix, zone = at.rules.matrix, at.rules.zone
        value = known_value_fen(session, found.delivery_id)
        screen.print(ticket_table(found, matrix, zone, value))
        screen.print(events_table(events, zone))


@tickets_app.command("due", epilog="Example: menling tickets due --department delivery")
def show_due(department: Department = "", settings: SettingsFile = None) -> None:
    """Show what waits to be done, the most urgent first; what is late is red."""
    with desk(settings) as at, at.database.reading() as session:
        items = due(session, at.now, department)
        words, zone = at.rules.matrix.taxonomy, at.rules.zone
        screen.print(due_table(items, words, zone, at.now))
    late = sum(item.is_late(at.now) for item in items)
    say(f"{len(items)} wait, {late} of them late.")


@tickets_app.command("overdue", epilog="Example: menling tickets overdue")
def hand_up_overdue(settings: SettingsFile = None) -> None:
    """Hand every late ticket to the next line now; a running campaign does so by itself."""
    with desk(settings) as at, at.database.transaction() as session:
        escalated = escalate_overdue(session, at.rules, at.now)
        words, zone = at.rules.matrix.taxonomy, at.rules.zone
    screen.print(tickets_table(escalated, words, zone, at.now))
    say(f"{len(escalated)} went to the next line.")


@tickets_app.command(
    epilog="Example: menling tickets ledger --from 2026-11-16 --to 2026-11-22 --csv ledger.csv"
)
def ledger(
    first: First = None,
    last: Last = None,
    csv: Annotated[Path | None, typer.Option(help="Write it to this file, for Excel.")] = None,
    settings: SettingsFile = None,
) -> None:
    """Show the ledger of exceptions (异常处理台账); the file has 5W1H, money and every time."""
    with desk(settings) as at, at.database.reading() as session:
        begin, end = days_between(at, first, last)
        found = tickets(session, TicketFilter(opened_from=begin, opened_before=end))
        words, zone = at.rules.matrix.taxonomy, at.rules.zone
        if csv is None:
            screen.print(tickets_table(found, words, zone, at.now))
        else:
            write_ledger(csv, ledger_rows(found, words, zone))
            say(f"{csv}: {len(found)} tickets")


@tickets_app.command(epilog="Example: menling tickets week --of 2026-11-16")
def week(
    of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day of the week; else today.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Show a week in figures: types, problems, departments, reasons, and what was in time."""
    with desk(settings) as at, at.database.reading() as session:
        zone = at.rules.zone
        begin, end = week_of(day_or_today(at, of), zone)
        before, _ = week_of((begin - timedelta(days=1)).date(), zone)
        figures = figures_of(
            tickets(session, TicketFilter(opened_from=begin, opened_before=end)),
            tickets(session, TicketFilter(opened_from=before, opened_before=begin)),
            ticket_events(session, since=begin),
            at.now,
            lambda each: at.rules.matrix.row(each.kind, each.cause).follow_up,
        )
        sunday = end - timedelta(days=1)
        title = f"工单周报 {begin:%Y-%m-%d} 至 {sunday:%Y-%m-%d}"
        for table in week_tables(figures, at.rules.matrix.taxonomy, title):
            if table.row_count:
                screen.print(table)


@tickets_app.command(epilog="Example: menling tickets wishes --from 2026-11-01 --to 2026-11-30")
def wishes(first: First = None, last: Last = None, settings: SettingsFile = None) -> None:
    """Count what recipients said they would like: 希望晚上送, 周末送…"""
    with desk(settings) as at, at.database.reading() as session:
        begin, end = days_between(at, first, last)
        counts = wish_counts(session, begin, end)
        screen.print(wishes_table(counts, at.rules.matrix.taxonomy, at.rules.zone))


@tickets_app.command(epilog="Example: menling tickets matrix --responsibility responsibility.yaml")
def matrix(
    taxonomy: Annotated[Path | None, typer.Option(help="A taxonomy to check.")] = None,
    responsibility: Annotated[Path | None, typer.Option(help="A matrix to check.")] = None,
    settings: SettingsFile = None,
) -> None:
    """Show the responsibility matrix, or look for faults in files of your own."""
    with plain_errors():
        if taxonomy is None and responsibility is None:
            read = ticket_rules_of(settings_from(settings)).matrix
        else:
            read = load_matrix(taxonomy, responsibility)
    screen.print(matrix_table(read))
    say(f"Sound: {len(read.rows)} rows, {len(read.taxonomy.kinds)} types of exception.")
