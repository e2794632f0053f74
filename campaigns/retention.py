"""Retention: what is older than the settings allow is erased, once a night."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.call_transcript import transcript_name
from campaigns.completed_manifest import TRANSCRIPTS
from campaigns.erasing import (
    RESULTS,
    calls_with_sound,
    erase_files,
    erase_old_speech,
    old,
    unlink,
)
from campaigns.settings import Settings
from campaigns.settings_retention import span
from store.audit_queries import add_audit_entry, audit_entries
from store.database import Database
from store.erasure_types import DATA_EXPIRED
from store.erasures import recordings_gone
from store.errors import StoreError
from store.old_calls import empty_calls, evidence_before, forget_evidence, words_before
from store.people_values import AuditFilter
from store.traces import chunks

log = logging.getLogger(__name__)

NIGHT: Final = range(2, 5)
"""Hours on the campaigns' clock in which nobody is called."""
OFTEN_ENOUGH: Final = timedelta(hours=20)
TOO_LONG_AGO: Final = timedelta(days=7)
"""A machine that is never on at night does it by day then."""
LOOK_AGAIN: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Expired:
    """What was erased because it was old."""

    recordings: int
    transcripts: int
    """Calls of which the words went."""
    evidence: int
    """Clips, and consents of which the words went."""
    sentences: int
    """Spoken by the synthesiser."""
    late: int
    """Files of people who were forgotten before."""
    left: tuple[str, ...]
    """What could not be erased, and why."""


def retain(database: Database, settings: Settings, now: datetime) -> Expired:
    """Erase what is older than the settings allow, and write down how much; again changes nothing.

    Raises StoreError when the store is out of reach.
    """
    kept = settings.retention
    left: list[str] = []
    late = erase_files(database, settings)
    recordings, clips = _erase_sound(database, settings, now, left)
    words = span(kept.transcripts_days)
    transcripts = 0 if words is None else _erase_words(database, settings, now - words, left)
    evidence = span(kept.evidence_days)
    consents = 0 if evidence is None else _erase_consents(database, now - evidence)
    speech = span(kept.speech_days)
    sentences = 0 if speech is None else erase_old_speech(settings, now - speech)
    expired = Expired(
        recordings, transcripts, clips + consents, sentences, late.files, (*late.left, *left)
    )
    with database.transaction() as session:
        add_audit_entry(
            session,
            at=now,
            user_id=None,
            token_id=None,
            action=DATA_EXPIRED,
            kind="retention",
            subject="",
            details={
                "recordings": str(recordings),
                "transcripts": str(transcripts),
                "evidence": str(expired.evidence),
                "left": str(len(expired.left)),
            },
        )
    return expired


def is_due(now: datetime, last: datetime | None, zone: ZoneInfo) -> bool:
    """Say whether it is time: at night, or when it was not done for a week."""
    if last is None:
        return now.astimezone(zone).hour in NIGHT
    since = now - last
    if since >= TOO_LONG_AGO:
        return True
    return since >= OFTEN_ENOUGH and now.astimezone(zone).hour in NIGHT


async def retain_every_night(
    database: Database,
    settings: Settings,
    clock: Callable[[], datetime],
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Erase what is old once a night, until it is cancelled; no fault of it touches a call."""
    zone = ZoneInfo(settings.campaign.time_zone)
    while True:
        try:
            await asyncio.to_thread(_retain_if_due, database, settings, clock(), zone)
        except (StoreError, OSError) as error:
            log.warning("what is old could not be erased: %s", error)
        except Exception:
            log.exception("a fault while erasing what is old")
        await pause(LOOK_AGAIN.total_seconds())


def last_time(database: Database) -> datetime | None:
    """Return when what is old was erased for the last time."""
    with database.reading() as session:
        newest = audit_entries(session, AuditFilter(action=DATA_EXPIRED), limit=1)
    return newest[0].at if newest else None


def _retain_if_due(database: Database, settings: Settings, now: datetime, zone: ZoneInfo) -> None:
    if not is_due(now, last_time(database), zone):
        return
    expired = retain(database, settings, now)
    for each in expired.left:
        log.warning("this could not be erased: %s", each)


def _erase_sound(
    database: Database, settings: Settings, now: datetime, left: list[str]
) -> tuple[int, int]:
    """Erase old recordings, and older clips of evidence; return how many of each.

    The folder is looked through, not the store, so that recordings go that nobody knows of: of
    trial calls, and of calls whose worker died.
    """
    kept = settings.retention
    ages = {False: span(kept.recordings_days), True: span(kept.evidence_days)}
    went = {False: 0, True: 0}
    silent: set[int] = set()
    for file, attempt, is_evidence in list(calls_with_sound(settings)):
        age = ages[is_evidence]
        if age is None or not old(file, now - age):
            continue
        try:
            went[is_evidence] += unlink(file)
        except OSError as error:
            left.append(f"{file}: {error.strerror}")
            continue
        if attempt is not None and not is_evidence:
            silent.add(attempt)
    for some in chunks(silent):
        with database.transaction() as session:
            recordings_gone(session, some)
    return went[False], went[True]


def _erase_words(database: Database, settings: Settings, before: datetime, left: list[str]) -> int:
    """Erase what was said in old calls, the oldest first; return of how many."""
    with database.reading() as session:
        calls = words_before(session, before)
    for some in chunks(calls):
        # Copies first: a call whose words are gone is not looked for again.
        _erase_transcripts(settings, some, left)
        with database.transaction() as session:
            empty_calls(session, some)
    return len(calls)


def _erase_transcripts(settings: Settings, calls: Collection[int], left: list[str]) -> None:
    folder = settings.data_dir / RESULTS / TRANSCRIPTS
    for call in calls:
        file = folder / transcript_name(call)
        try:
            unlink(file)
        except OSError as error:
            left.append(f"{file}: {error.strerror}")


def _erase_consents(database: Database, before: datetime) -> int:
    with database.reading() as session:
        outcomes = evidence_before(session, before)
    for some in chunks(outcomes):
        with database.transaction() as session:
            forget_evidence(session, some)
    return len(outcomes)
