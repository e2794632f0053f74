"""What every command does alike: find its settings, and say in a sentence what went wrong."""

from __future__ import annotations

import errno
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from asr.model_files import ModelError
from asr.stream import RecognitionError
from audio_fixtures.scenarios import ScenarioError
from campaigns.call_fixture import FixtureError
from campaigns.cdr import CdrError
from campaigns.manifest import ManifestError
from campaigns.retry_reader import RetryTableError
from campaigns.settings import SETTINGS_VARIABLE, Settings, SettingsError, load_settings
from campaigns.tickets_machine import TicketError
from campaigns.tickets_reader import MatrixError
from campaigns.write_back import WriteBackError
from console.demo import DemoError
from console.flow_map_svg import DrawingError
from console.screen import complain
from console.watching import WatchError
from dialer.callee.process import CalleeError
from dialer.sound_device import SoundDeviceError
from dialer.supervisor import WorkerKeepsDying
from ivr.flow_model import FlowError
from store.errors import StoreError
from tts.speech import SpeechError

OPERATOR_ERRORS: Final = (
    FixtureError,
    ScenarioError,
    CalleeError,
    CdrError,
    DemoError,
    DrawingError,
    FlowError,
    ManifestError,
    MatrixError,
    ModelError,
    OSError,
    RecognitionError,
    RetryTableError,
    SettingsError,
    SoundDeviceError,
    SpeechError,
    StoreError,
    TicketError,
    WatchError,
    WorkerKeepsDying,
    WriteBackError,
)
"""What an operator can put right: shown as a sentence, never as a traceback."""

NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DEFAULT_FILE: Final = Path("menling.toml")

SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        help="Settings file (TOML); else $MENLING_SETTINGS, else menling.toml here, if any.",
    ),
]


def settings_from(file: Path | None) -> Settings:
    """Return the settings of a file, of $MENLING_SETTINGS, of menling.toml here, or the defaults.

    Raises SettingsError.
    """
    if file is None and not os.environ.get(SETTINGS_VARIABLE) and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    return load_settings(file)


def name_of_login() -> str:
    """Return who works here, for histories and ledgers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show what an operator can put right as a sentence and end with status 1."""
    try:
        yield
    except OPERATOR_ERRORS as error:
        complain(sentence_of(error))
        raise typer.Exit(1) from error


def sentence_of(error: BaseException) -> str:
    """Return an error as a sentence that names the file and what to do."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    what = error.strerror
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in NO_ROOM:
        return (
            f"{where}there is no room left to write ({what}). Free some space, or set "
            "paths.data_dir to another disk, and start again; what was saved before is still there."
        )
    advice = {
        errno.ENOENT: "Check the name and the folder.",
        errno.EISDIR: "Name a file, not a folder.",
        errno.ENOTDIR: "Part of the path is a file; name another place.",
        errno.EACCES: "Make it readable and writable for this user, or name another place.",
        errno.EPERM: "Make it readable and writable for this user, or name another place.",
        errno.EROFS: "The disk is read-only; name another place.",
        errno.EADDRINUSE: "Another program holds this port; stop it or choose another port.",
    }
    return f"{where}{what}. {advice.get(error.errno or 0, 'See `menling doctor`.')}"
