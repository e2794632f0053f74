"""When the SIP thread looks for sound again; pure.

    bridge  tick                     tick                     tick          every 20 ms
    looks   .  ^found                ^ nothing  ^found        ^found
               |---------------------| commands are obeyed as they come, SIP waits for the look

Looking as often as it takes to notice a tick at once would cost more than the ticks themselves.
The time of the next tick is known from the last one, up to the bridge's own unevenness.
"""

from __future__ import annotations

from audio.pcm import FRAME_SECONDS

IDLE_SECONDS = 0.02
"""Between two looks while there is no call: how long an order to dial may wait."""
SILENT_SECONDS = 0.01
"""Between two looks while calls have no sound yet."""
RETRY_SECONDS = 0.002
"""Between two looks for a tick that is late."""
LEAD_SECONDS = 0.00025
"""A tick that was there at the first look may have been there before: look sooner next time."""


class Pace:
    """Follows the ticks of the bridge, in seconds of any clock that does not jump."""

    def __init__(self) -> None:
        self._due: float | None = None
        """When the next tick is expected; None: no call has sound."""
        self._late = False

    def looked(self, now: float, *, found: bool, calls: bool) -> float:
        """Take what a look has come to; return the seconds until the next one."""
        if found:
            self._due = now + FRAME_SECONDS - (0.0 if self._late else LEAD_SECONDS)
            self._late = False
            return self._due - now
        if self._due is None or not calls:
            self._due, self._late = None, False
            return SILENT_SECONDS if calls else IDLE_SECONDS
        if now < self._due:
            return self._due - now
        if now > self._due + FRAME_SECONDS:
            self._due = None
            return SILENT_SECONDS
        self._late = True
        return RETRY_SECONDS
