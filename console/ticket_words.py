"""Tickets in the words of an operator: Chinese labels, no names and no telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.tickets_clock import Timer
from campaigns.tickets_matrix import Taxonomy
from console.live import masked_name
from store.ticket_values import TicketFacts
from store.types import TicketStatus, TicketStep

STATUSES: Final[Mapping[TicketStatus, str]] = MappingProxyType(
    {
        TicketStatus.OPEN: "待受理",
        TicketStatus.ACKNOWLEDGED: "已受理",
        TicketStatus.PROPOSED: "已提方案",
        TicketStatus.AGREED: "客户同意",
        TicketStatus.DECLINED: "客户不同意",
        TicketStatus.RESOLVED: "已解决",
        TicketStatus.CLOSED: "已关闭",
    }
)
STEPS: Final[Mapping[TicketStep, str]] = MappingProxyType(
    {
        TicketStep.OPEN: "登记",
        TicketStep.ACKNOWLEDGE: "受理",
        TicketStep.PROPOSE: "提方案",
        TicketStep.AGREE: "客户同意",
        TicketStep.DECLINE: "客户不同意",
        TicketStep.RESOLVE: "解决",
        TicketStep.CLOSE: "关闭",
        TicketStep.REOPEN: "重新处理",
        TicketStep.ESCALATE: "升级",
        TicketStep.TELL: "告知客户",
        TicketStep.NOTE: "备注",
    }
)
TIMERS: Final[Mapping[Timer, str]] = MappingProxyType(
    {
        Timer.RESPONSE: "首次响应",
        Timer.PROPOSAL: "提方案",
        Timer.RESOLUTION: "解决",
        Timer.CALLBACK: "回电",
        Timer.TELLING: "告知客户",
    }
)
LEVELS: Final = ("一线", "二线", "主管")
RECORD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "who": "谁 Who",
        "what": "何事 What",
        "when": "何时 When",
        "where": "何地 Where",
        "why": "为何 Why",
        "how": "如何 How",
    }
)

_NUMBERS = re.compile(r"(?<![0-9A-Za-z])(\+?86[- ]?)?(1\d{2}|0\d{2,3}-?)(\d{3,4})(\d{4})(?!\d)")
"""Telephone numbers of people, in what was said or noted."""


def masked(text: str) -> str:
    """Return a text with the telephone numbers in it covered."""
    return _NUMBERS.sub(lambda found: f"{found[2]}****{found[4]}", text)


def trouble_of(found: TicketFacts, words: Taxonomy) -> str:
    """Return what is wrong, as an operator reads it."""
    kind = words.kinds.get(found.kind)
    if kind is None:
        return f"{found.kind} {found.cause}".strip()
    return kind.causes.get(found.cause, kind.labels)["zh-CN"]


def line_of(found: TicketFacts, words: Taxonomy) -> str:
    """Return who is to act now: the department, its second line or its supervisor."""
    department = words.departments.get(found.department)
    return found.department if department is None else department.line(found.level)["zh-CN"]


def record_of(found: TicketFacts, words: Taxonomy) -> Mapping[str, str]:
    """Return the 5W1H record as it may be shown: the name with stars, the reason by its label."""
    shown = {name: masked(text) for name, text in found.record.items() if name in RECORD}
    if "who" in shown:
        shown["who"] = masked_name(found.record["who"])
    if "why" in shown:
        shown["why"] = words.reasons.get(shown["why"], {}).get("zh-CN", shown["why"])
    return shown


def local(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a time on the clock of the desk; nothing for none."""
    return "" if moment is None else f"{moment.astimezone(zone):%m-%d %H:%M}"


def kind_of(found: TicketFacts, words: Taxonomy) -> str:
    """Return the type of exception, as an operator reads it."""
    kind = words.kinds.get(found.kind)
    return found.kind if kind is None else kind.labels["zh-CN"]


def department_of(found: TicketFacts, words: Taxonomy) -> str:
    """Return the department whose it is, as an operator reads it."""
    department = words.departments.get(found.department)
    return found.department if department is None else department.labels["zh-CN"]


def proposal_of(found: TicketFacts, words: Taxonomy) -> str:
    """Return what was offered, as an operator reads it."""
    proposal = words.proposals.get(found.proposal)
    return found.proposal if proposal is None else proposal.labels["zh-CN"]
