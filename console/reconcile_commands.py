"""`menling reconcile`: what became of calls of which no report came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.table import Table as Grid

from campaigns.cdr import CdrFile, key_of, read_cdr, refuse_incomplete
from campaigns.manifest_problems import masked
from campaigns.reconcile import (
    OPERATOR_SAYS,
    Doubt,
    Finding,
    Told,
    by_cdr,
    by_length,
    strangers,
)
from campaigns.reconcile_recordings import said_seconds
from campaigns.reconcile_writing import known_call_ids, recording_of, write_fate
from campaigns.settings import Settings
from console.running import open_store
from console.screen import say, screen
from console.terminal import SettingsFile, name_of_login, plain_errors, settings_from
from store.database import Database
from store.errors import StaleClaimError, StoreError
from store.reconciliation_models import Evidence
from store.reconciliations import Resolution, UnknownFate, unknown_fates

reconcile_app = typer.Typer(
    help="Reconcile 对账: what became of calls of which no report came.",
    epilog="Example: menling reconcile; then menling reconcile cdr calls.csv --complete --apply",
    invoke_without_command=True,
)

SHOWN: Final = 20
Apply = Annotated[
    bool, typer.Option("--apply", help="Write it down; without it, it is only shown.")
]
By = Annotated[str | None, typer.Option("--by", help="Who found it out; else your user name.")]


@reconcile_app.callback()
def show(context: typer.Context, settings: SettingsFile = None) -> None:
    """List the calls whose fate is unknown; nobody calls these people again by himself."""
    if context.invoked_subcommand is not None:
        return
    with _opened(settings) as (database, _):
        fates = _fates(database)
        screen.print(_table(fates))
    say(
        f"{len(fates)} calls. Tell what became of them by `menling reconcile cdr FILE`, "
        "`menling reconcile recordings` or `menling reconcile attempt ID --as OUTCOME`."
        if fates
        else "Of every call it is known what became of it."
    )


@reconcile_app.command(epilog="Example: menling reconcile cdr calls.csv --complete --apply")
def cdr(
    file: Annotated[Path, typer.Argument(help="The provider's list of calls: CSV or XLSX.")],
    complete: Annotated[
        bool,
        typer.Option(
            "--complete",
            help="It has every call, also unanswered ones: what it lacks was never made.",
        ),
    ] = False,
    trunk: Annotated[
        str, typer.Option(help="Whose list it is, where calls went over several trunks.")
    ] = "",
    time_zone: Annotated[
        str, typer.Option(help="Of times in the list; else that of the settings.")
    ] = "",
    apply: Apply = False,
    settings: SettingsFile = None,
) -> None:
    """Compare with the provider's list by Call-ID; only who certainly was not rung waits again."""
    with _opened(settings) as (database, chosen):
        zone = ZoneInfo(time_zone or chosen.campaign.time_zone)
        listed = read_cdr(file.name, file.read_bytes(), zone)
        if complete:
            refuse_incomplete(listed)
        findings = by_cdr(_fates(database), listed.lines, complete=complete, trunk=trunk)
        _tell(findings)
        _tell_rest(database, listed, findings)
        _write(database, chosen, findings, Evidence.CDR, file.name, apply)


@reconcile_app.command(epilog="Example: menling reconcile recordings --apply")
def recordings(apply: Apply = False, settings: SettingsFile = None) -> None:
    """Look into the recordings of these calls: somebody picked up where we said something."""
    with _opened(settings) as (database, chosen):
        findings: list[Finding] = []
        for fate in _fates(database):
            path = recording_of(fate, chosen.recordings_dir)
            findings.append(Finding(fate, by_length(fate, str(path), said_seconds(path))))
        _tell(findings)
        _write(database, chosen, findings, Evidence.RECORDING, "", apply)


@reconcile_app.command(
    epilog="Example: menling reconcile attempt 1204 --as confirmed --note 'rang back, all is well'"
)
def attempt(
    attempt_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the attempt.")],
    outcome: Annotated[
        str,
        typer.Option("--as", help=f"What became of it: {', '.join(OPERATOR_SAYS)}."),
    ],
    note: Annotated[str, typer.Option(help="How you know; kept as evidence.")],
    by: By = None,
    settings: SettingsFile = None,
) -> None:
    """Write down what you found out about one call; never_rang only if you are certain."""
    told = OPERATOR_SAYS.get(outcome.replace("-", "_"))
    with _opened(settings) as (database, chosen):
        if told is None:
            raise StoreError(
                f"A call can't have come to {outcome}; use one of: {', '.join(OPERATOR_SAYS)}"
            )
        if not note.strip():
            raise StoreError("Say how you know, by --note")
        now = datetime.now(UTC)
        resolution = Resolution(Evidence.OPERATOR, now, by or name_of_login(), note.strip())
        with database.transaction() as session:
            decision = write_fate(session, chosen, attempt_id, told, resolution)
    say(
        f"Attempt {attempt_id}: {outcome}. "
        + (
            "Nobody is called again because of it."
            if decision.retry_at is None
            else f"Called again at {decision.retry_at:%Y-%m-%d %H:%M %Z}."
        )
    )


@contextmanager
def _opened(file: Path | None) -> Iterator[tuple[Database, Settings]]:
    with plain_errors():
        chosen = settings_from(file)
        database = open_store(chosen)
        try:
            yield database, chosen
        finally:
            database.close()


def _fates(database: Database) -> tuple[UnknownFate, ...]:
    with database.reading() as session:
        return unknown_fates(session)


def _table(fates: Iterable[UnknownFate]) -> Grid:
    grid = Grid("attempt", "campaign", "number", "dialled", "trunk", "Call-ID", "why")
    for fate in fates:
        grid.add_row(
            str(fate.attempt_id),
            fate.campaign,
            masked(fate.phone),
            _local(fate),
            fate.trunk,
            fate.call_id,
            fate.why,
        )
    return grid


def _local(fate: UnknownFate) -> str:
    if fate.dialed_at is None:
        return ""
    return f"{fate.dialed_at.astimezone(ZoneInfo(fate.time_zone)):%Y-%m-%d %H:%M:%S}"


def _tell(findings: Sequence[Finding]) -> None:
    grid = Grid("attempt", "campaign", "number", "dialled", "what became of it", "again")
    for finding in findings:
        fate, told = finding.fate, finding.told
        known = isinstance(told, Told)
        grid.add_row(
            str(fate.attempt_id),
            fate.campaign,
            masked(fate.phone),
            _local(fate),
            f"{told.disposition}, {told.outcome} ({told.evidence})"
            if isinstance(told, Told)
            else f"unknown: {told.value}",
            "by the retry rules" if known and _never_rang(told) else "no",
        )
    screen.print(grid)


def _never_rang(told: Told | Doubt) -> bool:
    return isinstance(told, Told) and told.never_rang


def _tell_rest(database: Database, listed: CdrFile, findings: Sequence[Finding]) -> None:
    with database.reading() as session:
        ours = frozenset(map(key_of, known_call_ids(session)))
    foreign = strangers(listed.lines, ours)
    asked = {key_of(finding.fate.call_id) for finding in findings}
    known = sum(key_of(line.call_id) in ours - asked for line in listed.lines)
    say(
        f"{len(listed.lines)} lines: {known} are of calls whose end we know, "
        f"{len(foreign)} name no call of ours."
    )
    for line in foreign[:SHOWN]:
        say(f"  row {line.number}: {line.call_id} is no call of ours")
    if len(foreign) > SHOWN:
        say(f"  and {len(foreign) - SHOWN} more")
    for problem in listed.problems[:SHOWN]:
        say(f"  {problem}", "yellow")


def _write(
    database: Database,
    settings: Settings,
    findings: Iterable[Finding],
    how: Evidence,
    source: str,
    apply: bool,
) -> None:
    known = [(each.fate, each.told) for each in findings if isinstance(each.told, Told)]
    if not apply:
        say(f"{len(known)} can be written down: add --apply." if known else "Nothing to write.")
        return
    written = again = 0
    for fate, told in known:
        evidence = ", ".join(filter(None, (source, told.evidence)))
        resolution = Resolution(how, datetime.now(UTC), evidence=evidence)
        try:
            with database.transaction() as session:
                decision = write_fate(session, settings, fate.attempt_id, told, resolution)
        except StaleClaimError as late:
            say(f"  {late}", "yellow")
            continue
        written += 1
        again += decision.retry_at is not None
    say(f"{written} written down; {again} of them certainly rang nobody and are called again.")
