"""What is taken of a browser's offer (SDP), which anybody may have written."""

from __future__ import annotations

MOST_BYTES = 65_536


class OfferError(ValueError):
    """This offer is no telephone call from a browser; the message says what is wrong."""


def admitted(offer: str) -> str:
    """Return the offer without its addresses; raises OfferError for what can't be a call.

    Nothing is ever sent to an address that an offer names, nor is such a name looked up: browsers
    hide theirs behind mDNS names, and others would have us knock at doors inside our network.
    The browser knocks first, at the address in our answer, and is answered where it came from
    (a peer-reflexive candidate, RFC 8445 7.3.1.3).
    """
    if len(offer) > MOST_BYTES:
        raise OfferError("the browser's offer is too long")
    lines = offer.splitlines()
    if not lines or lines[0] != "v=0":
        raise OfferError("the browser sent no offer; load the page anew")
    media = [line.split(" ", 1)[0] for line in lines if line.startswith("m=")]
    if media.count("m=audio") != 1:
        raise OfferError(
            "the browser offers no microphone; allow the page to use it and load the page anew"
        )
    if set(media) - {"m=audio", "m=application"} or len(media) > 2:
        raise OfferError("the browser offers more than a microphone; load the page anew")
    kept = [
        line
        for line in lines
        if not line.startswith(("a=candidate:", "a=end-of-candidates", "a=ice-options"))
    ]
    return "\r\n".join(kept) + "\r\n"
