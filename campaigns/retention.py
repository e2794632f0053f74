"""Retention: what is older than the settings allow is erased, once a night."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
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
from campaigns.forgetting import forget_rows
from campaigns.pace import GoOn, Pace, Rest, to_the_end
from campaigns.settings import Settings
from campaigns.settings_retention import span
from store.audit_queries import add_audit_entry
from store.database import Database
from store.erasure_types import DATA_EXPIRED
from store.erasures import recordings_gone
from store.errors import StoreError
from store.forgetting import HinderedError
from store.old_calls import (
    empty_calls,
    evidence_before,
    forget_evidence,
    people_before,
    words_before,
)

log = logging.getLogger(__name__)

NIGHT: Final = range(2, 5)
"""Hours on the campaigns' clock in which nobody is called."""
OFTEN_ENOUGH: Final = timedelta(hours=20)
TOO_LONG_AGO: Final = timedelta(days=7)
"""A machine that is never on at night does it by day then."""
LOOK_AGAIN: Final = timedelta(minutes=10)
AT_ONCE: Final = 100
"""People who are forgotten in one transaction: for a fifth of a second nobody else can write."""
STAMP: Final = "retained"
"""File of the data folder that says when it was seen to."""


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
    people: int
    """Forgotten, because all was over with them."""
    late: int
    """Files of people who were forgotten before."""
    left: tuple[str, ...]
    """What could not be erased, and why."""


def retain(
    database: Database,
    settings: Settings,
    now: datetime,
    go_on: GoOn = to_the_end,
    rest: Rest = time.sleep,
) -> Expired:
    """Erase what is older than the settings allow, and write down how much; again changes nothing.

    `go_on` is asked now and then; what it cuts short is done the next time. `rest` lets others
    write between two pieces. Raises StoreError when the store is out of reach.
    """
    kept = settings.retention
    pace = Pace(go_on, rest)
    left: list[str] = []
    late = erase_files(database, settings)
    recordings, clips = _erase_sound(database, settings, now, left, pace)
    words = span(kept.transcripts_days)
    transcripts = 0 if words is None else _erase_words(database, settings, now - words, left, pace)
    evidence = span(kept.evidence_days)
    consents = 0 if evidence is None else _erase_consents(database, now - evidence, pace)
    over = span(kept.people_days)
    people = 0 if over is None else _forget_people(database, settings, now, over, left, pace)
    speech = span(kept.speech_days)
    sentences = 0 if speech is None else erase_old_speech(settings, now - speech)
    expired = Expired(
        recordings=recordings,
        transcripts=transcripts,
        evidence=clips + consents,
        sentences=sentences,
        people=people,
        late=late.files,
        left=tuple(dict.fromkeys((*late.left, *left))),
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
                "people": str(people),
                "left": str(len(expired.left)),
            },
        )
    if go_on():
        _stamp(settings, now)
    return expired


def is_due(now: datetime, last: datetime | None, zone: ZoneInfo) -> bool:
    """Say whether it is time: at night, or when it was not done for a week."""
    is_night = now.astimezone(zone).hour in NIGHT
    if last is None:
        return is_night
    return now - last >= (OFTEN_ENOUGH if is_night else TOO_LONG_AGO)


async def retain_every_night(
    database: Database,
    settings: Settings,
    clock: Callable[[], datetime],
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Erase what is old once a night, until it is cancelled; no fault of it touches a call."""
    zone = ZoneInfo(settings.campaign.time_zone)
    over = Event()

    def erase() -> None:
        _retain_if_due(database, settings, clock(), zone, lambda: not over.is_set())

    try:
        while True:
            try:
                await asyncio.to_thread(erase)
            except (StoreError, OSError) as error:
                log.warning("what is old could not be erased: %s", error)
            except Exception:
                # This runs beside the engine, which must not end with its calls for old files.
                log.exception("a fault while erasing what is old")
            await pause(LOOK_AGAIN.total_seconds())
    finally:
        # Whoever ends waits for this thread.
        over.set()


def last_time(settings: Settings) -> datetime | None:
    """Return when this data folder was seen to for the last time; each machine sees to its own."""
    try:
        return datetime.fromisoformat((settings.data_dir / STAMP).read_text("utf-8").strip())
    except (FileNotFoundError, ValueError):
        return None


def _stamp(settings: Settings, now: datetime) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    (settings.data_dir / STAMP).write_text(f"{now.isoformat()}\n", "utf-8")


def _retain_if_due(
    database: Database, settings: Settings, now: datetime, zone: ZoneInfo, go_on: GoOn
) -> None:
    last = last_time(settings)
    if is_due(now, last, zone):
        for each in retain(database, settings, now, go_on).left:
            log.warning("this could not be erased: %s", each)
    elif last is None:
        # The next night is due, and from now on it is known how long there was none.
        _stamp(settings, now - OFTEN_ENOUGH)


def _erase_sound(
    database: Database, settings: Settings, now: datetime, left: list[str], pace: Pace
) -> tuple[int, int]:
    """Erase old recordings, and older clips of evidence; return how many of each.

    The folder is looked through, not the store, so that recordings go that nobody knows of: of
    trial calls, and of calls whose worker died.
    """
    kept = settings.retention
    ages = {False: span(kept.recordings_days), True: span(kept.evidence_days)}
    went = {False: 0, True: 0}
    expired = [
        each
        for each in calls_with_sound(settings)
        if (age := ages[each.is_evidence]) is not None and old(each.file, now - age)
    ]
    for some in pace.pieces(expired):
        silent = [each.attempt for each in some if each.attempt and not each.is_evidence]
        # The files last: who dies in between finds them in the folder again.
        with database.transaction() as session:
            recordings_gone(session, silent)
        for each in some:
            try:
                went[each.is_evidence] += unlink(each.file)
            except OSError as error:
                left.append(f"{each.file}: {error.strerror}")
    return went[False], went[True]


def _erase_words(
    database: Database, settings: Settings, before: datetime, left: list[str], pace: Pace
) -> int:
    """Erase what was said in old calls, the oldest first; return of how many."""
    with database.reading() as session:
        calls = words_before(session, before)
    done = 0
    for some in pace.pieces(calls):
        # Copies first: a call whose words are gone is not looked for again.
        _erase_transcripts(settings, some, left)
        with database.transaction() as session:
            empty_calls(session, some)
        done += len(some)
    return done


def _erase_transcripts(settings: Settings, calls: Collection[int], left: list[str]) -> None:
    folder = settings.data_dir / RESULTS / TRANSCRIPTS
    for call in calls:
        file = folder / transcript_name(call)
        try:
            unlink(file)
        except OSError as error:
            left.append(f"{file}: {error.strerror}")


def _erase_consents(database: Database, before: datetime, pace: Pace) -> int:
    with database.reading() as session:
        outcomes = evidence_before(session, before)
    done = 0
    for some in pace.pieces(outcomes):
        with database.transaction() as session:
            forget_evidence(session, some)
        done += len(some)
    return done


def _forget_people(
    database: Database,
    settings: Settings,
    now: datetime,
    age: timedelta,
    left: list[str],
    pace: Pace,
) -> int:
    """Forget people with whom all has been over for long; return how many."""
    done = last = 0
    while pace.go_on():
        with database.reading() as session:
            some = people_before(session, now - age, last, AT_ONCE)
        if not some:
            break
        last = some[-1]
        for part in (some, *((each,) for each in some)):
            try:
                forget_rows(database, settings, part, now, everywhere=False)
            except HinderedError as error:
                # One of them is in the way of all: the others are forgotten one by one.
                if len(part) == 1:
                    left.append(f"recipient {part[0]}: {error}")
                continue
            done += len(part)
            if part is some:
                break
        pace.let_others_in()
    # Once for all of them: they share manifests, of which each copy takes seconds.
    if done and pace.go_on():
        left.extend(erase_files(database, settings).left)
    return done
