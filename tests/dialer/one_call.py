"""Places one call in a process of its own, because pjsip allows one SIP stack per process.

Run as `python one_call.py URI PROMPT JSON`, the settings of the stack being JSON: plays the prompt,
listens for a second from the answer on, and prints as JSON how the call ended and how much
of what it heard was a tone of 700 Hz.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path

from audio.level import tone_share
from dialer.leg import Answered, DialRequest, Ended, PlaybackEnded, Sound
from dialer.settings import SipSettings, Srtp, TlsSettings, Transport
from dialer.sip_thread import SipThread


async def call(sip: SipThread, uri: str, prompt: Path) -> dict[str, object]:
    """Dial, play, listen, hang up; return what came of it."""
    leg = sip.new_leg(asyncio.get_running_loop())
    leg.dial(DialRequest(uri))
    heard = b""
    answered = played = False
    while True:
        match await leg.receive():
            case Answered():
                answered = True
                leg.play(prompt)
            case Sound(frame):
                heard += frame
            case PlaybackEnded():
                played = True
            case Ended() as ended:
                share = tone_share(heard[8000:12000], 700) if played else 0.0
                return asdict(ended) | {"answered": answered, "heard": share}
        if played and len(heard) > 16000:
            leg.hang_up()


def main(uri: str, prompt: str, settings: str) -> None:
    """Run the call and print its end."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s")
    told = json.loads(settings)
    sip = SipThread(
        SipSettings(
            transport=Transport(told["transport"]),
            tls=TlsSettings(
                told.get("host", ""),
                Path(told["ca_file"]) if "ca_file" in told else None,
                told.get("verify", True),
            ),
            srtp=Srtp(told.get("srtp", "off")),
        )
    )
    sip.start()
    print(json.dumps(asyncio.run(call(sip, uri, Path(prompt)))))
    sip.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
