"""Devices of people: what an address written at the desk means to a worker; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ivr.people import BrowserDevice, Device, SipDevice
from store.desk_types import DeviceKind
from store.desk_values import AgentFacts

LONGEST_OFFER: Final = 64 * 1024
"""Characters of a browser's offer; a real one has a few thousand."""

_URI = re.compile(
    r"sips?:[A-Za-z0-9._~*#+%!$&'()=-]{1,64}@[A-Za-z0-9.:\[\]-]{1,255}(;[A-Za-z0-9.=;-]*)?"
)
_EXTENSION = re.compile(r"[A-Za-z0-9._+*#-]{1,64}")
_AT_HOST = re.compile(r"[A-Za-z0-9._+*#-]{1,64}@[A-Za-z0-9.:\[\]-]{1,255}")


class DeviceError(ValueError):
    """The device can't be reached as it is written; the message says what to write."""


def sip_uri(address: str, domain: str) -> str:
    """Return the URI of a telephone: a whole one, `user@host`, or an extension at the domain.

    Raises DeviceError when it is none of them, or an extension while no domain is set.
    """
    written = address.strip()
    if written.startswith(("sip:", "sips:")):
        if _URI.fullmatch(written) is None:
            raise DeviceError(f"{written[:80]!r} is no SIP address; write sip:6001@pbx.example")
        return written
    if "@" in written:
        if _AT_HOST.fullmatch(written) is None:
            raise DeviceError(f"{written[:80]!r} is no SIP address; write 6001@pbx.example")
        return f"sip:{written}"
    if _EXTENSION.fullmatch(written) is None:
        raise DeviceError(f"{written[:80]!r} is no extension; write its digits, or sip:user@host")
    if not domain:
        raise DeviceError("desk.sip_domain is not set; write the whole address, sip:6001@host")
    return f"sip:{written}@{domain}"


def telephone_uri(address: str, domain: str) -> str:
    """Return the URI of an agent's own telephone: over UDP unless it says another transport.

    A trunk may be reached over TLS alone, which a telephone of the house doesn't speak. Raises
    DeviceError as `sip_uri` does.
    """
    uri = sip_uri(address, domain)
    if uri.startswith("sips:") or ";transport=" in uri.lower():
        return uri
    return f"{uri};transport=udp"


def device_of(payload: Mapping[str, Any], agent: AgentFacts | None, domain: str) -> Device:
    """Return the device an order names, or else the one its agent signed in with.

    Raises DeviceError when neither can be reached.
    """
    offer, address = payload.get("offer_sdp"), payload.get("uri")
    if isinstance(offer, str) and offer:
        if len(offer) > LONGEST_OFFER:
            raise DeviceError("The browser's offer is too long; reload the page")
        return BrowserDevice(offer)
    if isinstance(address, str) and address:
        return SipDevice(telephone_uri(address, domain))
    if agent is not None and agent.device_kind is DeviceKind.SIP:
        return SipDevice(telephone_uri(agent.device_address, domain))
    raise DeviceError("The browser has made no offer; reload the page and allow the microphone")
