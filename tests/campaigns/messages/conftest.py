"""What answers messages in tests: an HTTP server, an SMS centre (SMPP 3.4) and a mail server."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PATIENCE = 30.0
"""Seconds after which a test gives up."""


@dataclass
class Request:
    """What a server was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Another system: keeps what it is told and answers as it was bidden, 200 unless told so."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        """Answers to come; the last one stays."""
        self.silent = Event()
        """It reads and never answers."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(length)
                receiver.requests.append(Request(self.command, self.path, headers, body))
                if receiver.silent.is_set():
                    return
                answers = receiver.answers or [(200, {}, b"{}")]
                status, more, text = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET = answer  # noqa: N815  the names of http.server

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/menling"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Another system that is told by HTTP."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@dataclass
class Submitted:
    """One submit_sm as the centre read it."""

    number: str
    esm_class: int
    wants_receipt: int
    coding: int
    octets: bytes
    message_id: str


@dataclass
class Centre:
    """A small SMS centre: SMPP 3.4 over a socket of its own."""

    answers: list[int] = field(default_factory=list)
    """Statuses of the next submit_sm_resp; -1: none at all, -2: the connection breaks."""
    password: str = "secret"
    submitted: Queue[Submitted] = field(default_factory=Queue)
    heard: Queue[tuple[int, int]] = field(default_factory=Queue)
    """Command and status of what else came, answers to ours among them."""
    binds: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._talking: list[socket.socket] = []
        self._count = 0
        Thread(target=self._serve, daemon=True).start()

    def deliver(self, body: bytes) -> None:
        """Send a deliver_sm to whoever is bound."""
        self._send(self._talking[-1], 0x05, 0, 77, body)

    def ask(self, command: int) -> None:
        """Send a request without a body: 0x15 enquire_link, 0x06 unbind."""
        self._send(self._talking[-1], command, 0, 78, b"")

    def hang_up(self) -> None:
        """Break the connections there are."""
        while self._talking:
            with suppress(OSError):
                self._talking.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        # A thread that waits for the next caller would take one more.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()

    def _serve(self) -> None:
        while True:
            try:
                talk, _ = self._listening.accept()
            except OSError:
                return
            self._talking.append(talk)
            Thread(target=self._talk, args=(talk,), daemon=True).start()

    def _talk(self, talk: socket.socket) -> None:
        # Whoever is at the other end may be gone at any moment.
        with suppress(OSError), talk, talk.makefile("rb") as stream:
            while len(head := stream.read(16)) == 16:
                length, command, status, sequence = struct.unpack(">LLLL", head)
                body = stream.read(length - 16)
                if not self._take(talk, command, status, sequence, body):
                    return

    def _take(
        self, talk: socket.socket, command: int, status: int, sequence: int, body: bytes
    ) -> bool:
        if command in (0x09, 0x02):
            self.binds.append(command)
            password = body.split(b"\0")[1].decode()
            fault = 0 if password == self.password else 0x0E
            self._send(talk, command | 0x80000000, fault, sequence, b"" if fault else b"smsc\0")
        elif command == 0x04:
            answer = self.answers.pop(0) if self.answers else 0
            self._count += 1
            message_id = f"m{self._count}"
            self.submitted.put(_read(body, message_id))
            if answer == -2:
                talk.shutdown(socket.SHUT_RDWR)
                return False
            if answer >= 0:
                told = b"" if answer else message_id.encode() + b"\0"
                self._send(talk, 0x80000004, answer, sequence, told)
        else:
            self.heard.put((command, status))
            if command in (0x15, 0x06):
                self._send(talk, command | 0x80000000, 0, sequence, b"")
        return True

    def _send(self, talk: socket.socket, command: int, status: int, sequence: int,
              body: bytes) -> None:  # fmt: skip
        try:
            talk.sendall(struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body)
        except OSError:
            return


def _read(body: bytes, message_id: str) -> Submitted:
    rest = body.split(b"\0", 1)[1][2:]
    rest = rest.split(b"\0", 1)[1][2:]
    number, rest = rest.split(b"\0", 1)
    esm_class, rest = rest[0], rest[3:]
    rest = rest.split(b"\0", 1)[1]
    rest = rest.split(b"\0", 1)[1]
    receipt, _, coding, _, length = rest[:5]
    octets, optional = rest[5 : 5 + length], rest[5 + length :]
    while optional:
        tag, size = struct.unpack(">HH", optional[:4])
        if tag == 0x0424:
            octets = optional[4 : 4 + size]
        optional = optional[4 + size :]
    return Submitted(number.decode(), esm_class, receipt, coding, octets, message_id)


@pytest.fixture
def centre() -> Iterator[Centre]:
    """An SMS centre."""
    centre = Centre()
    yield centre
    centre.close()


@pytest.fixture
def delivered() -> Callable[..., bytes]:
    """Makes the body of a deliver_sm: from whom, what, and of which kind."""

    def make(source: str, text: bytes, esm_class: int = 0, coding: int = 0) -> bytes:
        return (
            b"\0\1\1" + source.encode() + b"\0" + b"\1\1" + b"10690\0"
            + bytes((esm_class, 0, 0)) + b"\0\0" + bytes((0, 0, coding, 0, len(text))) + text
        )  # fmt: skip

    return make


class MailServer:
    """A mail server that keeps what it takes."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuses: dict[str, str] = {}
        """Answers to RCPT, by address."""
        self.after_data = "250 OK"

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.after_data


@dataclass
class Mailbox:
    """A mail server at work: STARTTLS and an account are asked for."""

    server: MailServer
    port: int
    ca_file: Path
    account: tuple[str, str] = ("menling", "secret")


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """A mail server on this machine that wants STARTTLS and a password."""
    ca_file = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file)
    box = Mailbox(MailServer(), 0, ca_file)

    def known(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == box.account, handled=False)

    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    talks: list[_Talk] = []

    def talk() -> _Talk:
        talks.append(
            _Talk(
                box.server,
                hostname="localhost",
                tls_context=context,
                require_starttls=True,
                authenticator=known,
                auth_required=True,
                loop=loop,
            )
        )
        return talks[-1]

    listening = asyncio.run_coroutine_threadsafe(
        loop.create_server(talk, "127.0.0.1", 0), loop
    ).result(PATIENCE)
    box.port = listening.sockets[0].getsockname()[1]
    yield box
    asyncio.run_coroutine_threadsafe(_close(listening, talks), loop).result(PATIENCE)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(PATIENCE)
    loop.close()


class _Talk(SMTP):
    """A talk with a client that knows its socket, also when TLS came between."""

    below: asyncio.WriteTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self.below = self.below or transport
        super().connection_made(transport)


async def _close(listening: asyncio.Server, talks: list[_Talk]) -> None:
    """Take no more, let those who talk hang up, and leave no socket to the garbage collector."""
    listening.close()
    talking = asyncio.all_tasks() - {asyncio.current_task()}
    for each in talking:
        each.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    for talk in talks:
        if talk.below is not None:
            talk.below.abort()
    for _ in range(3):
        await asyncio.sleep(0)


def _certificate(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "mail.pem"
    path.write_bytes(plain + certificate.public_bytes(serialization.Encoding.PEM))
    return path
