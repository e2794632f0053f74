"""What the goods of a ticket are worth, and what may be granted for them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from campaigns.tickets_machine import TicketError
from campaigns.tickets_matrix import Matrix, Money, Responsibility
from campaigns.tickets_offers import fen_in
from store.models import Delivery
from store.ticket_models import Ticket


def known_value_fen(session: Session, delivery_id: int | None) -> int:
    """Return the value of the goods: as declared, else the cash on delivery, else 0."""
    if delivery_id is None:
        return 0
    delivery = session.get_one(Delivery, delivery_id)
    return fen_in(delivery.facts.get("value", "")) or delivery.cod_fen


def granted(matrix: Matrix, row: Ticket, proposal: str, fen: int, value_fen: int) -> int:
    """Return the money that goes with a proposal, in fen; a refund is the whole value unless told.

    Raises TicketError when the matrix allows neither the proposal nor the sum.
    """
    offers = {
        offer.proposal: offer
        for offer in matrix.proposals_for(row.kind, row.cause, value_fen, row.level)
    }
    offer = offers.get(proposal)
    if offer is None:
        raise TicketError(_why_not(matrix.row(row.kind, row.cause), proposal, value_fen, offers))
    if fen > offer.up_to_fen:
        most = f"at most {_yuan(offer.up_to_fen)}" if offer.up_to_fen else "no money"
        raise TicketError(f"{proposal} may cost {most} here, not {_yuan(fen)}.")
    match matrix.taxonomy.proposals[proposal].money:
        case Money.VALUE:
            return fen or offer.up_to_fen
        case Money.COMPENSATION if not fen:
            raise TicketError(f"Say how much is paid, at most {_yuan(offer.up_to_fen)}.")
    return fen


def _why_not(
    responsibility: Responsibility, proposal: str, value_fen: int, offers: Iterable[str]
) -> str:
    if proposal not in responsibility.proposals:
        return f"{proposal} isn't allowed here; allowed: {', '.join(offers)}."
    if not value_fen:
        return f"{proposal} depends on the value of the goods; say it with --value."
    limit = _yuan(responsibility.value_limit_fen)
    return f"{proposal} of goods worth more than {limit} is the supervisor's; escalate the ticket."


def _yuan(fen: int) -> str:
    return f"{fen / 100:.2f} yuan"
