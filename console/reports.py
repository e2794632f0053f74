"""Tables that people read: what a campaign came to, and what is missing on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from campaigns.answers import AnswerFigures, answer_figures
from campaigns.explaining import turn_in
from campaigns.labels import Shelf, answer_label, label
from campaigns.report import CampaignFigures, Durations, Rate, explain, figures_of
from campaigns.rules import rules_of
from campaigns.settings import Settings
from console.finding import Finding, Health
from console.message_tables import counts_table
from ivr.flow import flows, load_flow
from store.answers import answers_of
from store.campaign_queries import attempt_lines, contact_history
from store.database import Database
from store.errors import StoreError
from store.message_queries import message_counts
from store.queries import contact_lines, progress
from store.types import CampaignStatus
from store.values import CampaignFacts, ContactLine

GROUPS: Final = ("收件人", "处置", "结果")
CAMPAIGN_STATUSES: Final[Mapping[CampaignStatus, str]] = MappingProxyType(
    {
        CampaignStatus.DRAFT: "未开始",
        CampaignStatus.RUNNING: "进行中",
        CampaignStatus.PAUSED: "已暂停",
        CampaignStatus.FINISHED: "已完成",
        CampaignStatus.CANCELLED: "已取消",
    }
)
COLOURS: Final[Mapping[Health, str]] = MappingProxyType(
    {Health.WELL: "green", Health.DOUBTFUL: "yellow", Health.MISSING: "bold red"}
)


def campaign_tables(database: Database, campaign_id: int) -> tuple[Table, ...]:
    """Return the tables of a campaign: its figures and its contacts, without names or numbers."""
    with database.reading() as session:
        figures = figures_of(progress(session, campaign_id), attempt_lines(session, campaign_id))
        lines = contact_lines(session, campaign_id)
        answers = answers_of(session, campaign_id)
        messages = message_counts(session, campaign_id)
    told = answer_figures(answers, choices_of(figures.progress.campaign.flow))
    answered = (_answers_table(told),) if answers else ()
    written = (counts_table(messages),) if messages else ()
    return _figures_table(figures), *answered, *written, _contacts_table(lines)


def choices_of(flow: str) -> Mapping[str, tuple[str, ...]]:
    """Return the choices of every slot that a shipped flow declares, in any language."""
    return {
        name: tuple(spec.choices)
        for flow_id, language in flows()
        if flow_id == flow
        for name, spec in load_flow(flow_id, language).script.slots.items()
        if spec.choices
    }


def _answers_table(figures: AnswerFigures) -> Table:
    table = Table(title="回答", show_header=False, box=box.SIMPLE)
    table.add_column()
    table.add_column(justify="right")
    for score in figures.scores:
        spread = "，".join(f"{value} 分 {count}" for value, count in score.counts.items())
        name = label(Shelf.SLOT, score.slot, "zh")
        table.add_row(f"{name}（{spread}）", f"{score.mean:.1f}，{score.count} 人")
    if figures.promoter_score is not None:
        table.add_row("净推荐值", f"{figures.promoter_score:+d}，{figures.recommended} 人")
    for share in figures.shares:
        name = label(Shelf.SLOT, share.slot, "zh")
        if not share.counts:
            table.add_row(f"{name}（原话见通话记录）", f"{share.count} 人")
        for value, count in share.counts.items():
            table.add_row(f"{name}：{answer_label(share.slot, value, 'zh')}", str(count))
    return table


def _figures_table(figures: CampaignFigures) -> Table:
    campaign = figures.progress.campaign
    status = CAMPAIGN_STATUSES[campaign.status]
    table = Table(title=f"{campaign.name}（{status}）", show_header=False, box=box.SIMPLE)
    table.add_column()
    table.add_column(justify="right")
    groups: tuple[tuple[Shelf, Mapping[Any, int]], ...] = (
        (Shelf.CONTACT, figures.progress.contacts),
        (Shelf.DISPOSITION, figures.dispositions),
        (Shelf.OUTCOME, figures.outcomes),
    )
    for (shelf, counts), title in zip(groups, GROUPS, strict=True):
        for word, count in counts.items():
            if count:
                table.add_row(f"{title}：{label(shelf, word, 'zh')}", str(count))
    for name, rate in (
        ("接通（占拨打）", figures.answer),
        ("联系上（占已拨打的收件人）", figures.reach),
        ("谈妥（占联系上的）", figures.settled),
        ("确认（占联系上的）", figures.confirm),
    ):
        table.add_row(name, _rate(rate))
    table.add_row("振铃", _durations(figures.ringing))
    table.add_row("通话", _durations(figures.talking))
    return table


def _contacts_table(lines: Iterable[ContactLine]) -> Table:
    table = Table(title="收件人", box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("编号", justify="right", no_wrap=True)
    table.add_column("运单号", overflow="fold", min_width=12)
    table.add_column("状态", no_wrap=True)
    table.add_column("拨打", justify="right", no_wrap=True)
    table.add_column("处置", overflow="fold", min_width=8)
    table.add_column("结果", no_wrap=True)
    table.add_column("需人工处理", overflow="fold", min_width=10)
    for line in lines:
        latest = line.latest
        table.add_row(
            str(line.contact_id),
            " ".join(line.waybills),
            label(Shelf.CONTACT, line.status, "zh"),
            str(line.attempts),
            label(Shelf.DISPOSITION, latest.disposition, "zh") if latest else "",
            label(Shelf.OUTCOME, latest.outcome, "zh") if latest else "",
            latest.settled.needs_person if latest else "",
        )
    return table


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
        turn = turn_in(session, settings, contact, now)
    rules = rules_of(
        settings.campaign, campaign.policy, flow=campaign.flow, calling=settings.calling
    )
    return explain(history, rules, campaign.status, now, turn)


def findings_table(findings: Iterable[Finding]) -> Table:
    """Return what the doctor found; nothing in it is cut, however narrow the terminal."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in findings:
        told = Text(each.what)
        if each.remedy:
            told.append(f"\n→ {each.remedy}", "yellow")
        table.add_row(Text(each.health.value, COLOURS[each.health]), each.name, told)
    return table


def _rate(rate: Rate) -> str:
    share = "-" if rate.share is None else f"{rate.share:.0%}"
    return f"{rate.part}/{rate.whole}（{share}）"


def _durations(durations: Durations) -> str:
    return f"平均 {durations.mean:.1f} 秒，共 {durations.total / 60:.1f} 分钟"
