"""What a simulated recipient noticed of a call: the measurements at the far end of the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from dialer.callee.ear import VoiceBegan, VoiceStopped
from dialer.callee.reception import ReceptionReport


@dataclass(slots=True)
class LineObservation:
    """One of the recipient's lines, or a row of keys, and how the other side took it."""

    what: str
    """Id of the clip, or `keys 12`."""
    first_word_at: float | None = None
    """Monotonic seconds when its first speech sample (or key) was sent."""
    last_word_at: float | None = None
    """Monotonic seconds when its last speech sample (or key) was sent."""
    answered_after_seconds: float | None = None
    """From the last speech sample sent to the first sound of the answer: voice to voice."""
    interrupted: bool = False
    """The other side was speaking when this line began."""
    silenced_after_seconds: float | None = None
    """For an interruption: from its first speech sample to the other side's last sound."""


@dataclass(slots=True)
class CallObservation:
    """One INVITE and everything that came of it. Times are monotonic seconds."""

    number: str
    scenario: str
    invites: int
    """How many calls this number has had, this one included."""
    invited_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    ended_by: str = ""
    """caller, recipient, cancel, refusal, timeout or shutdown."""
    final_status: int | None = None
    packets_sent: int = 0
    sent_late_p99_ms: float = 0.0
    reception: ReceptionReport | None = None
    first_sound_at: float | None = None
    """When the other side's voice was first heard."""
    lines: list[LineObservation] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What the recipient could not do, for example press keys nobody offered to hear."""

    def begin_line(self, what: str) -> None:
        """Note that the recipient is about to say or press something."""
        self.lines.append(LineObservation(what))

    def first_word(self, now: float, interrupting: bool) -> None:
        """Note that the newest line is heard from now on."""
        if self.lines:
            self.lines[-1].first_word_at = now
            self.lines[-1].interrupted = interrupting

    def last_word(self, now: float) -> None:
        """Note that the newest line has been said."""
        if self.lines:
            self.lines[-1].last_word_at = now

    def voice_began(self, voice: VoiceBegan) -> None:
        """Note that the other side began to speak."""
        if self.first_sound_at is None:
            self.first_sound_at = voice.at
        if not self.lines:
            return
        line = self.lines[-1]
        if line.last_word_at is not None and line.answered_after_seconds is None:
            line.answered_after_seconds = round(voice.at - line.last_word_at, 4)

    def voice_stopped(self, voice: VoiceStopped) -> None:
        """Note that the other side fell silent."""
        for line in self.lines:
            began = line.first_word_at
            if line.interrupted and line.silenced_after_seconds is None and began is not None:
                line.silenced_after_seconds = round(max(0.0, voice.at - began), 4)

    def as_json(self) -> dict[str, object]:
        """Return the plain values of the observation, marked as one."""
        return {"event": "call", **asdict(self)}


def percentile_99(values: Iterable[float]) -> float:
    """Return the value that 99 of 100 don't exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[int(0.99 * (len(ordered) - 1))] if ordered else 0.0
