from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.callee.process import CalleeProcess

HEADER = "运单号,收件人,电话,地址,预约时段"
CONFIRMS, BUSY, BY_KEY = 1, 23, 2


def manifest(path: Path, *recipients: int) -> Path:
    """Parcels for these simulated recipients."""
    rows = (
        f"SD{number:06},王小明,+8613800138{number:03},幸福路18号,明天 14:00-16:00"
        for number in recipients
    )
    path.write_text("\n".join((HEADER, *rows, "")), "utf-8")
    return path


def test_an_unknown_campaign_says_how_to_make_one(menling) -> None:
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert "`menling import FILE --campaign tomorrow` makes one" in answer.complained


def test_a_campaign_without_contacts_says_how_to_bring_some(menling, at_home: Path) -> None:
    (at_home / "empty.csv").touch()
    menling("import", "empty.csv", "--campaign", "tomorrow")
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert "has no contacts; `menling import FILE --campaign tomorrow` brings" in answer.complained


def test_without_a_trunk_nobody_is_called(menling, at_home: Path, ports: int) -> None:
    menling("import", manifest(at_home / "m.csv", CONFIRMS), "--campaign", "tomorrow")
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert "trunk.host is not set" in answer.complained
    assert "Nobody has dialled it." in menling("report", "tomorrow", "--contact", "1").said


def test_a_taken_port_is_told_before_anything_starts(menling, at_home: Path, ports: int) -> None:
    menling("import", manifest(at_home / "m.csv", CONFIRMS), "--campaign", "tomorrow")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", ports))
        answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert f"UDP {ports} (Address already in use)" in answer.complained


@pytest.mark.vosk
def test_a_missing_model_is_told_and_nobody_is_called(
    menling, at_home: Path, ports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    menling("import", manifest(at_home / "m.csv", CONFIRMS), "--campaign", "tomorrow")
    monkeypatch.setenv("MENLING_TRUNK__HOST", "127.0.0.1")
    monkeypatch.setenv("MENLING_RECOGNITION__MODEL", str(at_home / "lost"))
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert f"There is no speech model at {at_home / 'lost'}. Run `menling models list`" in (
        answer.complained
    )
    assert "Nobody has dialled it." in menling("report", "tomorrow", "--contact", "1").said


@pytest.mark.vosk
@pytest.mark.tts
def test_a_missing_voice_is_told_and_nobody_is_called(
    menling, at_home: Path, ports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    menling("import", manifest(at_home / "m.csv", CONFIRMS), "--campaign", "tomorrow")
    monkeypatch.setenv("MENLING_TRUNK__HOST", "127.0.0.1")
    monkeypatch.setenv("MENLING_SPEECH__VOICE", "no/such-voice")
    answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert "no/such-voice" in answer.complained
    assert "Nobody has dialled it." in menling("report", "tomorrow", "--contact", "1").said


@pytest.mark.sip
@pytest.mark.vosk
@pytest.mark.tts
@pytest.mark.slow
def test_a_dead_trunk_pauses_the_campaign_and_costs_nobody_a_call(
    menling, at_home: Path, trunk: CalleeProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENLING_BREAKER__PAUSE_AFTER_MINUTES", "0.05")
    monkeypatch.setenv("MENLING_CAMPAIGN__MAX_ATTEMPTS", "1")
    menling("import", manifest(at_home / "m.csv", CONFIRMS, BY_KEY), "--campaign", "tomorrow")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, monkeypatch.context() as wrong:
        silent.bind(("127.0.0.1", 0))
        wrong.setenv("MENLING_TRUNK__PORT", str(silent.getsockname()[1]))
        answer = menling("run", "tomorrow")
    assert answer.status == 1
    assert "Trunk main: it does not answer" in answer.said
    assert "Paused. No trunk has worked for 0:00:03" in answer.said
    assert "See `menling trunks`, then run again" in answer.said
    assert "tomorrow（已暂停）" in answer.said
    assert "收件人：待拨打" in answer.said
    assert "`menling run tomorrow` goes on" in answer.complained
    answer = menling("run", "tomorrow")
    assert answer.status == 0
    assert "tomorrow（已完成）" in answer.said
    assert "2/2 王** 已通话，已确认" in answer.said
    assert (at_home / "data" / "results" / "m.completed.csv").is_file()
    assert menling("run", "tomorrow").status == 0
    trunk.stop()
    *calls, _ = trunk.observations()
    assert len(calls) == 2, "somebody was called again"


@pytest.mark.sip
@pytest.mark.vosk
@pytest.mark.tts
@pytest.mark.slow
def test_ctrl_c_lets_the_current_call_end_and_calls_nobody_else(
    menling, at_home: Path, trunk: CalleeProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENLING_CAMPAIGN__MAX_CONCURRENT_CALLS", "2")
    monkeypatch.setenv("MENLING_CAMPAIGN__RETRY_AFTER_MINUTES__BUSY", "never")
    file = manifest(at_home / "m.csv", CONFIRMS, BUSY, BY_KEY, 7, 8, 9)
    menling("import", file, "--campaign", "tomorrow")
    # A session of its own, so that the signal reaches all its processes, as a terminal's does.
    running = subprocess.Popen(
        [sys.executable, "-m", "console.cli", "run", "tomorrow"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ,
        start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    first = next(line for line in running.stdout if "占线" in line)
    assert first.startswith("1/6 ")
    os.killpg(running.pid, signal.SIGINT)
    rest = running.stdout.read()
    running.stdout.close()
    assert running.wait() == 0
    assert "已通话，已确认" in rest
    assert "系统中断" not in rest
    assert "Traceback" not in rest
    assert "Not everybody was called; `menling run tomorrow` goes on." in rest
    report = menling("report", "tomorrow").said
    assert "收件人：待拨打" in report
    assert "通话中" not in report
    assert (at_home / "data" / "engine.log").is_file()
