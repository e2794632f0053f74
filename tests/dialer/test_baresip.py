"""Calls with baresip, another telephone, both ways and over every transport."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import pytest

from audio.level import dbfs
from audio.pcm import frames
from dialer.callee.process import CalleeProcess
from dialer.ping import NoPongError, Pong, ping
from dialer.settings import TlsSettings

pytestmark = pytest.mark.sip


HERE = Pong(404, "Not Found")
"""Baresip knows nobody of the name that a ping asks for."""
SAYS_AND_HANGS_UP = """\
id: says_and_hangs_up
number: "+8613800138001"
title: 说一句就挂断
voice: chen
noise_dbfs: -52
before:
  - ring: 0.1
script:
  - wait: 0.5
  - say: chen/wei_wei
  - wait: 0.5
  - hang_up: true
expect:
  disposition: hung_up_midway
  outcome: unfinished
"""


class Baresip(Protocol):
    port: int

    async def says(self, words: bytes) -> None: ...

    def heard(self) -> bytes: ...


class Certificate(Protocol):
    path: Path

    def with_key(self) -> str: ...


OpenBaresip = Callable[..., AbstractAsyncContextManager[Baresip]]
OneCall = Callable[..., Awaitable[tuple[dict[str, Any], str]]]


AssertBothWereHeard = Callable[[dict[str, Any], Baresip], None]


@pytest.fixture
def assert_both_were_heard(assert_hears: Callable[..., None]) -> AssertBothWereHeard:
    def judge(ended: dict[str, Any], there: Baresip) -> None:
        assert (ended["answered"], ended["cause"]) == (True, "we_hung_up")
        assert_hears(ended["heard"], 700)
        assert_hears(there.heard(), 440)

    return judge


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_baresip_and_menling_hear_each_other(
    baresip: OpenBaresip,
    one_call: OneCall,
    assert_both_were_heard: AssertBothWereHeard,
    transport: str,
) -> None:
    async def call() -> None:
        async with baresip() as bob:
            ended, _ = await one_call(f"sip:bob@127.0.0.1:{bob.port}", transport=transport)
        assert_both_were_heard(ended, bob)

    asyncio.run(call())


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("", "off"), ("", "optional"), (";mediaenc=srtp-mand", "mandatory")],
)
def test_over_tls_they_hear_each_other_with_and_without_srtp(
    baresip: OpenBaresip,
    one_call: OneCall,
    assert_both_were_heard: AssertBothWereHeard,
    certificate: Certificate,
    theirs: str,
    ours: str,
) -> None:
    async def call() -> None:
        async with baresip(theirs, certificate=certificate.with_key()) as bob:
            ended, _ = await one_call(
                f"sip:bob@127.0.0.1:{bob.port + 1}",
                transport="tls",
                host="localhost",
                ca_file=certificate.path,
                srtp=ours,
            )
        assert_both_were_heard(ended, bob)

    asyncio.run(call())


def test_plain_sound_is_refused_where_srtp_is_mandatory(
    baresip: OpenBaresip, one_call: OneCall, certificate: Certificate
) -> None:
    async def call() -> None:
        async with baresip(";mediaenc=srtp-mand", certificate=certificate.with_key()) as bob:
            ended, _ = await one_call(
                f"sip:bob@127.0.0.1:{bob.port + 1}", transport="tls", verify=False
            )
        assert (ended["answered"], ended["sip_status"]) == (False, 488)

    asyncio.run(call())


def test_a_certificate_nobody_vouches_for_is_not_spoken_to_unless_told_so(
    baresip: OpenBaresip, one_call: OneCall, certificate: Certificate
) -> None:
    async def call() -> None:
        async with baresip(certificate=certificate.with_key()) as bob:
            uri = f"sip:bob@127.0.0.1:{bob.port + 1}"
            ended, logged = await one_call(uri, transport="tls", host="localhost")
            assert (ended["answered"], ended["cause"]) == (False, "trunk_unreachable")
            assert "the certificate of localhost can't be trusted" in logged
            assert "trunk.tls_ca_file" in logged
            with pytest.raises(NoPongError, match="can't be trusted: self-signed certificate"):
                await ping("127.0.0.1", bob.port + 1, "tls", TlsSettings("localhost"))
            ended, _ = await one_call(uri, transport="tls", verify=False)
            assert ended["answered"]

    asyncio.run(call())


def test_the_certificate_of_somebody_else_is_not_spoken_to(
    baresip: OpenBaresip, one_call: OneCall, certificate: Certificate
) -> None:
    async def call() -> None:
        async with baresip(certificate=certificate.with_key()) as bob:
            ended, logged = await one_call(
                f"sip:bob@127.0.0.1:{bob.port + 1}",
                transport="tls",
                host="trunk.example",
                ca_file=certificate.path,
            )
            assert (ended["answered"], ended["cause"]) == (False, "trunk_unreachable")
            assert "is for localhost, 127.0.0.1, not for trunk.example" in logged
            tls = TlsSettings("trunk.example", certificate.path)
            with pytest.raises(NoPongError, match=r"not valid for 'trunk\.example'"):
                await ping("127.0.0.1", bob.port + 1, "tls", tls)

    asyncio.run(call())


def test_baresip_answers_a_ping_over_every_transport(
    baresip: OpenBaresip, certificate: Certificate
) -> None:
    async def pings() -> None:
        async with baresip(certificate=certificate.with_key()) as bob:
            assert await ping("127.0.0.1", bob.port) == HERE
            assert await ping("127.0.0.1", bob.port, "tcp") == HERE
            tls = TlsSettings("localhost", certificate.path)
            assert await ping("127.0.0.1", bob.port + 1, "tls", tls) == HERE
            unverified = TlsSettings(verify=False)
            assert await ping("127.0.0.1", bob.port + 1, "tls", unverified) == HERE

    asyncio.run(pings())


def test_baresip_rings_a_simulated_recipient_and_they_hear_each_other(
    baresip: OpenBaresip, tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "one.yaml").write_text(SAYS_AND_HANGS_UP, encoding="utf-8")
    sheet = tmp_path / "observations.jsonl"

    async def call(recipients: CalleeProcess) -> Baresip:
        uri = f"sip:+8613800138001@127.0.0.1:{recipients.port}"
        async with baresip(dials=uri) as bob:
            await bob.says(b"session closed")
        return bob

    with CalleeProcess(sheet, scenarios=tmp_path / "scenarios") as recipients:
        bob = asyncio.run(call(recipients))
        recipients.stop()
        seen, _ = recipients.observations()
    assert (seen["ended_by"], seen["final_status"], seen["invites"]) == ("recipient", 200, 1)
    assert seen["first_sound_at"] is not None
    assert max(dbfs(frame) for frame in frames(bob.heard())) > -30
