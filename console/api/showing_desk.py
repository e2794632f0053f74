"""People at the desk, and tickets, as they are published."""

from __future__ import annotations

from console.api.call_schemas import Agent, Ticket, TicketSummary, Transfer
from console.web.masking import Sight
from store.desk_values import AgentFacts, TransferFacts
from store.ticket_values import TicketFacts


def agent(row: AgentFacts) -> Agent:
    """Show a person at the desk."""
    return Agent(
        user_id=row.user_id,
        name=row.name,
        device_kind=row.device_kind,
        languages=list(row.languages),
        lines=list(row.lines),
        state=row.state,
        state_since=row.state_since,
        seen_at=row.seen_at,
        transfer_id=row.transfer_id,
    )


def transfer(row: TransferFacts) -> Transfer:
    """Show a customer's wish for a person."""
    return Transfer(
        id=row.id,
        call_id=row.attempt_id,
        rule=row.rule,
        label=dict(row.label),
        priority=row.priority,
        line=row.line,
        language=row.language,
        status=row.status,
        agent_id=row.agent_id,
        requested_at=row.requested_at,
        offered_at=row.offered_at,
        accepted_at=row.accepted_at,
        joined_at=row.joined_at,
        ended_at=row.ended_at,
        ended_how=row.ended_how,
    )


def ticket_summary(row: TicketFacts) -> TicketSummary:
    """Show a ticket in a list."""
    return TicketSummary(
        number=row.number,
        kind=row.kind,
        cause=row.cause,
        department=row.department,
        status=row.status,
        level=row.level,
        urgent=row.urgent,
        waybill=row.waybill,
        contact_id=row.contact_id,
        call_id=row.attempt_id,
        opened_at=row.times.opened_at,
        respond_by=row.times.respond_by,
        resolve_by=row.times.resolve_by,
        resolved_at=row.times.resolved_at,
        closed_at=row.times.closed_at,
    )


def ticket(row: TicketFacts, sight: Sight) -> Ticket:
    """Show a ticket on its own; what the customer said and is, only in full."""
    return Ticket(
        **ticket_summary(row).model_dump(),
        record=dict(row.record) if sight.full else {},
        words=row.words if sight.full else "",
        proposal=row.proposal,
        compensation_fen=row.compensation_fen,
        resolution=row.resolution if sight.full else "",
    )
