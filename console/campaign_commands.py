"""`menling campaign`: campaigns as people run them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.table import Table

from campaigns.campaign_faults import check_campaign
from campaigns.campaign_life import LEADS_TO, Step, close_waiting, make, set_scope, take_step
from campaigns.explaining import explanation
from campaigns.manifest_cells import CellError, phone_in, region_of
from campaigns.published_flows import PublishedFlows
from campaigns.results import By, differ, results_of
from campaigns.rules import rules_of
from campaigns.settings import Settings, SettingsError
from console.campaign_results import results_table, write_results
from console.campaign_status import status_lines
from console.manifest_import import import_files
from console.reports import CAMPAIGN_STATUSES
from console.running import existing_campaign, open_store
from console.screen import say, screen
from console.terminal import SettingsFile, plain_errors, settings_from
from store.database import Database
from store.errors import StoreError
from store.explained import contacts_named
from store.queries import campaigns, progress
from store.results import result_rows
from store.types import CampaignStatus, ContactStatus
from store.values import CampaignFacts

campaign_app = typer.Typer(
    help="Campaigns 活动: make them, run them, and see why somebody was called, or not.",
    epilog="Example: menling campaign create tomorrow --flow pre-delivery",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the campaign.")]
Words = Annotated[
    list[str] | None, typer.Option(help="Only these; may be given several times. None: all.")
]


@campaign_app.command(
    epilog="Example: menling campaign create tomorrow --flow pre-delivery --set max_attempts=2"
)
def create(
    name: Name,
    flow: Annotated[str, typer.Option(help="What to talk about.")] = "pre-delivery",
    policy: Annotated[
        Path | None, typer.Option(help="Its own rules: a TOML file with keys of [campaign].")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="One rule more, key=value in TOML.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of rows that don't say: zh-CN, en-US.")] = "zh-CN",
    settings: SettingsFile = None,
) -> None:
    """Make a draft; nobody is called before it is started."""
    with _store(settings) as (chosen, database):
        own = _policy(policy, set_ or ())
        PublishedFlows(database, chosen.flows_dir).load(flow, language)
        own_zone = own.pop("time_zone", chosen.campaign.time_zone)
        company = own.pop("company", chosen.campaign.company)
        number = own.pop("callback_number", chosen.campaign.callback_number)
        with database.transaction() as session:
            make(
                session, chosen, name, datetime.now(UTC), flow=flow, company=company,
                language=language, time_zone=own_zone, callback_number=number, policy=own,
            )  # fmt: skip
    say(f"Campaign {name} is made. Next: menling campaign import {name} FILE")


@campaign_app.command("import", epilog="Example: menling campaign import tomorrow manifest.csv")
def import_(
    name: Name,
    files: Annotated[list[Path], typer.Argument(help="Manifests, CSV or XLSX.")],
    settings: SettingsFile = None,
) -> None:
    """Read manifests into a campaign, as `menling import` does; status 3: rows to put right."""
    with _store(settings) as (chosen, database):
        existing_campaign(database, name)
        status = import_files(database, chosen, name, "", files)
    raise typer.Exit(status)


@campaign_app.command(epilog="Example: menling campaign start tomorrow")
def start(name: Name, settings: SettingsFile = None) -> None:
    """Let `menling serve` or `menling dial` call its contacts from now on."""
    _step(name, Step.START, settings)


@campaign_app.command(epilog="Example: menling campaign pause tomorrow")
def pause(name: Name, settings: SettingsFile = None) -> None:
    """Place no further call; those in progress go on to their end."""
    _step(name, Step.PAUSE, settings)


@campaign_app.command(epilog="Example: menling campaign resume tomorrow")
def resume(name: Name, settings: SettingsFile = None) -> None:
    """Go on with a paused campaign."""
    _step(name, Step.RESUME, settings)


@campaign_app.command(epilog="Example: menling campaign cancel tomorrow --yes")
def cancel(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    settings: SettingsFile = None,
) -> None:
    """End a campaign for good; whoever waits is closed, calls in progress go on to their end."""
    if not yes and not typer.confirm(f"End {name} for good?"):
        raise typer.Exit(1)
    _step(name, Step.CANCEL, settings)


@campaign_app.command(epilog="Example: menling campaign status tomorrow")
def status(name: Name, settings: SettingsFile = None) -> None:
    """Show how far a campaign is, what holds it, and what comes next."""
    with _store(settings) as (chosen, database):
        facts = existing_campaign(database, name)
        for line in status_lines(database, chosen, facts, datetime.now(UTC)):
            say(line)


@campaign_app.command("list", epilog="Example: menling campaign list")
def list_(settings: SettingsFile = None) -> None:
    """List the campaigns, the newest last."""
    table = Table(title="Campaigns 活动", box=box.SIMPLE_HEAD)
    for heading in ("名称", "流程", "状态", "收件人", "待拨打", "拨打次数"):
        table.add_column(heading)
    with _store(settings) as (_, database), database.reading() as session:
        for facts in campaigns(session):
            far = progress(session, facts.id)
            table.add_row(
                facts.name, facts.flow, CAMPAIGN_STATUSES[facts.status],
                str(sum(far.contacts.values())), str(far.contacts[ContactStatus.WAITING]),
                str(far.attempts),
            )  # fmt: skip
    screen.print(table)


@campaign_app.command(epilog="Example: menling campaign scope tomorrow --region 华东 --share 0.2")
def scope(
    name: Name,
    region: Words = None,
    product_line: Words = None,
    share: Annotated[
        float | None, typer.Option(min=0.001, max=1, help="Part of these people, 0.2 for 20 %.")
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="End the pilot: call all.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Limit a campaign to a pilot, or widen it; without options: show for whom it is."""
    with _store(settings) as (chosen, database):
        facts = existing_campaign(database, name)
        now_for = rules_of(chosen.campaign, facts.policy, facts.flow, chosen.calling).scope
        wanted = type(now_for)() if everybody else now_for
        if region is not None:
            wanted = replace(wanted, regions=tuple(region))
        if product_line is not None:
            wanted = replace(wanted, product_lines=tuple(product_line))
        if share is not None:
            wanted = replace(wanted, share=share)
        if everybody or wanted != now_for:
            did = set_scope(database, chosen, facts.id, wanted, datetime.now(UTC))
            say(f"{did.closed} who waited are left out, {did.reopened} are called again.")
    regions, lines = "、".join(wanted.regions), "、".join(wanted.product_lines)
    say(f"{name} is for: regions {regions or 'all'}; product lines {lines or 'all'}; "
        f"{wanted.share:.0%} of these people.")  # fmt: skip


@campaign_app.command(epilog="Example: menling campaign results tomorrow --by script")
def results(
    name: Name,
    by: Annotated[By, typer.Option(help="By what they are told apart.")] = By.PILOT,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write them as CSV, too, with both ends.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Show what came of a campaign, apart, with 95 % confidence intervals."""
    with _store(settings) as (_, database):
        facts = existing_campaign(database, name)
        with database.reading() as session:
            found = results_of(result_rows(session, facts.id), by)
        if csv_file is not None:
            write_results(csv_file, found)
    screen.print(results_table(name, by, found))
    if by in (By.SCRIPT, By.PILOT) and len(called := [each for each in found if each.called]) == 2:
        one, other = called
        told = differ(one.settled, other.settled)
        if told is not None:
            say(
                f"{one.group or '-'} and {other.group or '-'} "
                + ("differ in what was settled." if told else "can't be told apart yet.")
            )


@campaign_app.command(epilog="Example: menling campaign explain SD0001")
def explain(
    contact: Annotated[str, typer.Argument(help="Id of the contact, waybill or number.")],
    campaign: Annotated[str, typer.Option(help="Only in this campaign.")] = "",
    chinese: Annotated[bool, typer.Option("--zh", help="In Chinese.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Say why somebody has or hasn't been called, and when it will be."""
    with _store(settings) as (chosen, database):
        only = existing_campaign(database, campaign).id if campaign else None
        now = datetime.now(UTC)
        with database.reading() as session:
            found = contacts_named(session, contact, _phone(contact, chosen), only)
            if not found:
                raise StoreError(
                    "There is no such contact, waybill or number; check it, or the campaign"
                )
            for number, contact_id in enumerate(found):
                if number:
                    say("")
                for line in explanation(
                    session, chosen, contact_id, now, "zh" if chinese else "en"
                ):
                    say(line)


def _step(name: str, step: Step, settings: Path | None) -> None:
    with _store(settings) as (chosen, database):
        facts = existing_campaign(database, name)
        now = datetime.now(UTC)
        if LEADS_TO.get((facts.status, step)) is CampaignStatus.RUNNING:
            _can_run(database, chosen, facts, now)
        with database.transaction() as session:
            became = take_step(session, facts.id, step, now)
        closed = close_waiting(database, facts.id, now) if step is Step.CANCEL else 0
    say(f"{name}: {CAMPAIGN_STATUSES[became]} ({became.value})." + (
        f" {closed} who waited are closed." if closed else ""))  # fmt: skip


def _can_run(database: Database, settings: Settings, facts: CampaignFacts, now: datetime) -> None:
    """Raise what would stop a campaign as soon as it runs."""
    check_campaign(database, settings, facts, now)
    with database.reading() as session:
        contacts = progress(session, facts.id).contacts
    if not contacts[ContactStatus.WAITING] and not contacts[ContactStatus.IN_CALL]:
        raise StoreError(
            f"Nobody waits in {facts.name}; `menling campaign import {facts.name} FILE` brings some"
        )


def _policy(file: Path | None, more: list[str] | tuple[str, ...]) -> dict[str, Any]:
    try:
        written: dict[str, Any] = tomllib.loads(file.read_text("utf-8-sig")) if file else {}
        policy: dict[str, Any] = written.get("campaign", written)
        for each in more:
            key, sign, value = each.partition("=")
            if not sign:
                raise SettingsError(f"Write key=value, for example max_attempts=2, not {each}")
            place = policy
            *tables, last = key.strip().split(".")
            for table in tables:
                place = place.setdefault(table, {})
            place[last] = _value(value.strip())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The policy {file} can't be read: {error}") from error
    return policy


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _phone(text: str, settings: Settings) -> str:
    try:
        return phone_in(text, region_of(ZoneInfo(settings.campaign.time_zone)))[0]
    except CellError:
        return ""


@contextmanager
def _store(file: Path | None) -> Iterator[tuple[Settings, Database]]:
    with plain_errors():
        chosen = settings_from(file)
        database = open_store(chosen)
        try:
            yield chosen, database
        finally:
            database.close()
