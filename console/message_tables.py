"""Messages as tables for the terminal; whose they are is hidden in lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from rich import box
from rich.table import Table

from console.web.masking import masked_phone, masked_words
from store.message_types import MessageKind, MessageStatus, MessageWhy
from store.message_values import MessageCount, MessageLine

_TO_DO: Final[Mapping[MessageWhy, str]] = {
    MessageWhy.NONE: "nothing",
    MessageWhy.REFUSED: "the receiver does not take it: read its answer, put it right, then replay",
    MessageWhy.TRIES: "the receiver was out of reach for long: see that it works, then replay",
    MessageWhy.UNKNOWN: "it may have been sent: ask the provider, then replay or cancel",
    MessageWhy.UNWANTED: "nothing: the recipient opted out",
    MessageWhy.TOO_LATE: "nothing: it would have come too late",
    MessageWhy.OPERATOR: "nothing: somebody cancelled it",
    MessageWhy.FORGOTTEN: "nothing: the person was forgotten",
}

_KINDS: Final[Mapping[MessageKind, str]] = {
    MessageKind.WEBHOOK: "回写（webhook）",
    MessageKind.DATABASE: "回写（数据库）",
    MessageKind.SMS: "短信",
    MessageKind.EMAIL: "邮件",
}
_STATUSES: Final[Mapping[MessageStatus, str]] = {
    MessageStatus.PENDING: "待发送",
    MessageStatus.SENT: "已发送",
    MessageStatus.DEAD: "发送失败",
    MessageStatus.CANCELLED: "未发送",
}
_WHY: Final[Mapping[MessageWhy, str]] = {
    MessageWhy.REFUSED: "对方拒收",
    MessageWhy.TRIES: "多次重试失败",
    MessageWhy.UNKNOWN: "结果不明，需核实",
    MessageWhy.UNWANTED: "客户已退订",
    MessageWhy.TOO_LATE: "已过时效",
    MessageWhy.OPERATOR: "已取消",
    MessageWhy.FORGOTTEN: "资料已删除",
}


def what_to_do(why: MessageWhy) -> str:
    """Return what an operator does about a message."""
    return _TO_DO[why]


def messages_table(lines: Iterable[MessageLine]) -> Table:
    """Return messages as a list."""
    table = Table(box=None)
    for name in ("no.", "created", "kind", "target", "event", "to", "status", "tries", "what"):
        table.add_column(name)
    for each in lines:
        error = each.last_error or (each.why if each.status is not MessageStatus.SENT else "")
        table.add_row(
            str(each.id),
            f"{each.created_at:%m-%d %H:%M}",
            each.message.kind,
            each.message.target,
            each.message.event,
            masked_phone(each.message.phone),
            each.delivery or each.status,
            str(each.tries),
            masked_words(error)[:60],
        )
    return table


def counts_table(counts: Iterable[MessageCount]) -> Table:
    """Return how the messages of a campaign fare."""
    table = Table(title="消息", show_header=False, box=box.SIMPLE)
    table.add_column()
    table.add_column(justify="right")
    for each in counts:
        why = f"（{_WHY[each.why]}）" if each.why in _WHY else ""
        table.add_row(f"{_KINDS[each.kind]}：{_STATUSES[each.status]}{why}", str(each.messages))
    return table


def message_table(line: MessageLine) -> Table:
    """Return one message with all that is known of it, for whoever may read the store."""
    message = line.message
    table = Table(box=None, show_header=False)
    told: tuple[tuple[str, object], ...] = (
        ("message", f"{line.id}, {message.kind} to {message.target}, {message.event}"),
        ("key", message.idempotency_key),
        ("status", f"{line.status} {line.why}".strip()),
        ("tries", line.tries),
        ("created", f"{line.created_at:%F %T} UTC"),
        ("next try", f"{line.next_try_at:%F %T} UTC" if line.status == "pending" else ""),
        ("sent", "" if line.sent_at is None else f"{line.sent_at:%F %T} UTC {line.provider_id}"),
        ("delivery", line.delivery),
        ("error", masked_words(line.last_error)),
        ("objection", line.conflict),
        ("contact", "" if message.contact_id is None else message.contact_id),
        ("to", masked_phone(message.phone)),
        ("subject", message.subject),
        ("text", masked_words(message.body)),
        ("what to do", what_to_do(line.why) if line.status is MessageStatus.DEAD else ""),
    )
    for name, value in told:
        if value != "":
            table.add_row(name, str(value))
    return table
