"""A trainee's call from the first ring to the score sheet: typed, given in advance, or spoken."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import typer

from campaigns.settings import Settings
from console.rehearse_agent import HELP, AgentRehearsal, as_json, save, score_table, verdict
from console.rehearse_aloud import Booth, talk_with_customer
from console.screen import say, screen, typed_lines
from ivr.score_sheet import Exchange, ScoreSheet, score


def train(rehearsal: AgentRehearsal, lines: list[str] | None) -> ScoreSheet:
    """Let a customer ring, and judge what the trainee types, or what is in `lines`."""
    began = monotonic()
    rehearsal.open()
    if lines is None:
        say(HELP, "dim", rehearsal.screen)
        for line in typed_lines("你: "):
            if not rehearsal.take(line):
                break
        return rehearsal.close(monotonic() - began)
    for line in lines:
        say(f"你: {line or '(不说话)'}", "", rehearsal.screen)
        if not rehearsal.take(line):
            break
    return rehearsal.close(0.0)


def train_aloud(rehearsal: AgentRehearsal, settings: Settings, booth: Booth) -> ScoreSheet:
    """Let a customer talk with the trainee through the sound device, and judge it."""
    rehearsal.open()

    def told(exchange: Exchange) -> None:
        rehearsal.exchanges.append(exchange)
        say(f"你: {exchange.line.text or '(不说话)'}", "", rehearsal.screen)
        if exchange.reply:
            say(f"客户: {exchange.reply}", "bold magenta", rehearsal.screen)

    return score(asyncio.run(talk_with_customer(settings, rehearsal.customer, booth, told)))


def judge(
    rehearsal: AgentRehearsal,
    sheet: ScoreSheet,
    as_program: bool,
    save_to: Path | None,
    trainee: str,
) -> None:
    """Show and save a score sheet; status 1: not passed."""
    if as_program:
        told = as_json(rehearsal.customer, rehearsal.exchanges, sheet)
        screen.out(json.dumps(told, ensure_ascii=False, indent=2), highlight=False)
    else:
        screen.print(score_table(sheet))
        say(verdict(sheet), "green" if sheet.passed else "yellow")
    if save_to is not None:
        save(save_to, trainee, rehearsal.customer, sheet, datetime.now(UTC).astimezone())
        say(f"{save_to}", "dim", rehearsal.screen)
    raise typer.Exit(0 if sheet.passed else 1)
