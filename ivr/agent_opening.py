"""AgentOpening: how a call begins that was made for an agent; pure.

    callee  ....[喂?]...............................
    Menling ........[您好,顺达快递自动语音助手。][正在为您转接客服,请稍等。]♪ ♪ | agent
                ^ surely a person: an agent is called for
                                             [no agent within 2 s: 不好意思,客服都在忙 …]

                  person               has it
    GREETING ───────────────▶ SOUGHT ──────────▶ OVER      a machine: back to GREETING
        └──── answered by the robot ───┴──nobody──▶ OVER

The first sentence says who calls, for whom, and that a machine speaks; it is said to everybody at
once, so nobody answers to silence (16 CFR 310.4(b)(4)(iii): two seconds after the greeting).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from ivr.dialog_state import Dialog, DialogError, Settled
from ivr.exchange import Action, BargeIn, DialogEvent, DialogOutcome, HangUp, Pressed, Said, Say
from ivr.flow_model import Flow
from ivr.meaning import Intent
from ivr.people_wanted import Flag, Line
from ivr.wish import can_bridge
from ivr.wording import RECORDED, speak

CONNECTING = "connecting"
"""Prompt: an agent is being fetched."""
NO_AGENT = "no_agent"
"""Prompt: why nobody talks, how to have no more such calls, whom to call; and a goodbye."""
ROBOT_INSTEAD = "robot_instead"
"""Prompt: the robot takes the conversation over, for no agent is free."""
HELLO = "hello"
"""Prompt: is anybody there?"""
PROMPTS = (CONNECTING, NO_AGENT, ROBOT_INSTEAD, HELLO)
"""What a flow must be able to say before agents may be fetched at its beginning."""

RULE = "campaign"
"""Stands for the rule of a flag where the call was made for an agent."""
PRIORITY = 100
"""Of such a call at the desk: nobody else waits who was rung by us and has two seconds."""
AGENT_SECONDS = 2.0
"""So long after their greeting a person waits for an agent to take the call."""
COMING_SECONDS = 8.0
"""Whose device is being reached has so long from then on."""
MARGIN_SECONDS = 0.1
"""What we say must have begun by then."""
UNSURE_SECONDS = 1.2
"""Silence after our greeting before we ask whether anybody is there."""
MUTE_SECONDS = 3.0
"""Silence after that question; then no agent is fetched."""
ABANDONED = "no_agent"
"""In the notes of a call whose callee found no agent."""

HEEDED = frozenset(
    {Intent.OPT_OUT, Intent.WRONG_NUMBER, Intent.CALL_LATER, Intent.GOODBYE, Intent.CHILD}
)
"""Who says this wants no agent: the dialog answers it by itself."""

_LABEL: Mapping[str, str] = MappingProxyType({"zh": "外呼接通", "en": "Campaign call"})


class WhenNoAgent(StrEnum):
    """What somebody hears for whom there is no agent."""

    ROBOT = "robot"
    """The robot holds the conversation."""
    MESSAGE = "message"
    """Why nobody talks, and a goodbye: they are abandoned."""


@dataclass(frozen=True, slots=True)
class AgentCall:
    """A call that was made for an agent."""

    when_none: WhenNoAgent = WhenNoAgent.ROBOT
    seconds: float = AGENT_SECONDS
    """How long after their greeting a person waits for an agent to take the call."""


class Stage(StrEnum):
    """How far the beginning of such a call has come."""

    GREETING = "greeting"
    """It is not certain that a person is there."""
    SOUGHT = "sought"
    """An agent is called for."""
    OVER = "over"


@dataclass(frozen=True, slots=True)
class AgentOpening:
    """Where the beginning stands; times are seconds of call audio."""

    stage: Stage = Stage.GREETING
    greeted_until: float = 0.0
    """When the callee had said the words by which they are a person."""
    asked_at: float | None = None
    """When we asked whether anybody is there."""
    unattended: bool = False
    """It is known that no agent can come."""

    def person(self, ended: float, *, unattended: bool = False) -> AgentOpening:
        """Return what follows from words that no machine says."""
        return replace(self, stage=Stage.SOUGHT, greeted_until=ended, unattended=unattended)

    def asking(self, now: float) -> AgentOpening:
        """Return that we ask whether anybody is there."""
        return replace(self, asked_at=now)

    def machine(self) -> AgentOpening:
        """Return what follows when it was a machine: perhaps a person comes on behind it."""
        return AgentOpening() if self.stage is Stage.SOUGHT else self

    def over(self) -> AgentOpening:
        """Return that the beginning is over: somebody, or the robot, has the call."""
        return replace(self, stage=Stage.OVER)

    def is_due(self, call: AgentCall, now: float, *, coming: bool) -> bool:
        """Answer whether what is said without an agent must begin; `coming`: one is on the way."""
        if self.stage is not Stage.SOUGHT:
            return False
        waits = call.seconds + COMING_SECONDS if coming else call.seconds
        return self.unattended or now >= self.greeted_until + waits - MARGIN_SECONDS

    def has_waited(self, call: AgentCall, now: float) -> bool:
        """Answer whether somebody who hangs up now was left without an agent."""
        return self.stage is Stage.SOUGHT and now >= self.greeted_until + call.seconds


def can_open(flow: Flow) -> bool:
    """Answer whether a flow has the words for calls that are made for agents."""
    return can_bridge(flow) and all(prompt in flow.script.prompts for prompt in PROMPTS)


def introduction(opening: tuple[Action, ...]) -> tuple[tuple[Say, ...], tuple[Action, ...]]:
    """Return who calls, to be heard by everybody, and what the robot would say and ask after it."""
    says = [each for each in opening if isinstance(each, Say)]
    lead = [each for each in says if each is says[0] or each.prompt == RECORDED]
    rest = tuple(each for each in opening if each not in lead)
    return tuple(replace(each, barge_in=BargeIn.NEVER) for each in lead), rest


def is_heeded(event: DialogEvent, flow: Flow) -> bool:
    """Answer whether the dialog itself answers this although an agent is being fetched."""
    if isinstance(event, Said):
        return bool(HEEDED & {event.meaning.intent, *event.meaning.also})
    if isinstance(event, Pressed):
        key = flow.script.everywhere.keys.get(event.digit)
        return key is not None and key.intent is Intent.OPT_OUT
    return True


def flag_of_campaign(words: str = "") -> Flag:
    """Return the flag under which the desk is asked for an agent."""
    # A plain dictionary: it crosses a pipe between processes.
    return Flag(RULE, PRIORITY, Line.FIRST, dict(_LABEL), words)


def message(flow: Flow, dialog: Dialog) -> tuple[Dialog, tuple[Action, ...]]:
    """Return the dialog that says why nobody talks, at its end, and what it says.

    A wish for no more calls is heeded in it as in every goodbye. Raises DialogError for a flow
    that never ends.
    """
    ending = next((s for s in flow.script.states.values() if s.ending is not None), None)
    if ending is None:
        raise DialogError(f"{flow.id} has no ending.")
    settled = Settled(
        outcome=DialogOutcome.UNFINISHED,
        finished=False,
        reports=frozenset(),
        needs_person="",
        call_again_at=None,
        callback_by=None,
        notes={"abandoned": ABANDONED},
    )
    after = replace(dialog, state=ending.id, under="", settled=settled)
    return after, (*speak(flow, dialog.facts, dialog.slots, NO_AGENT), HangUp())
