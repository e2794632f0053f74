"""What the console and the agents need of this machine, beside what calling needs."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address

from campaigns.settings import Settings
from console.finding import Finding, Health
from dialer.ping import NoPongError, ping

SIP_PORT = 5060
ASKS_WHO_WE_ARE = (401, 403, 407)


async def console_finding(settings: Settings) -> Finding:
    """Find whether the pages can be served, and whether browsers elsewhere get a microphone."""
    console = settings.console
    where = f"{console.host}:{console.port}"
    if fault := await asyncio.to_thread(_taken, console.host, console.port):
        return Finding(
            "console",
            Health.DOUBTFUL,
            f"TCP {where} can't be had: {fault}",
            "if that isn't a running `menling serve`, stop what uses it, or change console.port "
            "or console.host",
        )
    if not console.secure_cookies and (console.host_names or not _is_loopback(console.host)):
        return Finding(
            "console",
            Health.DOUBTFUL,
            f"TCP {where} is free, but browsers on other machines would sign in unencrypted",
            "they get no microphone there: put a proxy that speaks HTTPS before it and set "
            "console.secure_cookies",
        )
    return Finding("console", Health.WELL, f"TCP {where} is free")


async def desk_finding(settings: Settings) -> Finding:
    """Find whether agents can be rung."""
    desk = settings.desk
    if not desk.enabled:
        return Finding("agents", Health.WELL, "no agents: desk.enabled is false")
    if not desk.sip_domain:
        what = "by browser, menling phone or whole SIP address; extensions need desk.sip_domain"
        return Finding("agents", Health.WELL, what)
    host, _, port = desk.sip_domain.partition(":")
    try:
        pong = await ping(host, int(port) if port.isdecimal() else SIP_PORT)
    except NoPongError as error:
        return Finding(
            "agents", Health.DOUBTFUL, str(error), "check desk.sip_domain and the firewall"
        )
    what = f"{desk.sip_domain} answers {pong.status} {pong.reason}"
    if pong.status in ASKS_WHO_WE_ARE and not desk.user:
        remedy = "it asks who we are: set desk.user and MENLING_DESK__PASSWORD"
        return Finding("agents", Health.DOUBTFUL, what, remedy)
    return Finding("agents", Health.WELL, what)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _taken(host: str, port: int) -> str:
    """Say why nobody can listen there; empty: one can."""
    try:
        families = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        with socket.socket(families[0][0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error.strerror or str(error)
    return ""
