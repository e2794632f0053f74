"""Results of a campaign as people and programs read them."""

from __future__ import annotations

import csv
from pathlib import Path

from rich import box
from rich.table import Table

from campaigns.results import By, Results, Share, cells


def results_table(name: str, by: By, found: tuple[Results, ...]) -> Table:
    """Return results as a table, with the ends of 95 % confidence intervals."""
    table = Table(title=f"{name}: {by.value}", box=box.SIMPLE_HEAD)
    for heading in (by.value, "收件人", "已拨打", "联系上", "谈妥", "拒绝再拨", "通话秒"):
        table.add_column(heading, justify="right" if heading != by.value else "left")
    for each in found:
        table.add_row(
            each.group or "-", str(each.contacts), str(each.called), _told(each.reached),
            _told(each.settled), _told(each.opted_out), f"{each.talk_seconds:.0f}",
        )  # fmt: skip
    return table


def write_results(file: Path, found: tuple[Results, ...]) -> None:
    """Write results as CSV, a row for each group; raises OSError."""
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        lines = [cells(each) for each in found]
        table = csv.DictWriter(target, list(lines[0]) if lines else ["group"])
        table.writeheader()
        table.writerows(lines)


def _told(share: Share) -> str:
    if share.share is None or share.interval is None:
        return "-"
    low, high = share.interval
    return f"{share.part}（{share.share:.1%}，{low:.1%}-{high:.1%}）"
