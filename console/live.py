"""The live board: calls in progress, their last words, and the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from types import MappingProxyType
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from campaigns.events import (
    CallMoved,
    CallPlaced,
    CallSettled,
    CampaignDone,
    CampaignPaused,
    EngineEvent,
    EventStream,
    Trouble,
    Waiting,
    WorkerDied,
)
from campaigns.labels import Shelf, label
from campaigns.order import CallStage
from console.screen import say

STARS_SHOWN = 3
HINT = "Ctrl-C：不再拨新电话，当前通话结束后退出；再按一次：立即挂断"
PREPARING = "准备"
"""A worker makes the sentences of the call before it dials."""
STAGES: Final[Mapping[CallStage, str]] = MappingProxyType(
    {
        CallStage.DIALING: "拨号",
        CallStage.RINGING: "振铃",
        CallStage.TALKING: "通话",
        CallStage.ENDED: "结束",
    }
)


@dataclass(slots=True)
class _Row:
    recipient: str
    since: float
    state: str = PREPARING
    words: str = ""


@dataclass(slots=True)
class Board:
    """What is on the board now."""

    title: str
    total: int
    """Contacts of the campaign."""
    done: int = 0
    """Contacts that need no further call; those of earlier runs to begin with."""
    calls: dict[int, _Row] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)
    """The newest outcome of each contact that was called in this run."""
    latest_note: str = ""

    def take(self, event: EngineEvent) -> str:
        """Change what one event changes; return what an operator must read, or nothing."""
        match event:
            case CallPlaced():
                name = masked_name(event.recipient)
                self.calls[event.attempt] = _Row(name, monotonic())
            case CallMoved(progress):
                row = self.calls.get(progress.attempt)
                if row is not None:
                    row.state = STAGES[progress.stage]
                    if progress.text:
                        arrow = "◀" if progress.speaker == "callee" else "▶"
                        row.words = f"{arrow} {progress.text}"
            case CallSettled():
                self.calls.pop(event.attempt, None)
                self.outcomes[event.contact] = label(Shelf.OUTCOME, event.settled.outcome, "zh")
                self.done += event.settled.decision.retry_at is None
            case WorkerDied():
                for attempt in event.attempts:
                    self.calls.pop(attempt, None)
        return self._once(note_of(event))

    def __rich__(self) -> RenderableType:
        """Draw the board."""
        head = Text(f"{self.title}   已结束 {self.done}/{self.total}   通话中 {len(self.calls)}")
        head.stylize("bold")
        calls = Table(expand=True, box=None, pad_edge=False)
        calls.add_column("收件人", width=8, no_wrap=True)
        calls.add_column("状态", width=4, no_wrap=True)
        calls.add_column("秒", justify="right", width=3)
        calls.add_column("最后一句", ratio=1, no_wrap=True, overflow="ellipsis")
        now = monotonic()
        for row in self.calls.values():
            seconds = f"{now - row.since:.0f}"
            calls.add_row(row.recipient, row.state, seconds, Text(row.words))
        counts = Counter(self.outcomes.values()).most_common()
        totals = Text("  ".join(f"{name} {count}" for name, count in counts), "cyan")
        return Group(head, calls, totals, Text(HINT, "dim"))

    def _once(self, note: str) -> str:
        """Leave out what was said just before; some troubles come again every few seconds."""
        if note == self.latest_note:
            return ""
        self.latest_note = note or self.latest_note
        return note


def note_of(event: EngineEvent) -> str:
    """Return what an operator must read about an event; often nothing."""
    match event:
        case WorkerDied():
            return (
                f"Worker {event.worker} died (exit code {event.exit_code}); "
                f"{len(event.attempts)} call(s) interrupted, another worker is started."
            )
        case CampaignPaused(reason):
            return f"Paused. {reason}"
        case Waiting(until):
            return (
                f"Nobody may be called before {_clock(until)}; Ctrl-C ends, `menling run` resumes."
            )
        case Trouble(text):
            return text
        case CampaignDone():
            return "Every contact has its outcome."
        case _:
            return ""


async def watch(events: EventStream, board: Board, console: Console) -> None:
    """Show the board until the events end; on a pipe, one line per settled call instead.

    What an operator must read stays on the terminal above the board.
    """
    if not console.is_terminal:
        await _tell(events, board, console)
        return
    with Live(board, console=console, refresh_per_second=5, transient=True) as live:
        async for event in events:
            if note := board.take(event):
                say(note, "yellow", live.console)


async def _tell(events: EventStream, board: Board, console: Console) -> None:
    async for event in events:
        note = board.take(event)
        if isinstance(event, CallSettled):
            ended = label(Shelf.DISPOSITION, event.settled.disposition, "zh")
            outcome = label(Shelf.OUTCOME, event.settled.outcome, "zh")
            name = masked_name(event.recipient)
            note = f"{board.done}/{board.total} {name} {ended}，{outcome}"
        if note:
            say(note, console=console)


def masked_name(name: str) -> str:
    """Return a name as it may stand on a wall: its first character and some stars."""
    return name[:1] + "*" * min(STARS_SHOWN, max(0, len(name) - 1))


def _clock(moment: datetime | None) -> str:
    return "the calling window opens" if moment is None else f"{moment.astimezone():%m-%d %H:%M}"
