"""A recipient acting out his script. Pure: the shell tells the time and carries out the acts."""

from __future__ import annotations

from audio_fixtures.scenarios import Scenario
from audio_fixtures.script import HangUp, Interrupt, Pause, Press, SayClip, Step, WaitTurn
from dialer.callee.ear import Ear

PATIENCE_SECONDS = 120.0
"""A person hangs up on a machine that never ends."""
Act = SayClip | Press | HangUp


class Performer:
    """Where one recipient is in his script."""

    def __init__(self, scenario: Scenario) -> None:
        self._otherwise = scenario.otherwise
        self._steps: tuple[Step, ...] = scenario.script
        self._position = 0
        self._step_began: float | None = None
        self._began: float | None = None
        self._gave_up = False

    def next_act(self, now: float, ear: Ear, busy: bool) -> Act | None:
        """Return what he does now; None: he waits, or is still `busy` speaking or pressing."""
        if self._began is None:
            self._began = now
        if now - self._began >= PATIENCE_SECONDS:
            return self._give_up()
        while not busy:
            if self._position == len(self._steps) and not self._start_over():
                return None
            step = self._steps[self._position]
            if self._step_began is None:
                self._step_began = now
            if not self._is_due(step, now, ear):
                return None
            self._position += 1
            self._step_began = None
            if isinstance(step, SayClip | Press | HangUp):
                return step
        return None

    def _give_up(self) -> Act | None:
        if self._gave_up:
            return None
        self._gave_up = True
        return HangUp()

    def _start_over(self) -> bool:
        if not self._otherwise:
            return False
        self._steps, self._position = (WaitTurn(), *self._otherwise), 0
        return True

    def _is_due(self, step: Step, now: float, ear: Ear) -> bool:
        began = now if self._step_began is None else self._step_began
        match step:
            case WaitTurn(silence_seconds):
                over = ear.turn_is_over(silence_seconds, now)
                if over:
                    ear.begin_turn()
                return over
            case Pause(seconds):
                return now - began >= seconds
            case Interrupt(seconds):
                return ear.speaking_seconds(now) >= seconds
            case _:
                return True
