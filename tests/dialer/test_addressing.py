from __future__ import annotations

import pytest

from dialer.addressing import (
    complaint,
    completed,
    host_of,
    stated_transport,
    target_of,
    with_host,
)
from dialer.leg import DialRequest
from dialer.settings import SipSettings, Transport, TrunkAccount

SETTINGS = SipSettings(
    trunks=(
        TrunkAccount(identity="sip:4008@10.0.0.1"),
        TrunkAccount(name="spare", identity="sip:4009@10.0.0.2", transport=Transport.TCP),
    )
)


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
    assert complaint(DialRequest(uri), SETTINGS) == ""


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
    assert says in complaint(DialRequest(uri), SETTINGS)


@pytest.mark.parametrize("header", [("X-Note", "a\r\nVia: b"), ("X Note", "a"), ("", "a")])
def test_a_header_can_not_smuggle_in_another(header: tuple[str, str]) -> None:
    request = DialRequest("sip:1@10.0.0.1", headers=(("X-Good", "门铃"), header))
    assert "can't be sent" in complaint(request, SETTINGS)


def test_the_caller_id_is_asserted_unless_the_request_has_its_own() -> None:
    plain = completed(DialRequest("sip:1@10.0.0.1"), SETTINGS)
    assert plain.headers == (("P-Asserted-Identity", "<sip:4008@10.0.0.1>"),)
    own = DialRequest("sip:1@10.0.0.1", headers=(("p-asserted-identity", "<sip:1>"),))
    assert completed(own, SETTINGS) == own


def test_a_call_goes_over_its_own_trunk_under_its_own_number() -> None:
    request = DialRequest("sip:1@10.0.0.2", trunk="spare", caller_id="+861065432100")
    spare = completed(request, SETTINGS)
    assert spare.uri == "sip:1@10.0.0.2;transport=tcp"
    assert spare.headers == (("P-Asserted-Identity", "<sip:+861065432100@10.0.0.2>"),)


def test_a_trunk_that_nobody_has_set_up_is_named() -> None:
    request = DialRequest("sip:1@10.0.0.2", trunk="thrid")
    assert "no trunk is called thrid" in complaint(request, SETTINGS)


@pytest.mark.parametrize(
    "request_",
    [
        DialRequest("sip:1@10.0.0.1", call_id="a\r\nX: y"),
        DialRequest("sip:1@10.0.0.1", caller_id="1>;tag=2"),
    ],
)
def test_neither_call_id_nor_caller_id_can_smuggle_anything_in(request_: DialRequest) -> None:
    assert "letters, digits" in complaint(request_, SETTINGS)


def test_the_transport_of_the_settings_is_named_in_the_uri_once() -> None:
    tcp = SipSettings(trunks=(TrunkAccount(transport=Transport.TCP),))
    assert completed(DialRequest("sip:1@10.0.0.1"), tcp).uri == "sip:1@10.0.0.1;transport=tcp"
    named = DialRequest("sip:1@10.0.0.1;transport=udp")
    assert completed(named, tcp).uri == named.uri


def test_the_password_is_not_shown() -> None:
    assert "hush" not in repr(SipSettings(trunks=(TrunkAccount(password="hush"),)))


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
    ("uri", "target"),
    [
        ("sip:1@10.0.0.1", "10.0.0.1:5060"),
        ("sip:1@10.0.0.1:5061;transport=tls", "10.0.0.1:5061"),
        ("sip:1@[::1]:5061", "[::1]:5061"),
        ("801", ""),
    ],
)
def test_an_address_leads_to_a_port(uri: str, target: str) -> None:
    assert target_of(uri) == target


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
