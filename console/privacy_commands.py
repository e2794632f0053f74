"""`menling forget` and `menling retain`: erasing what is kept of people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from campaigns.erasing import calls_with_sound
from campaigns.retention import retain
from campaigns.settings import Settings
from console.running import open_store
from console.screen import complain, say
from console.terminal import SettingsFile, plain_errors, settings_from
from console.web.forgetting import forget_and_write_down
from console.web.searching import phone_of
from store.database import Database
from store.errors import StoreError
from store.forgetting import HINDRANCES, Footprint, HinderedError, footprint
from store.traces import people_at, person_of


def forget(
    number: Annotated[
        str, typer.Argument(help="Telephone number: everybody who has it is forgotten.")
    ] = "",
    contact: Annotated[
        int | None, typer.Option(help="Contact whose recipient is forgotten, instead of a number.")
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Also erase their consent to leave a parcel.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what there is of them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    settings: SettingsFile = None,
) -> None:
    """Erase all that is kept of a person, for ever; opt-outs and figures stay.

    Names, numbers, addresses, words, recordings and transcripts go. That a call was made and what
    it came to stays, and so does a number on the do-not-call list.
    """
    with plain_errors():
        chosen = settings_from(settings)
        database = open_store(chosen)
        try:
            people = _people(database, chosen, number, contact)
            with database.reading() as session:
                found = footprint(session, people)
            for line in footprint_lines(found):
                say(line)
            if dry_run:
                if found.in_the_way is not None:
                    say(HINDRANCES[found.in_the_way], "yellow")
                return
            if found.in_the_way is not None:
                raise HinderedError(HINDRANCES[found.in_the_way])
            if not yes and not typer.confirm("Erase this for ever?"):
                raise typer.Exit(1)
            _, erased = forget_and_write_down(
                database, chosen, None, people, datetime.now(UTC), evidence=evidence
            )
        finally:
            database.close()
    say(f"Forgotten; {erased.files} file(s) erased. Take them out of the manifests you keep, too.")
    _tell_left(erased.left)


def retain_now(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what the settings say.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Erase what is older than [retention] of the settings allows; `menling serve` does at night.

    Also what could not be erased before, of people who were forgotten.
    """
    with plain_errors():
        chosen = settings_from(settings)
        for line in _rules(chosen):
            say(line)
        if dry_run:
            say(f"{sum(1 for _ in calls_with_sound(chosen))} sound files are in the data folder.")
            return
        database = open_store(chosen)
        try:
            expired = retain(database, chosen, datetime.now(UTC))
        finally:
            database.close()
    say(
        f"Erased: {expired.recordings} recording(s), the words of {expired.transcripts} call(s), "
        f"{expired.evidence} piece(s) of evidence, {expired.sentences} spoken sentence(s), "
        f"{expired.people} people, {expired.late} file(s) of people forgotten before."
    )
    _tell_left(expired.left)


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("forget", epilog="Example: menling forget 13800138000 --dry-run")(forget)
    app.command("retain", epilog="Example: menling retain --dry-run")(retain_now)


def footprint_lines(found: Footprint) -> tuple[str, ...]:
    """Tell what there is of people, without naming them."""
    traces = found.traces
    lines = [
        f"{len(traces.recipients)} recipient(s), {len(traces.contacts)} contact(s), "
        f"{len(traces.deliveries)} parcel(s), {len(traces.attempts)} call(s), "
        f"{found.recordings} recording(s), {len(traces.tickets)} ticket(s), "
        f"{len(traces.manifests)} manifest(s)."
    ]
    if not traces.phones:
        lines.append("They were forgotten before; what is left of their files goes.")
    if found.open_tickets:
        lines.append(f"{found.open_tickets} of the tickets still open: nobody can be called then.")
    if found.untold:
        lines.append(f"Dispatch has yet to learn {found.untold} outcome(s); a new address is lost.")
    if found.suppressed:
        lines.append("The number is on the do-not-call list and stays there.")
    return tuple(lines)


def _people(
    database: Database, settings: Settings, number: str, contact: int | None
) -> tuple[int, ...]:
    """Return who is meant. Raises StoreError when that is nobody, or not clear."""
    if bool(number) == (contact is not None):
        raise StoreError("Name a number or --contact ID, and not both")
    with database.reading() as session:
        if contact is not None:
            return (person_of(session, contact),)
        phone = phone_of(number, ZoneInfo(settings.campaign.time_zone))
        if not phone:
            raise StoreError("This is no telephone number; write it like 13800138000 or +8613…")
        people = people_at(session, phone)
    if not people:
        raise StoreError("Nobody with this number is in the store; there is nothing to forget")
    return people


def _rules(settings: Settings) -> tuple[str, ...]:
    kept = settings.retention
    ages = (
        ("recordings", kept.recordings_days),
        ("the words of calls", kept.transcripts_days),
        ("evidence of consent", kept.evidence_days),
        ("people with whom all is over", kept.people_days),
        ("unused spoken sentences", kept.speech_days),
    )
    return tuple(
        f"{what}: kept for ever" if days == "never" else f"{what}: kept {days:g} days"
        for what, days in ages
    )


def _tell_left(left: tuple[str, ...]) -> None:
    for each in left:
        complain(f"Could not be erased: {each}")
    if left:
        complain("`menling retain` tries again; `menling serve` does every night.")
        raise typer.Exit(1)
