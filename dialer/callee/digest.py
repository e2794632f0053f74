"""Digest credentials, asked for and checked (RFC 2617, RFC 3261 section 22). Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

_PAIR = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may call through this trunk."""

    user: str
    password: str
    realm: str = "simulated-trunk"

    def __repr__(self) -> str:
        """Return the credentials without the password."""
        return f"Credentials(user={self.user!r})"


def challenge(credentials: Credentials, nonce: str) -> str:
    """Return the WWW-Authenticate header that asks for a password."""
    return f'Digest realm="{credentials.realm}", nonce="{nonce}", algorithm=MD5, qop="auth"'


def is_authorized(header: str, method: str, credentials: Credentials, nonce: str) -> bool:
    """Tell whether an Authorization header proves the password for this nonce."""
    fields = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(header)}
    if fields.get("username") != credentials.user or fields.get("nonce") != nonce:
        return False
    secret = _md5(f"{credentials.user}:{credentials.realm}:{credentials.password}")
    what = _md5(f"{method}:{fields.get('uri', '')}")
    if fields.get("qop") == "auth":
        nonce = f"{nonce}:{fields.get('nc', '')}:{fields.get('cnonce', '')}:auth"
    return hmac.compare_digest(_md5(f"{secret}:{nonce}:{what}"), fields.get("response", ""))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
