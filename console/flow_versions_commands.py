"""Commands that change what is said: publish a flow, go back, compare, look at the history."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from campaigns.published_flows import PublishedFlows
from campaigns.settings import Settings
from console.running import open_store
from console.screen import say, screen
from console.terminal import SettingsFile, name_of_login, plain_errors, settings_from
from ivr.flow import files_of_flow, load_flow, load_flow_file, shipped_file
from ivr.flow_diff import differences
from ivr.flow_model import Flow, FlowError
from ivr.flow_schema import flow_schema
from store.database import Database
from store.flow_publications import FlowFiles, publications, publish, roll_back

NO_CALL: Final = "What was said until now has faults, so that no call could be made with it."

Language = Annotated[str, typer.Option(help="Language of the flow.")]
Who = Annotated[str, typer.Option("--by", help="Who does it; the name of the login by default.")]
Note = Annotated[str, typer.Option(help="Why, for those who read the history.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those about flows."""
    for name, command, example in (
        (
            "publish",
            publish_flow,
            "menling flows publish survey.zh-CN.yaml --note shorter",
        ),
        ("rollback", rollback, "menling flows rollback survey"),
        ("versions", versions, "menling flows versions survey"),
        ("diff", diff, "menling flows diff survey my-survey.zh-CN.yaml"),
        ("schema", schema, "menling flows schema > flow.schema.json"),
    ):
        app.command(name, epilog=f"Example: {example}")(command)


def publish_flow(
    file: Annotated[Path, typer.Argument(help="Flow file; it is checked first.")],
    note: Note = "",
    who: Who = "",
    settings: SettingsFile = None,
) -> None:
    """Let calls that begin from now on say this flow; calls in progress go on as they began."""
    with plain_errors():
        flow = load_flow_file(file)
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            published = PublishedFlows(database, chosen.flows_dir)
            before = _said_before(published, flow)
            files = FlowFiles(
                flow=flow.id,
                language=flow.language,
                version=flow.version,
                digest=flow.digest,
                main=file.name,
                files=files_of_flow(file),
            )
            with database.transaction() as session:
                publish(session, files, datetime.now(UTC), who or name_of_login(), note)
        finally:
            database.close()
    _tell_what_is_said(before, flow)


def rollback(
    flow: Annotated[str, typer.Argument(help="Id of the flow.")],
    to: Annotated[str, typer.Option(help="Version; none: the one said before.")] = "",
    language: Language = "zh-CN",
    note: Note = "",
    who: Who = "",
    settings: SettingsFile = None,
) -> None:
    """Go back to an earlier version of a flow."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            published = PublishedFlows(database, chosen.flows_dir)
            before = _if_sound(published, flow, language)
            with database.transaction() as session:
                at = datetime.now(UTC)
                back = roll_back(session, flow, language, to, at, who or name_of_login(), note)
                # A version that no call could say any more is not gone back to.
                after = (
                    published.load_version(flow, language, back.version)
                    if back.version
                    else load_flow(flow, language)
                )
        finally:
            database.close()
    _tell_what_is_said(before, after)


def versions(
    flow: Annotated[str, typer.Argument(help="Id of a flow; none: all.")] = "",
    settings: SettingsFile = None,
) -> None:
    """Show what was published when, by whom and why; the marked ones are said now."""
    with plain_errors():
        chosen = settings_from(settings)
        zone = ZoneInfo(chosen.campaign.time_zone)
        database = open_store(chosen)
        try:
            with database.reading() as session:
                history = publications(session, flow)
        finally:
            database.close()
    if not history:
        say("Nothing was published; what ships with Menling is said.")
        return
    table = Table("", "Flow", "Language", "Version", "Digest", "Step", "At", "By", "Note")
    for each in history:
        table.add_row(
            "●" if each.is_current else "",
            each.flow,
            each.language,
            each.version or "shipped",
            each.digest[:12],
            each.step.value,
            f"{each.at.astimezone(zone):%Y-%m-%d %H:%M}",
            each.who,
            each.note,
        )
    screen.print(table)


def diff(
    old: Annotated[str, typer.Argument(help="A file, ID (said now), ID@VERSION or ID@shipped.")],
    new: Annotated[str, typer.Argument(help="The same.")],
    language: Language = "zh-CN",
    settings: SettingsFile = None,
) -> None:
    """Tell in words what changed between two versions of a flow; status 1 if anything did."""
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            flows = [_named(database, chosen, each, language) for each in (old, new)]
        finally:
            database.close()
    raise typer.Exit(1 if _show_differences(*flows) else 0)


def schema() -> None:
    """Print the JSON Schema of flow files, for editors that complete and check while one types."""
    typer.echo(json.dumps(flow_schema(), ensure_ascii=False, indent=2))


def _named(database: Database, settings: Settings, name: str, language: str) -> Flow:
    if Path(name).is_file():
        return load_flow_file(Path(name))
    flow, _, version = name.partition("@")
    if version == "shipped":
        return load_flow(flow, language)
    if not version:
        return _said(database, settings, flow, language)
    return PublishedFlows(database, settings.flows_dir).load_version(flow, language, version)


def _said(database: Database, settings: Settings, flow: str, language: str) -> Flow:
    return PublishedFlows(database, settings.flows_dir).load(flow, language)


def _tell_what_is_said(before: Flow | None, now: Flow) -> None:
    if before is None:
        say(NO_CALL)
    else:
        _show_differences(before, now)
    say(f"{now.id} {now.language} {now.version} is said from now on.")


def _show_differences(old: Flow, new: Flow) -> bool:
    changes = differences(old, new)
    for change in changes or ("Nothing changed.",):
        say(change)
    return bool(changes)


def _said_before(published: PublishedFlows, flow: Flow) -> Flow | None:
    """Return what is said until now; the flow itself when it is new; None: nothing sound."""
    shipped = shipped_file(flow.id, flow.language).is_file()
    if not shipped and flow.language not in published.files(flow.id):
        return flow
    return _if_sound(published, flow.id, flow.language)


def _if_sound(published: PublishedFlows, flow: str, language: str) -> Flow | None:
    try:
        return published.load(flow, language)
    except FlowError:
        return None
