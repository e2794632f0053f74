"""Rehearsal: a simulated recipient played to a conversation in virtual time, without a network.

The same scenario files that the demo dials over SIP; a call takes as long as recognition does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

from audio.pcm import SILENCE
from audio_fixtures import script
from audio_fixtures.clips import clip_sound
from audio_fixtures.scenarios import Scenario
from dialer.callee.person import hiss
from dialer.causes import Ender, cause_of
from dialer.leg import DialRequest, LegState
from dialer.loopback import (
    AfterSilence,
    AfterStart,
    Answer,
    At,
    HangUp,
    LoopbackLeg,
    Pause,
    Press,
    Ring,
    Speak,
    StartEarlyMedia,
    Step,
)
from ivr.conversation import Conversation, ConversationReport, Equipment
from ivr.exchange import CallFacts
from ivr.flow_model import Flow

RING_TIMEOUT = timedelta(seconds=12)
TURNS_AFTER_SCRIPT = 30
"""How often a recipient does what he does otherwise; no conversation has more turns."""
KEY_SECONDS = 0.26
"""A key and the gap after it."""
BETWEEN_ANNOUNCEMENTS_SECONDS = 0.8


async def rehearse(
    scenario: Scenario,
    equipment: Equipment,
    flow: Flow,
    facts: CallFacts,
    recording: Path | None = None,
) -> ConversationReport:
    """Hold the conversation that a call to this recipient would be, and report."""
    leg = LoopbackLeg(*loopback_script(scenario), hiss=hiss(scenario.noise_dbfs))
    request = DialRequest(f"sip:{scenario.number}@127.0.0.1", RING_TIMEOUT)
    return await Conversation(leg, equipment, flow, facts, recording).hold(request)


def loopback_script(scenario: Scenario) -> tuple[Step, ...]:
    """Return what a recipient does, as the far end of a loopback leg does it."""
    before, wait_seconds = _before(scenario.before)
    if not scenario.answers():
        return before
    again = (script.WaitTurn(), *scenario.otherwise) if scenario.otherwise else ()
    after = (*scenario.script, *chain.from_iterable(repeat(again, TURNS_AFTER_SCRIPT)))
    return (*before, Step(Pause(wait_seconds), Answer()), *_after(after))


def _before(steps: Iterable[script.Before]) -> tuple[tuple[Step, ...], float]:
    """Return what happens before the answer, and how long it is waited for after that."""
    done: list[Step] = []
    wait_seconds = 0.0
    for step in steps:
        cue = Pause(wait_seconds)
        wait_seconds = 0.0
        match step:
            case script.Ring(seconds):
                done.append(Step(cue, Ring()))
                wait_seconds = seconds
            case script.NeverAnswer():
                done.append(Step(cue, Ring()))
            case script.PlayEarly(play):
                done.append(Step(cue, StartEarlyMedia()))
                for clip in play:
                    done.append(Step(Pause(wait_seconds), Speak(clip_sound(clip))))
                    wait_seconds = BETWEEN_ANNOUNCEMENTS_SECONDS
            case script.Reject(status):
                cause = cause_of(status, "", Ender.THEY, False, LegState.RINGING)
                done.append(Step(cue, HangUp(cause, status)))
    return tuple(done), wait_seconds


def _after(steps: Iterable[script.Step]) -> Iterator[Step]:
    for step in steps:
        match step:
            case script.WaitTurn(silence_seconds):
                yield _idle(AfterSilence(silence_seconds))
            case script.Pause(seconds):
                yield _idle(Pause(seconds))
            case script.Interrupt(seconds):
                yield _idle(AfterStart(seconds))
            case script.SayClip(clip):
                yield Step(Pause(0.0), Speak(clip_sound(clip)))
            case script.Press(digits):
                for digit in digits:
                    yield Step(Pause(0.0), Press(digit))
                    yield _idle(Pause(KEY_SECONDS))
            case script.HangUp():
                yield Step(Pause(0.0), HangUp())


def _idle(cue: AfterSilence | AfterStart | At | Pause) -> Step:
    """Return a step that only waits for its cue."""
    return Step(cue, Speak(SILENCE))
