"""`menling phone`: this computer as an agent's telephone."""

from __future__ import annotations

import os
import queue
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.live import Live

from campaigns.settings import SettingsError
from console.phone_screen import panel, sentence
from console.screen import say, screen
from console.sound_devices import device_names, sound_device
from console.terminal import plain_errors
from dialer.line_news import SipError
from dialer.softphone import DeviceLost, PhoneNews, Rings, Softphone, Talks
from dialer.softphone_state import Doorkeeper
from dialer.sound_device import SoundDeviceError

GLANCE_SECONDS: Final = 0.1
QUIT: Final = "q"


def phone(
    listen: Annotated[
        str, typer.Option(help="Address of this computer and port at which it is rung.")
    ] = "127.0.0.1:5070",
    from_: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            help="Address or network that may ring, for example 10.0.0.5 or 10.0.0.0/24; may be "
            "given several times. Else only this computer.",
        ),
    ] = None,
    device: Annotated[
        str, typer.Option(help="Sound device, by a part of its name; else the default one.")
    ] = "",
    auto_answer: Annotated[
        bool, typer.Option("--auto-answer", help="Take every call at once.")
    ] = False,
    devices: Annotated[
        bool, typer.Option("--devices", help="List the sound devices of this computer and end.")
    ] = False,
) -> None:
    """Be rung on this computer: a softphone with its microphone and speaker, for agents."""
    with plain_errors():
        if devices:
            names = device_names()
            for name in names or ("There is no sound device; plug in a headset.",):
                say(name)
            return
        address, port = _place(listen)
        doorkeeper = _doorkeeper(from_ or [address])
        telephone = Softphone(
            sound_device(device, live=True), doorkeeper, answers_itself=auto_answer
        )
        try:
            port = telephone.start(address, port)
        except SipError as error:
            raise SettingsError(str(error)) from error
        try:
            say(f"Rung at sip:phone@{address}:{port}")
            _serve(telephone)
        finally:
            telephone.stop()


def _place(listen: str) -> tuple[str, int]:
    address, _, port = listen.rpartition(":")
    try:
        return str(ip_address(address)), int(port)
    except ValueError as error:
        raise SettingsError(
            f"{listen!r} is no place to listen; write ADDRESS:PORT, for example 127.0.0.1:5070"
        ) from error


def _doorkeeper(callers: list[str]) -> Doorkeeper:
    try:
        return Doorkeeper(tuple(ip_network(each) for each in callers))
    except ValueError as error:
        raise SettingsError(
            f"--from: {error}; write an address or a network, for example 10.0.0.5 or 10.0.0.0/24"
        ) from error


def _serve(telephone: Softphone) -> None:
    """Tell what happens and obey the keys, until somebody wants to stop."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if sys.stdin.isatty() and screen.is_terminal:
            with _keys():
                _watch(telephone, screen)
        else:
            while True:
                _tell(telephone.news.get())
    except KeyboardInterrupt:
        return


def _watch(telephone: Softphone, console: Console) -> None:
    caller, since = "", time.monotonic()
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while (key := _key()) != QUIT:
            _obey(telephone, key)
            for news in _waiting(telephone):
                _tell(news)
                caller = news.caller if isinstance(news, Rings) else caller
                since = time.monotonic() if isinstance(news, Talks) else since
            handset = telephone.handset
            seconds = int(time.monotonic() - since)
            live.update(
                panel(telephone.state, caller, seconds, handset.levels(), handset.muted),
                refresh=True,
            )


def _obey(telephone: Softphone, key: str) -> None:
    match key:
        case "a":
            telephone.answer()
        case "h":
            telephone.hang_up()
        case "m" | " ":
            telephone.handset.muted = not telephone.handset.muted


def _waiting(telephone: Softphone) -> Iterator[PhoneNews]:
    while True:
        try:
            yield telephone.news.get_nowait()
        except queue.Empty:
            return


def _tell(news: PhoneNews) -> None:
    if isinstance(news, DeviceLost):
        raise SoundDeviceError(news.advice)
    say(sentence(news))


def _key() -> str:
    """Return the key that was pressed, waiting a moment for one; empty: none.

    Read past Python's own buffer, which would hide a second key from `select`.
    """
    ready, _, _ = select.select([sys.stdin], [], [], GLANCE_SECONDS)
    return os.read(sys.stdin.fileno(), 1).decode(errors="replace") if ready else ""


@contextmanager
def _keys() -> Iterator[None]:
    """Let every key count at once, without Enter and unseen."""
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
