"""Ports: which of those that the settings claim for SIP and RTP can't be had."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from campaigns.settings import Settings
from campaigns.worker import RTP_BLOCKS, RTP_PORTS_PER_LEG

HIGHEST_PORT = 65535


def sip_ports(settings: Settings) -> range:
    """Return the SIP ports of the workers."""
    first = settings.dialing.sip_port_base
    return range(first, first + settings.dialing.workers)


def rtp_ports(settings: Settings) -> range:
    """Return every RTP port that a worker may use."""
    dialing = settings.dialing
    each = dialing.legs_per_worker * RTP_PORTS_PER_LEG * RTP_BLOCKS
    return range(dialing.rtp_port_base, dialing.rtp_port_base + dialing.workers * each)


def port_faults(settings: Settings) -> tuple[str, ...]:
    """Return what is wrong with the ports, each with what to do; empty when all is well."""
    address, sip, rtp = settings.dialing.bound_address, sip_ports(settings), rtp_ports(settings)
    faults = []
    if rtp[-1] > HIGHEST_PORT:
        faults.append(
            f"The RTP ports {rtp[0]}-{rtp[-1]} go beyond {HIGHEST_PORT}; lower "
            f"dialing.rtp_port_base to {HIGHEST_PORT + 1 - len(rtp)} or less."
        )
    if sip[0] <= rtp[-1] and rtp[0] <= sip[-1]:
        faults.append(
            f"The SIP ports {sip[0]}-{sip[-1]} lie among the RTP ports {rtp[0]}-{rtp[-1]}; "
            "move dialing.sip_port_base or dialing.rtp_port_base."
        )
    if taken := _taken(address, sip):
        faults.append(
            f"SIP can't use {address}, UDP {', '.join(taken)}; stop what uses it, perhaps "
            "another run, or change "
            "dialing.sip_port_base or dialing.bound_address."
        )
    # A few RTP ports in use do no harm: the workers look for silent ones.
    held = _taken(address, (port for port in rtp if port <= HIGHEST_PORT))
    if 2 * len(held) > len(rtp) and not taken:
        faults.append(
            f"{len(held)} of the {len(rtp)} RTP ports {rtp[0]}-{rtp[-1]} are in use; change "
            "dialing.rtp_port_base."
        )
    return tuple(faults)


def _taken(address: str, ports: Iterable[int]) -> list[str]:
    taken = []
    for port in ports:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address, port))
            except OSError as error:
                taken.append(f"{port} ({error.strerror})")
    return taken
