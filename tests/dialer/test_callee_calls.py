"""Simulated recipients rung by SIPp over real SIP and RTP."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.free_ports import free_port_range
from dialer.callee.digest import Credentials
from dialer.callee.process import CalleeError, CalleeProcess

pytestmark = pytest.mark.sip
HANGS_SECONDS = 60
"""What takes longer hangs, however busy the machine is."""
ANNOUNCES = """\
id: announces
number: "+8613800138021"
title: 先播后拒
before:
  - ring: 0.1
  - early_media: [chen/keyi, chen/keyi]
  - reject: 480
expect:
  disposition: switched_off
  outcome: not_reached
"""
CALLERS = Path(__file__).parent / "sipp_uac"
Ring = Callable[..., dict[str, Any]]


def number(place: int) -> str:
    return f"+861380013{8000 + place}"


def call(callee: CalleeProcess, caller: str, dialled: str, folder: Path, *options: str) -> None:
    """Let SIPp place a call; fails when the far end does anything the caller does not expect."""
    command = ["sipp", "-sf", str(CALLERS / f"{caller}.xml"), "-s", dialled, "-m", "1", "-nostdin"]
    command += ["-i", "127.0.0.1", "-p", str(free_port_range(1)), "-mp", str(free_port_range(4))]
    command += ["-timeout", f"{HANGS_SECONDS}s", "-timeout_error", "-trace_err", *options]
    command.append(f"{callee.address}:{callee.port}")
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    errors = "".join(path.read_text() for path in folder.glob("*_errors.log"))
    assert done.returncode == 0, errors or done.stdout.decode()[-2000:]


@pytest.fixture
def recipients(tmp_path: Path) -> Iterator[CalleeProcess]:
    with CalleeProcess(tmp_path / "observations.jsonl") as callee:
        yield callee


@pytest.fixture
def ring(recipients: CalleeProcess, tmp_path: Path) -> Ring:
    """Place one call and return what the recipient noticed of it."""

    def ring(caller: str, dialled: str, *options: str) -> dict[str, Any]:
        call(recipients, caller, dialled, tmp_path, *options)
        recipients.stop()
        *seen, summary = recipients.observations()
        assert summary == {"event": "summary", "invites": {dialled: 1}}
        assert len(seen) == 1
        return seen[0]

    return ring


def test_an_answered_call_carries_sound_both_ways_until_the_caller_hangs_up(ring: Ring) -> None:
    seen = ring("talks_and_hangs_up", number(17), "-rtp_echo")
    assert (seen["ended_by"], seen["final_status"]) == ("caller", 200)
    talked = (seen["ended_at"] - seen["answered_at"]) / 0.02
    assert talked / 2 < seen["packets_sent"] < talked + 2
    assert seen["packets_sent"] / 3 < seen["reception"]["packets"] <= seen["packets_sent"]
    assert seen["reception"]["lost"] == 0
    assert seen["lines"] == []


def test_a_caller_who_gives_up_ends_the_ringing(ring: Ring) -> None:
    seen = ring("gives_up", number(24))
    assert (seen["ended_by"], seen["final_status"], seen["answered_at"]) == ("cancel", 487, None)


@pytest.mark.parametrize(("place", "status"), [(23, 486), (25, 603)])
def test_a_recipient_refuses_with_his_status(ring: Ring, place: int, status: int) -> None:
    seen = ring(f"is_refused_{status}", number(place))
    assert (seen["ended_by"], seen["final_status"]) == ("refusal", status)


def test_an_announcement_is_heard_before_the_refusal(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "one.yaml").write_text(ANNOUNCES, encoding="utf-8")
    sheet = tmp_path / "observations.jsonl"
    with CalleeProcess(sheet, scenarios=tmp_path / "scenarios") as callee:
        call(callee, "is_refused_480", number(21), tmp_path, "-rtp_echo")
        callee.stop()
        seen, _ = callee.observations()
    assert [line["what"] for line in seen["lines"]] == ["chen/keyi"] * 2
    assert seen["packets_sent"] > 120
    assert seen["first_sound_at"] is not None
    assert seen["answered_at"] is None


def test_a_late_acknowledgement_does_not_harm_the_call(ring: Ring) -> None:
    assert ring("acknowledges_late", number(17))["ended_by"] == "caller"


def test_an_unknown_number_does_not_exist(recipients: CalleeProcess, tmp_path: Path) -> None:
    call(recipients, "is_refused_404", "+8613999999999", tmp_path)
    recipients.stop()
    assert recipients.observations() == [{"event": "summary", "invites": {}}]


def test_options_are_answered(recipients: CalleeProcess, tmp_path: Path) -> None:
    call(recipients, "asks_what_it_can", number(1), tmp_path)


def test_a_trunk_with_a_password_rings_only_for_those_who_know_it(tmp_path: Path) -> None:
    credentials = Credentials("menling", "secret")
    sheet = tmp_path / "observations.jsonl"
    with CalleeProcess(sheet, credentials=credentials) as callee:
        call(callee, "knows_the_password", number(23), tmp_path)
        callee.stop()
        assert callee.observations()[-1]["invites"] == {number(23): 1}


PARENT = """
import sys, pathlib
from dialer.callee.process import CalleeProcess
callee = CalleeProcess(pathlib.Path(sys.argv[1]))
print(callee.pid, flush=True)
sys.stdin.read()
"""


def test_the_process_ends_with_its_parent(
    dies_with_its_parent: Callable[..., bool], tmp_path: Path
) -> None:
    assert dies_with_its_parent(PARENT, str(tmp_path / "observations.jsonl"))


def test_a_taken_port_is_named(recipients: CalleeProcess, tmp_path: Path) -> None:
    with pytest.raises(CalleeError, match=str(recipients.port)):
        CalleeProcess(tmp_path / "other.jsonl", port=recipients.port)


def test_a_folder_without_scenarios_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalleeError, match="no scenario"):
        CalleeProcess(tmp_path / "observations.jsonl", scenarios=tmp_path)
