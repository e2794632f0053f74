"""The live board: calls in progress, their last words, and the totals."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

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

NOTES_SHOWN = 5
WORDS_SHOWN = 46


@dataclass(slots=True)
class _Row:
    recipient: str
    stage: CallStage
    since: float
    words: str = ""


@dataclass(slots=True)
class Board:
    """What is on the board now."""

    title: str
    total: int
    calls: dict[int, _Row] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=NOTES_SHOWN))

    def take(self, event: EngineEvent) -> None:
        """Change what one event changes."""
        match event:
            case CallPlaced():
                self.calls[event.attempt] = _Row(
                    _masked(event.recipient), CallStage.DIALING, monotonic()
                )
            case CallMoved(progress):
                row = self.calls.get(progress.attempt)
                if row is not None:
                    row.stage = progress.stage
                    if progress.text:
                        arrow = "◀" if progress.speaker == "callee" else "▶"
                        row.words = f"{arrow} {progress.text}"
            case CallSettled():
                self.calls.pop(event.attempt, None)
                settled = event.settled
                self.outcomes[label(Shelf.OUTCOME, settled.outcome, "zh")] += 1
            case WorkerDied():
                for attempt in event.attempts:
                    self.calls.pop(attempt, None)
                self.notes.append(
                    f"Worker {event.worker} died (exit code {event.exit_code}); "
                    f"{len(event.attempts)} call(s) interrupted, another one is started."
                )
            case CampaignPaused(reason):
                self.notes.append(f"Paused: {reason}")
            case Waiting(until):
                self.notes.append(f"Nobody may be called before {_clock(until)}.")
            case Trouble(text):
                self.notes.append(text)
            case CampaignDone():
                self.notes.append("Every contact has its outcome.")

    def __rich__(self) -> RenderableType:
        """Draw the board."""
        calls = Table(expand=True, box=None, pad_edge=False)
        calls.add_column("Recipient", width=10)
        calls.add_column("State", width=9)
        calls.add_column("s", justify="right", width=4)
        calls.add_column("Last words", ratio=1, no_wrap=True, overflow="ellipsis")
        now = monotonic()
        for row in self.calls.values():
            calls.add_row(
                row.recipient, row.stage, f"{now - row.since:.0f}", row.words[:WORDS_SHOWN]
            )
        done = sum(self.outcomes.values())
        totals = "  ".join(f"{name} {count}" for name, count in self.outcomes.most_common())
        head = Text(f"{self.title}   {done}/{self.total}   in progress {len(self.calls)}", "bold")
        notes = [Text(note, "yellow") for note in self.notes]
        return Group(head, calls, Text(totals, "cyan"), *notes)


async def watch(events: EventStream, board: Board, console: Console) -> None:
    """Show the board until the events end; on a pipe, one line per settled call instead."""
    if not console.is_terminal:
        await _tell(events, board, console)
        return
    with Live(board, console=console, refresh_per_second=5, transient=True):
        async for event in events:
            board.take(event)


async def _tell(events: EventStream, board: Board, console: Console) -> None:
    async for event in events:
        board.take(event)
        match event:
            case CallSettled():
                done = sum(board.outcomes.values())
                settled = event.settled
                console.print(
                    f"{done}/{board.total} {_masked(event.recipient)} "
                    f"{settled.disposition} {settled.outcome}"
                )
            case Trouble() | CampaignPaused() | WorkerDied() | Waiting():
                console.print(board.notes[-1])


def _masked(name: str) -> str:
    """Return a name as it may stand on a wall: the surname and stars."""
    return name[:1] + "*" * max(0, len(name) - 1)


def _clock(moment: datetime | None) -> str:
    return "the calling window opens" if moment is None else f"{moment.astimezone():%m-%d %H:%M}"
