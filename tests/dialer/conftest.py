from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dialer.settings import SipSettings
from dialer.sip_thread import SipThread


@pytest.fixture(scope="session")
def sip() -> Iterator[SipThread]:
    """The SIP stack of this test run: pjsip allows one per process."""
    thread = SipThread(
        SipSettings(
            user="menling",
            password="secret",
            identity="sip:4008@127.0.0.1",
            media_timeout=timedelta(seconds=2),
        )
    )
    thread.start()
    yield thread
    thread.stop()
