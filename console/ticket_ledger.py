"""The ledger of exceptions (异常处理台账) as a CSV that Excel opens: a row a ticket."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.tickets_matrix import Taxonomy
from console.ticket_words import (
    LEVELS,
    RECORD,
    STATUSES,
    department_of,
    kind_of,
    masked,
    proposal_of,
    record_of,
    trouble_of,
)
from store.ticket_values import TicketFacts

LEDGER_HEADER: Final = (
    "工单号", "登记时间", "运单号", "类型", "问题", "责任部门", "级别", "状态",
    *RECORD.values(),
    "客户原话", "方案", "赔付(元)", "结果", "首次响应", "提方案时间", "解决时间", "告知客户时间",
    "响应时限", "方案时限", "解决时限", "登记人",
)  # fmt: skip


def ledger_rows(
    found: Iterable[TicketFacts], words: Taxonomy, zone: ZoneInfo
) -> list[tuple[str, ...]]:
    """Return the ledger 异常处理台账, a row a ticket, as `LEDGER_HEADER` names the columns."""
    return [
        (
            each.number,
            _moment(each.times.opened_at, zone),
            each.waybill,
            kind_of(each, words),
            trouble_of(each, words),
            department_of(each, words),
            LEVELS[each.level],
            STATUSES[each.status],
            *(record_of(each, words).get(name, "") for name in RECORD),
            masked(each.words),
            proposal_of(each, words),
            f"{each.compensation_fen / 100:.2f}" if each.compensation_fen else "",
            masked(each.resolution),
            _moment(each.times.acknowledged_at, zone),
            _moment(each.times.proposed_at, zone),
            _moment(each.times.resolved_at, zone),
            _moment(each.times.customer_told_at, zone),
            _moment(each.times.respond_by, zone),
            _moment(each.times.propose_by, zone),
            _moment(each.times.resolve_by, zone),
            each.opened_by,
        )
        for each in found
    ]


def write_ledger(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write the ledger as a CSV that Excel opens."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(LEDGER_HEADER)
    table.writerows([_harmless(cell) for cell in row] for row in rows)
    path.write_text(text.getvalue(), "utf-8-sig")


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking what a customer said for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell
