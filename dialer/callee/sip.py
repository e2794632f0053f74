"""SIP messages as they are on the wire: read and write (RFC 3261 section 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

_REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}
_COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "k": "supported",
}
"""Compact header names (RFC 3261 section 7.3.3)."""
_LISTS = frozenset({"via", "contact", "record-route", "route", "require", "allow", "supported"})
"""Headers whose values may share a line, parted by commas (RFC 3261 section 7.3.1)."""
_COMMA = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)(?![^<]*>)')

Headers = tuple[tuple[str, str], ...]


class SipError(ValueError):
    """The datagram is not a SIP message we can answer."""


@dataclass(frozen=True, slots=True)
class Message:
    """What requests and responses have in common."""

    headers: Headers
    body: bytes = b""

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a header, top one first."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    def first(self, name: str) -> str:
        """Return the top value of a header; empty when there is none."""
        return next(iter(self.all(name)), "")

    @property
    def call_id(self) -> str:
        """Return the id shared by all messages of a call."""
        return self.first("call-id")

    @property
    def branch(self) -> str:
        """Return the id of the transaction (RFC 3261 section 17.2.3)."""
        return parameter(self.first("via"), "branch")

    @property
    def cseq(self) -> tuple[int, str]:
        """Return number and method of CSeq; raises SipError when it isn't one."""
        number, _, method = self.first("cseq").partition(" ")
        if not number.isdigit() or not method.strip():
            raise SipError(f"CSeq {self.first('cseq')!r} is not a number and a method")
        return int(number), method.strip()

    @property
    def to_tag(self) -> str:
        """Return the callee's half of the dialog id; empty outside a dialog."""
        return parameter(self.first("to"), "tag")


@dataclass(frozen=True, slots=True)
class Request(Message):
    """What one side asks of the other."""

    method: str = ""
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Response(Message):
    """What the other side answers."""

    status: int = 0
    reason: str = ""


def parse(datagram: bytes) -> Request | Response:
    """Return the message in a datagram; raises SipError when there is none."""
    head, _, body = datagram.partition(b"\r\n\r\n")
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SipError("the message is not UTF-8 (RFC 3261 section 7)") from error
    start, _, rest = text.partition("\r\n")
    headers = _headers(rest)
    length = next((value for name, value in headers if name == "content-length"), "")
    if length.isdigit():
        body = body[: int(length)]
    words = start.split(" ", 2)
    if len(words) != 3:
        raise SipError(f"{start[:60]!r} does not start a SIP message")
    if words[0] == "SIP/2.0":
        if not words[1].isdigit():
            raise SipError(f"{words[1][:20]!r} is not a status")
        return Response(headers, body, status=int(words[1]), reason=words[2])
    if words[2] != "SIP/2.0":
        raise SipError(f"{words[2][:20]!r} is not SIP/2.0")
    return Request(headers, body, method=words[0], uri=words[1])


def _headers(text: str) -> Headers:
    # A line that starts with white space belongs to the one before (RFC 3261 section 7.3.1).
    unfolded = re.sub(r"\r\n[ \t]+", " ", text)
    headers: list[tuple[str, str]] = []
    for line in unfolded.split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise SipError(f"{line[:40]!r} is not a header")
        key = name.strip().lower()
        key = _COMPACT.get(key, key)
        values = _COMMA.split(value) if key in _LISTS else [value]
        headers.extend((key, each.strip()) for each in values)
    return tuple(headers)


def format_message(message: Request | Response) -> bytes:
    """Return the datagram of a message; Content-Length is set from the body."""
    if isinstance(message, Request):
        lines = [f"{message.method} {message.uri} SIP/2.0"]
    else:
        lines = [f"SIP/2.0 {message.status} {message.reason}"]
    lines += [f"{name}: {value}" for name, value in message.headers]
    lines.append(f"Content-Length: {len(message.body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + message.body


def parameter(value: str, name: str) -> str:
    """Return a header parameter (`;tag=1`); empty when it is missing or has no value."""
    outside = value.rpartition(">")[2] if "<" in value else value
    for part in outside.split(";")[1:]:
        key, _, content = part.partition("=")
        if key.strip().lower() == name:
            return content.strip()
    return ""


def uri_of(value: str) -> str:
    """Return the URI in a Contact, From or To header."""
    inside = re.search(r"<([^>]*)>", value)
    return inside.group(1) if inside else value.split(";")[0].strip()


def user_of(uri: str) -> str:
    """Return the user part of a SIP URI without its parameters: the number that was dialled."""
    user, at, _ = uri.partition(":")[2].partition("@")
    return unquote(user.split(";")[0].split(":")[0]) if at else ""


def address_of(uri: str) -> tuple[str, int] | None:
    """Return IPv4 address and port of a SIP URI; None when its host is a name."""
    found = re.match(r"sips?:(?:[^@]*@)?(\d+\.\d+\.\d+\.\d+)(?::(\d+))?(?:[;?>]|$)", uri)
    return (found.group(1), int(found.group(2) or 5060)) if found else None


def via_seen_from(via: str, source: tuple[str, int]) -> str:
    """Return the top Via completed with where the request came from (RFC 3581 section 4)."""
    parts = [part for part in via.split(";") if part.strip() not in ("rport", "rport=")]
    seen = [f"received={source[0]}"]
    if len(parts) != len(via.split(";")):
        seen.append(f"rport={source[1]}")
    return ";".join([*parts, *seen])


def response_to(
    request: Request,
    source: tuple[str, int],
    status: int,
    *,
    tag: str = "",
    extra: Headers = (),
    body: bytes = b"",
) -> Response:
    """Return a response with everything copied that must be copied (RFC 3261 section 8.2.6.2)."""
    vias = request.all("via")
    headers = [("Via", via_seen_from(vias[0], source) if vias else "")]
    headers += [("Via", via) for via in vias[1:]]
    to = request.first("to")
    if tag and status > 100 and not request.to_tag:
        to = f"{to};tag={tag}"
    headers += [
        ("From", request.first("from")),
        ("To", to),
        ("Call-ID", request.call_id),
        ("CSeq", request.first("cseq")),
    ]
    if 100 < status < 300:
        # The route of later requests is fixed by the answer (RFC 3261 section 12.1.1).
        headers += [("Record-Route", route) for route in request.all("record-route")]
    reason = _REASONS.get(status, "Rejected")
    return Response((*headers, *extra), body, status=status, reason=reason)


def goodbye(invite: Request, tag: str, branch: str, contact: tuple[str, int]) -> Request:
    """Return the BYE a callee ends a dialog with (RFC 3261 sections 12.2.1.1 and 15.1.1)."""
    address, port = contact
    headers = [("Via", f"SIP/2.0/UDP {address}:{port};branch={branch};rport")]
    headers += [("Route", route) for route in invite.all("record-route")]
    headers += [
        ("Max-Forwards", "70"),
        ("From", f"{invite.first('to')};tag={tag}"),
        ("To", invite.first("from")),
        ("Call-ID", invite.call_id),
        ("CSeq", "1 BYE"),
    ]
    target = uri_of(invite.first("contact")) or uri_of(invite.first("from"))
    return Request(tuple(headers), method="BYE", uri=target)
