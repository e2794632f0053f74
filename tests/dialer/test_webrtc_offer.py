from __future__ import annotations

import pytest

from dialer.webrtc_offer import OfferError, admitted

OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=rtpmap:111 opus/48000/2",
        "a=candidate:1 1 udp 2113937151 10.0.0.7 50000 typ host",
        "a=candidate:2 1 udp 2113937151 4f2a.local 50001 typ host",
        "a=end-of-candidates",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=candidate:1 1 udp 2113937151 10.0.0.7 50000 typ host",
        "",
    )
)


def test_an_offer_keeps_all_but_its_addresses() -> None:
    kept = admitted(OFFER)
    assert "candidate" not in kept
    assert "10.0.0.7" not in kept
    assert ".local" not in kept
    assert "a=rtpmap:111 opus/48000/2\r\n" in kept
    assert kept.count("m=") == 2


def test_an_offer_with_bare_line_ends_is_taken() -> None:
    assert admitted(OFFER.replace("\r\n", "\n")) == admitted(OFFER)


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        ("", "no offer"),
        ("hello", "no offer"),
        ("v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "no microphone"),
        (OFFER + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "more than a microphone"),
        (OFFER + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n", "no microphone"),
        (OFFER + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "more than"),
        (OFFER + "a=x:" + "y" * 70_000, "too long"),
    ],
)
def test_what_is_no_call_from_a_browser_is_refused_with_a_reason(offer: str, why: str) -> None:
    with pytest.raises(OfferError, match=why):
        admitted(offer)
