"""What becomes of a process that runs a SIP stack, seen from outside."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

pytestmark = pytest.mark.sip

STARTS_AND_STOPS = """
from dialer.settings import SipSettings
from dialer.sip_thread import SipThread
thread = SipThread(SipSettings())
thread.start()
print(thread.sip_port > 0)
thread.stop()
"""
PORT_IS_TAKEN = """
import sys
from dialer.pjsip import SipError
from dialer.settings import SipSettings
from dialer.sip_thread import SipThread
try:
    SipThread(SipSettings(sip_port=int(sys.argv[1]))).start()
except SipError as error:
    print(error)
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_starts_and_stops_sip_without_a_word_and_ends_well() -> None:
    done = run(STARTS_AND_STOPS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_a_taken_port_is_an_error_that_says_so() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = run(PORT_IS_TAKEN, str(port))
    assert done.returncode == 0
    assert f"127.0.0.1:{port}" in done.stdout
    assert "Is the port taken" in done.stdout
