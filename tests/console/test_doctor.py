from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from campaigns.settings import Settings
from console.doctor import examine
from console.doctor_people import console_finding, desk_finding
from console.finding import Finding, Health
from console.free_ports import free_port_range
from dialer.callee.process import CalleeProcess

pytestmark = [pytest.mark.vosk, pytest.mark.tts]


def findings(settings: Settings) -> Mapping[str, Finding]:
    return {each.name: each for each in asyncio.run(examine(settings))}


async def people(settings: Settings) -> tuple[Finding, Finding]:
    return await console_finding(settings), await desk_finding(settings)


@pytest.mark.sip
def test_a_machine_that_is_ready_has_nothing_missing_but_is_told_about_the_model(
    menling, trunk: CalleeProcess
) -> None:
    answer = menling("doctor")
    assert answer.status == 0
    assert "missing" not in answer.said
    assert "warning  hearing zh-CN  model-zh-delivery (bundled)" in answer.said
    assert "warning  hearing en-US  model-en-delivery (bundled)" in answer.said
    assert "does not hear strangers" in " ".join(answer.said.split())
    assert f"127.0.0.1:{trunk.port} answers 200" in answer.said
    assert max(map(len, answer.said.splitlines())) <= 80


def test_all_that_is_missing_is_told_at_once_with_what_to_do(
    menling, at_home: Path, ports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MENLING_TRUNK__HOST", "127.0.0.1")
        monkeypatch.setenv("MENLING_TRUNK__PORT", str(silent.getsockname()[1]))
        monkeypatch.setenv("MENLING_SPEECH__VOICE", "no/such-voice")
        monkeypatch.setenv("MENLING_RECOGNITION__MODEL", str(at_home / "lost"))
        monkeypatch.setenv("MENLING_STORE__URL", f"sqlite:///{at_home / 'nowhere' / 'm.db'}")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", ports))
            found = findings(Settings())
            answer = menling("doctor")
    gone = [name for name, each in found.items() if each.health is Health.MISSING]
    assert gone == ["synthesiser", "hearing zh-CN", "ports", "trunk", "database"]
    assert "no/such-voice" in found["synthesiser"].what
    assert "speech.voice" in found["synthesiser"].remedy
    assert "menling models fetch" in found["hearing zh-CN"].what
    assert "recognition.mandarin_model" in found["hearing zh-CN"].remedy
    assert found["hearing en-US"].health is Health.DOUBTFUL
    assert f"{ports} (Address already in use)" in found["ports"].remedy
    assert "dialing.sip_port_base" in found["ports"].remedy
    assert "the firewall and the provider" in found["trunk"].remedy
    assert "create its folder" in found["database"].what
    assert answer.status == 1
    assert answer.complained.startswith(
        "Error: Not ready to call: synthesiser, hearing zh-CN, ports, trunk, database."
    )


def test_what_keeps_agents_and_browsers_out_is_told_and_keeps_nobody_from_calling(
    menling, at_home: Path, ports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as served,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent,
    ):
        served.bind(("127.0.0.1", 0))
        served.listen()
        silent.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MENLING_CONSOLE__PORT", str(served.getsockname()[1]))
        monkeypatch.setenv("MENLING_DESK__SIP_DOMAIN", f"127.0.0.1:{silent.getsockname()[1]}")
        told = asyncio.run(people(Settings()))
    assert [each.health for each in told] == [Health.DOUBTFUL, Health.DOUBTFUL]
    assert "console.port" in told[0].remedy
    assert "desk.sip_domain" in told[1].remedy


def test_browsers_elsewhere_need_https_and_none_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENLING_CONSOLE__PORT", str(free_port_range(1)))
    here, desk = asyncio.run(people(Settings()))
    assert (here.health, desk.health) == (Health.WELL, Health.WELL)
    monkeypatch.setenv("MENLING_CONSOLE__HOST_NAMES", '["menling.example.cn"]')
    monkeypatch.setenv("MENLING_DESK__ENABLED", "false")
    elsewhere, none = asyncio.run(people(Settings()))
    assert elsewhere.health is Health.DOUBTFUL
    assert "console.secure_cookies" in elsewhere.remedy
    assert "no agents" in none.what


def test_a_data_folder_that_cant_be_written_is_missing_for_store_and_disk(
    at_home: Path, ports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:  # root may write everywhere but not through a file
        (at_home / "file").touch()
        folder = at_home / "file" / "data"
    else:
        (at_home / "closed").mkdir(mode=0o500)
        folder = at_home / "closed" / "data"
    monkeypatch.setenv("MENLING_PATHS__DATA_DIR", str(folder))
    found = findings(Settings())
    assert "set paths.data_dir" in found["database"].what
    assert found["disk"].health is Health.MISSING
    assert "paths.data_dir" in found["disk"].remedy


def test_a_trunk_nobody_has_set_says_where_to_write_it(menling) -> None:
    answer = menling("doctor")
    assert answer.status == 1
    assert "trunk.host is not set" in answer.said
