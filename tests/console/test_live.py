from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from rich.console import Console

from campaigns.attempt import SettledCall
from campaigns.events import (
    CallMoved,
    CallPlaced,
    CallSettled,
    CampaignPaused,
    EngineEvent,
    EventStream,
    Trouble,
    Waiting,
    WorkerDied,
)
from campaigns.order import CallProgress, CallStage
from campaigns.retry import RetryDecision, RetryReason
from console.live import Board, masked_name, watch
from store.types import Disposition, Outcome

LATER = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LONG = "您好,顺达快递自动语音助手,您尾号七八九零的快递,明天下午两点到四点送到,到时候方便收吗?"


def placed(attempt: int, recipient: str = "王小明") -> CallPlaced:
    return CallPlaced(attempt, attempt, 1, recipient, "+8613800138000", "SD000001")


def said(attempt: int, words: str, speaker: str = "menling") -> CallMoved:
    return CallMoved(CallProgress(attempt, CallStage.TALKING, speaker, words))


def settled(attempt: int, contact: int, outcome: Outcome, again: bool = False) -> CallSettled:
    decision = RetryDecision(LATER if again else None, next(iter(RetryReason)))
    disposition = Disposition.BUSY if again else Disposition.COMPLETED
    return CallSettled(attempt, contact, "王小明", SettledCall(disposition, outcome, decision))


def drawn(board: Board, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with console.capture() as captured:
        console.print(board)
    return captured.get()


@pytest.mark.parametrize("width", [80, 120])
def test_state_last_words_and_totals_can_be_read(width: int) -> None:
    board = Board("tomorrow", 28)
    for attempt in range(8):
        board.take(placed(attempt))
        board.take(said(attempt, LONG))
    board.take(said(3, "可以的", "callee"))
    for contact, outcome in enumerate(Outcome):
        board.take(settled(100 + contact, 100 + contact, outcome))
    lines = drawn(board, width).splitlines()
    assert "通话中 8" in lines[0]
    assert all(cell_len(line) <= width for line in lines)
    assert sum("▶ 您好,顺达快递自动语音助手" in line for line in lines) == 7
    assert any("王**" in line and "通话" in line and "◀ 可以的" in line for line in lines)
    totals = "".join(lines)
    assert "已确认 1" in totals
    assert "不再来电 1" in totals
    assert "Ctrl-C" in lines[-1]


def test_a_call_is_prepared_before_it_is_dialled() -> None:
    board = Board("tomorrow", 1)
    board.take(placed(1))
    assert "准备" in drawn(board, 80)
    board.take(CallMoved(CallProgress(1, CallStage.DIALING)))
    assert "拨号" in drawn(board, 80)


def test_names_are_masked_and_numbers_never_shown() -> None:
    board = Board("tomorrow", 1)
    board.take(placed(1, "欧阳小明"))
    assert "阳" not in drawn(board, 80)
    assert "138" not in drawn(board, 80)
    assert masked_name("Maximilian Mustermann") == "M***"
    assert masked_name("") == ""


def test_a_contact_that_is_called_again_is_counted_once_and_at_the_end() -> None:
    board = Board("tomorrow", 5, done=2)
    board.take(settled(1, 7, Outcome.NOT_REACHED, again=True))
    assert board.done == 2
    board.take(settled(2, 7, Outcome.CONFIRMED))
    assert board.done == 3
    assert "未联系上" not in drawn(board, 80)
    assert "已确认 1" in drawn(board, 80)


def test_the_calls_of_a_dead_worker_leave_the_board() -> None:
    board = Board("tomorrow", 5)
    board.take(placed(1))
    note = board.take(WorkerDied(0, -9, (1,)))
    assert "1 call(s) interrupted" in note
    assert board.calls == {}


async def shown(events: list[EngineEvent], terminal: bool) -> str:
    stream = EventStream()
    for event in events:
        stream.publish(event)
    stream.close()
    console = Console(file=io.StringIO(), width=80, force_terminal=terminal, color_system=None)
    await watch(stream, Board("tomorrow", 3), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


TROUBLED: list[EngineEvent] = [
    Trouble("The disk is full; free some space."),
    Trouble("The disk is full; free some space."),
    settled(1, 1, Outcome.CONFIRMED),
    Waiting(LATER),
    CampaignPaused("The line failed 5 calls in a row."),
]


@pytest.mark.parametrize("terminal", [True, False])
def test_what_an_operator_must_read_is_said_once_and_stays(terminal: bool) -> None:
    told = asyncio.run(shown(TROUBLED, terminal))
    assert told.count("The disk is full") == 1
    assert "Nobody may be called before" in told
    assert "Paused. The line failed 5 calls in a row." in told


def test_on_a_pipe_there_is_a_line_for_each_call() -> None:
    told = asyncio.run(shown(TROUBLED, terminal=False))
    assert "1/3 王** 已通话，已确认\n" in told
