"""VoiceWatch: nothing is heard from whoever has the call: he is told, and so is the desk."""

from __future__ import annotations

from ivr.desk import Desk
from ivr.meeting import Meeting
from ivr.murmurs import Murmur
from ivr.people import VoiceMissing
from ivr.standing import Standing
from ivr.takeover import Holder
from ivr.unheard import Silence, Unheard


class VoiceWatch:
    """Watches one call; all times are seconds of call audio."""

    def __init__(self, desk: Desk, meeting: Meeting) -> None:
        self._desk = desk
        self._meeting = meeting
        self._unheard = Unheard()
        self._of = 0
        self._customer_at = 0.0

    def customer_spoke(self, now: float) -> None:
        """Take note that the customer speaks: who listens to him is rightly silent."""
        self._customer_at = now

    def look(self, at: Standing, now: float, language: str) -> Silence:
        """Return what the silence of whoever has the call asks for, and tell him of it."""
        has_it = at.holder in (Holder.AGENT, Holder.THIRD)
        if not has_it or at.hold_until is None or now < at.hold_until:
            self._is_well()
            return Silence.BEARABLE
        heard = self._meeting.heard_at(at.talker)
        began = max(at.hold_until, self._meeting.last_voice())
        before = self._unheard if self._of == at.talker else Unheard()
        self._unheard = before.after(now, heard, began, self._customer_at)
        if self._unheard.is_told and not before.is_told:
            self._of = at.talker
            self._meeting.inform(at.talker, Murmur.UNHEARD, language)
            self._tell(missing=True)
        elif before.is_told and not self._unheard.is_told:
            self._is_well()
        return self._unheard.silence(now, heard)

    def _is_well(self) -> None:
        if self._of:
            self._tell(missing=False)
        self._unheard, self._of = Unheard(), 0

    def _tell(self, *, missing: bool) -> None:
        if self._of > 0:  # a third has no desk
            self._desk.tell(VoiceMissing(self._desk.attempt, self._of, missing))
