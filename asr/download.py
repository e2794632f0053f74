"""Fetch one large file by HTTP: resumed where it stopped, kept only when its checksum fits."""

from __future__ import annotations

import http.client
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from asr.catalogue import Checksum
from asr.model_files import ModelError

Progress = Callable[[int, int], None]
"""Called with bytes so far and bytes in all (0: not known)."""

LARGEST_BYTES = 4 << 30
PIECE_BYTES = 1 << 18
TIMEOUT_SECONDS = 30.0


def _no_progress(so_far: int, total: int) -> None:
    """Show nothing."""


def download(url: str, target: Path, checksum: Checksum, progress: Progress = _no_progress) -> None:
    """Fetch `url` to `target`; a file cut off earlier is continued.

    Raises ModelError saying what to do when it can't be had whole and unharmed.
    """
    if not url.startswith(("https://", "http://")):
        raise ModelError(f"{url} is no web address: it must begin with https:// or http://")
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        _continue(url, part, progress)
    except urllib.error.HTTPError as error:
        with error:
            raise ModelError(
                f"{url} can't be fetched: the server says {error.code} {error.reason}. "
                "Check the address, or give another one with --url."
            ) from error
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(
            f"{url} was not fetched to its end: {error}. Run the same command again: it goes on "
            "where it stopped."
        ) from error
    if not checksum.fits(part):
        part.unlink()
        raise ModelError(
            f"What came from {url} has another {checksum.algorithm} than {checksum.digest}. It was "
            "thrown away. Check the checksum, then fetch again."
        )
    part.replace(target)


def fetch_text(url: str) -> str:
    """Return a small text file from the web; raises ModelError when it can't be had."""
    if not url.startswith(("https://", "http://")):
        raise ModelError(f"{url} is no web address: it must begin with https:// or http://")
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
            content: bytes = answer.read(LARGEST_BYTES >> 10)
            return content.decode("utf-8")
    except urllib.error.HTTPError as error:
        with error:
            raise ModelError(f"{url} can't be read: the server says {error.code}.") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ModelError(f"{url} can't be read: {error}. Is this machine online?") from error


def _continue(url: str, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url)
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        error.close()
        return  # RFC 9110 15.5.17: nothing is missing; the checksum decides whether it is right
    with answer:
        # RFC 9110 14.2: a server may ignore Range and send the whole.
        have = have if answer.status == http.HTTPStatus.PARTIAL_CONTENT else 0
        length = int(answer.headers.get("Content-Length", 0))
        _refuse_too_large(url, part.parent, have, length)
        with part.open("ab" if have else "wb") as file:
            got = _copy(answer, file.write, have, have + length if length else 0, progress)
    if length and got < have + length:
        raise ConnectionError(f"{have + length - got} bytes are missing")


def _refuse_too_large(url: str, directory: Path, have: int, length: int) -> None:
    if have + length > LARGEST_BYTES:
        raise ModelError(f"{url} has {(have + length) >> 20} MiB; no speech model is that large.")
    free = shutil.disk_usage(directory).free
    if length > free:
        raise ModelError(
            f"{length >> 20} MiB are to come, but only {free >> 20} MiB are free at {directory}. "
            "Free some space or choose another data directory."
        )


def _copy(
    answer: http.client.HTTPResponse,
    write: Callable[[bytes], int],
    so_far: int,
    total: int,
    progress: Progress,
) -> int:
    while piece := answer.read(PIECE_BYTES):
        write(piece)
        so_far += len(piece)
        if so_far > LARGEST_BYTES:
            raise ModelError("The file does not end; no speech model is that large.")
        progress(so_far, total)
    return so_far
