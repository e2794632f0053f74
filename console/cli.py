"""The command line of Menling."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from campaigns.settings import load_settings
from console.alert_commands import alerts_app
from console.call_commands import calls_app
from console.campaign_commands import campaign_app
from console.demo import comparison_table, difference_lines, run_demo
from console.dial_commands import register as register_dialing
from console.doctor import examine
from console.event_commands import events_app
from console.finding import Health
from console.flow_commands import flows_app
from console.flow_versions_commands import register as register_flow_versions
from console.hours_commands import register as register_hours
from console.manifest_import import ROWS_TO_PUT_RIGHT, import_files
from console.message_commands import messages_app
from console.model_commands import models_app
from console.phone_commands import phone
from console.privacy_commands import register as register_privacy
from console.program_log import logged
from console.reconcile_commands import reconcile_app
from console.rehearse_commands import rehearse
from console.reports import campaign_tables, contact_lines_of, findings_table
from console.retry_commands import retries_app
from console.review_commands import review_app
from console.running import (
    existing_campaign,
    open_store,
    results_dir,
    run_campaign,
)
from console.screen import complain, say, screen
from console.serve_commands import register as register_serving
from console.shipped import example
from console.single_call import call_once
from console.speech_commands import speech_app
from console.suppression_commands import suppress_app
from console.terminal import (
    DEFAULT_FILE,
    SettingsFile,
    plain_errors,
    settings_from,
)
from console.ticket_commands import tickets_app
from console.trunk_commands import register as register_trunks
from console.user_commands import users_app
from store.types import CampaignStatus

DEMO_MANIFESTS: Final = ("manifest.csv", "manifest-late.xlsx")

BundledModel = Annotated[
    bool,
    typer.Option(
        "--bundled-model",
        help="Ring people although the bundled recognition model does not hear them.",
    ),
]

app = typer.Typer(
    name="menling",
    help="Menling 门铃 rings the recipient before the courier does.",
    epilog="Example: menling demo; then menling init, menling doctor, menling import, menling run",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)
register_flow_versions(flows_app)
register_serving(app)
register_dialing(app)
register_privacy(app)
register_trunks(app)
register_hours(app)
app.add_typer(campaign_app, name="campaign")
app.add_typer(suppress_app, name="suppress")
app.add_typer(flows_app, name="flows")
app.add_typer(models_app, name="models")
app.add_typer(messages_app, name="messages")
app.add_typer(events_app, name="events")
app.add_typer(alerts_app, name="alerts")
app.add_typer(tickets_app, name="tickets")
app.add_typer(retries_app, name="retries")
app.add_typer(calls_app, name="calls")
app.add_typer(reconcile_app, name="reconcile")
app.add_typer(review_app, name="review")
app.add_typer(speech_app, name="speech")
app.add_typer(users_app, name="users")
app.command("phone", epilog="Example: menling phone --listen 10.0.0.7:5070 --from 10.0.0.5")(phone)
app.command("rehearse", epilog="Example: menling rehearse pre-delivery --say 可以")(rehearse)


@app.command(epilog="Example: menling demo --calls 8 --output demo-output")
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the results; made anew.")] = Path(
        "demo-output"
    ),
    calls: Annotated[int, typer.Option(min=1, max=32, help="Calls at once.")] = 8,
    manifest: Annotated[
        list[Path] | None, typer.Option(help="Manifest to call; may be given several times.")
    ] = None,
    console: Annotated[
        bool,
        typer.Option("--console", help="Show it in the browser, too; take calls over there."),
    ] = False,
) -> None:
    """Call simulated recipients over real SIP on this machine; status 0 if all ends as expected."""
    with plain_errors():
        began = datetime.now(UTC)
        wanted = tuple(manifest or map(example, DEMO_MANIFESTS))
        browser = _until_ctrl_c if console else None
        comparisons = asyncio.run(run_demo(output.absolute(), wanted, calls, screen, browser))
    screen.print(comparison_table(comparisons))
    for line in difference_lines(comparisons):
        say(line, "red")
    seconds = (datetime.now(UTC) - began).total_seconds()
    wrong = sum(bool(each.differences) for each in comparisons)
    say(
        f"{len(comparisons) - wrong} of {len(comparisons)} as expected, in {seconds:.0f} s; "
        f"results in {output}"
    )
    raise typer.Exit(1 if wrong else 0)


async def _until_ctrl_c() -> None:
    """Leave the pages up until somebody has seen enough."""
    say("All calls are over. Ctrl-C ends the console.")
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, enough.set)
    await enough.wait()


@app.command(epilog="Example: menling init && menling doctor")
def init(
    file: Annotated[Path, typer.Argument(help="Settings file to write.")] = DEFAULT_FILE,
) -> None:
    """Write a commented settings file, and make the store."""
    with plain_errors():
        if _write_settings(file):
            say(f"Wrote {file}. Set the trunk in it, then: menling doctor")
        else:
            say(f"{file} is there already and stays as it is.")
        settings = load_settings(file)
        open_store(settings).close()
    say(f"Recordings, results and the store are kept in {settings.data_dir}")


@app.command(
    "import",
    epilog="Example: menling import manifest.csv --campaign tomorrow. "
    f"Status {ROWS_TO_PUT_RIGHT}: some rows have to be put right.",
)
def import_(
    files: Annotated[list[Path], typer.Argument(help="Manifests, CSV or XLSX.")],
    campaign: Annotated[str, typer.Option(help="Name of the campaign; made if it is new.")],
    flow: Annotated[
        str, typer.Option(help="What to talk about; pre-delivery for a new campaign.")
    ] = "",
    settings: SettingsFile = None,
) -> None:
    """Read manifests into a campaign; bad rows are reported, good rows go on."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            status = import_files(database, chosen, campaign, flow, files)
        finally:
            database.close()
    raise typer.Exit(status)


@app.command(epilog="Example: menling run tomorrow")
def run(
    campaign: Annotated[str, typer.Argument(help="Name of the campaign.")],
    bundled_model: BundledModel = False,
    settings: SettingsFile = None,
) -> None:
    """Call everybody in a campaign; Ctrl-C ends after the current calls, twice hangs up."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            facts = existing_campaign(database, campaign)
            came_to = asyncio.run(
                run_campaign(database, chosen, facts, screen, bundled_model=bundled_model)
            )
            for table in campaign_tables(database, facts.id):
                screen.print(table)
        finally:
            database.close()
    say(f"Completed manifests and transcripts: {results_dir(chosen)}")
    if came_to.campaign.status is CampaignStatus.PAUSED:
        complain(
            f"Campaign {campaign} is paused for the reason above; `menling run {campaign}` goes on."
        )
        raise typer.Exit(1)
    if came_to.campaign.status is CampaignStatus.RUNNING:
        say(f"Not everybody was called; `menling run {campaign}` goes on.")


@app.command(epilog="Example: menling call +8613800138000 --flow pre-delivery")
def call(
    number: Annotated[str, typer.Argument(help="Number to ring, with country code.")],
    flow: Annotated[str, typer.Option(help="What to talk about.")] = "pre-delivery",
    language: Annotated[
        str, typer.Option(help="What to speak and to hear: zh-CN or en-US.")
    ] = "zh-CN",
    bundled_model: BundledModel = False,
    settings: SettingsFile = None,
) -> None:
    """Make one call with an invented parcel, to try a trunk; nothing is kept but a recording."""
    with plain_errors():
        chosen = settings_from(settings)
        with logged(chosen):
            answered = asyncio.run(call_once(chosen, number, flow, screen, bundled_model, language))
    raise typer.Exit(0 if answered else 1)


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
                    say(line)
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
    missing = [each.name for each in findings if each.health is Health.MISSING]
    if missing:
        complain(f"Not ready to call: {', '.join(missing)}. What to do is marked with → above.")
        raise typer.Exit(1)


def _write_settings(file: Path) -> bool:
    """Write the commented example to `file`, all of it or nothing; False when it is there."""
    text = example("menling.toml").read_text("utf-8")
    try:
        fresh = file.open("x", encoding="utf-8")
    except FileExistsError:
        return False
    try:
        with fresh:
            fresh.write(text)
    except OSError:
        file.unlink()
        raise
    return True


if __name__ == "__main__":
    app()
