"""Tables of tickets that people read, on 80 columns with nothing cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from campaigns.report import Rate
from campaigns.tickets_clock import Timer
from campaigns.tickets_due import DueItem
from campaigns.tickets_figures import Tally, TicketFigures
from campaigns.tickets_matrix import Matrix, Taxonomy
from console.ticket_words import (
    RECORD,
    STATUSES,
    STEPS,
    TIMERS,
    department_of,
    kind_of,
    line_of,
    local,
    masked,
    proposal_of,
    record_of,
    trouble_of,
)
from store.ticket_values import TicketEventRecord, TicketFacts, WishCount


def tickets_table(
    found: Iterable[TicketFacts], words: Taxonomy, zone: ZoneInfo, now: datetime
) -> Table:
    """Return a list of tickets; what is late is marked."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("工单号", no_wrap=True)
    table.add_column("运单号", overflow="fold", min_width=8)
    table.add_column("问题", overflow="fold", min_width=8)
    table.add_column("责任", overflow="fold", min_width=6)
    table.add_column("状态", overflow="fold", min_width=6)
    table.add_column("解决时限", no_wrap=True)
    for each in found:
        overdue = not each.status.is_settled and each.times.resolve_by <= now
        table.add_row(
            each.number,
            each.waybill,
            Text(trouble_of(each, words), "bold red" if each.urgent else ""),
            line_of(each, words),
            STATUSES[each.status],
            Text(local(each.times.resolve_by, zone), "red" if overdue else ""),
        )
    return table


def due_table(items: Iterable[DueItem], words: Taxonomy, zone: ZoneInfo, now: datetime) -> Table:
    """Return what waits, the most urgent first."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("时限", no_wrap=True)
    table.add_column("待办", overflow="fold", min_width=8)
    table.add_column("工单号", no_wrap=True)
    table.add_column("问题", overflow="fold", min_width=8)
    table.add_column("责任", overflow="fold", min_width=6)
    for item in items:
        late = item.is_late(now) and item.timer is not Timer.TELLING
        table.add_row(
            Text(local(item.by, zone), "bold red" if late else ""),
            f"{TIMERS[item.timer]}{'(超时)' if late else ''}",
            item.ticket.number,
            trouble_of(item.ticket, words),
            line_of(item.ticket, words),
        )
    return table


def ticket_table(found: TicketFacts, matrix: Matrix, zone: ZoneInfo, value_fen: int) -> Table:
    """Return one ticket with all that is known of it but who it was, and what may be offered."""
    words = matrix.taxonomy
    table = Table(title=found.number, show_header=False, box=box.SIMPLE)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    times = found.times
    rows = (
        ("类型", f"{kind_of(found, words)}{' 加急' if found.urgent else ''}"),
        ("问题", trouble_of(found, words)),
        ("责任", f"{department_of(found, words)} → {line_of(found, words)}"),
        ("状态", STATUSES[found.status]),
        ("运单号", found.waybill),
        *((RECORD[name], text) for name, text in record_of(found, words).items()),
        ("客户原话", masked(found.words)),
        ("方案", proposal_of(found, words)),
        ("可提方案", "" if found.status.is_settled else _offers(found, matrix, value_fen)),
        ("赔付", f"{found.compensation_fen / 100:.2f} 元" if found.compensation_fen else ""),
        ("结果", masked(found.resolution)),
        ("登记", f"{local(times.opened_at, zone)} {found.opened_by}"),
        ("首次响应", _limit(times.acknowledged_at, times.respond_by, zone)),
        ("提方案", _limit(times.proposed_at, times.propose_by, zone)),
        ("解决", _limit(times.resolved_at, times.resolve_by, zone)),
        ("答应回电", local(times.callback_by, zone)),
        ("告知客户", local(times.customer_told_at, zone)),
    )
    for name, text in rows:
        if text:
            table.add_row(name, text)
    return table


def events_table(events: Iterable[TicketEventRecord], zone: ZoneInfo) -> Table:
    """Return the ledger of a ticket."""
    table = Table(title="处理记录", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("时间", no_wrap=True)
    table.add_column("谁", overflow="fold", min_width=6)
    table.add_column("做了什么", no_wrap=True)
    table.add_column("备注", overflow="fold", min_width=12)
    for line in events:
        table.add_row(local(line.at, zone), line.who, STEPS[line.step], masked(line.note))
    return table


def wishes_table(counts: Iterable[WishCount], words: Taxonomy, zone: ZoneInfo) -> Table:
    """Return what recipients wished for, the most frequent first."""
    table = Table(title="客户愿望", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("愿望", overflow="fold", min_width=12)
    table.add_column("次数", justify="right", no_wrap=True)
    table.add_column("最近一次", no_wrap=True)
    table.add_column("原话", overflow="fold")
    for each in counts:
        label = words.wishes.get(each.tag, {}).get("zh-CN", each.tag)
        table.add_row(label, str(each.count), local(each.last_at, zone), masked(each.words))
    return table


def matrix_table(matrix: Matrix) -> Table:
    """Return the responsibility matrix."""
    words = matrix.taxonomy
    table = Table(title="责任矩阵", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("问题", overflow="fold", min_width=10)
    table.add_column("责任部门", overflow="fold", min_width=8)
    table.add_column("方案", overflow="fold")
    table.add_column("赔偿上限(元)", justify="right")
    table.add_column("解决(小时)", justify="right")
    for (kind, cause), row in matrix.rows.items():
        about = words.kinds[kind]
        labels = about.causes[cause] if cause else about.labels
        table.add_row(
            labels["zh-CN"],
            words.departments[row.department].labels["zh-CN"],
            "、".join(words.proposals[each].labels["zh-CN"] for each in row.proposals),
            f"{row.compensation_limit_fen / 100:g}" if row.compensation_limit_fen else "",
            str(row.resolution_hours),
        )
    return table


def week_tables(figures: TicketFigures, words: Taxonomy, title: str) -> tuple[Table, ...]:
    """Return the analysis of a week: in figures, then by type, problem, department and reason."""
    limits = figures.in_time
    table = Table(title=title, show_header=False, box=box.SIMPLE)
    table.add_column()
    table.add_column(justify="right")
    for name, told in (
        ("登记", f"{figures.opened}(上周 {figures.opened_before})"),
        ("已解决", str(figures.settled)),
        ("首次响应及时", _rate(limits.response)),
        ("提方案及时", _rate(limits.proposal)),
        ("解决及时", _rate(limits.resolution)),
        ("已告知客户", _rate(figures.told)),
        ("待回电", str(limits.callback_open)),
        ("升级", str(figures.escalations)),
        ("重新处理", str(figures.reopened)),
        ("赔付", f"{figures.compensation_fen / 100:.2f} 元"),
    ):
        table.add_row(name, told)
    kinds = {kind.id: kind.labels["zh-CN"] for kind in words.kinds.values()}
    causes = {
        f"{kind.id}/{cause}": labels["zh-CN"]
        for kind in words.kinds.values()
        for cause, labels in (*kind.causes.items(), ("", kind.labels))
    }
    departments = {each.id: each.labels["zh-CN"] for each in words.departments.values()}
    reasons = {reason: labels["zh-CN"] for reason, labels in words.reasons.items()}
    late = figures.late_by_department
    return (
        table,
        _tally_table("类型", figures.kinds, kinds),
        _tally_table("主要问题", figures.causes, causes),
        _tally_table("责任部门", figures.departments, departments, late),
        _tally_table("原因", figures.reasons, reasons),
    )


def _offers(found: TicketFacts, matrix: Matrix, value_fen: int) -> str:
    offers = matrix.proposals_for(found.kind, found.cause, value_fen, found.level)
    most = {offer.proposal: offer.up_to_fen for offer in offers}
    told: list[str] = []
    for name in matrix.row(found.kind, found.cause).proposals:
        label = matrix.taxonomy.proposals[name].labels["zh-CN"]
        limit = f" 最多 {most[name] / 100:g} 元" if most.get(name) else ""
        depends = "" if name in most else " 看货值"
        told.append(f"{name}({label}{limit}{depends})")
    return "\n".join(told)


def _tally_table(
    title: str,
    tallies: Iterable[Tally],
    labels: Mapping[str, str],
    late: Mapping[str, int] | None = None,
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column(title, overflow="fold", min_width=16)
    table.add_column("本周", justify="right")
    table.add_column("上周", justify="right")
    if late is not None:
        table.add_column("超时", justify="right")
    for each in tallies:
        cells = [labels.get(each.word, each.word), str(each.count), str(each.before)]
        table.add_row(*cells, *([] if late is None else [str(late.get(each.word, 0))]))
    return table


def _rate(rate: Rate) -> str:
    share = "-" if rate.share is None else f"{rate.share:.0%}"
    return f"{rate.part}/{rate.whole}({share})"


def _limit(done: datetime | None, by: datetime, zone: ZoneInfo) -> str:
    if done is None:
        return f"最晚 {local(by, zone)}"
    return f"{local(done, zone)}(最晚 {local(by, zone)}{',超时' if done > by else ''})"
