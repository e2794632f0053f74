"""Recordings as they may be handed out: by the store's path, from our own folder, written down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from campaigns.settings import Settings
from console.web.audit import Action, is_recorded, record
from console.web.roles import Viewer

ONE_HEARING: Final = timedelta(minutes=10)
"""A browser asks for a recording in many ranges; so long they count as one look at it."""
_CLIP = re.compile(r"[A-Za-z0-9_-]{1,64}")


def kept_recording(settings: Settings, path: str) -> Path | None:
    """Return the file of a recording, if it is there and lies in the folder of recordings."""
    if not path:
        return None
    file = Path(path).resolve()
    return (
        file if file.is_relative_to(settings.recordings_dir.resolve()) and file.is_file() else None
    )


def kept_sound(settings: Settings, path: str) -> tuple[Path, ...]:
    """Return all files in which a call can be heard: its recording, and what was cut from it."""
    if not path:
        return ()
    file = Path(path).resolve()
    if not file.is_relative_to(settings.recordings_dir.resolve()):
        return ()
    return (*((file,) if file.is_file() else ()), *clips_of(file).values())


def evidence_of(settings: Settings, call_id: int) -> Mapping[str, Path]:
    """Return the answers that are kept of a call, also when its recording is erased already."""
    return clips_of(settings.recordings_dir / f"{call_id}.wav")


def clips_of(recording: Path) -> Mapping[str, Path]:
    """Return the answers that were kept as evidence beside a recording, by their names."""
    found = {}
    for file in sorted(recording.parent.glob(f"{recording.stem}.*.wav")):
        name = file.name[len(recording.stem) + 1 : -len(".wav")]
        if _CLIP.fullmatch(name) and not file.is_symlink():
            found[name] = file
    return MappingProxyType(found)


def write_down_hearing(session: Session, viewer: Viewer, call_id: int, now: datetime) -> None:
    """Write down that somebody heard a recording, once for all the ranges of one hearing."""
    since = now - ONE_HEARING
    if not is_recorded(session, viewer, Action.RECORDING_HEARD, "call", call_id, since):
        record(session, viewer, Action.RECORDING_HEARD, "call", call_id, now=now)
