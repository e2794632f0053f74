"""What all tests share: databases, an ear for tones, and who runs beside whom.

The databases are SQLite, and a PostgreSQL server that the tests start.
"""

from __future__ import annotations

import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from audio.level import dbfs, samples
from audio.pcm import FRAME_SECONDS, SAMPLE_RATE, frames
from store.database import Database
from store.models import Base

TOP = Path(__file__).resolve().parents[1]
NICENESS = 5
_HAS_ITS_PLACE = pytest.StashKey[bool]()


@cache
def _places_calls(file: str) -> bool:
    """Say whether tests of a file (from the top folder) place real calls, which take their time."""
    return "pytest.mark.sip" in (TOP / file).read_text("utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Let two processes place the real calls, one after the other; all other files go anywhere.

    Whole campaigns are one half of them, all else the other: both take about as long.
    """
    from xdist.scheduler import LoadFileScheduling  # here: one process needs no pytest-xdist

    class CallsTogether(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            if not _places_calls(file):
                return file
            return "campaigns" if file.startswith("tests/campaigns/") else "calls"

    return CallsTogether(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the calls where several processes test: they take the longest, by waiting."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not _places_calls(item.nodeid.split("::")[0]))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a process that places no calls give way to those that do."""
    config = item.config
    if not hasattr(config, "workerinput") or config.stash.get(_HAS_ITS_PLACE, False):
        return
    config.stash[_HAS_ITS_PLACE] = True
    if not _places_calls(item.nodeid.split("::")[0]):
        os.nice(NICENESS)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is not installed; run: apt-get install postgresql")
    return found[-1].parent


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; name somebody else then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _run(user: pwd.struct_passwd | None, *command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
        cwd="/",
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        pytest.fail(f"{command[0]} said: {done.stderr}")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that can be stopped and started again."""

    url: str
    """With `{name}` for the database."""
    start: Callable[[], None]
    crash: Callable[[], None]
    """Stop it as a power cut does."""


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Server) -> str:
    """The URL of a server, with `{name}` for the database."""
    return postgresql_server.url


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """Run a server on a Unix socket in a folder of its own."""
    binaries, user = _binaries(), _unprivileged()
    # Not under pytest's own folder: that one is closed to other users, and a socket path is short.
    folder = Path(tempfile.mkdtemp(prefix="menling-pg-"))
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    try:
        _run(user, binaries / "initdb", "-D", data, "-U", "menling", "-A", "trust", "-E", "UTF8",
             "--locale=C", "--no-sync")  # fmt: skip
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"

        def control(*order: str | Path) -> None:
            _run(user, binaries / "pg_ctl", "-D", data, "-w", *order)

        def start() -> None:
            control("-l", folder / "log", "-o", options, "start")

        start()
        try:
            yield Server(
                f"postgresql://menling@/{{name}}?host={folder}",
                start,
                partial(control, "-m", "immediate", "stop"),
            )
        finally:
            control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql_schema(postgresql: str) -> str:
    """Create a database with the newest schema; return its URL."""
    _administer(postgresql.format(name="postgres"), "CREATE DATABASE menling")
    url = postgresql.format(name="menling")
    database = Database(url)
    database.upgrade()
    database.close()
    return url


def _administer(url: str, statement: str) -> None:
    engine = sa.create_engine(
        url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create the schema once; the tests copy it."""
    path = tmp_path_factory.mktemp("sqlite") / "pattern.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty SQLite database with the newest schema."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'menling.db')}"


@pytest.fixture
def postgresql_url(postgresql_schema: str) -> str:
    """The URL of an empty PostgreSQL database with the newest schema."""
    tables = ", ".join(Base.metadata.tables)
    _administer(postgresql_schema, f"TRUNCATE {tables} RESTART IDENTITY")
    return postgresql_schema


@pytest.fixture(params=["sqlite", "postgresql"])
def either_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of either kind: the test runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def now() -> datetime:
    """A Saturday noon in China."""
    return datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


LOUD_DBFS = -40.0


def _is_tone(frame: bytes, hz: float) -> bool:
    """Say whether nearly all of a frame is that tone, be it cut or put together of two pieces."""
    power = np.abs(np.fft.rfft(samples(frame))) ** 2
    near = np.abs(np.fft.rfftfreq(len(frame) // 2, 1 / SAMPLE_RATE) - hz) <= 100.0
    return float(power[near].sum()) > 0.6 * float(power.sum())


@pytest.fixture(scope="session")
def assert_hears() -> Callable[..., None]:
    """Asserts that a sound is one tone, for so many seconds at least, and nothing else.

    Every frame that is not silent is judged, never one stretch: on a busy machine packets come
    late, and what stands for them is silent or joined anew. Where they lie is nobody's fault.
    """

    def judge(sound: bytes, hz: float, at_least: float = 0.5) -> None:
        loud = [frame for frame in frames(sound) if dbfs(frame) > LOUD_DBFS]
        of_tone = sum(_is_tone(frame, hz) for frame in loud)
        told = f"{of_tone} of {len(loud)} loud frames are a tone of {hz} Hz"
        assert of_tone * FRAME_SECONDS >= at_least, f"{told}, too few for {at_least} s"
        assert of_tone > 0.9 * len(loud), f"{told}: something else is heard"

    return judge


@pytest.fixture(scope="session")
def calls_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of all who make real calls, so that each sentence is synthesised once."""
    return tmp_path_factory.mktemp("calls")


@pytest.fixture
def dies_with_its_parent() -> Callable[..., bool]:
    """Tells whether a process ends when its parent is killed.

    It is given a program that starts the process, prints its id and waits.
    """

    def killed(program: str, *arguments: str) -> bool:
        with subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as parent:
            assert parent.stdout is not None
            child = os.pidfd_open(int(parent.stdout.readline()))
            parent.send_signal(signal.SIGKILL)
        # A pidfd becomes readable when its process has ended.
        readable, _, _ = select.select([child], [], [], 60)
        os.close(child)
        return bool(readable)

    return killed
