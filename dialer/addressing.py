"""Checks a dial request before it reaches pjsip, and completes it from the settings; pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace

from dialer.leg import DialRequest
from dialer.settings import SipSettings, Transport

_URI = re.compile(
    r"sip:(?:[^@\s<>\"]+@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^@\s<>\":;?\[\]]+)(?P<port>:\d{1,5})?(?:[;?][^\s<>\"]*)?"
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_TOKEN = re.compile(r"[A-Za-z0-9+*#._@-]{1,128}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def complaint(request: DialRequest, settings: SipSettings) -> str:
    """Return why the request can't be dialled, or an empty string.

    A name in place of an address is refused, because looking it up would hold up every call of
    the worker.
    """
    match = _URI.fullmatch(request.uri)
    if match is None:
        return f"{request.uri!r} is no SIP URI; write sip:NUMBER@ADDRESS:PORT"
    try:
        ipaddress.ip_address(match["host"].strip("[]"))
    except ValueError:
        return f"{match['host']!r} in {request.uri} is no IP address; resolve the name beforehand"
    for name, value in request.headers:
        if not _HEADER_NAME.fullmatch(name) or _CONTROL.search(value):
            return f"the header {name!r}: {value!r} can't be sent"
    if request.trunk and all(each.name != request.trunk for each in settings.trunks):
        return f"no trunk is called {request.trunk}; name one of the settings"
    for what, value in (("Call-ID", request.call_id), ("caller-id", request.caller_id)):
        if value and not _TOKEN.fullmatch(value):
            return f"{value!r} is no {what}; letters, digits and +*#._- are"
    return ""


def host_of(uri: str) -> str | None:
    """Return the host of a SIP URI, a name or an address; None: it is no SIP URI."""
    match = _URI.fullmatch(uri)
    return match["host"].strip("[]") if match is not None else None


def target_of(uri: str) -> str:
    """Return address and port that a SIP URI leads to, as pjsip writes them."""
    match = _URI.fullmatch(uri)
    if match is None:
        return ""
    return f"{match['host']}:{(match['port'] or ':5060')[1:]}"


def with_host(uri: str, address: str) -> str:
    """Return a SIP URI with this address in place of its host."""
    match = _URI.fullmatch(uri)
    if match is None:
        return uri
    return f"{uri[: match.start('host')]}{address}{uri[match.end('host') :]}"


def completed(request: DialRequest, settings: SipSettings) -> DialRequest:
    """Return the request with the transport and the caller-id of its trunk."""
    trunk = settings.trunk(request.trunk)
    uri = request.uri
    if trunk.transport is not Transport.UDP and ";transport=" not in uri.lower():
        uri = f"{uri};transport={trunk.transport}"
    headers = request.headers
    if all(name.lower() != "p-asserted-identity" for name, _ in headers):
        identity = with_user(trunk.identity, request.caller_id)
        headers = (*headers, ("P-Asserted-Identity", f"<{identity}>"))  # RFC 3325 9.1
    return replace(request, uri=uri, headers=headers)


def with_user(identity: str, user: str) -> str:
    """Return a SIP URI with another user; an empty one leaves it as it is."""
    return f"sip:{user}@{identity.rpartition('@')[2]}" if user else identity


def stated_transport(uri: str) -> str:
    """Return the transport a SIP URI asks for; empty when it leaves the choice to us."""
    return next(
        (
            value.lower()
            for part in uri.split(";")[1:]
            for name, _, value in [part.partition("?")[0].partition("=")]
            if name.lower() == "transport"
        ),
        "",
    )
