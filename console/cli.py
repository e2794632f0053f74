"""The command line of Menling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from asr.model_files import ModelError
from campaigns.importer import ImportReport, import_manifest
from campaigns.manifest import ManifestError
from campaigns.settings import Settings, SettingsError, load_settings
from campaigns.write_back import WriteBackError
from console.demo import DemoError, comparison_table, run_demo
from console.doctor import examine
from console.model_commands import models_app
from console.reports import campaign_tables, contact_lines_of, findings_table
from console.running import campaign_for, existing_campaign, open_store, results_dir, run_campaign
from console.single_call import call_once
from dialer.callee.process import CalleeError
from ivr.flow import flows, load_flow, load_flow_file
from ivr.flow_model import Flow, FlowError
from store.errors import StoreError
from tts.speech import SpeechError

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
DEMO_MANIFESTS: Final = (EXAMPLES / "manifest.csv", EXAMPLES / "manifest-late.xlsx")
OPERATOR_ERRORS = (
    CalleeError,
    DemoError,
    FlowError,
    ManifestError,
    ModelError,
    OSError,
    SettingsError,
    SpeechError,
    StoreError,
    WriteBackError,
)
"""What an operator can put right: shown as a sentence, never as a traceback."""

app = typer.Typer(
    name="menling",
    help="Menling 门铃 rings the recipient before the courier does.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)
flows_app = typer.Typer(help="The conversations.", no_args_is_help=True)
app.add_typer(flows_app, name="flows")
app.add_typer(models_app, name="models")
screen = Console()

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="Settings file (TOML); default: menling.toml here, if any."),
]


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show what an operator can put right as a sentence and end with status 1."""
    try:
        yield
    except OPERATOR_ERRORS as error:
        Console(stderr=True).print(f"[red]{type(error).__name__}[/red] {error}", highlight=False)
        raise typer.Exit(1) from error


def settings_from(file: Path | None) -> Settings:
    """Return the settings of a file, of menling.toml in this folder, or the defaults."""
    here = Path("menling.toml")
    return load_settings(file or (here if here.is_file() else None))


@app.command(epilog="Example: menling demo --calls 8 --output demo-output")
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the results; made anew.")] = Path(
        "demo-output"
    ),
    calls: Annotated[int, typer.Option(min=1, max=32, help="Calls at once.")] = 8,
    manifest: Annotated[
        list[Path] | None, typer.Option(help="Manifest to call; may be given several times.")
    ] = None,
) -> None:
    """Call simulated recipients over real SIP on this machine; status 0 if all ends as expected."""
    with plain_errors():
        began = datetime.now(UTC)
        wanted = tuple(manifest) if manifest else DEMO_MANIFESTS
        comparisons = asyncio.run(run_demo(output.absolute(), wanted, calls, screen))
    screen.print(comparison_table(comparisons))
    seconds = (datetime.now(UTC) - began).total_seconds()
    wrong = sum(bool(each.differences) for each in comparisons)
    screen.print(
        f"{len(comparisons) - wrong} of {len(comparisons)} as expected, in {seconds:.0f} s; "
        f"results in {output}"
    )
    raise typer.Exit(1 if wrong else 0)


@app.command(epilog="Example: menling init && menling doctor")
def init(
    file: Annotated[Path, typer.Argument(help="Settings file to write.")] = Path("menling.toml"),
) -> None:
    """Write a commented settings file, and make the store."""
    with plain_errors():
        if file.exists():
            screen.print(f"{file} is there already and stays as it is.")
        else:
            file.write_text((EXAMPLES / "menling.toml").read_text("utf-8"), "utf-8")
            screen.print(f"Wrote {file}; set the trunk in it, then: menling doctor")
        open_store(load_settings(file)).close()


@app.command("import", epilog="Example: menling import manifest.csv --campaign tomorrow")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Manifests, CSV or XLSX.")],
    campaign: Annotated[str, typer.Option(help="Name of the campaign; made if it is new.")],
    flow: Annotated[str, typer.Option(help="What to talk about.")] = "pre-delivery",
    settings: SettingsFile = None,
) -> None:
    """Read manifests into a campaign; bad rows are reported, good rows go on."""
    with plain_errors():
        chosen = settings_from(settings)
        load_flow(flow, "zh-CN")
        database = open_store(chosen)
        try:
            facts = campaign_for(database, chosen, campaign, flow)
            reports = [
                import_manifest(database, facts.id, each.name, each.read_bytes(), datetime.now(UTC))
                for each in files
            ]
        finally:
            database.close()
    for report in reports:
        _show_import(report)
    raise typer.Exit(2 if any(report.problems for report in reports) else 0)


@app.command(epilog="Example: menling run tomorrow")
def run(
    campaign: Annotated[str, typer.Argument(help="Name of the campaign.")],
    settings: SettingsFile = None,
) -> None:
    """Call everybody in a campaign; Ctrl-C ends after the current calls, twice hangs up."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            facts = existing_campaign(database, campaign)
            asyncio.run(run_campaign(database, chosen, facts, screen))
            for table in campaign_tables(database, facts.id):
                screen.print(table)
        finally:
            database.close()
    screen.print(f"Completed manifests and transcripts: {results_dir(chosen)}")


@app.command(epilog="Example: menling call +8613800138000 --flow pre-delivery")
def call(
    number: Annotated[str, typer.Argument(help="Number to ring, with country code.")],
    flow: Annotated[str, typer.Option(help="What to talk about.")] = "pre-delivery",
    settings: SettingsFile = None,
) -> None:
    """Make one call with an invented parcel, to try a trunk; nothing is kept but a recording."""
    with plain_errors():
        asyncio.run(call_once(settings_from(settings), number, flow, screen))


@app.command(epilog="Example: menling report tomorrow --contact 12")
def report(
    campaign: Annotated[str, typer.Argument(help="Name of the campaign.")],
    contact: Annotated[
        int | None, typer.Option(help="Explain this contact: why is it where it is?")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Show what a campaign came to."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            facts = existing_campaign(database, campaign)
            if contact is not None:
                for line in contact_lines_of(database, chosen, facts, contact, datetime.now(UTC)):
                    screen.print(line)
            else:
                for table in campaign_tables(database, facts.id):
                    screen.print(table)
        finally:
            database.close()


@app.command(epilog="Example: menling doctor --settings menling.toml")
def doctor(settings: SettingsFile = None) -> None:
    """Find what is missing on this machine and say what to do."""
    with plain_errors():
        findings = asyncio.run(examine(settings_from(settings)))
    screen.print(findings_table(findings))
    raise typer.Exit(0 if all(each.well for each in findings) else 1)


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
            screen.print(str(error), markup=False, highlight=False)
        else:
            screen.print(f"{shown}: sound, {len(flow.script.states)} states", highlight=False)
    raise typer.Exit(1 if faults else 0)


def _show_import(report: ImportReport) -> None:
    if report.imported_before_at is not None:
        screen.print(f"{report.file_name}: imported before, nothing changed")
        return
    screen.print(
        f"{report.file_name}: {report.rows} rows; new {report.new}, updated {report.updated}, "
        f"unchanged {report.unchanged}, suppressed {report.suppressed}, "
        f"left alone {len(report.left_alone)}, with problems {len(report.problems)}"
    )
    for problem in report.problems:
        screen.print(f"  {problem}", markup=False, highlight=False)
    for left in report.left_alone:
        screen.print(f"  {left}", markup=False, highlight=False)


if __name__ == "__main__":
    app()
