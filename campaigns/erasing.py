"""Erasing files: recordings, transcripts, copies of manifests, spoken sentences."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from campaigns.call_transcript import transcript_name
from campaigns.completed_manifest import TRANSCRIPTS
from campaigns.settings import Settings
from campaigns.tables import TableError
from campaigns.write_back import renew_copy
from store.database import Database
from store.erasure_types import ErasureKind
from store.erasures import Wanted, erased, erased_rows, erasures_wanted, recordings_gone
from store.errors import StoreError
from store.rows import manifest_file
from store.traces import chunks

RESULTS: Final = "results"
"""Folder of the completed manifests and transcripts, in the data folder."""
SPEECH: Final = "speech"
"""Folder of the synthesised sentences."""
LONGEST_CALL: Final = timedelta(hours=2)
"""What was spoken since may be about to be played in a call that goes on."""
_MARGIN: Final = timedelta(seconds=5)
"""File systems and clocks of the store are not the same."""
_OF_A_CALL: Final = re.compile(r"(\d+)(\.[\w-]+)?\.wav")


@dataclass(frozen=True, slots=True)
class Erased:
    """What went from the disk."""

    files: int
    left: tuple[str, ...]
    """What could not be erased, and why; it is tried again."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A file in which somebody can be heard."""

    file: Path
    attempt: int | None
    """None: of a trial call, which the store doesn't know."""
    is_evidence: bool


def erase_files(database: Database, settings: Settings) -> Erased:
    """Erase all files that are wanted erased; whoever died while doing so is made good for."""
    with database.reading() as session:
        wanted = erasures_wanted(session)
    files = 0
    left: list[str] = []
    for some in chunks(wanted):
        gone: list[Wanted] = []
        for each in some:
            try:
                if each.kind is ErasureKind.MANIFEST:
                    output = settings.data_dir / RESULTS
                    files += _renew_manifest(database, output, each.subject_id)
                else:
                    files += _erase_call(settings, each)
            except OSError as error:
                left.append(f"{error.filename}: {error.strerror}")
            else:
                gone.append(each)
        with database.transaction() as session:
            erased(session, [each.id for each in gone])
            recordings_gone(
                session,
                [each.subject_id for each in gone if each.kind is not ErasureKind.MANIFEST],
            )
    return Erased(files, tuple(left))


def sound_of(settings: Settings, attempt: int) -> tuple[Path, ...]:
    """Return the files in which a call can be heard, its recording first."""
    folder = settings.recordings_dir
    whole = folder / f"{attempt}.wav"
    return (*((whole,) if whole.is_file() else ()), *sorted(folder.glob(f"{attempt}.*.wav")))


def calls_with_sound(settings: Settings) -> Iterator[Sound]:
    """Go through the folder of recordings."""
    with suppress(FileNotFoundError):
        for file in settings.recordings_dir.iterdir():
            named = _OF_A_CALL.fullmatch(file.name)
            if named is not None:
                yield Sound(file, int(named[1]), named[2] is not None)
            elif file.suffix == ".wav":
                yield Sound(file, None, False)


def erase_speech(
    settings: Settings, spoken: Mapping[int, tuple[datetime, datetime]], now: datetime
) -> int:
    """Erase the sentences that were last spoken in calls; return how many.

    Their names don't say what they say, so all of that time go; they are made again when they are
    needed. What a call that goes on may need stays, and goes when nobody has used it for long.
    """
    times = [(began - _MARGIN, ended + _MARGIN) for began, ended in spoken.values()]

    def is_theirs(used: datetime) -> bool:
        return used < now - LONGEST_CALL and any(began <= used <= end for began, end in times)

    return sum(unlink(file) for file, used in _spoken(settings) if is_theirs(used))


def erase_old_speech(settings: Settings, before: datetime) -> int:
    """Erase the sentences that nobody has used since then; return how many."""
    return sum(unlink(file) for file, used in _spoken(settings) if used < before)


def old(file: Path, before: datetime) -> bool:
    """Was a file written before then? A file that is gone was not."""
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC) < before
    except FileNotFoundError:
        return False


def _spoken(settings: Settings) -> Iterator[tuple[Path, datetime]]:
    for file in (settings.data_dir / SPEECH).glob("??/*.wav"):
        with suppress(FileNotFoundError):  # the synthesiser prunes, too
            yield file, datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _erase_call(settings: Settings, wanted: Wanted) -> int:
    attempt = wanted.subject_id
    whole = settings.recordings_dir / f"{attempt}.wav"
    files = [settings.data_dir / RESULTS / TRANSCRIPTS / transcript_name(attempt), whole]
    if wanted.kind is ErasureKind.EVIDENCE:
        files += sound_of(settings, attempt)
    if wanted.path:
        elsewhere = Path(wanted.path)
        if elsewhere.name == whole.name and elsewhere.is_file() and not whole.exists():
            raise OSError(0, "lies outside the data folder; erase it by hand", wanted.path)
    return sum(unlink(each) for each in files)


def _renew_manifest(database: Database, output: Path, manifest_id: int) -> int:
    try:
        with database.reading() as session:
            name = manifest_file(session, manifest_id).file_name
            gone = erased_rows(session, manifest_id)
        renewed = renew_copy(database, output, manifest_id)
    except (StoreError, TableError):
        return 0  # it is gone altogether, or has nothing left that could be written
    _shorten(output / f"{Path(name).stem}.problems.csv", gone)
    return 0 if renewed is None else 1


def _shorten(problems: Path, gone: Collection[int]) -> None:
    """Take rows out of the list of what has to be put right."""
    try:
        text = problems.read_text("utf-8-sig")
    except FileNotFoundError:
        return
    rows = list(csv.reader(io.StringIO(text, newline="")))
    kept = [row for row in rows if not row or not row[0].isdecimal() or int(row[0]) not in gone]
    if kept != rows:
        out = io.StringIO(newline="")
        csv.writer(out).writerows(kept)
        problems.write_text(out.getvalue(), "utf-8-sig", newline="")


def unlink(file: Path) -> int:
    """Erase a file; return how many that were: 0 when it is gone already."""
    try:
        file.unlink()
    except FileNotFoundError:
        return 0
    return 1
