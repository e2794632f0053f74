from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dialer.callee.process import CalleeProcess


@pytest.mark.sip
@pytest.mark.vosk
@pytest.mark.tts
@pytest.mark.slow
def test_one_call_shows_what_is_said_and_what_came_of_it(
    menling, at_home: Path, trunk: CalleeProcess
) -> None:
    answer = menling("call", "+8613800138001")
    assert answer.status == 0
    assert "does not hear strangers" in answer.said
    assert "▶ 您好" in answer.said
    assert "◀ 可以" in answer.said
    assert "已通话，已确认；SIP 200" in answer.said
    (recording,) = (at_home / "data" / "recordings").glob("trial-*.wav")
    assert f"Recording: {recording}" in answer.said


@pytest.mark.sip
@pytest.mark.vosk
@pytest.mark.tts
@pytest.mark.slow
def test_a_call_that_nobody_takes_has_status_1(menling, trunk: CalleeProcess) -> None:
    answer = menling("call", "+8613800138023")
    assert answer.status == 1
    assert "占线，未联系上；SIP 486" in answer.said


@pytest.mark.parametrize("number", ["王小明", "sip:13800138000", "", "+86 138"])
def test_what_is_no_number_is_told(menling, number: str) -> None:
    answer = menling("call", number)
    assert answer.status == 1
    assert "write digits only, for example +8613800138000" in answer.complained


def test_an_unknown_flow_names_those_there_are(menling) -> None:
    answer = menling("call", "+8613800138001", "--flow", "prey-delivery")
    assert answer.status == 1
    assert "pre-delivery in en-US, pre-delivery in zh-CN" in answer.complained


def test_a_taken_port_is_told_before_anything_starts(menling, ports: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", ports))
        answer = menling("call", "+8613800138001")
    assert answer.status == 1
    assert f"SIP can't use 127.0.0.1, UDP {ports} (Address already in use)" in answer.complained
