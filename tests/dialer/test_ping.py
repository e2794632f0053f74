"""Asking a trunk whether it is there, when it is and when it isn't."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.free_ports import free_port_range
from dialer.callee.process import CalleeProcess
from dialer.ping import NoPongError, Pong, ping
from dialer.settings import TlsSettings


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A UDP port at which somebody listens and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        yield silent.getsockname()[1]


async def ping_server(answer: bytes, transport: str = "tcp") -> Pong:
    """Ping over TCP somebody who gives that answer to anything and hangs up."""

    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await reader.readline()
        writer.close()

    server = await asyncio.start_server(give, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return await ping("127.0.0.1", port, transport)


def test_the_simulated_recipients_answer(tmp_path: Path) -> None:
    with CalleeProcess(tmp_path / "observations.jsonl") as recipients:
        assert asyncio.run(ping("127.0.0.1", recipients.port)) == Pong(200, "OK")


def test_a_port_that_keeps_silent_is_given_up(silent_port: int) -> None:
    with pytest.raises(NoPongError, match=rf"127\.0\.0\.1:{silent_port} \(udp\) gave no answer"):
        asyncio.run(ping("127.0.0.1", silent_port))


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_a_port_that_is_closed_says_so(transport: str) -> None:
    with pytest.raises(NoPongError, match=rf"\({transport}\): .*(refused|[Cc]onnect call failed)"):
        asyncio.run(ping("127.0.0.1", free_port_range(1), transport))


@pytest.mark.parametrize(
    "answer",
    [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"x" * 100_000],
    ids=["nothing", "mail", "web", "noise"],
)
def test_what_is_not_sip_is_named_so(answer: bytes) -> None:
    with pytest.raises(NoPongError, match="does not speak SIP"):
        asyncio.run(ping_server(answer))


def test_a_reason_may_be_missing() -> None:
    assert asyncio.run(ping_server(b"SIP/2.0 403\r\n")) == Pong(403, "")


def test_a_port_without_tls_is_named_so() -> None:
    with pytest.raises(NoPongError, match="is it a TLS port"):
        asyncio.run(ping_server(b"SIP/2.0 400 Bad Request\r\n", "tls"))


def test_a_missing_file_of_authorities_is_named(tmp_path: Path) -> None:
    tls = TlsSettings("trunk.example", tmp_path / "none.pem")
    with pytest.raises(NoPongError, match=r"trunk\.tls_ca_file: there is no file .*none\.pem"):
        asyncio.run(ping("127.0.0.1", 5061, "tls", tls))


def test_a_name_that_can_not_be_resolved_is_named() -> None:
    with pytest.raises(NoPongError, match=r"no-such-host\.invalid:5060 \(udp\)"):
        asyncio.run(ping("no-such-host.invalid", 5060))
