"""What a flow file says, as values: states, questions, rules, prompts and endings.

A state does one of three things: it asks (`question`), it chooses the next state (`branch`), or it
ends the call (`ending`). Whatever is said on the way in is in `say`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from ivr.exchange import BargeIn, DialogOutcome
from ivr.flow_bounds import Charter, Limits
from ivr.flow_faults import Fault, FlowError, Place
from ivr.meaning import HandOver, Intent, SlotValue
from ivr.slot_specs import Choice, SlotKind, SlotSpec
from tts.speech import PLAIN, Manner

__all__ = [
    "BACK", "EVENTS", "STAY", "TIME_IS_UP", "TURN_LIMIT", "Aside", "Charter", "Choice", "Ending",
    "Everywhere", "Fault", "Flag", "Flow", "FlowError", "Key", "KeyWindow", "Limits", "Patience",
    "Place", "Prompt", "Question", "Rule", "Rung", "Script", "SlotKind", "SlotSpec", "State",
    "TicketOrder", "Topic",
]  # fmt: skip

STAY = "stay"
"""Rule target: put the open question again."""
BACK = "back"
"""Rule target: return to the question that this state interrupted."""

TIME_IS_UP = "time_is_up"
TURN_LIMIT = "turn_limit"
EVENTS = (TIME_IS_UP, TURN_LIMIT, "voicemail", "assistant", "announcement", "fax")
"""What can happen to a flow from outside; each names the state it leads to."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to say, in the wordings it has."""

    id: str
    wordings: Mapping[str, str]
    """Templates by variant: first, again, shorter, slower, narrower, keypad, resumed."""
    place: Place
    barge_in: BargeIn = BargeIn.SPEECH
    needs: tuple[str, ...] = ()
    """Values that must be known for this prompt to make sense."""
    otherwise: str = ""
    """The prompt to use when they are not."""


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """A ticket that a rule or an ending opens."""

    kind: str
    """A type of the exception taxonomy; `{SLOT}` stands for what that slot or fact holds."""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class KeyWindow:
    """A span of time on the keypad, counted from the day of the call."""

    days: int | None
    """None: on the day that was already agreed."""
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Key:
    """What pressing a key means."""

    intent: Intent
    place: Place
    window: KeyWindow | None = None
    hand_over: HandOver | None = None
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    """Values of declared slots."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where an answer leads when all its guards hold."""

    then: str
    place: Place
    guards: tuple[str, ...] = ()
    take: tuple[str, ...] = ()
    """Slots of the answer that are remembered."""
    other: tuple[str, ...] = ()
    """Slots whose other reading was meant."""
    say: tuple[str, ...] = ()
    keep: str = ""
    """Keep the sound of the answer as evidence under this name."""
    consent: bool = False
    """The answer agrees to the hand-over that is being talked about."""
    confirms: tuple[str, ...] = ()
    """Slots that this answer agrees to, after they were read back."""
    ticket: TicketOrder | None = None
    wishes: tuple[str, ...] = ()
    """Tags that are counted."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Declared choices that this answer settles without naming them: a yes to 给您退款,可以吗."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: what to do when a question got no usable answer once more."""

    place: Place
    say: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    """Variants of the question, in order."""
    then: str = ""
    """The state to go to instead of asking again."""
    no_input_seconds: float = 0.0
    """Overrides the question's patience; 0 keeps it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a question listens."""

    end_silence_seconds: float = 0.6
    """Silence that ends an answer when nobody can tell whether it is complete."""
    complete_silence_seconds: float = 0.24
    unfinished_silence_seconds: float = 1.2
    no_input_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what may come back, and what happens when nothing does."""

    prompt: str
    expects: tuple[Intent, ...]
    keys: Mapping[str, Key]
    patience: Patience
    phrases: tuple[str, ...] = ()
    hopes: tuple[str, ...] = ()
    """Phrases hoped for where anything may be said."""
    fills: str = ""
    """A declared slot that the answer is for."""
    no_input: tuple[Rung, ...] = ()
    no_match: tuple[Rung, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """What is settled when the call ends here."""

    outcome: DialogOutcome
    finished: bool = True
    reports: tuple[str, ...] = ()
    """Slots that count as agreed: window, address, hand_over."""
    needs_person: str = ""
    call_again_minutes: int = 0
    """Minutes after the call when another one makes sense; the slot window wins over it."""
    notes: Mapping[str, str] = field(default_factory=dict)
    ticket: TicketOrder | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One place in the conversation."""

    id: str
    place: Place
    say: tuple[str, ...] = ()
    repeat: tuple[str, ...] = ()
    """Said before the question when the callee asks to hear it again."""
    question: Question | None = None
    on: Mapping[Intent, tuple[Rule, ...]] = field(default_factory=dict)
    branch: tuple[Rule, ...] = ()
    ending: Ending | None = None
    aside: bool = False
    """Interrupts a question and can go `back` to it; what it has no rule for is taken there."""


@dataclass(frozen=True, slots=True)
class Aside:
    """The answer to a side question; the open question follows."""

    place: Place
    say: tuple[str, ...]
    ask: str = "again"
    """Variant of the open question; `first` repeats what led to it as well."""
    manner: Manner = PLAIN
    """How everything is said from now on."""
    ticket: TicketOrder | None = None


@dataclass(frozen=True, slots=True)
class Everywhere:
    """What is understood at every question."""

    on: Mapping[Intent, tuple[Rule, ...]]
    asides: Mapping[Intent, Aside]
    chatter: tuple[Intent, ...]
    """Said without an answer in it: 喂, 嗯, 谢谢."""
    order: tuple[Intent, ...]
    """Of several intents in one breath, these are followed first."""
    keys: Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason why a person should look at a call, whatever came of it."""

    guards: tuple[str, ...]
    why: str
    place: Place


@dataclass(frozen=True, slots=True)
class Topic:
    """A question of the reviewed knowledge base, with the answer and where it was taken from."""

    name: str
    phrases: tuple[str, ...]
    say: tuple[str, ...]
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Flow:
    """A conversation that was checked and may run."""

    id: str
    version: str
    language: str
    digest: str
    """SHA-256 over the flow file and everything it includes."""
    charter: Charter
    limits: Limits
    script: Script

    @property
    def time_limit_seconds(self) -> float:
        """Seconds of talk after which the conversation is brought to an end."""
        return self.limits.time_limit_seconds


@dataclass(frozen=True, slots=True)
class Script:
    """The words and the ways of a flow."""

    starts: str
    states: Mapping[str, State]
    prompts: Mapping[str, Prompt]
    everywhere: Everywhere
    events: Mapping[str, str]
    """State to enter for each of EVENTS."""
    names: Mapping[HandOver, str]
    """How each hand-over is called in a sentence."""
    place: Place
    slots: Mapping[str, SlotSpec] = field(default_factory=dict)
    """Declared by the flow."""
    needs_facts: tuple[str, ...] = ()
    """Facts without which nobody is called."""
    may_use_facts: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    knowledge: tuple[Topic, ...] = ()
