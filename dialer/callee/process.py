"""The simulated recipients as a child process, for demos, tests and benchmarks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from audio_fixtures.scenarios import SCENARIOS
from dialer.callee.__main__ import PASSWORD_VARIABLE
from dialer.callee.digest import Credentials

STOP_SECONDS = 20.0


class CalleeError(Exception):
    """The simulated recipients did not start; the message repeats what they said."""


class CalleeProcess:
    """Simulated recipients in a process of their own, until `stop` or the end of this process."""

    def __init__(
        self,
        observations: Path,
        *,
        port: int = 0,
        address: str = "127.0.0.1",
        scenarios: Path = SCENARIOS,
        credentials: Credentials | None = None,
    ) -> None:
        """Start and wait until they listen; raises CalleeError when they don't.

        The child ends with the thread that starts it: start it from one that lasts.
        """
        command = [sys.executable, "-m", "dialer.callee", "--parent", str(os.getpid())]
        command += ["--address", address, "--port", str(port), "--scenarios", str(scenarios)]
        command += ["--observations", str(observations)]
        environment = dict(os.environ)
        if credentials is not None:
            command += ["--user", credentials.user]
            environment[PASSWORD_VARIABLE] = credentials.password
        self.address = address
        self._observations = observations
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.port = self._first_word()

    @property
    def pid(self) -> int:
        """Return the process id, for measurements."""
        return self._process.pid

    def observations(self) -> list[dict[str, object]]:
        """Return what was written so far, one entry per finished call."""
        if not self._observations.exists():
            return []
        lines = self._observations.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def stop(self) -> None:
        """End it and wait; a second call does nothing."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _first_word(self) -> int:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        word, _, port = line.strip().partition(" ")
        if word != "ready" or not port.isdigit():
            _, said = self._process.communicate()
            raise CalleeError(f"the simulated recipients did not start: {said.strip() or line!r}")
        return int(port)
