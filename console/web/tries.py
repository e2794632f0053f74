"""How often somebody tried what nobody should guess: counted in memory, by digests alone."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.requests import Request

KEPT: Final = 4096
IPV6_HOME_BITS: Final = 64
"""One customer of a provider has at least so many bits of IPv6 addresses to ask from."""


class Tries:
    """Counts wrong tries by who tried; the oldest are forgotten once there are too many."""

    def __init__(self, allowed: int, within: timedelta, kept: int = KEPT) -> None:
        """`allowed` tries are looked at in `within`; as many as `kept` people are remembered."""
        self._allowed = allowed
        self._within = within
        self._kept = kept
        self._salt = secrets.token_bytes(16)
        self._tries: OrderedDict[bytes, tuple[datetime, int]] = OrderedDict()

    @property
    def retry_after(self) -> dict[str, str]:
        """Return the header that says when it is worth trying again."""
        return {"Retry-After": str(int(self._within.total_seconds()))}

    def too_many(self, who: str, now: datetime) -> bool:
        """Tell whether what they try is not even looked at for now."""
        began, count = self._tries.get(self._digest(who), (now, 0))
        return count >= self._allowed and now - began < self._within

    def note(self, who: str, now: datetime) -> None:
        """Count one that was wrong."""
        digest = self._digest(who)
        began, count = self._tries.pop(digest, (now, 0))
        self._tries[digest] = (now, 1) if now - began >= self._within else (began, count + 1)
        if len(self._tries) > self._kept:
            self._tries.popitem(last=False)

    def __len__(self) -> int:
        """Return how many people are remembered."""
        return len(self._tries)

    def _digest(self, who: str) -> bytes:
        return hashlib.blake2b(who.encode(), digest_size=16, key=self._salt).digest()


def source_of(request: Request) -> str:
    """Return from where a request came: its address; of IPv6 the network that one home has."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{int(address) >> (128 - IPV6_HOME_BITS):x}::/{IPV6_HOME_BITS}"
