"""The exception taxonomy and the responsibility matrix, as values: what went wrong, whose it is.

(kind, cause) -> department, wording for the customer, proposals, limits, time limits
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Labels = Mapping[str, str]
"""The same words by language: zh-CN, en-US."""

LANGUAGES = ("zh-CN", "en-US")

OTHER = "other"
"""The kind of whatever the taxonomy has no name for; every taxonomy has it."""

SUPERVISOR = 2
"""The level of a ticket above which there is nobody."""


class Money(StrEnum):
    """What a proposal may cost."""

    NONE = "none"
    COMPENSATION = "compensation"
    """Up to the compensation limit of the row."""
    VALUE = "value"
    """The value of the goods, as far as it is known."""
    GOODS = "goods"
    """Goods of the same value, and no money."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of exception, with the causes that it may have."""

    id: str
    labels: Labels
    causes: Mapping[str, Labels]


@dataclass(frozen=True, slots=True)
class Department:
    """Who makes things good, and who is asked when they don't."""

    id: str
    labels: Labels
    second_line: Labels
    supervisor: Labels

    def line(self, level: int) -> Labels:
        """Return who is to act: 0 the department, 1 its second line, 2 its supervisor."""
        return (self.labels, self.second_line, self.supervisor)[level]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A solution that may be offered."""

    id: str
    labels: Labels
    done: Labels
    """What the customer is told once it was carried out: 给您补发了一件."""
    money: Money


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Every word that tickets and wishes are sorted by."""

    kinds: Mapping[str, Kind]
    departments: Mapping[str, Department]
    proposals: Mapping[str, Proposal]
    reasons: Mapping[str, Labels]
    """Why something went wrong: weather, sorting…"""
    wishes: Mapping[str, Labels]

    def sort(self, word: str, cause: str = "") -> tuple[str, str]:
        """Return kind and cause for what a call or a person says is wrong.

        `word` is a kind, or a cause alone (`late`), or both (`timeliness/late`). What the taxonomy
        doesn't know is kept as nothing but `other`: a ticket is never lost for its name.
        """
        first, _, second = word.partition("/")
        second = cause or second
        if first in self.kinds:
            return first, second if second in self.kinds[first].causes else ""
        for kind in self.kinds.values():
            if first in kind.causes:
                return kind.id, first
        return OTHER, ""


@dataclass(frozen=True, slots=True)
class Responsibility:
    """One row of the matrix."""

    kind: str
    cause: str
    """Empty: the causes of the kind that have no row of their own."""
    department: str
    says: Labels
    """What may be said to the customer about it, one spoken sentence."""
    proposals: tuple[str, ...]
    """In the order in which they are offered."""
    compensation_limit_fen: int
    value_limit_fen: int
    """Above this value of the goods only a supervisor may replace or refund them."""
    response_minutes: int
    proposal_minutes: int
    resolution_hours: int
    follow_up: bool = True
    """The customer is called with the result; False: they see it, and the ticket is closed."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal that may be made in one case, and what it may cost."""

    proposal: str
    up_to_fen: int
    """Money that the customer may be given; 0: none."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who is responsible for what."""

    taxonomy: Taxonomy
    rows: Mapping[tuple[str, str], Responsibility]

    def row(self, kind: str, cause: str) -> Responsibility:
        """Return the row of a cause, else that of its kind, else that of `other`."""
        for key in ((kind, cause), (kind, "")):
            if key in self.rows:
                return self.rows[key]
        return self.rows[OTHER, ""]

    def proposals_for(
        self, kind: str, cause: str, value_fen: int, level: int = 0
    ) -> tuple[Offer, ...]:
        """Return what may be offered to the customer, in this order.

        `value_fen` is the value of the goods, 0 when nobody knows it: nothing is refunded then.
        Compensation never exceeds a known value. `level` is that of the ticket: 2 is a supervisor.
        """
        row = self.row(kind, cause)
        may_decide = value_fen <= row.value_limit_fen or level >= SUPERVISOR
        offers: list[Offer] = []
        for name in row.proposals:
            match self.taxonomy.proposals[name].money:
                case Money.NONE:
                    offers.append(Offer(name, 0))
                case Money.COMPENSATION:
                    limit = row.compensation_limit_fen
                    offers.append(Offer(name, min(limit, value_fen) if value_fen else limit))
                case Money.VALUE if value_fen and may_decide:
                    offers.append(Offer(name, value_fen))
                case Money.GOODS if may_decide:
                    offers.append(Offer(name, 0))
                case Money.VALUE | Money.GOODS:
                    continue
        return tuple(offers)
