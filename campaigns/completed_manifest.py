"""A manifest as dispatch gets it back: its own columns, and what the calls settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.call_transcript import transcript_name
from campaigns.labels import LabelLanguage, Shelf, answer_label, label, labels
from store.rows import CompletedRow
from store.types import ContactStatus
from store.values import LatestOutcome, Settled

TRANSCRIPTS = "transcripts"
"""Folder of the transcripts, beside the completed manifests."""


def completed_name(file_name: str, earlier: int) -> str:
    """Return the name of the completed copy; `earlier` manifests had the same name."""
    path = Path(file_name)
    number = f"-{earlier + 1}" if earlier else ""
    return f"{path.stem}.completed{number}{path.suffix}"


def completed_cells(row: CompletedRow, folder: Path, language: LabelLanguage) -> Mapping[str, str]:
    """Return the further cells of one row by column name."""
    names = labels(Shelf.COLUMNS, language)
    cells = _cells(row, folder, language)
    return {names[column]: text for column, text in cells.items()}


def _cells(row: CompletedRow, folder: Path, language: LabelLanguage) -> Mapping[str, str]:
    if row.problems:
        return {
            "disposition": label(Shelf.ROW, "not_imported", language),
            "outcome": " ".join(row.problems),
            "disposition_id": "not_imported",
        }
    cells = {"attempts": str(row.attempts)}
    latest = row.latest
    if latest is None:
        cells["disposition"] = label(Shelf.CONTACT, row.status or ContactStatus.WAITING, language)
        return cells
    cells |= _settled_cells(latest, ZoneInfo(row.time_zone), language)
    cells["disposition"] = label(Shelf.DISPOSITION, latest.disposition, language)
    cells["disposition_id"] = latest.disposition.value
    cells["outcome"] = label(Shelf.OUTCOME, latest.outcome, language)
    cells["outcome_id"] = latest.outcome.value
    if row.last_called_at is not None:
        cells["last_call"] = _minute(row.last_called_at, ZoneInfo(row.time_zone))
    if row.last_attempt_id is not None:
        cells["transcript"] = f"{TRANSCRIPTS}/{transcript_name(row.last_attempt_id)}"
    if row.recording:
        cells["recording"] = _from(folder, Path(row.recording))
    return cells


def _settled_cells(
    latest: LatestOutcome, zone: ZoneInfo, language: LabelLanguage
) -> dict[str, str]:
    settled = latest.settled
    cells = {
        "new_window": _window(settled, zone, language),
        "new_address": settled.new_address,
        "hand_over": label(Shelf.HAND_OVER, settled.hand_over, language),
        "consent": _consent(settled, language),
        "answers": _answers(settled, language),
        "needs_person": settled.needs_person,
        "callback_by": "" if settled.callback_by is None else _minute(settled.callback_by, zone),
    }
    return {column: text for column, text in cells.items() if text}


def _window(settled: Settled, zone: ZoneInfo, language: LabelLanguage) -> str:
    if settled.new_window_start is None:
        return ""
    start = _minute(settled.new_window_start, zone)
    if settled.new_window_end is None:
        return label(Shelf.PHRASES, "window_open_end", language).format(start=start)
    end = settled.new_window_end.astimezone(zone)
    same_day = end.date() == settled.new_window_start.astimezone(zone).date()
    return f"{start}-{end:%H:%M}" if same_day else f"{start} - {end:%Y-%m-%d %H:%M}"


def _consent(settled: Settled, language: LabelLanguage) -> str:
    if not settled.consent_choice:
        return ""
    words = settled.consent_words
    if len(words) == 1 and words in "0123456789*#":
        words = label(Shelf.PHRASES, "key", language).format(words=words)
    at = settled.consent_at_seconds
    phrase = label(Shelf.PHRASES, "consent_without_time" if at is None else "consent", language)
    choice = label(Shelf.HAND_OVER, settled.consent_choice, language)
    return phrase.format(choice=choice, words=words, at="" if at is None else f"{at:.0f}")


def _answers(settled: Settled, language: LabelLanguage) -> str:
    return "; ".join(
        f"{label(Shelf.SLOT, name, language)}: {answer_label(name, value, language)}"
        for name, value in settled.answers.items()
    )


def _minute(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _from(folder: Path, path: Path) -> str:
    """Write a path from the output folder when it lies in there, so that both can be moved."""
    path, folder = path.absolute(), folder.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
