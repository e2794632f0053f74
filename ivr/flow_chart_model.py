"""What a picture of a flow is made of: places, ways between them, and what works everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NodeKind(StrEnum):
    """What happens at a place of the conversation."""

    QUESTION = "question"
    BRANCH = "branch"
    SETTLED = "settled"
    """An ending with a result."""
    EXCEPTION = "exception"
    """An ending that leaves work to a person, or opens a ticket."""
    UNFINISHED = "unfinished"
    """An ending without a result."""


class Cause(StrEnum):
    """What makes the conversation go on."""

    ANSWER = "answer"
    CONDITION = "condition"
    """A branch chose."""
    SILENCE = "silence"
    NOT_UNDERSTOOD = "not_understood"
    EVENT = "event"
    """It came from outside: the time is up, a machine answered."""


@dataclass(frozen=True, slots=True)
class Way:
    """One reason to go from one place to another."""

    cause: Cause
    name: str = ""
    """The intent or the event; empty for conditions and silence."""
    keys: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    ticket: str = ""
    """The type of ticket that going this way opens."""
    everywhere: bool = False
    """The rule works at every question; this one expects it."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the conversation."""

    id: str
    kind: NodeKind
    words: tuple[str, ...]
    """Wordings said here, the question last; slots still in braces."""
    outcome: str = ""
    needs_person: str = ""
    ticket: str = ""
    """The type of ticket that ending here opens."""
    returns: bool = False
    """It interrupts a question and can go back to it."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """All ways from one place to another."""

    start: str
    end: str
    ways: tuple[Way, ...]
    jump: bool = False
    """It changes to a matter that can be changed to from everywhere: too much to be drawn."""


@dataclass(frozen=True, slots=True)
class SideQuestion:
    """What people ask back, and what they hear."""

    intent: str
    words: tuple[str, ...]
    ticket: str = ""
    """The type of ticket that asking opens."""


@dataclass(frozen=True, slots=True)
class Everywhere:
    """What works at every question, told once."""

    ways: tuple[tuple[Way, str], ...]
    """Each with the state it leads to."""
    nodes: tuple[Node, ...]
    """Places that only these ways lead to, in the order in which they are met."""
    arrows: tuple[Arrow, ...]
    """Ways from these places, also back to the main part."""
    side_questions: tuple[SideQuestion, ...]


@dataclass(frozen=True, slots=True)
class FlowChart:
    """A conversation, ready to be drawn."""

    starts: str
    nodes: tuple[Node, ...]
    """The main part, in the order in which a talk meets them."""
    arrows: tuple[Arrow, ...]
    everywhere: Everywhere

    @property
    def tickets(self) -> frozenset[str]:
        """Every type of ticket that the conversation may open."""
        ways = [way for arrow in self.all_arrows for way in arrow.ways]
        ways += [way for way, _ in self.everywhere.ways]
        opened = {way.ticket for way in ways} | {node.ticket for node in self.all_nodes}
        opened |= {asked.ticket for asked in self.everywhere.side_questions}
        return frozenset(opened - {""})

    @property
    def ids(self) -> tuple[str, ...]:
        """Every state, the main part first."""
        return tuple(node.id for node in self.all_nodes)

    @property
    def all_nodes(self) -> tuple[Node, ...]:
        """Every place, the main part first."""
        return (*self.nodes, *self.everywhere.nodes)

    @property
    def all_arrows(self) -> tuple[Arrow, ...]:
        """Every arrow, the main part first."""
        return (*self.arrows, *self.everywhere.arrows)
