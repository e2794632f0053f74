"""Ask a trunk whether it is there: one SIP OPTIONS (RFC 3261, clause 11) and its answer."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import ssl
from dataclasses import dataclass

from dialer.certificate import CertificateError, authorities
from dialer.settings import TlsSettings, Transport

PATIENCE_SECONDS = 3.0
RETRANSMIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Pong:
    """What came back; any status shows that a SIP server is there."""

    status: int
    reason: str


class NoPongError(OSError):
    """Nothing answered; the message says what was tried."""


async def ping(
    host: str,
    port: int,
    transport: str = Transport.UDP,
    tls: TlsSettings = TlsSettings(),  # noqa: B008  it is frozen
) -> Pong:
    """Send OPTIONS to a SIP server and return its answer.

    Raises NoPongError when the name is unknown, the port refuses, its certificate is not good,
    or nothing comes in time.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            address = await _resolve(host, port)
            if transport == Transport.UDP:
                return _parse(await _ask_udp(address, host))
            return _parse(await _ask_stream(address, host, transport, tls))
    except TimeoutError as error:
        raise NoPongError(
            f"{host}:{port} ({transport}) gave no answer to a SIP OPTIONS "
            f"within {PATIENCE_SECONDS:g} s"
        ) from error
    except OSError as error:
        if isinstance(error, NoPongError):
            raise
        raise NoPongError(f"{host}:{port} ({transport}): {_told(error)}") from error
    except CertificateError as error:
        raise NoPongError(f"{host}:{port} ({transport}): {error}") from error


async def _resolve(host: str, port: int) -> tuple[str, int]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    address = found[0][4]
    return str(address[0]), int(address[1])


def _options(host: str, transport: str, local: tuple[str, int]) -> bytes:
    here = f"{local[0]}:{local[1]}"
    lines = (
        f"OPTIONS sip:{host} SIP/2.0",
        f"Via: SIP/2.0/{transport.upper()} {here};branch=z9hG4bK{secrets.token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:menling@{here}>;tag={secrets.token_hex(4)}",
        f"To: <sip:{host}>",
        f"Call-ID: {secrets.token_hex(8)}@{local[0]}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:menling@{here}>",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()


async def _ask_udp(address: tuple[str, int], host: str) -> bytes:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(address)
        request = _options(host, Transport.UDP, sock.getsockname())
        while True:
            await loop.sock_sendall(sock, request)
            try:
                async with asyncio.timeout(RETRANSMIT_SECONDS):
                    return await loop.sock_recv(sock, 4096)
            except TimeoutError:
                continue  # UDP loses packets; the caller's patience bounds the tries


async def _ask_stream(
    address: tuple[str, int], host: str, transport: str, tls: TlsSettings
) -> bytes:
    context = _context(tls) if transport == Transport.TLS else None
    reader, writer = await asyncio.open_connection(
        *address, ssl=context, server_hostname=(tls.host or host) if context else None
    )
    try:
        local = writer.get_extra_info("sockname")
        writer.write(_options(host, transport, (local[0], local[1])))
        return await reader.readline()
    except ValueError:  # no end of line in 64 KiB
        return b""
    finally:
        writer.transport.abort()  # an orderly end of TLS would wait for those who don't answer it
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _context(tls: TlsSettings) -> ssl.SSLContext:
    if tls.verify:
        context = ssl.create_default_context(cafile=str(authorities(tls.ca_file)))
    else:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    # What passes here must pass in a call, and pjsip knows no newer version.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _told(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate can't be trusted: {error.verify_message}; if its authority is the "
            "provider's own, name it by trunk.tls_ca_file"
        )
    if isinstance(error, ssl.SSLError):
        return f"no TLS 1.2 can be agreed on ({error.reason or error}); is it a TLS port?"
    return error.strerror or str(error)


def _parse(answer: bytes) -> Pong:
    words = answer.split(b"\r\n", 1)[0].decode(errors="replace").split(" ", 2)
    if len(words) < 2 or words[0] != "SIP/2.0" or not words[1].isdigit():
        raise NoPongError("what answered does not speak SIP; check host and port of the trunk")
    return Pong(int(words[1]), words[2] if len(words) > 2 else "")
