"""Tables that people read: what a campaign came to, and what is missing on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rich.table import Table

from campaigns.labels import Shelf, label
from campaigns.report import Durations, Rate, explain, figures_of
from campaigns.rules import rules_of
from campaigns.settings import Settings
from console.doctor import Finding
from store.campaign_queries import attempt_lines, contact_history
from store.database import Database
from store.errors import StoreError
from store.queries import contact_lines, progress
from store.values import CampaignFacts


def campaign_tables(database: Database, campaign_id: int) -> tuple[Table, ...]:
    """Return the tables of a campaign: its figures and its contacts."""
    with database.reading() as session:
        figures = figures_of(progress(session, campaign_id), attempt_lines(session, campaign_id))
        lines = contact_lines(session, campaign_id)
    totals = Table(title=figures.progress.campaign.name, show_header=False)
    totals.add_column()
    totals.add_column(justify="right")
    for status, count in figures.progress.contacts.items():
        if count:
            totals.add_row(f"contacts: {label(Shelf.CONTACT, status, 'zh')}", str(count))
    for disposition, count in figures.dispositions.items():
        totals.add_row(label(Shelf.DISPOSITION, disposition, "zh"), str(count))
    for outcome, count in figures.outcomes.items():
        totals.add_row(label(Shelf.OUTCOME, outcome, "zh"), str(count))
    for name, rate in (
        ("answered, of calls", figures.answer),
        ("reached, of contacts called", figures.reach),
        ("settled, of reached", figures.settled),
        ("confirmed, of reached", figures.confirm),
    ):
        totals.add_row(name, _rate(rate))
    totals.add_row("ringing", _durations(figures.ringing))
    totals.add_row("talking", _durations(figures.talking))
    people = Table(title="Contacts")
    for name in ("Contact", "Waybill", "Status", "Attempts", "Disposition", "Outcome", "Person"):
        people.add_column(name)
    for line in lines:
        latest = line.latest
        people.add_row(
            str(line.contact_id),
            " ".join(line.waybills),
            label(Shelf.CONTACT, line.status, "zh"),
            str(line.attempts),
            label(Shelf.DISPOSITION, latest.disposition, "zh") if latest else "",
            label(Shelf.OUTCOME, latest.outcome, "zh") if latest else "",
            latest.settled.needs_person if latest else "",
        )
    return totals, people


def contact_lines_of(
    database: Database, settings: Settings, campaign: CampaignFacts, contact: int, now: datetime
) -> tuple[str, ...]:
    """Return why a contact is where it is; raises StoreError when the campaign has no such one."""
    with database.reading() as session:
        if contact not in {line.contact_id for line in contact_lines(session, campaign.id)}:
            raise StoreError(
                f"Campaign {campaign.name} has no contact {contact}; "
                f"`menling report {campaign.name}` lists them"
            )
        history = contact_history(session, contact)
    rules = rules_of(settings.campaign, campaign.policy)
    return explain(history, rules, campaign.status, now)


def findings_table(findings: Iterable[Finding]) -> Table:
    """Return what the doctor found."""
    table = Table(title="menling doctor", show_lines=True)
    for name in ("", "What", "Found", "What to do"):
        table.add_column(name)
    for each in findings:
        mark = "[green]ok[/green]" if each.well else "[red]missing[/red]"
        table.add_row(mark, each.name, each.what, each.remedy)
    return table


def _rate(rate: Rate) -> str:
    share = "-" if rate.share is None else f"{rate.share:.0%}"
    return f"{rate.part} of {rate.whole} ({share})"


def _durations(durations: Durations) -> str:
    return f"{durations.mean:.1f} s on average, {durations.total / 60:.1f} min in all"
