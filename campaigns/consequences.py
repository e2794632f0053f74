"""What follows from the end of a call beside another call, written with it in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaigns.next_script import AGENT, SHORT
from campaigns.retry import RetryDecision
from campaigns.retry_table import REACHED, Consequence
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import TicketRules
from store.closing import NO_NEXT_CALL, close
from store.models import Contact
from store.types import ContactStatus, Disposition, Outcome
from store.values import ClaimedCall

NEXT_SCRIPTS: Final[Mapping[Consequence, str]] = MappingProxyType(
    {Consequence.SHORT_SCRIPT: SHORT, Consequence.AGENT_READY: AGENT}
)
WRONG_NUMBER: Final = "wrong_number"
"""The cause of a ticket by which a merchant is asked for the right number."""
VACANT: Final = "号码是空号,请向商家核实收件人的电话"
SOMEBODY_ELSES: Final = "接电话的人说打错了,请向商家核实收件人的电话"


def follow(
    session: Session,
    call: ClaimedCall,
    disposition: Disposition,
    decision: RetryDecision,
    now: datetime,
    rules: TicketRules,
) -> None:
    """Write what follows from a call that is settled: how the next one goes, and tickets.

    Whoever was withdrawn during the call is not called again.
    """
    contact = session.get_one(Contact, call.contact_id)
    if contact.next_script == NO_NEXT_CALL:
        if contact.status is ContactStatus.WAITING:
            close(session, contact.id, Disposition.WITHDRAWN, Outcome.WITHDRAWN, now)
        return
    if disposition in REACHED or contact.status is not ContactStatus.WAITING:
        # A call that reached nobody changes nothing in how the next one opens.
        words = (NEXT_SCRIPTS[each] for each in decision.then if each in NEXT_SCRIPTS)
        contact.next_script = next(words, "")
    if Consequence.MERCHANT_TICKET in decision.then:
        _ask_the_merchant(session, call, disposition, now, rules)


def _ask_the_merchant(
    session: Session,
    call: ClaimedCall,
    disposition: Disposition,
    now: datetime,
    rules: TicketRules,
) -> None:
    what = VACANT if disposition is Disposition.INVALID_NUMBER else SOMEBODY_ELSES
    for parcel in call.deliveries:
        complaint = Complaint(
            kind=WRONG_NUMBER,
            words=what,
            waybill=parcel.waybill,
            delivery_id=parcel.id,
            contact_id=call.contact_id,
            attempt_id=call.attempt_id,
            language=call.language,
            record={
                "who": call.recipient,
                "what": f"{what} {parcel.merchant}".strip(),
                "when": f"{now.astimezone(ZoneInfo(call.time_zone)):%Y-%m-%d %H:%M}",
                "where": parcel.address,
                "how": f"{call.campaign.flow}, call {call.attempt_id}",
            },
        )
        open_ticket(session, rules, complaint, f"call {call.attempt_id}", now)


def minutes_since_cut(call: ClaimedCall, now: datetime) -> float | None:
    """Return how long ago the call was cut that this one takes up again; None: it opens anew."""
    if call.next_script != SHORT:
        return None
    cut = [each.settled_at for each in call.history if each.disposition in REACHED]
    return max((now - cut[-1]).total_seconds() / 60, 0.0) if cut else None
