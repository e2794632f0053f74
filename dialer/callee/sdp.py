"""SDP: what the caller offers and what a recipient answers (RFC 4566, RFC 3264)."""

from __future__ import annotations

from dataclasses import dataclass

from audio.g711 import Law

_STATIC = {0: Law.MU, 8: Law.A}
"""Payload numbers that need no rtpmap (RFC 3551 section 6)."""
_ANSWER_DIRECTION = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


class SdpError(ValueError):
    """The offer has nothing a telephone could take up."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The part of an offer that matters to a telephone."""

    address: str
    port: int
    payload: int
    """RTP payload number of the codec both sides know."""
    law: Law
    events: int | None
    """Payload number of telephone-event (RFC 4733); None when it isn't offered."""
    direction: str = "sendrecv"
    media: tuple[str, ...] = ()
    """Kinds of all offered streams, in order; an answer has as many (RFC 3264 section 6)."""
    chosen: int = 0
    """Which of them is taken up."""

    @property
    def wants_sound(self) -> bool:
        """Tell whether the caller wants to hear us now (not on hold)."""
        return self.direction in ("sendrecv", "recvonly") and self.port != 0


def read_offer(body: bytes) -> Offer:
    """Return the first usable audio stream of an offer; raises SdpError when there is none."""
    session, *streams = _sections(body.decode("utf-8", "replace"))
    kinds = tuple(lines[0][1].split(" ")[0] for lines in streams)
    for index, lines in enumerate(streams):
        offer = _read_stream(session, lines, kinds, index)
        if offer is not None:
            return offer
    raise SdpError("no audio stream with PCMA or PCMU over RTP/AVP at 8000 Hz is offered")


def _sections(text: str) -> list[list[tuple[str, str]]]:
    sections: list[list[tuple[str, str]]] = [[]]
    for line in text.splitlines():
        kind, equals, value = line.strip().partition("=")
        if not equals:
            continue
        if kind == "m":
            sections.append([])
        sections[-1].append((kind, value))
    return sections


def _read_stream(
    session: list[tuple[str, str]],
    lines: list[tuple[str, str]],
    kinds: tuple[str, ...],
    index: int,
) -> Offer | None:
    kind, port, protocol, *payloads = lines[0][1].split(" ")
    if kind != "audio" or protocol != "RTP/AVP" or not port.isdigit():
        return None
    names = {number: law.value for number, law in _STATIC.items()}
    address, direction = "", "sendrecv"
    for key, value in (*session, *lines):
        if key == "c":
            address = value.rpartition(" ")[2]
        elif key == "a" and value.startswith("rtpmap:"):
            number, _, name = value.removeprefix("rtpmap:").partition(" ")
            encoding, _, rate = name.upper().partition("/")
            names[int(number)] = encoding if rate.split("/")[0] == "8000" else ""
        elif key == "a" and value in ("sendrecv", "sendonly", "recvonly", "inactive"):
            direction = value
    offered = [int(payload) for payload in payloads if payload.isdigit()]
    codec = next((number for number in offered if names.get(number) in set(Law)), None)
    if codec is None or not address:
        return None
    return Offer(
        address=address,
        port=int(port),
        payload=codec,
        law=Law(names[codec]),
        events=next((n for n in offered if names.get(n) == "TELEPHONE-EVENT"), None),
        direction=direction,
        media=kinds,
        chosen=index,
    )


def write_answer(offer: Offer, address: str, port: int, session: int, version: int = 1) -> bytes:
    """Return the answer to an offer; streams we don't take up get port 0 (RFC 3264 section 6)."""
    lines = [
        "v=0",
        f"o=- {session} {version} IN IP4 {address}",
        "s=-",
        f"c=IN IP4 {address}",
        "t=0 0",
    ]
    for index, kind in enumerate(offer.media):
        if index != offer.chosen:
            lines.append(f"m={kind} 0 RTP/AVP 0")
            continue
        payloads = [offer.payload, *([] if offer.events is None else [offer.events])]
        lines.append(f"m=audio {port} RTP/AVP {' '.join(map(str, payloads))}")
        lines.append(f"a=rtpmap:{offer.payload} {offer.law}/8000")
        if offer.events is not None:
            lines.append(f"a=rtpmap:{offer.events} telephone-event/8000")
            lines.append(f"a=fmtp:{offer.events} 0-16")
        lines.append("a=ptime:20")
        lines.append(f"a={_ANSWER_DIRECTION.get(offer.direction, 'sendrecv')}")
    return ("\r\n".join(lines) + "\r\n").encode()
