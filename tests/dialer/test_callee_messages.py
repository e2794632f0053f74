"""What the simulated recipients read and write on the wire."""

from __future__ import annotations

import hashlib

import pytest

from audio.g711 import Law
from dialer.callee import rtp, sdp, sip
from dialer.callee.digest import Credentials, challenge, is_authorized

INVITE = (
    b"INVITE sip:+8613800138001@127.0.0.1:5070 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:5080;rport;branch=z9hG4bK1, SIP/2.0/UDP 10.0.0.1;branch=z9\r\n"
    b"Record-Route: <sip:127.0.0.1;lr>\r\n"
    b'f: "Shunda, express" <sip:menling@127.0.0.1>;tag=a\r\n'
    b"t: <sip:+8613800138001@127.0.0.1>\r\n"
    b"i: call-1\r\n"
    b"CSeq: 1 INVITE\r\n"
    b"m: <sip:menling@127.0.0.1:5080;ob>\r\n"
    b"Subject: folded\r\n onto two lines\r\n"
    b"l: 4\r\n\r\nbodyrest"
)
OFFER = (
    "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 96 8 0 120\r\na=rtpmap:96 speex/16000\r\na=rtpmap:120 {events}\r\n"
    "a={direction}\r\n"
)


def invite() -> sip.Request:
    message = sip.parse(INVITE)
    assert isinstance(message, sip.Request)
    return message


def test_a_request_is_read_with_compact_folded_and_listed_headers() -> None:
    message = invite()
    assert (message.method, message.branch, message.call_id) == ("INVITE", "z9hG4bK1", "call-1")
    assert message.cseq == (1, "INVITE")
    assert len(message.all("Via")) == 2
    assert message.first("subject") == "folded onto two lines"
    assert message.body == b"body"
    assert message.to_tag == ""
    assert sip.parameter(message.first("from"), "tag") == "a"
    assert sip.uri_of(message.first("from")) == "sip:menling@127.0.0.1"


def test_a_response_copies_what_must_be_copied_and_can_be_read_back() -> None:
    answer = sip.response_to(invite(), ("127.0.0.1", 5099), 200, tag="b", body=b"sdp")
    back = sip.parse(sip.format_message(answer))
    assert isinstance(back, sip.Response)
    assert (back.status, back.reason, back.body) == (200, "OK", b"sdp")
    assert back.to_tag == "b"
    assert back.all("via")[0].endswith(";received=127.0.0.1;rport=5099")
    assert back.all("record-route") == ("<sip:127.0.0.1;lr>",)
    assert back.first("content-length") == "3"


def test_trying_has_no_tag_and_a_tagged_request_keeps_its_own() -> None:
    assert sip.response_to(invite(), ("127.0.0.1", 1), 100, tag="b").to_tag == ""
    tagged = sip.parse(INVITE.replace(b"<sip:+8613800138001@127.0.0.1>", b"<sip:x@y>;tag=mine"))
    assert isinstance(tagged, sip.Request)
    assert sip.response_to(tagged, ("127.0.0.1", 1), 200, tag="b").to_tag == "mine"


def test_goodbye_turns_the_dialog_around() -> None:
    bye = sip.goodbye(invite(), "b", "z9hG4bK2", ("127.0.0.1", 5070))
    assert (bye.method, bye.uri) == ("BYE", "sip:menling@127.0.0.1:5080;ob")
    assert bye.first("to").endswith(";tag=a")
    assert bye.first("from").endswith(";tag=b")
    assert bye.first("route") == "<sip:127.0.0.1;lr>"


@pytest.mark.parametrize(
    "datagram",
    [b"", b"hello", b"INVITE sip:a HTTP/1.1\r\n\r\n", b"SIP/2.0 abc OK\r\n\r\n", b"\xff\xfe a b"],
)
def test_what_is_not_sip_is_refused(datagram: bytes) -> None:
    with pytest.raises(sip.SipError):
        sip.parse(datagram)


def test_a_line_without_a_colon_is_refused() -> None:
    with pytest.raises(sip.SipError, match="not a header"):
        sip.parse(b"BYE sip:a SIP/2.0\r\nnonsense\r\n\r\n")
    message = sip.parse(b"BYE sip:a SIP/2.0\r\nCSeq: x\r\n\r\n")
    with pytest.raises(sip.SipError, match="CSeq"):
        _ = message.cseq


@pytest.mark.parametrize(
    ("uri", "user", "address"),
    [
        ("sip:+8613800138001@127.0.0.1:5070;user=phone", "+8613800138001", ("127.0.0.1", 5070)),
        ("sip:%2B861@127.0.0.1", "+861", ("127.0.0.1", 5060)),
        ("sip:861;phone-context=cn@host.example", "861", None),
        ("sip:127.0.0.1:5080", "", ("127.0.0.1", 5080)),
    ],
)
def test_a_uri_says_who_and_where(uri: str, user: str, address: tuple[str, int] | None) -> None:
    assert sip.user_of(uri) == user
    assert sip.address_of(uri) == address


def offer(events: str = "telephone-event/8000", direction: str = "sendrecv") -> bytes:
    return OFFER.format(events=events, direction=direction).encode()


def test_the_first_codec_a_telephone_knows_is_taken_up() -> None:
    read = sdp.read_offer(offer())
    assert (read.address, read.port) == ("127.0.0.1", 4000)
    assert (read.payload, read.law, read.events) == (8, Law.A, 120)
    preferred = sdp.read_offer(offer().replace(b"96 8 0", b"96 0 8"))
    assert preferred.law is Law.MU


def test_without_telephone_events_there_are_none() -> None:
    assert sdp.read_offer(offer(events="opus/48000")).events is None


@pytest.mark.parametrize(
    ("theirs", "ours", "wants_sound"),
    [
        ("sendrecv", "sendrecv", True),
        ("sendonly", "recvonly", False),
        ("recvonly", "sendonly", True),
        ("inactive", "inactive", False),
    ],
)
def test_hold_is_answered_in_kind(theirs: str, ours: str, wants_sound: bool) -> None:
    read = sdp.read_offer(offer(direction=theirs))
    assert read.wants_sound is wants_sound
    assert f"a={ours}" in sdp.write_answer(read, "127.0.0.1", 6000, 1).decode()


def test_an_answer_can_be_read_as_an_offer_of_the_same_codec() -> None:
    read = sdp.read_offer(offer())
    back = sdp.read_offer(sdp.write_answer(read, "127.0.0.2", 6000, 1))
    assert (back.address, back.port, back.payload, back.events) == ("127.0.0.2", 6000, 8, 120)


def test_streams_not_taken_up_get_port_zero() -> None:
    two = b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=video 2 RTP/AVP 31\r\nm=audio 4 RTP/AVP 0\r\n"
    answer = sdp.write_answer(sdp.read_offer(two), "127.0.0.1", 6000, 1).decode()
    assert [line for line in answer.splitlines() if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 0",
        "m=audio 6000 RTP/AVP 0",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=0\r\nnonsense\r\nm=audio 4 RTP/SAVP 8\r\nc=IN IP4 1.2.3.4\r\n",
        b"v=0\r\nm=audio 4 RTP/AVP 18\r\nc=IN IP4 1.2.3.4\r\n",
        b"v=0\r\nm=audio 4 RTP/AVP 8\r\n",
    ],
)
def test_an_offer_without_usable_sound_is_refused(body: bytes) -> None:
    with pytest.raises(sdp.SdpError):
        sdp.read_offer(body)


def test_a_packet_survives_the_wire() -> None:
    packet = rtp.Packet(8, 65535, 2**32 - 1, 7, b"sound", marker=True)
    assert rtp.parse(rtp.format_packet(packet)) == packet


def test_extension_contributors_and_padding_are_not_sound() -> None:
    plain = rtp.format_packet(rtp.Packet(8, 1, 2, 3, b""))
    dressed = bytes([0xB1]) + plain[1:] + b"csrc" + b"\0\0\0\1extn" + b"sound" + b"\0\0\3"
    assert rtp.parse(dressed).payload == b"sound"


@pytest.mark.parametrize(
    "datagram", [b"short", bytes(12), b"\xa0" + bytes(10) + b"\xff", b"\x90" + bytes(12)]
)
def test_what_is_not_rtp_is_refused(datagram: bytes) -> None:
    with pytest.raises(rtp.RtpError):
        rtp.parse(datagram)


def test_a_key_grows_and_ends_three_times() -> None:
    told = [rtp.read_key(payload) for payload in rtp.key_payloads("#")]
    assert [duration for _, _, duration in told[:8]] == [160 * n for n in range(1, 9)]
    assert told[8:] == [("#", True, 1280)] * 3
    assert not any(end for _, end, _ in told[:8])


@pytest.mark.parametrize("payload", [b"", b"\x20\x0a\x00\xa0"])
def test_what_is_not_a_key_is_refused(payload: bytes) -> None:
    with pytest.raises(rtp.RtpError):
        rtp.read_key(payload)


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("user", "password", "nonce", "admitted"),
    [
        ("menling", "secret", "n", True),
        ("menling", "guess", "n", False),
        ("other", "secret", "n", False),
        ("menling", "secret", "old", False),
    ],
)
def test_only_the_password_admits(user: str, password: str, nonce: str, admitted: bool) -> None:
    trunk = Credentials("menling", "secret")
    assert 'nonce="n"' in challenge(trunk, "n")
    assert "secret" not in repr(trunk)
    secret, what = md5(f"{user}:{trunk.realm}:{password}"), md5("INVITE:sip:a@b")
    proof = md5(f"{secret}:{nonce}:00000001:c:auth:{what}")
    header = (
        f'Digest username="{user}", realm="{trunk.realm}", nonce="{nonce}", uri="sip:a@b", '
        f'response="{proof}", cnonce="c", qop=auth, nc=00000001'
    )
    assert is_authorized(header, "INVITE", trunk, "n") is admitted
    assert not is_authorized("", "INVITE", trunk, "n")
