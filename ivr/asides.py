"""What is answered beside the question: things people ask back, and how they ask us to speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.flow_model import Aside, Flow, State, TicketOrder
from ivr.meaning import Intent, Meaning
from tts.speech import PLAIN, Manner

TOPIC = "topic"
"""The slot of an answer that names an entry of the knowledge base."""


@dataclass(frozen=True, slots=True)
class Replies:
    """The answers to everything that was asked back in one breath."""

    say: tuple[str, ...] = ()
    ask: str = "again"
    """Variant of the open question that follows."""
    manner: Manner = PLAIN
    tickets: tuple[TicketOrder, ...] = ()
    count: int = 0

    def __bool__(self) -> bool:
        return self.count > 0


def replies_to(flow: Flow, state: State, intents: Sequence[Intent], meaning: Meaning) -> Replies:
    """Return what is answered before the question that is open in `state`."""
    known = flow.script.everywhere.asides
    asides = [known[i] for i in intents if i in known and i not in state.on]
    topic = next((t for t in flow.script.knowledge if t.name == meaning.slots.get(TOPIC)), None)
    if topic is not None and Intent.QUESTION not in state.on:
        asides = [a for a in asides if a is not known.get(Intent.QUESTION)]
        asides.append(Aside(topic.place, topic.say))
    return Replies(
        say=tuple(prompt for aside in asides for prompt in aside.say),
        ask=asides[-1].ask if asides else "again",
        manner=Manner(any(a.manner.slow for a in asides), any(a.manner.loud for a in asides)),
        tickets=tuple(aside.ticket for aside in asides if aside.ticket is not None),
        count=len(asides),
    )
