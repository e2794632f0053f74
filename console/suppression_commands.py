"""`menling suppress`: numbers that are never called, by anybody or for one merchant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from campaigns.manifest import ManifestError
from campaigns.manifest_cells import CellError, phone_in, region_of
from campaigns.manifest_problems import masked
from campaigns.settings import Settings
from campaigns.suppression_file import ListDefaults, written_list
from campaigns.tables import TableError
from console.list_exchange import everything, take_list
from console.running import open_store
from console.screen import say, screen
from console.terminal import SettingsFile, name_of_login, plain_errors, settings_from
from console.web.audit import Action, record
from store.database import Database
from store.errors import StoreError
from store.suppression import suppress
from store.suppression_queries import SuppressedNumber, suppressions, unsuppress
from store.types import SuppressionReason

SHOWN: Final = 20
TO_PUT_RIGHT: Final = 3

suppress_app = typer.Typer(
    help="Suppression 免打扰名单: numbers that are never called.",
    epilog="Example: menling suppress add 13800138000 --evidence 来信",
    no_args_is_help=True,
)

Number = Annotated[str, typer.Argument(help="Telephone number, as anybody writes it.")]
Merchant = Annotated[
    str, typer.Option(help="Only about parcels of this merchant, as manifests name it.")
]
Evidence = Annotated[str, typer.Option(help="What proves the wish: a letter, a call.")]


@suppress_app.command(epilog="Example: menling suppress add 13800138000 --evidence 来信")
def add(
    number: Number,
    merchant: Merchant = "",
    reason: Annotated[SuppressionReason, typer.Option(help="Why.")] = SuppressionReason.OPERATOR,
    evidence: Evidence = "",
    settings: SettingsFile = None,
) -> None:
    """Never call a number again; who waits to be called there is closed at once."""
    with _store(settings) as (chosen, database):
        phone = _phone(number, chosen)
        now = datetime.now(UTC)
        with database.transaction() as session:
            source = f"command line, {name_of_login()}"
            is_new = suppress(
                session, phone, reason, now, source, merchant=merchant, evidence=evidence
            )
            entry = suppressions(session, phone, limit=1, merchant=merchant).lines[0].id
            if is_new:
                details = {"reason": reason.value}
                record(session, None, Action.SUPPRESSION_ADDED, "suppression", entry, details, now)
    whom = f" about parcels of {merchant}" if merchant else ""
    say(
        f"{masked(phone)} is not called any more{whom}."
        if is_new
        else f"{masked(phone)} was on the list already{whom}."
    )


@suppress_app.command("import", epilog="Example: menling suppress import list.csv --reason listed")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, or one number in each line.")],
    merchant: Merchant = "",
    reason: Annotated[
        SuppressionReason, typer.Option(help="Why, where the file doesn't say.")
    ] = SuppressionReason.LISTED,
    evidence: Evidence = "",
    settings: SettingsFile = None,
) -> None:
    """Take a list in; bad lines are reported, good ones count at once. Status 3: bad lines."""
    with _store(settings) as (chosen, database):
        now = datetime.now(UTC)
        defaults = ListDefaults(ZoneInfo(chosen.campaign.time_zone), reason, merchant, evidence)
        source = f"list {file.name}"[:200]
        try:
            read = take_list(database, file.name, file.read_bytes(), defaults, source, now)
        except TableError as error:
            raise ManifestError(f"{file}: {error}") from error
        taken, problems = read.taken, read.problems
        with database.transaction() as session:
            details = {"rows": taken.new + taken.known, "new": taken.new}
            record(session, None, Action.SUPPRESSION_IMPORTED, "suppression", "", details, now)
    say(
        f"{file.name}: {taken.new} new, {taken.known} known already, {len(problems)} not taken; "
        f"{taken.closed} contacts who waited are closed."
    )
    for problem in problems[:SHOWN]:
        say(f"  {problem}")
    if len(problems) > SHOWN:
        say(f"  … and {len(problems) - SHOWN} more.")
    raise typer.Exit(TO_PUT_RIGHT if problems else 0)


@suppress_app.command(epilog="Example: menling suppress export list.xlsx")
def export(
    file: Annotated[Path, typer.Argument(help="File to write: .csv, .xlsx or .txt.")],
    merchant: Annotated[
        str | None, typer.Option(help="Only the list of this merchant; empty: the one of all.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Write the list, with whole numbers; only you can read the file."""
    with _store(settings) as (chosen, database):
        lines = tuple(everything(database, merchant))
        content = written_list(file.name, lines, ZoneInfo(chosen.campaign.time_zone))
        file.touch(mode=0o600)
        file.write_bytes(content)
        with database.transaction() as session:
            details = {"rows": len(lines)}
            now = datetime.now(UTC)
            record(session, None, Action.SUPPRESSION_EXPORTED, "suppression", "", details, now)
    say(f"{len(lines)} numbers written to {file}.")


@suppress_app.command(epilog="Example: menling suppress check 13800138000")
def check(number: Number, settings: SettingsFile = None) -> None:
    """Say whether a number is on a list, and why; status 1 when it is on none."""
    with _store(settings) as (chosen, database):
        phone = _phone(number, chosen)
        with database.transaction() as session:
            lines = suppressions(session, phone).lines
            details = {"found": bool(lines)}
            now = datetime.now(UTC)
            record(session, None, Action.SUPPRESSION_SEARCHED, "suppression", "", details, now)
    if not lines:
        say(f"{masked(phone)} is on no list.")
        raise typer.Exit(1)
    screen.print(_table(lines))


@suppress_app.command("list", epilog="Example: menling suppress list --reason complaint")
def list_(
    reason: Annotated[SuppressionReason | None, typer.Option(help="Only these.")] = None,
    merchant: Annotated[
        str | None, typer.Option(help="Only the list of this merchant; empty: the one of all.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many, the newest first.")] = 50,
    settings: SettingsFile = None,
) -> None:
    """List the newest entries, numbers masked."""
    with _store(settings) as (_, database), database.reading() as session:
        page = suppressions(session, reason=reason, limit=limit, merchant=merchant)
    screen.print(_table(page.lines))
    if page.next is not None:
        say("There are more; --limit shows more, `menling suppress export` writes all.")


@suppress_app.command(epilog="Example: menling suppress correct 13800138000 --why entered_wrongly")
def correct(
    number: Number,
    why: Annotated[str, typer.Option(help="entered_wrongly, owner_asked or owner_changed.")],
    merchant: Merchant = "",
    settings: SettingsFile = None,
) -> None:
    """Take a mistaken entry off the list; who asked never to be called stays on it for ever."""
    with _store(settings) as (chosen, database):
        if why not in ("entered_wrongly", "owner_asked", "owner_changed"):
            raise StoreError("Say why: entered_wrongly, owner_asked or owner_changed")
        phone = _phone(number, chosen)
        now = datetime.now(UTC)
        with database.transaction() as session:
            lines = suppressions(session, phone, limit=1, merchant=merchant).lines
            if not lines:
                raise StoreError(f"{masked(phone)} is not on that list")
            was = unsuppress(session, lines[0].id)
            details = {"reason": was.reason.value, "why": why}
            record(session, None, Action.SUPPRESSION_LIFTED, "suppression", was.id, details, now)
    say(f"{masked(phone)} may be called again; contacts that were closed stay closed.")


@contextmanager
def _store(file: Path | None) -> Iterator[tuple[Settings, Database]]:
    with plain_errors():
        chosen = settings_from(file)
        database = open_store(chosen)
        try:
            yield chosen, database
        finally:
            database.close()


def _phone(text: str, settings: Settings) -> str:
    try:
        return phone_in(text, region_of(ZoneInfo(settings.campaign.time_zone)))[0]
    except CellError as error:
        raise StoreError(
            f"{masked(text)} is no telephone number; write it with its country code"
        ) from error


def _table(lines: Iterable[SuppressedNumber]) -> Table:
    table = Table(title="Suppression 免打扰名单")
    for heading in ("Number", "Merchant", "Reason", "Since", "Source", "Evidence"):
        table.add_column(heading, overflow="fold")
    for each in lines:
        since = f"{each.at.astimezone():%Y-%m-%d %H:%M}"
        table.add_row(
            masked(each.phone), each.merchant or "-", each.reason.value, since, each.source,
            each.evidence,
        )  # fmt: skip
    return table
