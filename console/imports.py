"""What an import did, told to the operator; problems also as a file to work through."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from campaigns.importer import ImportReport
from campaigns.manifest_problems import Problem

SHOWN = 20
"""So many problems are shown; the file has them all."""

HEADER = ("行", "列", "内容", "问题", "怎么办")


def lines_of(report: ImportReport) -> Iterator[str]:
    """Tell what an import did: the counts, then what did not come in, each with its row."""
    if report.imported_before_at is not None:
        when = f"{report.imported_before_at.astimezone():%Y-%m-%d %H:%M}"
        yield f"{report.file_name}: the same file was imported at {when}; nothing changed."
        return
    bad_rows = len({problem.row for problem in report.problems})
    counts = (
        (report.new, "new"),
        (report.updated, "updated"),
        (report.unchanged, "unchanged"),
        (len(report.left_alone), "left as they were"),
        (bad_rows, "not imported"),
    )
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    yield f"{report.file_name}: {report.rows} rows: {told or 'nothing to do'}."
    if report.merged:
        yield f"  {report.merged} of the new ones are told of in the call of another parcel."
    if report.suppressed:
        yield f"  {report.suppressed} of them are on the do-not-call list and are not called."
    for problem in report.problems[:SHOWN]:
        yield f"  {problem}"
    if len(report.problems) > SHOWN:
        yield f"  … and {len(report.problems) - SHOWN} more."
    for left in report.left_alone[:SHOWN]:
        yield f"  第 {left.row} 行，{left.waybill}：{left.why}。"
    if len(report.left_alone) > SHOWN:
        yield f"  … and {len(report.left_alone) - SHOWN} more that were called already."


def write_problems(report: ImportReport, folder: Path) -> Path:
    """Write every problem of a manifest as a CSV that Excel opens, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{Path(report.file_name).stem}.problems.csv"
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(HEADER)
    table.writerows(_cells(problem) for problem in report.problems)
    target.write_text(text.getvalue(), "utf-8-sig")
    return target


def _cells(problem: Problem) -> tuple[str, ...]:
    shown = problem.value_shown
    # A spreadsheet would take such a cell for a formula.
    safe = f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown
    return str(problem.row), problem.column, safe, problem.what, problem.what_to_do
