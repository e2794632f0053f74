"""Acting: a simulated customer's side of a call; the agent's line goes in, his answer comes out.

    begin -> (silence)     agent greets -> the story, part by part -> questions, proposals -> bye

Pure: the same lines always give the same call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ivr.agent_lines import OFFENCES, AgentAct, AgentLine
from ivr.customer import Customer, Effect, Known, Need

SILENCES = 3
"""So many in a row, and he takes it that nobody is there."""
_IN_A_ROW = "silences in a row"
LINGERS = 3
"""Turns after everything is settled in which he waits for a goodbye."""
UNDERSTOOD_TWICE = 0.5
"""What an act counts the second time; after that it changes nothing."""


class CallEnd(StrEnum):
    """How the customer left."""

    SATISFIED = "satisfied"
    LOST = "lost"
    """He hung up in anger, gave up, or was hung up on."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Where a simulated customer stands."""

    customer: Customer
    temper: float
    told: int = 0
    """Parts of his story."""
    met: frozenset[Need] = frozenset()
    done: Mapping[str, int] = field(default_factory=dict)
    """How often each act and effect came, and each occasion was spoken of."""
    turns: int = 0
    settled_at: int = 0
    """The turn in which nothing was left to ask for."""
    end: CallEnd | None = None

    @property
    def open_needs(self) -> tuple[Need, ...]:
        """What he still waits for, in order."""
        return tuple(need for need in self.customer.needs if need not in self.met)

    @property
    def is_telling(self) -> bool:
        """He has not finished his story."""
        return self.told < len(self.customer.story)


Reply = tuple[Acting, str]
"""Where he stands now, and what he says."""

_ASKED = {
    AgentAct.ASK_WAYBILL: Known.WAYBILL,
    AgentAct.IDENTIFY: Known.NAME,
    AgentAct.ASK_DETAILS: Known.DETAILS,
}
_MEETS = {
    AgentAct.APOLOGISE: Need.APOLOGY,
    AgentAct.EXPLAIN: Need.CAUSE,
    AgentAct.PROPOSE: Need.SOLUTION,
    AgentAct.PROMISE_TIME: Need.TIME,
    AgentAct.PROVE: Need.PROOF,
}
_REACTS = (
    (AgentAct.PROPOSE, "accepts"),
    (AgentAct.EXPLAIN, "explained"),
    (AgentAct.PROMISE_TIME, "timed"),
    (AgentAct.PROVE, "proved"),
    (AgentAct.WAIT, "waits"),
)


def begin(customer: Customer) -> Acting:
    """Ring the agent; he speaks first."""
    return Acting(customer, customer.temperament.starts)


def answer(acting: Acting, line: AgentLine) -> Reply:
    """Take the agent's line; raises ValueError once the call is over."""
    if acting.end is not None:
        raise ValueError("the customer has hung up")
    silences = acting.done.get(_IN_A_ROW, 0) + 1 if line.is_silent else 0
    done = {**acting.done, _IN_A_ROW: silences}
    acting = replace(acting, turns=acting.turns + 1, done=done)
    customer = acting.customer
    if acting.turns > 2 * customer.patience_turns:
        return _leave(acting, "gives_up")
    if acting.turns > customer.patience_turns and not acting.settled_at:
        acting = _moved(acting, Effect.WAITING)
    if acting.told == 0:
        return _begin_story(acting, line)
    if line.interrupts or (acting.is_telling and not _lets_him_talk(line)):
        return _interrupted(acting, line)
    if acting.is_telling:
        return _tell_on(acting)
    return _talk(acting, line)


def hung_up_on(acting: Acting) -> Acting:
    """Return where he stands when the agent has hung up."""
    if acting.end is not None:
        return acting
    done = acting.settled_at and AgentAct.GOODBYE in acting.done
    return replace(acting, end=CallEnd.SATISFIED if done else CallEnd.LOST)


def _begin_story(acting: Acting, line: AgentLine) -> Reply:
    acting = _felt(acting, line)
    if any(act in line.acts for act in OFFENCES):
        return _offended(acting, line)
    if line.is_silent:
        acting = _moved(acting, Effect.SILENCE)
        return _say(acting, "silent") if acting.turns < 2 else _leave(acting, "leaves")
    return _tell_on(acting)


def _tell_on(acting: Acting) -> Reply:
    part = acting.customer.story[acting.told]
    return replace(acting, told=acting.told + 1), part


def _interrupted(acting: Acting, line: AgentLine) -> Reply:
    """He is angry, finishes what he was saying, and has not heard what was said meanwhile."""
    acting = _moved(acting, Effect.INTERRUPTED)
    if any(act in line.acts for act in OFFENCES):
        acting = _felt(acting, line)
        return _offended(acting, line)
    if acting.temper >= acting.customer.temperament.leaves_at:
        return _leave(acting, "leaves")
    rest = "".join(acting.customer.story[acting.told :])
    acting, words = _say(acting, "interrupted")
    return replace(acting, told=len(acting.customer.story)), words + rest


def _talk(acting: Acting, line: AgentLine) -> Reply:
    customer = acting.customer
    if line.is_silent:
        acting = _moved(acting, Effect.SILENCE)
        patient = acting.done[_IN_A_ROW] < SILENCES
        if not patient or acting.temper >= customer.temperament.leaves_at:
            return _leave(acting, "leaves")
        return _say(acting, "silent")
    if customer.hears and line.longest > customer.hears:
        return _say(_moved(acting, Effect.UNHEARD), "unheard")
    acting = _felt(acting, line)
    if any(act in line.acts for act in (*OFFENCES, AgentAct.REFUSE)):
        offended = _offended(acting, line)
        if AgentAct.OVERPROMISE not in line.acts or offended[0].end is not None:
            return offended
    acting = _met(acting, line)
    if not acting.open_needs and not acting.settled_at:
        acting = replace(acting, settled_at=acting.turns)
    if AgentAct.GOODBYE in line.acts:
        return _parting(acting)
    if acting.settled_at:
        return _settled(acting, line)
    return _converse(acting, line)


def _converse(acting: Acting, line: AgentLine) -> Reply:
    """Answer what was asked, react to what was said, and ask for what is still missing."""
    asked = [known for act, known in _ASKED.items() if act in line.acts]
    if asked and Need.PROOF in acting.open_needs:
        return _say(_moved(acting, Effect.WARY), "wary")
    parts: list[str] = []
    for known in asked:
        acting, words = _say(
            acting, known if known in acting.customer.knows else f"unknown_{known}"
        )
        parts.append(words)
    if not asked:
        acting, words = _reaction(acting, line)
        parts.append(words)
        pushes = not {AgentAct.WAIT, AgentAct.LISTEN} & line.acts.keys()
        if pushes and acting.open_needs and not _refuses(acting, line):
            acting, words = _say(acting, acting.open_needs[0])
            parts.append(words)
    reply = "".join(parts)
    if reply and (line.acts or asked):
        return acting, reply
    return _say(_moved(acting, Effect.UNCLEAR), "unclear")


def _reaction(acting: Acting, line: AgentLine) -> Reply:
    if _refuses(acting, line):
        return _say(acting, "not_yet")
    for act, occasion in _REACTS:
        if act in line.acts:
            return _say(acting, occasion)
    if AgentAct.VAGUE in line.acts:
        return _say(acting, "vague")
    if {AgentAct.APOLOGISE, AgentAct.EMPATHISE} & line.acts.keys():
        upset = acting.temper > acting.customer.temperament.accepts_at
        return _say(acting, "still_upset" if upset else "calmed")
    if AgentAct.LISTEN in line.acts:
        return _say(acting, "listens")
    return acting, ""


def _settled(acting: Acting, line: AgentLine) -> Reply:
    if AgentAct.READ_BACK in line.acts:
        return _say(acting, "confirms")
    if acting.settled_at == acting.turns:
        return _say(acting, "settled")
    if AgentAct.ANYTHING_ELSE in line.acts:
        return _say(acting, "nothing_else")
    if acting.turns - acting.settled_at > LINGERS:
        acting, words = _say(acting, "bye")
        return replace(acting, end=CallEnd.SATISFIED), words
    return _say(acting, "lingers")


def _parting(acting: Acting) -> Reply:
    if acting.settled_at:
        acting, words = _say(acting, "bye")
        return replace(acting, end=CallEnd.SATISFIED), words
    acting = _moved(acting, Effect.NOT_DONE)
    again = acting.done.get(AgentAct.GOODBYE, 0) > 1
    if again or acting.temper >= acting.customer.temperament.leaves_at:
        return _leave(acting, "leaves")
    return _say(acting, "not_done")


def _offended(acting: Acting, line: AgentLine) -> Reply:
    if acting.temper >= acting.customer.temperament.leaves_at:
        return _leave(acting, "leaves")
    act = next(act for act in (*OFFENCES, AgentAct.REFUSE) if act in line.acts)
    return _say(acting, act)


def _lets_him_talk(line: AgentLine) -> bool:
    """Silence, a 嗯 or 您请说 lets him go on."""
    short = len(line.text) <= 3 and not line.acts
    return line.is_silent or short or line.acts.keys() <= {AgentAct.LISTEN, AgentAct.EMPATHISE}


def _refuses(acting: Acting, line: AgentLine) -> bool:
    """He is too upset to hear of solutions."""
    return (
        AgentAct.PROPOSE in line.acts
        and Need.SOLUTION not in acting.met
        and acting.temper > acting.customer.temperament.accepts_at
    )


def _felt(acting: Acting, line: AgentLine) -> Acting:
    """Let the acts of a line work on his temper."""
    for act in line.acts:
        acting = _moved(acting, act)
    return acting


def _moved(acting: Acting, cause: str) -> Acting:
    """Move his temper; what calms him works once, half the second time, and then no more."""
    times = acting.done.get(cause, 0)
    by = acting.customer.temperament.effects.get(cause, 0.0)
    if by < 0 and times:
        by = by * UNDERSTOOD_TWICE if times == 1 else 0.0
    temper = min(10.0, max(0.0, acting.temper + by))
    return replace(acting, temper=temper, done={**acting.done, cause: times + 1})


def _met(acting: Acting, line: AgentLine) -> Acting:
    met = {need for act, need in _MEETS.items() if act in line.acts}
    if _refuses(acting, line):
        met.discard(Need.SOLUTION)
    return replace(acting, met=acting.met | met)


def _leave(acting: Acting, occasion: str) -> Reply:
    acting, words = _say(acting, occasion)
    return replace(acting, end=CallEnd.LOST), words


def _say(acting: Acting, occasion: str) -> Reply:
    """Say something on an occasion; another wording every time it comes."""
    wordings = acting.customer.wordings(occasion)
    if not wordings:
        return acting, ""
    key = f"says.{occasion}"
    times = acting.done.get(key, 0)
    spoken = wordings[min(times, len(wordings) - 1)]
    return replace(acting, done={**acting.done, key: times + 1}), spoken
