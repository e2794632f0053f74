"""A PostgreSQL server of one's own, for as long as a measurement lasts."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Server:
    """A server that can be stopped and started again."""

    url: str
    folder: Path
    """Of its socket."""
    start: Callable[[], None]
    crash: Callable[[], None]
    """Stop it as a power cut does."""


@contextmanager
def own_server(*options: str) -> Iterator[str]:
    """Run a server on a Unix socket; lend the URL of an empty database.

    It writes safely, as one at work does. `options` as in `max_connections=200`.
    """
    with server_that_fails(*options) as server:
        yield server.url


@contextmanager
def server_that_fails(*options: str) -> Iterator[Server]:
    """Run such a server, and lend the means to stop it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise SystemExit("PostgreSQL is not installed; run: apt-get install postgresql")
    binaries = found[-1].parent
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="menling-bench-"))
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    try:
        _run(user, binaries / "initdb", "-D", data, "-U", "menling", "-A", "trust", "-E", "UTF8",
             "--locale=C")  # fmt: skip
        settings = " ".join(f"-c {each}" for each in ("listen_addresses=''", *options))
        control = partial(_run, user, binaries / "pg_ctl", "-D", data, "-w")
        start = partial(control, "-l", folder / "log", "-o", f"-k {folder} {settings}", "start")
        start()
        try:
            _run(user, binaries / "createdb", "-h", folder, "-U", "menling", "menling")
            yield Server(
                f"postgresql+psycopg://menling@/menling?host={folder}",
                folder,
                start,
                partial(control, "-m", "immediate", "stop"),
            )
        finally:
            _run(user, binaries / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop")
    finally:
        shutil.rmtree(folder)


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
        raise SystemExit(f"{command[0]} said: {done.stderr}")
