from __future__ import annotations

import socket

import pytest

from campaigns.settings import Settings
from campaigns.settings_sections import DialingSettings
from console.free_ports import free_port_range
from console.ports import port_faults, rtp_ports


def on(sip: int, rtp: int, workers: int = 1, address: str = "127.0.0.1") -> Settings:
    return Settings(
        dialing=DialingSettings(
            bound_address=address, sip_port_base=sip, rtp_port_base=rtp, workers=workers
        )
    )


def test_free_ports_have_no_fault(ports: int) -> None:
    assert port_faults(Settings()) == ()


def test_a_taken_port_is_named(ports: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", ports))
        (fault,) = port_faults(Settings())
    assert f"UDP {ports} (Address already in use)" in fault
    assert "change dialing.sip_port_base" in fault


def test_an_address_that_is_not_ours_is_named() -> None:
    (fault,) = port_faults(on(free_port_range(1), 30000, address="203.0.113.7"))
    assert "203.0.113.7" in fault
    assert "dialing.bound_address" in fault


def test_rtp_ports_beyond_the_last_one_are_told() -> None:
    settings = on(free_port_range(16), 65000, workers=16)
    fault = port_faults(settings)[0]
    assert "go beyond 65535" in fault
    assert f"to {65536 - len(rtp_ports(settings))} or less" in fault


@pytest.mark.parametrize("sip", [30000, 30040])
def test_sip_ports_among_the_rtp_ports_are_told(sip: int) -> None:
    assert "lie among the RTP ports" in port_faults(on(sip, 30000))[0]
