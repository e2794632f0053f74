"""What an address written at the desk means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from campaigns.desk_devices import LONGEST_OFFER, DeviceError, device_of, sip_uri, telephone_uri
from ivr.people import BrowserDevice, SipDevice
from store.desk_types import AgentState, DeskLine, DeviceKind
from store.desk_values import AgentFacts

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "uri"),
    [
        ("6001", "sip:6001@pbx.example"),
        (" 6001 ", "sip:6001@pbx.example"),
        ("li@10.0.0.7:5070", "sip:li@10.0.0.7:5070"),
        ("sip:6001@127.0.0.1:5070;transport=tcp", "sip:6001@127.0.0.1:5070;transport=tcp"),
        ("sips:li@pbx.example", "sips:li@pbx.example"),
    ],
)
def test_an_extension_is_found_at_the_domain_and_a_whole_address_where_it_says(
    written: str, uri: str
) -> None:
    assert sip_uri(written, "pbx.example") == uri


@pytest.mark.parametrize(
    "written",
    [
        "",
        "sip:",
        "sip:6001",
        "60 01",
        "a@b@c",
        "sip:x@y\r\nVia: z",
        "<sip:6001@pbx>",
        "sip:6001@pbx?Route=evil",
        "http://x@y",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(DeviceError):
        sip_uri(written, "pbx.example")


def test_an_extension_without_a_domain_says_what_to_set() -> None:
    with pytest.raises(DeviceError, match=r"desk\.sip_domain"):
        sip_uri("6001", "")


def an_agent(kind: DeviceKind, address: str = "") -> AgentFacts:
    lines, ready = (DeskLine.FIRST,), AgentState.READY
    return AgentFacts(
        1, "李", kind, address, ("zh-CN",), lines, ready, NOON, NOON, transfer_id=None, passes=0
    )


def test_the_order_says_which_device_and_otherwise_the_one_the_agent_signed_in_with() -> None:
    phone = an_agent(DeviceKind.SIP, "6001")
    assert device_of({}, phone, "pbx") == SipDevice("sip:6001@pbx;transport=udp")
    assert device_of({"uri": "6002"}, phone, "pbx") == SipDevice("sip:6002@pbx;transport=udp")
    assert device_of({"offer_sdp": "v=0"}, phone, "pbx") == BrowserDevice("v=0")


def test_a_browser_without_an_offer_or_with_a_monstrous_one_is_refused() -> None:
    with pytest.raises(DeviceError, match="no offer"):
        device_of({}, an_agent(DeviceKind.BROWSER), "pbx")
    with pytest.raises(DeviceError, match="too long"):
        device_of({"offer_sdp": "v" * (LONGEST_OFFER + 1)}, None, "pbx")


@pytest.mark.parametrize("written", ["sip:6001@pbx;transport=tcp", "sips:6001@pbx"])
def test_a_telephone_that_says_its_transport_is_rung_over_it(written: str) -> None:
    assert telephone_uri(written, "") == written
