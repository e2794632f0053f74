"""Whether the certificate a trunk shows is the trunk's (RFC 5922, section 7)."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

_BUNDLES = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/ca-bundle.pem"),
    Path("/etc/ssl/cert.pem"),
)
"""Where Debian, Red Hat, SUSE and Alpine keep the authorities that the system trusts."""


class CertificateError(Exception):
    """Nobody vouches for the trunk; the message says what to do."""


def require_name(host: str, names: Sequence[str]) -> None:
    """Raise CertificateError unless one of the certificate's alternative names is that host.

    `names` are DNS names, addresses and SIP URIs. A star stands for one label, the leftmost,
    as providers use it, though RFC 5922 section 7.2 would not have it.
    """
    if not any(_is_name_of(name, host) for name in names):
        raise CertificateError(
            f"the certificate is for {', '.join(names) or 'nobody'}, not for {host or 'no name'}; "
            "write the name that the provider gave you as trunk.host"
        )


def authorities(ca_file: Path | None) -> Path:
    """Return the file of trusted authorities: the one named, or else the system's.

    Raises CertificateError when there is none.
    """
    if ca_file is not None:
        if not ca_file.is_file():
            raise CertificateError(f"trunk.tls_ca_file: there is no file {ca_file}")
        return ca_file
    default = ssl.get_default_verify_paths().cafile
    for bundle in (*([Path(default)] if default else []), *_BUNDLES):
        if bundle.is_file():
            return bundle
    raise CertificateError(
        "this system has no file of trusted authorities; install ca-certificates, or name one by "
        "trunk.tls_ca_file"
    )


def _is_name_of(name: str, host: str) -> bool:
    name, host = name.lower().removeprefix("sip:").rstrip("."), host.lower().rstrip(".")
    if not host:
        return False
    try:
        return ip_address(name) == ip_address(host.strip("[]"))
    except ValueError:
        pass
    if name.startswith("*.") and name.count(".") >= 2:
        return "." in host and not _is_address(host) and name[1:] == host[host.index(".") :]
    return name == host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
