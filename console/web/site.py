"""Site: what every page has at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from starlette.requests import Request

from campaigns.settings import Settings
from store.database import Database

Clock = Callable[[], datetime]
"""Tells the time, with its zone."""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """What every page has at hand."""

    settings: Settings
    database: Database
    clock: Clock = utc_now

    @property
    def host_names(self) -> frozenset[str]:
        """Names and addresses by which a browser may ask for this console."""
        console = self.settings.console
        named = {"localhost", "127.0.0.1", "::1", *map(str.lower, console.host_names)}
        return frozenset(named if _is_any_address(console.host) else {*named, console.host.lower()})

    @property
    def session_length(self) -> timedelta:
        """How long somebody stays signed in."""
        return timedelta(hours=self.settings.console.session_hours)

    @property
    def upload_bytes(self) -> int:
        """The largest file that is taken."""
        return int(self.settings.console.upload_mib * 2**20)


def site_of(request: Request) -> Site:
    """Return the site that a request came to."""
    site: Site = request.app.state.site
    return site


def address_of(settings: Settings, path: str) -> str:
    """Return the address under which people reach a path of the console."""
    console = settings.console
    scheme = "https" if console.secure_cookies else "http"
    if console.host_names:
        return f"{scheme}://{console.host_names[0]}{path}"
    host = "127.0.0.1" if _is_any_address(console.host) else console.host
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{console.port}{path}"


def _is_any_address(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False
