"""`menling rehearse`: try a conversation without a telephone, or let a customer ring you."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
import yaml
from rich.console import Console

from campaigns.settings import Settings
from console.rehearse_agent import (
    GIVEN_NAME,
    AgentRehearsal,
    customers_table,
)
from console.rehearse_aloud import Booth, rehearse_aloud
from console.rehearse_json import as_json
from console.rehearse_text import TextRehearsal, result_lines, turn_line, typed_text, why_lines
from console.rehearse_training import judge, train, train_aloud
from console.rehearse_words import help_for, words_for
from console.screen import complain, say, screen, typed_lines
from console.terminal import SettingsFile, plain_errors, settings_from
from ivr.conversation import Notice
from ivr.customer_files import customer, customers
from ivr.dialog_state import Dialog
from ivr.exchange import CallFacts, DialogEvent
from ivr.explanation import explain
from ivr.facts import FactError
from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_model import Flow
from ivr.invented import facts_for, invented_facts
from ivr.rehearsing import TextCall, Typed, TypedError
from ivr.transcript import Turn

Lines = Annotated[
    list[str] | None,
    typer.Option(
        "--say", help="What is said, instead of asking here; once for every turn. '' is silence."
    ),
]


def rehearse(
    what: Annotated[
        str,
        typer.Argument(
            help="A flow that ships with Menling, or a flow file; with --as-agent a customer.",
            metavar="FLOW",
        ),
    ] = "",
    as_agent: Annotated[
        bool,
        typer.Option(
            "--as-agent",
            help="Be the agent: a simulated customer rings you. Without a name anybody may.",
        ),
    ] = False,
    list_customers: Annotated[
        bool, typer.Option("--customers", help="Show the simulated customers.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of a flow: zh-CN or en-US.")] = "zh-CN",
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", help="NAME=VALUE in place of what is invented; '' takes it away."),
    ] = None,
    facts: Annotated[
        Path | None, typer.Option("--facts", help="YAML file with NAME: VALUE lines.")
    ] = None,
    lines: Lines = None,
    as_program: Annotated[
        bool, typer.Option("--json", help="Print the whole rehearsal as JSON at its end.")
    ] = False,
    microphone: Annotated[
        bool,
        typer.Option("--microphone", help="Speak and listen with the sound device here."),
    ] = False,
    device: Annotated[
        str, typer.Option(help="Part of the name of the sound device; else the default one.")
    ] = "",
    speaker: Annotated[
        bool,
        typer.Option("--loudspeaker", help="No headset: hear nothing while Menling speaks."),
    ] = False,
    recording: Annotated[
        Path | None, typer.Option(help="WAV to record the rehearsal to; with --microphone.")
    ] = None,
    save_to: Annotated[
        Path | None,
        typer.Option("--save", help="Append the score to this .csv or .jsonl; with --as-agent."),
    ] = None,
    trainee: Annotated[str, typer.Option(help="Given name to save the score under.")] = "",
    settings: SettingsFile = None,
) -> None:
    """Talk to a conversation by text and see what it understands and why; nobody is rung.

    With --as-agent it is turned round: you are the agent, and your call is scored.
    """
    with plain_errors():
        if list_customers:
            screen.print(customers_table())
            return
        if microphone and (as_program or lines is not None):
            raise typer.BadParameter("--microphone goes neither with --say nor with --json.")
        booth = Booth(device, speaker, recording)
        if as_agent:
            if trainee and not GIVEN_NAME.fullmatch(trainee):
                raise typer.BadParameter(
                    f"{trainee!r} is no given name; write letters only, 20 at most."
                )
            caller = customer(what) if what else random.choice(customers())
            shown = Console(quiet=True) if as_program else screen
            training = AgentRehearsal(caller, shown)
            sheet = (
                train_aloud(training, settings_from(settings), booth)
                if microphone
                else train(training, lines)
            )
            judge(training, sheet, as_program, save_to, trainee)
        if not what:
            known = ", ".join(dict.fromkeys(name for name, _ in flows()))
            raise typer.BadParameter(f"Name a flow ({known}) or a flow file, or use --as-agent.")
        flow = _flow(what, language)
        chosen_settings = settings_from(settings)
        parcel = _facts(flow, chosen_settings, _changes(fact or (), facts))
        if microphone:
            _aloud(chosen_settings, flow, parcel, booth)
            return
        call = TextCall(flow, parcel)
        rehearsal = TextRehearsal(call, screen)
        if as_program:
            _typed_in(call, lines or ())
            screen.out(json.dumps(as_json(call), ensure_ascii=False, indent=2), highlight=False)
            return
        if lines is None:
            _ask(rehearsal)
        else:
            _say_all(rehearsal, lines)
        rehearsal.close()


def _aloud(settings: Settings, flow: Flow, facts: CallFacts, booth: Booth) -> None:
    words = words_for(flow)

    def show(notice: Notice) -> None:
        if isinstance(notice, Turn):
            say(
                turn_line(notice, words), "bold cyan" if notice.prompt and not notice.intent else ""
            )

    def stepping(dialog: Dialog, event: DialogEvent) -> None:
        after, _, why = explain(flow, dialog, event)
        for line in why_lines(why, words, after.settled is not None):
            say(f"  {line}", "dim")

    say(words["aloud"], "dim")
    report = asyncio.run(rehearse_aloud(settings, flow, facts, booth, show, stepping))
    if report.error or report.ended.reason:
        complain(report.error or report.ended.reason)
        raise typer.Exit(1)
    if report.result is not None:
        for line in result_lines(flow, report.result, report.talk_seconds):
            say(line)


def _flow(what: str, language: str) -> Flow:
    """Return a shipped flow or the one in a file; raises FlowError with every fault."""
    path = Path(what)
    if path.suffix in {".yaml", ".yml"}:
        return load_flow_file(path)
    return load_flow(what, language)


def _facts(flow: Flow, settings: Settings, changed: Mapping[str, str]) -> CallFacts:
    campaign = settings.campaign
    now = datetime.now(ZoneInfo(campaign.time_zone))
    invented = invented_facts(now, campaign.company, campaign.callback_number)
    try:
        return facts_for(flow, invented, changed)
    except FactError as error:
        raise typer.BadParameter(str(error)) from error


def _changes(given: Iterable[str], file: Path | None) -> dict[str, str]:
    """Return the facts of a file, and those of the command line, which win."""
    changed: dict[str, str] = {}
    if file is not None:
        try:
            # Every value as it is written: 15:30 is a time, and no number to the base of sixty.
            content: Any = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
        except yaml.YAMLError as error:
            raise typer.BadParameter(f"{file} isn't readable YAML: {error}") from error
        if not isinstance(content, dict):
            raise typer.BadParameter(f"{file} holds no facts; write lines like `recipient: 李雷`.")
        changed = {str(name): "" if text is None else str(text) for name, text in content.items()}
    for each in given:
        name, separator, text = each.partition("=")
        if not separator:
            raise typer.BadParameter(f"--fact {each!r}: write NAME=VALUE, for example cod=23.50")
        changed[name.strip()] = text
    return changed


def _ask(rehearsal: TextRehearsal) -> None:
    flow = rehearsal.call.flow
    say(help_for(flow), "dim")
    rehearsal.open()
    prompt = f"{words_for(flow)['you']}: "
    for line in typed_lines(prompt):
        if not rehearsal.take(line):
            return


def _say_all(rehearsal: TextRehearsal, lines: Iterable[str]) -> None:
    words = words_for(rehearsal.call.flow)
    rehearsal.open()
    waiting = list(lines)
    while waiting:
        line = waiting.pop(0)
        shown = line if line.startswith("/") else typed_text(Typed.of(line), words)
        say(f"{words['you']}: {shown}")
        if not rehearsal.take(line):
            break
    if waiting:
        say(words["left"].format(len(waiting)), "yellow")


def _typed_in(call: TextCall, lines: Iterable[str]) -> None:
    for line in lines:
        if call.is_over:
            return
        try:
            call.take(Typed.of(line))
        except TypedError as error:
            complain(str(error))
            raise typer.Exit(1) from error
