"""RTP packets and telephone events on the wire (RFC 3550, RFC 4733)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VERSION = 2
KEYS = "0123456789*#ABCD"
"""Keys in the order of their event codes (RFC 4733 section 3.2)."""
PACKET_SAMPLES = 160
KEY_PACKETS = 8
"""How long a key is held: 160 ms."""
END_PACKETS = 3
"""The end of a key is told three times (RFC 4733 section 2.5.1.4)."""
_VOLUME = 10


class RtpError(ValueError):
    """The datagram is not an RTP packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet."""

    payload_type: int
    sequence: int
    timestamp: int
    source: int
    payload: bytes
    marker: bool = False


def parse(datagram: bytes) -> Packet:
    """Return the packet in a datagram; raises RtpError when there is none."""
    if len(datagram) < _HEADER.size:
        raise RtpError("shorter than an RTP header")
    first, second, sequence, timestamp, source = _HEADER.unpack_from(datagram)
    if first >> 6 != _VERSION:
        raise RtpError(f"RTP version {first >> 6}")
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:  # header extension (RFC 3550 section 5.3.1)
        if len(datagram) < start + 4:
            raise RtpError("the header extension is cut off")
        start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4], "big")
    end = len(datagram) - (datagram[-1] if first & 0x20 else 0)
    if end < start:
        raise RtpError("padding or header longer than the packet")
    payload = datagram[start:end]
    return Packet(second & 0x7F, sequence, timestamp, source, payload, bool(second & 0x80))


def format_packet(packet: Packet) -> bytes:
    """Return the datagram of a packet."""
    second = packet.payload_type | (0x80 if packet.marker else 0)
    header = _HEADER.pack(
        _VERSION << 6,
        second,
        packet.sequence & 0xFFFF,
        packet.timestamp & 0xFFFFFFFF,
        packet.source,
    )
    return header + packet.payload


def key_payloads(key: str) -> Iterator[bytes]:
    """Return the event payloads of one key press, one per packet, the end told three times."""
    code = KEYS.index(key)
    for number in range(1, KEY_PACKETS + 1):
        yield _EVENT.pack(code, _VOLUME, number * PACKET_SAMPLES)
    for _ in range(END_PACKETS):
        yield _EVENT.pack(code, 0x80 | _VOLUME, KEY_PACKETS * PACKET_SAMPLES)


def read_key(payload: bytes) -> tuple[str, bool, int]:
    """Return key, whether it is the end, and its length in samples; raises RtpError."""
    if len(payload) < _EVENT.size or payload[0] >= len(KEYS):
        raise RtpError("not a telephone event for a key")
    code, flags, duration = _EVENT.unpack_from(payload)
    return KEYS[code], bool(flags & 0x80), duration
