"""`menling retries`: by which table people are called again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table as Grid

from campaigns.labels import LabelLanguage
from campaigns.retry_reader import load_table, names_in, read_file
from campaigns.retry_table import RetryTable
from campaigns.retry_words import limits_of, rows_of
from campaigns.rules import rules_of
from console.running import existing_campaign, open_store
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from

retries_app = typer.Typer(
    help="Retries 重拨: who is called again, when, and how often.",
    epilog="Example: menling retries show delivery; then menling retries check mine.yaml",
    no_args_is_help=True,
)

Chinese = Annotated[bool, typer.Option("--zh", help="In Chinese.")]


@retries_app.command(epilog="Example: menling retries show --campaign tomorrow")
def show(
    table: Annotated[str, typer.Argument(help="Its name; none: the one that settings name.")] = "",
    campaign: Annotated[
        str, typer.Option(help="The table this campaign runs by, with all that it changes.")
    ] = "",
    flow: Annotated[str, typer.Option(help="The table for calls of this conversation.")] = "",
    chinese: Chinese = False,
    settings: SettingsFile = None,
) -> None:
    """Print a retry table in words: after each end of a call, when we call again."""
    with plain_errors():
        chosen = settings_from(settings)
        folder = chosen.campaign.retry_tables
        if campaign:
            database = open_store(chosen)
            try:
                facts = existing_campaign(database, campaign)
            finally:
                database.close()
            found = rules_of(chosen.campaign, facts.policy, flow=facts.flow).retry
        elif table:
            found = load_table(table, folder)
        else:
            found = rules_of(chosen.campaign, {}, flow=flow).retry
        names = names_in(folder)
    _print(found, "zh" if chinese else "en")
    say(f"Tables to choose from: {', '.join(names)}.")


@retries_app.command(epilog="Example: menling retries check mine.yaml")
def check(
    file: Annotated[Path, typer.Argument(help="A retry table of your own (YAML).")],
    chinese: Chinese = False,
) -> None:
    """Look for faults in a retry table, and print it in words; status 1 when it can't be used."""
    with plain_errors():
        found = read_file(file)
    _print(found, "zh" if chinese else "en")
    say(f"Sound: {len(found.rules)} rules.")


def _print(table: RetryTable, language: LabelLanguage) -> None:
    heads = {
        "zh": ("计数", "通话结果", "什么时候再打", "另外"),
        "en": ("counts as", "the call ended", "we call again", "and"),
    }[language]
    title = table.title.get(language, "")
    grid = Grid(title=f"{table.name} · {title}" if title else table.name)
    for head in heads:
        grid.add_column(head, overflow="fold")
    for row in rows_of(table, language):
        grid.add_row(row.clock, row.end, row.again, row.then)
    screen.print(grid)
    say(limits_of(table, language))
