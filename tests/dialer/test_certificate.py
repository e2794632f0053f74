from __future__ import annotations

from pathlib import Path

import pytest

from dialer.certificate import CertificateError, authorities, require_name


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("sip.trunk.example", "sip.trunk.example"),
        ("SIP.Trunk.example", "sip.trunk.EXAMPLE."),
        ("sip:trunk.example", "trunk.example"),
        ("*.trunk.example", "sip.trunk.example"),
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "[2001:0db8::7]"),
    ],
)
def test_a_certificate_is_good_for_its_names(name: str, host: str) -> None:
    require_name(host, ["other.example", name])


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("trunk.example", "sip.trunk.example"),
        ("trunk.example", "trunk.example.org"),
        ("*.trunk.example", "trunk.example"),
        ("*.trunk.example", "a.b.trunk.example"),
        ("*.example", "trunk.example"),
        ("*", "trunk.example"),
        ("*.0.113.7", "203.0.113.7"),
        ("203.0.113.8", "203.0.113.7"),
        ("", ""),
    ],
)
def test_a_certificate_is_good_for_nobody_else(name: str, host: str) -> None:
    with pytest.raises(CertificateError, match="the certificate is for"):
        require_name(host, [name])


def test_a_certificate_without_names_is_good_for_nobody() -> None:
    with pytest.raises(CertificateError, match=r"is for nobody, not for trunk\.example"):
        require_name("trunk.example", [])


def test_the_authorities_are_those_named_or_the_systems_own(tmp_path: Path) -> None:
    own = tmp_path / "provider.pem"
    with pytest.raises(CertificateError, match="there is no file"):
        authorities(own)
    own.touch()
    assert authorities(own) == own
    assert authorities(None).is_file()
