from __future__ import annotations

import pytest

from dialer.addressing import complaint, completed, host_of, stated_transport, with_host
from dialer.leg import DialRequest
from dialer.settings import SipSettings, Transport

SETTINGS = SipSettings(identity="sip:4008@10.0.0.1")


@pytest.mark.parametrize(
    "uri",
    [
        "sip:13800138000@10.0.0.1",
        "sip:+8613800138000@10.0.0.1:5062",
        "sip:1@10.0.0.1:5060;transport=tcp",
        "sip:1@[::1]:5060",
        "sip:10.0.0.1",
    ],
)
def test_an_address_on_the_trunk_can_be_dialled(uri: str) -> None:
    assert complaint(DialRequest(uri)) == ""


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("13800138000", "no SIP URI"),
        ("tel:+8613800138000", "no SIP URI"),
        ("sip:1 2@10.0.0.1", "no SIP URI"),
        ("sip:1@10.0.0.1\r\nX: y", "no SIP URI"),
        ("sip:1@trunk.example", "resolve the name"),
        ("sip:1@999.0.0.1", "no IP address"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(uri: str, says: str) -> None:
    assert says in complaint(DialRequest(uri))


@pytest.mark.parametrize("header", [("X-Note", "a\r\nVia: b"), ("X Note", "a"), ("", "a")])
def test_a_header_can_not_smuggle_in_another(header: tuple[str, str]) -> None:
    request = DialRequest("sip:1@10.0.0.1", headers=(("X-Good", "门铃"), header))
    assert "can't be sent" in complaint(request)


def test_the_caller_id_is_asserted_unless_the_request_has_its_own() -> None:
    plain = completed(DialRequest("sip:1@10.0.0.1"), SETTINGS)
    assert plain.headers == (("P-Asserted-Identity", "<sip:4008@10.0.0.1>"),)
    own = DialRequest("sip:1@10.0.0.1", headers=(("p-asserted-identity", "<sip:1>"),))
    assert completed(own, SETTINGS) == own


def test_the_transport_of_the_settings_is_named_in_the_uri_once() -> None:
    tcp = SipSettings(transport=Transport.TCP)
    assert completed(DialRequest("sip:1@10.0.0.1"), tcp).uri == "sip:1@10.0.0.1;transport=tcp"
    named = DialRequest("sip:1@10.0.0.1;transport=udp")
    assert completed(named, tcp).uri == named.uri


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(SipSettings(password="hush"))


@pytest.mark.parametrize(
    ("uri", "transport"),
    [
        ("sip:1@10.0.0.1", ""),
        ("sip:1@10.0.0.1:5060;transport=udp", "udp"),
        ("sip:1@10.0.0.1;user=phone;Transport=TLS", "tls"),
        ("sip:1@10.0.0.1;transport=tcp?subject=transport=udp", "tcp"),
        ("sip:1@10.0.0.1;lr", ""),
    ],
)
def test_an_address_may_ask_for_a_transport(uri: str, transport: str) -> None:
    assert stated_transport(uri) == transport


@pytest.mark.parametrize(
    ("uri", "host", "resolved"),
    [
        ("sip:801@pbx.example", "pbx.example", "sip:801@10.0.0.5"),
        (
            "sip:801@pbx.example:5070;transport=tcp",
            "pbx.example",
            "sip:801@10.0.0.5:5070;transport=tcp",
        ),
        ("sip:127.0.0.1", "127.0.0.1", "sip:10.0.0.5"),
        ("801", None, "801"),
    ],
)
def test_a_name_gives_way_to_its_address(uri, host, resolved):
    assert host_of(uri) == host
    assert with_host(uri, "10.0.0.5") == resolved
