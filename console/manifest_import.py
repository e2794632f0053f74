"""Manifests on their way in, as the command line shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from campaigns.importer import ImportReport, import_manifest
from campaigns.manifest import ManifestError
from campaigns.settings import Settings
from console.imports import SHOWN, lines_of, write_problems
from console.running import campaign_and_needs, results_dir
from console.screen import complain, say, screen
from console.terminal import sentence_of
from store.database import Database

ROWS_TO_PUT_RIGHT: Final = 3
"""Exit status of an import of which some rows stayed out; 2 is a wrong command line."""
_A_LONG_ONE: Final = 2**20
"""Files of more bytes show how far they are."""


def import_files(
    database: Database, settings: Settings, campaign: str, flow: str, files: Sequence[Path]
) -> int:
    """Import files into a campaign, tell what became of each, and return the exit status."""
    unusable = to_put_right = 0
    for file in files:
        file.open("rb").close()  # one that is missing keeps all others out
    facts, needs = campaign_and_needs(database, settings, campaign, flow)
    for file in files:
        content = file.read_bytes()
        try:
            with _bar(hidden=len(content) < _A_LONG_ONE) as bar:
                task = bar.add_task(file.name, total=None)
                report = import_manifest(
                    database, facts.id, file.name, content, datetime.now(UTC), needs,
                    progress=partial(_moved, bar, task),
                )  # fmt: skip
        except ManifestError as error:
            complain(f"{file}: {error}")
            unusable += 1
        else:
            _show(report, settings)
            to_put_right += bool(report.problems)
    if unusable:
        return 1
    return ROWS_TO_PUT_RIGHT if to_put_right else 0


def _bar(hidden: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=hidden,
    )


def _moved(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


def _show(report: ImportReport, settings: Settings) -> None:
    for line in lines_of(report):
        say(line)
    if not report.problems:
        return
    try:
        written = write_problems(report, results_dir(settings))
    except OSError as error:
        say(f"  The list of problems can't be written: {sentence_of(error)}")
        for problem in report.problems[SHOWN:]:
            say(f"  {problem}")
    else:
        say(f"  All problems: {written}. Put them right and import the file again.")
