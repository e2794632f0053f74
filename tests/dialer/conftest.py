from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audio.level import tone
from audio.wav import write_wav
from console.free_ports import free_port_range
from dialer.settings import Login, SipSettings, TrunkAccount
from dialer.sip_thread import SipThread

HANGS_SECONDS = 60
"""What takes longer hangs, however busy the machine is."""
BARESIP = """\
poll_method epoll
sip_listen 127.0.0.1:{port}
{certificate}
audio_player aufile,{folder}/unused.wav
audio_source aufile,{folder}/says.wav
audio_alert none
ausrc_srate 8000
auplay_srate 8000
jitter_buffer_type fixed
jitter_buffer_delay 1-5
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module sndfile.so
module srtp.so
snd_path {folder}
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


@pytest.fixture(scope="session")
def sip() -> Iterator[SipThread]:
    """The SIP stack of this test run: pjsip allows one per process."""
    thread = SipThread(
        SipSettings(
            trunks=(
                TrunkAccount(user="menling", password="secret", identity="sip:4008@127.0.0.1"),
            ),
            desk=Login("desk.test", "desk", "of the desk"),
        )
    )
    thread.start()
    yield thread
    thread.stop()


@dataclass(frozen=True, slots=True)
class Baresip:
    """A baresip that says a tone of 700 Hz, over UDP and TCP on `port` and TLS one above."""

    port: int
    folder: Path
    process: asyncio.subprocess.Process

    async def says(self, words: bytes) -> None:
        """Wait until it has printed that."""
        assert self.process.stdout is not None
        said = b""
        async with asyncio.timeout(HANGS_SECONDS):
            while words not in said:
                said += (line := await self.process.stdout.readline())
                assert line, said.decode()

    def heard(self) -> bytes:
        """Return what it has heard, once its only call is over."""
        (decoded,) = self.folder.glob("dump-*-dec.wav")
        return decoded.read_bytes()[44:]


OpenBaresip = Callable[..., AbstractAsyncContextManager[Baresip]]


@pytest.fixture
def baresip(tmp_path: Path) -> OpenBaresip:
    """Opens a baresip that listens; it answers every call, or dials one."""

    @asynccontextmanager
    async def open_one(
        account: str = "", dials: str = "", certificate: str = ""
    ) -> AsyncIterator[Baresip]:
        folder = tmp_path / "baresip"
        folder.mkdir()
        write_wav(folder / "says.wav", tone(700, 20.0))
        port = free_port_range(2)
        if certificate:
            (folder / "certificate.pem").write_text(certificate, encoding="utf-8")
            certificate = f"sip_certificate {folder}/certificate.pem"
        config = BARESIP.format(port=port, folder=folder, certificate=certificate)
        (folder / "config").write_text(config, encoding="utf-8")
        (folder / "accounts").write_text(
            f"<sip:bob@127.0.0.1:{port}>;regint=0;answermode=auto;audio_codecs=pcma{account}\n",
            encoding="utf-8",
        )
        (folder / "contacts").touch()
        process = await asyncio.create_subprocess_exec(
            *("baresip", "-f", str(folder)),
            *(("-e", f"d{dials}") if dials else ()),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            opened = Baresip(port, folder, process)
            await opened.says(b"baresip is ready")
            yield opened
        finally:
            process.terminate()
            async with asyncio.timeout(HANGS_SECONDS):
                await process.communicate()

    return open_one


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for localhost and 127.0.0.1 that vouches for itself, with its key."""

    path: Path

    def with_key(self) -> str:
        """Return both as PEM."""
        return self.path.read_text() + self.path.with_suffix(".key").read_text()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate made for this test run."""
    path = tmp_path_factory.mktemp("certificate") / "localhost.pem"
    openssl = shutil.which("openssl") or pytest.fail("run: apt-get install openssl")
    subprocess.run(
        (
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(path.with_suffix(".key")), "-out", str(path)),
        ),
        check=True,
        capture_output=True,
    )
    return Certificate(path)


OneCall = Callable[..., Awaitable[tuple[dict[str, Any], str]]]


@pytest.fixture
def one_call(tmp_path: Path) -> OneCall:
    """Places a call in a process of its own; returns how it ended and what was logged.

    It says a tone of 440 Hz for long enough that half of it may get lost, and keeps what it hears.
    """
    write_wav(tmp_path / "prompt.wav", tone(440, 1.4))

    async def placed(uri: str, **settings: object) -> tuple[dict[str, Any], str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(Path(__file__).parent / "one_call.py")),
            *(uri, str(tmp_path / "prompt.wav"), json.dumps(settings, default=str)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(HANGS_SECONDS):
            said, logged = await process.communicate()
        assert process.returncode == 0, logged.decode()
        ended = json.loads(said)
        return ended | {"heard": bytes.fromhex(ended["heard"])}, logged.decode()

    return placed
