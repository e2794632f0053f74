"""Calls over Kamailio, a provider that wants a password and registers us, on every transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from console.free_ports import free_port_range
from dialer.ping import NoPongError, ping

pytestmark = pytest.mark.sip

CONFIGURATION = Path(__file__).parent / "kamailio" / "kamailio.cfg"
HANGS_SECONDS = 60
"""What takes longer hangs, however busy the machine is."""
SECRET = "open sesame"


class Baresip(Protocol):
    port: int

    def heard(self) -> bytes: ...


class Certificate(Protocol):
    path: Path

    def with_key(self) -> str: ...


OpenBaresip = Callable[..., AbstractAsyncContextManager[Baresip]]
OneCall = Callable[..., Awaitable[tuple[dict[str, Any], str]]]


@asynccontextmanager
async def kamailio(
    folder: Path, certificate: Certificate, callee: int, algorithm: str = "MD5"
) -> AsyncIterator[int]:
    """Start Kamailio; lend its port for UDP and TCP, TLS being one above."""
    port = free_port_range(2)
    text = CONFIGURATION.read_text("utf-8")
    for name, value in {
        "TLS_PORT": port + 1,
        "PORT": port,
        "CALLEE": callee,
        "SECRET": SECRET,
        "USER": "menling",
        "ALGORITHM": algorithm,
        "CERTIFICATE": certificate.path,
        "KEY": certificate.path.with_suffix(".key"),
    }.items():
        text = text.replace(name, str(value))
    written = folder / "kamailio.cfg"
    written.write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *("kamailio", "-f", str(written), "-DD", "-E", "-m", "32", "-M", "8"),
        *("-Y", str(folder), "-w", str(folder), "-P", str(folder / "kamailio.pid")),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=(log := (folder / "kamailio.log").open("wb")),
    )
    try:
        async with asyncio.timeout(HANGS_SECONDS):
            while not await answers(port):
                assert process.returncode is None, (folder / "kamailio.log").read_text()[-2000:]
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(HANGS_SECONDS):
            await process.wait()
        log.close()


async def answers(port: int) -> bool:
    try:
        return (await ping("127.0.0.1", port)).status == 200
    except NoPongError:
        return False


@pytest.mark.parametrize(
    ("transport", "algorithm", "srtp", "asked", "granted"),
    [
        ("udp", "MD5", "off", 30, 60),
        ("tcp", "SHA-256", "off", 300, 300),
        ("tls", "MD5", "mandatory", 300, 300),
    ],
)
def test_we_register_with_a_provider_and_talk_over_it(
    tmp_path: Path,
    baresip: OpenBaresip,
    one_call: OneCall,
    certificate: Certificate,
    assert_hears: Callable[..., None],
    transport: str,
    algorithm: str,
    srtp: str,
    asked: int,
    granted: int,
) -> None:
    async def call() -> tuple[dict[str, Any], Baresip]:
        theirs = ";mediaenc=srtp-mand" if srtp == "mandatory" else ""
        async with (
            baresip(theirs) as bob,
            kamailio(tmp_path, certificate, bob.port, algorithm) as port,
        ):
            if transport == "tls":
                port += 1
            ended, _ = await one_call(
                f"sip:13800138000@127.0.0.1:{port}",
                transport=transport,
                host="localhost",
                ca_file=certificate.path,
                srtp=srtp,
                user="menling",
                password=SECRET,
                registrar_port=port,
                expires=asked,
            )
        return ended, bob

    ended, bob = asyncio.run(call())
    registration = ended["registration"]
    assert (registration["is_registered"], registration["sip_status"]) == (True, 200)
    # Less than a minute is refused with 423 and Min-Expires (RFC 3261 10.2.8).
    assert registration["expires_seconds"] == pytest.approx(granted, abs=10)
    assert (ended["answered"], ended["cause"]) == (True, "we_hung_up")
    assert_hears(ended["heard"], 700)
    assert_hears(bob.heard(), 440)


def test_a_wrong_password_is_refused_for_good_and_rings_nobody(
    tmp_path: Path, one_call: OneCall, certificate: Certificate
) -> None:
    async def call() -> dict[str, Any]:
        nobody = free_port_range(1)
        async with kamailio(tmp_path, certificate, nobody) as port:
            ended, _ = await one_call(
                f"sip:13800138000@127.0.0.1:{port}",
                transport="udp",
                user="menling",
                password="open barley",
                registrar_port=port,
                expires=300,
            )
            return ended

    ended = asyncio.run(call())
    assert (ended["answered"], ended["cause"]) == (False, "forbidden")
    assert not ended["registration"]["is_registered"]
    assert ended["registration"]["sip_status"] in (401, 403)
