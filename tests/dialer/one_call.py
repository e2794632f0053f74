"""Places one call in a process of its own, because pjsip allows one SIP stack per process.

Run as `python one_call.py URI PROMPT JSON`, the settings of the stack being JSON: plays the prompt,
listens until it has heard enough, and prints as JSON how the call ended and what was heard.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from audio.level import dbfs
from audio.pcm import FRAME_BYTES
from dialer.leg import Answered, DialRequest, Ended, PlaybackEnded, Sound
from dialer.registration import RegistrationNews
from dialer.settings import (
    Registrar,
    SipSettings,
    Srtp,
    TlsSettings,
    Transport,
    TrunkAccount,
)
from dialer.sip_thread import SipThread

HANGS_SECONDS = 60
LOUD_DBFS = -40.0
LOUD_FRAMES = 40
"""Enough to know what it was: most of a second."""
PATIENCE_FRAMES = 500
"""Ten seconds of the call itself, however long they take."""


async def call(sip: SipThread, uri: str, prompt: Path, trunk: str) -> dict[str, object]:
    """Dial, play, listen, hang up; return what came of it.

    A call that names no trunk may be for a telephone of the house.
    """
    leg = sip.new_leg(asyncio.get_running_loop())
    leg.dial(DialRequest(uri, trunk=trunk))
    heard = bytearray()
    loud = 0
    answered = played = False
    while True:
        match await leg.receive():
            case Answered():
                answered = True
                leg.play(prompt)
            case Sound(frame):
                heard += frame
                loud += dbfs(frame) > LOUD_DBFS
            case PlaybackEnded():
                played = True
            case Ended() as ended:
                return asdict(ended) | {"answered": answered, "heard": heard.hex()}
        if (played and loud >= LOUD_FRAMES) or len(heard) >= PATIENCE_FRAMES * FRAME_BYTES:
            leg.hang_up()


def registrar_of(told: dict[str, Any]) -> Registrar | None:
    """Return where we register; None: nowhere."""
    if "registrar_port" not in told:
        return None
    expires = timedelta(seconds=told["expires"])
    return Registrar("127.0.0.1", told["registrar_port"], "provider.example", told["user"], expires)


def register(sip: SipThread) -> dict[str, object]:
    """Register and return what the registrar said."""
    news: queue.SimpleQueue[RegistrationNews] = queue.SimpleQueue()
    sip.register(news.put)
    return {"registration": asdict(news.get(timeout=HANGS_SECONDS))}


def main(uri: str, prompt: str, settings: str) -> None:
    """Run the call and print its end."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s")
    told = json.loads(settings)
    sip = SipThread(
        SipSettings(
            trunks=(
                TrunkAccount(
                    transport=Transport(told["transport"]),
                    tls=TlsSettings(
                        told.get("host", ""),
                        Path(told["ca_file"]) if "ca_file" in told else None,
                        told.get("verify", True),
                    ),
                    srtp=Srtp(told.get("srtp", "off")),
                    user=told.get("user", ""),
                    password=told.get("password", ""),
                    registrar=registrar_of(told),
                ),
            ),
            media_timeout=timedelta(seconds=told.get("media_seconds", 20)),
        )
    )
    sip.start()
    registered = register(sip) if "registrar_port" in told else {}
    ended = asyncio.run(call(sip, uri, Path(prompt), told.get("trunk", "main")))
    print(json.dumps(ended | registered))
    sip.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
