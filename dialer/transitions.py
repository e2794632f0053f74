"""The table of legal leg states; the diagram in docs/dialer.md is drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from dialer.leg import LegState


class LegStep(StrEnum):
    """What may happen to a leg."""

    DIAL = "dial"
    RING = "ring"
    EARLY_MEDIA = "early_media"
    ANSWER = "answer"
    END = "end"


class IllegalTransition(RuntimeError):  # noqa: N818  reads as what it says
    """A leg was asked for a step its state does not allow."""

    def __init__(self, state: LegState, step: LegStep) -> None:
        super().__init__(f"a leg that is {state} can't {step}")
        self.state = state
        self.step = step


# A proxy may send 180 after 183 and repeat both (RFC 3261 13.2.2.1); sound that has begun goes on.
TRANSITIONS: Mapping[LegState, Mapping[LegStep, LegState]] = MappingProxyType(
    {
        LegState.IDLE: {
            LegStep.DIAL: LegState.DIALING,
            LegStep.END: LegState.ENDED,
        },
        LegState.DIALING: {
            LegStep.RING: LegState.RINGING,
            LegStep.EARLY_MEDIA: LegState.EARLY_MEDIA,
            LegStep.ANSWER: LegState.ANSWERED,
            LegStep.END: LegState.ENDED,
        },
        LegState.RINGING: {
            LegStep.RING: LegState.RINGING,
            LegStep.EARLY_MEDIA: LegState.EARLY_MEDIA,
            LegStep.ANSWER: LegState.ANSWERED,
            LegStep.END: LegState.ENDED,
        },
        LegState.EARLY_MEDIA: {
            LegStep.RING: LegState.EARLY_MEDIA,
            LegStep.EARLY_MEDIA: LegState.EARLY_MEDIA,
            LegStep.ANSWER: LegState.ANSWERED,
            LegStep.END: LegState.ENDED,
        },
        LegState.ANSWERED: {LegStep.END: LegState.ENDED},
        LegState.ENDED: {},
    }
)


def next_state(state: LegState, step: LegStep) -> LegState:
    """Return the state after `step`; raises IllegalTransition where the table has none."""
    try:
        return TRANSITIONS[state][step]
    except KeyError:
        raise IllegalTransition(state, step) from None


def diagram() -> str:
    """Return the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {LegState.IDLE}"]
    lines += [
        f"    {state} --> {after}: {step}"
        for state, steps in TRANSITIONS.items()
        for step, after in steps.items()
    ]
    lines.append(f"    {LegState.ENDED} --> [*]")
    return "\n".join(lines)
