"""`menling review`: which calls of a week are worth hearing again, and what they were worth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from campaigns.labels import Shelf, label
from campaigns.review_list import draw_week
from campaigns.review_plan import shipped_review_plan
from campaigns.reviewing import total, week_of
from console.running import open_store
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from store.review_queries import reviews_of

review_app = typer.Typer(
    help="Call review 复核: the calls of a week that are listened to again.",
    epilog="Example: menling review draw; menling review list --week 2026-11-16",
    no_args_is_help=True,
)

Week = Annotated[
    datetime | None,
    typer.Option("--week", formats=["%Y-%m-%d"], help="A day of the week; else last week."),
]


@review_app.command("draw", epilog="Example: menling review draw --week 2026-11-16")
def draw(week: Week = None, settings: SettingsFile = None) -> None:
    """Draw the calls of a week: flagged, low grades, long ones, and some by lot."""
    with plain_errors():
        chosen = settings_from(settings)
        zone = ZoneInfo(chosen.campaign.time_zone)
        now = datetime.now(UTC)
        monday = _monday(week, now.astimezone(zone).date())
        database = open_store(chosen)
        try:
            with database.transaction() as session:
                came = draw_week(session, monday, zone, shipped_review_plan().rules, now)
        finally:
            database.close()
    say(f"{came} call(s) came to the list of the week from {monday}: menling review list")


@review_app.command("list", epilog="Example: menling review list --week 2026-11-16")
def list_week(week: Week = None, settings: SettingsFile = None) -> None:
    """Show the list of a week; what nobody has scored yet comes first."""
    with plain_errors():
        chosen = settings_from(settings)
        today = datetime.now(ZoneInfo(chosen.campaign.time_zone)).date()
        database = open_store(chosen)
        try:
            with database.reading() as session:
                lines = reviews_of(session, _monday(week, today))
        finally:
            database.close()
    table = Table("call", "why", "", "s", "came to", "points", "by", box=None)
    for line in lines:
        table.add_row(
            str(line.attempt_id),
            label(Shelf.REVIEW_REASON, line.reason, "zh"),
            line.detail,
            f"{line.talk_seconds:.0f}",
            label(Shelf.OUTCOME, line.outcome, "zh"),
            str(total(line.marks)) if line.done_at else "",
            line.done_by,
        )
    if not lines:
        say("Nothing is on the list of that week; `menling review draw` makes one.")
        return
    screen.print(table)


def _monday(week: datetime | None, today: date) -> date:
    return week_of(today - timedelta(days=7) if week is None else week.date())
