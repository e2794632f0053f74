"""What becomes of a call that no trunk takes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from campaigns.trunks.choice import Barred
from campaigns.verdict import Held
from store.candidates import Wait
from store.claims import CallUnwantedError
from store.values import ClaimedCall

_WAITS: Final = {Barred.FOR_NOW: timedelta(seconds=2), Barred.FOR_GOOD: timedelta(minutes=10)}
"""Settings may change, so that even a number which no trunk carries is looked at again."""


def barred(call: ClaimedCall, why: Barred, now: datetime) -> CallUnwantedError:
    """Return why the call is given back, and until when its contact waits."""
    held = Held.NO_TRUNK if why is Barred.FOR_GOOD else Held.TRUNKS_BUSY
    return CallUnwantedError(call.attempt_id, Wait(now + _WAITS[why], held))
