"""Commands about conversations: check, list, show, and draw them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from console.flow_map_command import map_flows
from console.flow_show import script_lines
from console.known_flows import known_flows
from console.screen import say, screen
from console.terminal import plain_errors
from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_model import Flow, FlowError

flows_app = typer.Typer(
    help="The conversations.", epilog="Example: menling flows check", no_args_is_help=True
)


@flows_app.command("check", epilog="Example: menling flows check my-flow.zh-CN.yaml")
def check_flows(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Flow files; none: those that ship with Menling.")
    ] = None,
) -> None:
    """Look for faults in flow files; each fault says where it is and how to mend it."""
    faults = 0
    loads: list[tuple[str, Callable[[], Flow]]] = [
        (str(each), partial(load_flow_file, each)) for each in files or ()
    ]
    shipped = [(f"{name} {spoken}", partial(load_flow, name, spoken)) for name, spoken in flows()]
    for shown, load in loads or shipped:
        try:
            flow = load()
        except FlowError as error:
            faults += 1
            say(str(error))
        else:
            say(f"{shown}: sound, {len(flow.script.states)} states")
    raise typer.Exit(1 if faults else 0)


@flows_app.command("list", epilog="Example: menling flows list")
def list_flows() -> None:
    """Show every conversation with its stage, who answers for it, and its languages."""
    with plain_errors():
        known = known_flows()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in ("阶段", "编号", "名称", "语言", "版本", "负责"):
        table.add_column(head, overflow="fold")
    for flow in known:
        charter = flow.charter
        name = (charter.stage, flow.id, charter.title, flow.language, flow.version)
        table.add_row(*name, charter.responsible)
    screen.print(table)


@flows_app.command("show", epilog="Example: menling flows show pre-delivery --language en-US")
def show_flow(
    flow: Annotated[str, typer.Argument(help="Id of a conversation, or a flow file.")],
    language: Annotated[str, typer.Option(help="In which language.")] = "zh-CN",
) -> None:
    """Tell what a conversation is for, what it says, and where each answer leads."""
    with plain_errors():
        (chosen,) = known_flows([flow], language)
    for line in script_lines(chosen):
        say(line)


flows_app.command(
    "map",
    epilog="Example: menling flows map --calls --campaign tomorrow --output map",
)(map_flows)
