"""CampaignPlan: everything that is settled about a campaign before its first call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from campaigns.attempt import SettledCall
from campaigns.checkpoints import Checkpoint, pass_by
from campaigns.line import OutgoingLine
from campaigns.order import CallReport
from campaigns.rules import CampaignRules
from campaigns.tickets_rules import TicketRules, shipped_ticket_rules
from store.values import ClaimedCall


def no_note(call: ClaimedCall, end: CallReport | str, settled: SettledCall, now: datetime) -> None:
    """Note nothing of a call that is over."""


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """Which campaign is called, by whom, over which line and by which rules."""

    campaign_id: int
    engine: str
    """Name of the engine that claims; no two engines ever share one."""
    line: OutgoingLine
    rules: CampaignRules
    languages: frozenset[str] | None = None
    """Those that are heard; nobody who speaks another one is called. None: all."""
    tickets: TicketRules = field(default_factory=shipped_ticket_rules)
    flow_files: Callable[[], Mapping[str, Path]] = dict
    """Finds the published flow of each language; none: the one that ships with Menling."""
    note: Callable[[ClaimedCall, CallReport | str, SettledCall, datetime], None] = no_note
    """Is told of every call once its end is written; never fails."""
    checkpoint: Checkpoint = pass_by
    """Is told how far each attempt came."""
