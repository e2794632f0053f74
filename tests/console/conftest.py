"""The command line as people meet it: arguments in, status and words out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli import app
from console.free_ports import free_port_range
from dialer.callee.process import CalleeProcess


@dataclass(frozen=True)
class Answer:
    """What a command came to."""

    status: int
    said: str
    complained: str


Menling = Callable[..., Answer]


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, with a data folder, and no settings but those of the test."""
    for name in os.environ:
        if name.startswith("MENLING_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MENLING_PATHS__DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def menling() -> Menling:
    """Run a command; a traceback fails the test."""

    def run(*arguments: str | Path) -> Answer:
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> int:
    """One worker on loopback, on ports that are free; returns its SIP port."""
    sip = free_port_range(1)
    monkeypatch.setenv("MENLING_DIALING__BOUND_ADDRESS", "127.0.0.1")
    monkeypatch.setenv("MENLING_DIALING__WORKERS", "1")
    monkeypatch.setenv("MENLING_DIALING__SIP_PORT_BASE", str(sip))
    monkeypatch.setenv("MENLING_DIALING__RTP_PORT_BASE", str(free_port_range(64)))
    return sip


@pytest.fixture
def trunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ports: int, calls_folder: Path
) -> Iterator[CalleeProcess]:
    """A trunk with simulated recipients behind it, and the settings that lead there."""
    (tmp_path / "data").mkdir()
    (calls_folder / "speech").mkdir(exist_ok=True)
    (tmp_path / "data" / "speech").symlink_to(calls_folder / "speech")
    with CalleeProcess(tmp_path / "observations.jsonl") as callees:
        monkeypatch.setenv("MENLING_TRUNK__HOST", callees.address)
        monkeypatch.setenv("MENLING_TRUNK__PORT", str(callees.port))
        monkeypatch.setenv("MENLING_CAMPAIGN__CALLING_WINDOW", "00:00-24:00")
        monkeypatch.setenv("MENLING_CALLING__JURISDICTION", "none")
        yield callees
