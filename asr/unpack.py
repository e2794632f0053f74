"""Unpack a model archive without trusting it."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from asr.model_files import ModelError, read_model_files

LARGEST_UNPACKED_BYTES = 12 << 30
MOST_FILES = 2000


def unpack_model(archive: Path, target: Path) -> Path:
    """Unpack a zip that holds one model to `target`; it appears whole or not at all.

    Raises ModelError when it is no such archive, or would write outside the target.
    """
    try:
        with (
            zipfile.ZipFile(archive) as files,
            tempfile.TemporaryDirectory(prefix=".unpacking-", dir=target.parent) as workshop,
        ):
            _refuse_tricks(archive, files)
            files.extractall(workshop)
            root = _model_root(archive, Path(workshop))
            read_model_files(root)
            root.rename(target)
    except zipfile.BadZipFile as error:
        raise ModelError(f"{archive.name} is no zip archive: {error}. Fetch it again.") from error
    except OSError as error:
        raise ModelError(
            f"{archive.name} could not be unpacked to {target}: {error}. Is the disk full?"
        ) from error
    return target


def _refuse_tricks(archive: Path, files: zipfile.ZipFile) -> None:
    members = files.infolist()
    size = sum(member.file_size for member in members)
    if len(members) > MOST_FILES or size > LARGEST_UNPACKED_BYTES:
        raise ModelError(
            f"{archive.name} would unpack to {len(members)} files of {size >> 20} MiB; "
            "that is no speech model."
        )
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise ModelError(f"{archive.name} wants to write to {member.filename}: refused.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ModelError(f"{archive.name} holds a link ({member.filename}): refused.")
    free = shutil.disk_usage(archive.parent).free
    if size > free:
        raise ModelError(
            f"{archive.name} unpacks to {size >> 20} MiB, but only {free >> 20} MiB are free."
        )


def _model_root(archive: Path, unpacked: Path) -> Path:
    tops = [each for each in unpacked.iterdir() if each.name != "__MACOSX"]
    if len(tops) != 1 or not tops[0].is_dir():
        raise ModelError(f"{archive.name} must hold one directory with the model in it.")
    return tops[0]
