"""Write-back: outcomes leave the outbox as completed copies of the manifests.

Everything is written beside its place and then moved there, so that a reader sees the old file or
the new one, never half of one; the outbox forgets an outcome only after that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from campaigns.call_transcript import transcript_name, transcript_text
from campaigns.completed_manifest import TRANSCRIPTS, completed_cells, completed_name
from campaigns.labels import LabelLanguage, Shelf, labels
from campaigns.manifest import header_language
from campaigns.tables import complete_table, read_table
from store.database import Database
from store.errors import StoreError
from store.outbox import mark_write_failed, mark_written, pending_write_backs
from store.queries import call
from store.rows import campaign_manifests, completed_rows, manifest_file, manifests_of
from store.values import PendingWriteBack

_BATCH = 1000
"""So many outcomes at most in one go; the next go takes the rest."""


class WriteBackError(Exception):
    """The copies could not be written; the outcomes stay in the outbox. Says what to do."""


@dataclass(frozen=True, slots=True)
class WriteBackReport:
    """What was written."""

    outcomes: int
    """Outcomes that dispatch knows now."""
    manifests: tuple[Path, ...] = ()
    transcripts: tuple[Path, ...] = ()


def write_back(
    database: Database, output: Path, now: Callable[[], datetime], campaign_id: int | None = None
) -> WriteBackReport:
    """Hand over what is in the outbox; nothing is written when it is empty.

    Doing it again changes nothing. Raises WriteBackError when the folder can't be written.
    """
    with database.reading() as session:
        pending = pending_write_backs(session, _BATCH, campaign_id)
        manifest_ids = manifests_of(session, [entry.delivery_id for entry in pending])
    if not pending:
        return WriteBackReport(outcomes=0)
    ids = [entry.id for entry in pending]
    try:
        transcripts = _write_transcripts(database, output, pending)
        manifests = _write_manifests(database, output, manifest_ids)
    except OSError as error:
        message = (
            f"结果写不进 {output}（{error.strerror or error}）。请清理磁盘或改正文件夹权限；"
            "结果仍然保存在数据库里，下次会自动重写。"
        )
        # A disk that is full may hold the database, too; the outbox stays as it is then.
        with suppress(StoreError), database.transaction() as writing:
            mark_write_failed(writing, ids, message)
        raise WriteBackError(message) from error
    with database.transaction() as writing:
        mark_written(writing, ids, now())
    return WriteBackReport(len(ids), manifests, transcripts)


def write_manifests(database: Database, output: Path, campaign_id: int) -> tuple[Path, ...]:
    """Write the completed copy of every manifest of a campaign as things stand, and nothing else.

    Raises WriteBackError when the folder can't be written.
    """
    with database.reading() as session:
        manifest_ids = campaign_manifests(session, campaign_id)
    try:
        return _write_manifests(database, output, manifest_ids)
    except OSError as error:
        raise WriteBackError(
            f"清单写不进 {output}（{error.strerror or error}）。请清理磁盘或改正文件夹权限后重试。"
        ) from error


def _write_manifests(
    database: Database, output: Path, manifest_ids: Collection[int]
) -> tuple[Path, ...]:
    return tuple(_write_manifest(database, output, manifest_id) for manifest_id in manifest_ids)


def completed_copy(database: Database, output: Path, manifest_id: int) -> tuple[str, bytes]:
    """Return the completed copy of a manifest as things stand: its name and its bytes.

    Paths in it are told from `output`, where the copies are written. Raises StoreError when there
    is no such manifest.
    """
    with database.reading() as session:
        manifest = manifest_file(session, manifest_id)
        rows = completed_rows(session, manifest)
    table = read_table(manifest.file_name, manifest.content)
    language: LabelLanguage = header_language(table.header)
    content = complete_table(
        manifest.file_name,
        manifest.content,
        tuple(labels(Shelf.COLUMNS, language).values()),
        {row.number: completed_cells(row, output, language) for row in rows},
    )
    return completed_name(manifest.file_name, manifest.earlier), content


def renew_copy(database: Database, output: Path, manifest_id: int) -> Path | None:
    """Write the completed copy of a manifest anew if there is one; None: there is none."""
    name, content = completed_copy(database, output, manifest_id)
    target = output / name
    if not target.exists():
        return None
    _replace(target, content)
    return target


def _write_manifest(database: Database, output: Path, manifest_id: int) -> Path:
    name, content = completed_copy(database, output, manifest_id)
    target = output / name
    _replace(target, content)
    return target


def _write_transcripts(
    database: Database, output: Path, pending: Collection[PendingWriteBack]
) -> tuple[Path, ...]:
    written: list[Path] = []
    for attempt_id in sorted({entry.attempt_id for entry in pending if entry.attempt_id}):
        with database.reading() as session:
            settled = call(session, attempt_id)
        language: LabelLanguage = "zh" if settled.language.startswith("zh") else "en"
        target = output / TRANSCRIPTS / transcript_name(attempt_id)
        _replace(target, transcript_text(settled, language).encode())
        written.append(target)
    return tuple(written)


def _replace(target: Path, content: bytes) -> None:
    """Write a file so that its name means the old content or the new one, at every moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            # mkstemp makes it private; dispatch reads it as any other file of the folder.
            os.fchmod(handle, 0o644)
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
