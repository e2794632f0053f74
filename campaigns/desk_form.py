"""The form: what an agent writes down after a call takes the place of what the robot made of it.

It never makes anybody dial again, unless it says when the customer is to be called.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

import sqlalchemy as sa
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from sqlalchemy.orm import Session

from campaigns.desk_words import Said, both, said
from ivr.meaning import HandOver
from store.callbacks import void_callbacks
from store.desk_models import Transfer
from store.desk_transfers import locked_transfer, mark_form_applied
from store.errors import DeskError
from store.models import Attempt, Contact, OutcomeRecord
from store.outcomes import tell_again
from store.queries import campaign, set_campaign_status
from store.reconciliation_models import Evidence
from store.reconciliations import Resolution, resolve
from store.suppression import suppress
from store.types import (
    AttemptStatus,
    CampaignStatus,
    ContactStatus,
    Outcome,
    SuppressionReason,
)

OUTCOMES: Final = frozenset(Outcome) - {
    Outcome.UNKNOWN,
    Outcome.SUPPRESSED,
    Outcome.EXPIRED,
    Outcome.WITHDRAWN,
    Outcome.NOT_CALLED,
    Outcome.MESSAGE_LEFT,
    Outcome.NOT_REACHED,
}
"""What a talk between people can come to."""

Text = Annotated[str, Field(max_length=500)]
_YEARS: Final = range(2000, 2101)


def _in_our_time(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError(f"the year {moment.year} is a mistake")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
"""A moment that is one in every time zone."""


class Form(BaseModel):
    """What an agent writes down; empty fields say that nothing was agreed about them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome
    new_window_start: Moment | None = None
    new_window_end: Moment | None = None
    new_address: Text = ""
    hand_over: HandOver | Literal[""] = ""
    notes: Annotated[str, Field(max_length=2000)] = ""
    call_again_at: Moment | None = None
    """When the robot is to call again; None: it doesn't."""
    needs_person: Text = ""
    """Why somebody must still look at it."""
    then: Literal["ready", "break"] = "ready"
    """What the agent does next."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.outcome not in OUTCOMES:
            raise ValueError("outcome: a talk can't come to that")
        start, end = self.new_window_start, self.new_window_end
        if end is not None and (start is None or end <= start):
            raise ValueError("new_window_start, new_window_end: the window must end after it began")
        if self.outcome is Outcome.OPTED_OUT and self.call_again_at is not None:
            raise ValueError("call_again_at: nobody who wants no calls is called again")
        return self


class FormError(DeskError):
    """The form can't be taken as it is; the message says what is wrong, `why` in both languages."""

    def __init__(self, why: Said) -> None:
        super().__init__(why["en"])
        self.why = why


_NEEDS: Final[Mapping[Outcome, tuple[tuple[str, ...], Said]]] = MappingProxyType(
    {
        Outcome.RESCHEDULED: (
            ("new_window_start",),
            said("改约时间：请填写新的送货时间。", "Rescheduled: fill in the new delivery time."),
        ),
        Outcome.ADDRESS_CHANGED: (
            ("new_address",),
            said("修改地址：请填写新地址。", "Address changed: fill in the new address."),
        ),
        Outcome.HAND_OVER_CHANGED: (
            ("hand_over",),
            said("改交付方式：请选择怎么交付。", "Hand-over changed: choose the new one."),
        ),
        Outcome.CALLBACK_PROMISED: (
            ("call_again_at", "needs_person"),
            said(
                "已答应回电：请填写机器人何时再打，或写明要人工回电的原因。",
                "Callback promised: say when the robot calls again, or why a person must call.",
            ),
        ),
    }
)
"""What must be said with an outcome by which something changes: one of these fields."""


def form_of(written: Mapping[str, Any]) -> Form:
    """Read a form; raises FormError."""
    form = _read(written)
    fields, why = _NEEDS.get(form.outcome, ((), None))
    if why is not None and not any(getattr(form, each) for each in fields):
        raise FormError(why)
    return form


def _read(written: Mapping[str, Any]) -> Form:
    try:
        return Form.model_validate(dict(written))
    except ValidationError as error:
        wrong = "; ".join(
            ": ".join(
                filter(
                    None,
                    (
                        ".".join(map(str, each["loc"])),
                        each["msg"].removeprefix("Value error, "),
                    ),
                )
            )
            for each in error.errors(include_input=False)
        )
        raise FormError(both(wrong)) from error


def forms_to_apply(session: Session) -> tuple[int, ...]:
    """Return the transfers whose form is here and whose call is settled, oldest form first."""
    query = (
        sa.select(Transfer.id)
        .join(Attempt, Attempt.id == Transfer.attempt_id)
        .where(
            Transfer.form_at.is_not(None),
            Transfer.form_applied.is_(False),
            Attempt.status == AttemptStatus.SETTLED,
        )
        .order_by(Transfer.form_at, Transfer.id)
    )
    return tuple(session.scalars(query))


def apply_form(session: Session, transfer_id: int, now: datetime) -> Outcome:
    """Let the outcome of a settled call say what the form says, and tell dispatch again.

    Where a colleague talked later in the same call and has written down what came of it, that
    stays; an opt-out counts whoever heard it. Returns what the call came to.

    Raises DeskError when the call isn't settled, and FormError.
    """
    about = locked_transfer(session, transfer_id)
    record = session.scalar(
        sa.select(OutcomeRecord)
        .where(OutcomeRecord.attempt_id == about.attempt_id)
        .with_for_update()
    )
    if record is None:
        raise DeskError(f"Attempt {about.attempt_id} is not settled yet")
    if about.form_applied:
        # Another engine was quicker.
        return record.outcome
    form = form_of(about.form)
    contact = session.get_one(Contact, record.contact_id)
    if not contact.phone:
        # Who was forgotten meanwhile is not brought back by what was written about them.
        about.form = {}
        mark_form_applied(session, transfer_id)
        return record.outcome
    if form.outcome is Outcome.OPTED_OUT:
        source = f"campaign {contact.campaign_id}, attempt {about.attempt_id}, agent"
        suppress(session, contact.phone, SuppressionReason.OPTED_OUT, now, source)
    elif _spoke_later(session, about):
        mark_form_applied(session, transfer_id)
        return record.outcome
    _rewrite(record, form)
    if not form.needs_person:
        void_callbacks(session, contact.id, now)
    if _is_newest(session, record) and contact.status is not ContactStatus.IN_CALL:
        _set_contact(session, contact, form, now)
    resolve(session, about.attempt_id, Resolution(Evidence.AGENT, now, evidence=form.outcome.value))
    tell_again(session, record, contact, now)
    mark_form_applied(session, transfer_id)
    session.flush()
    return form.outcome


def _rewrite(record: OutcomeRecord, form: Form) -> None:
    record.outcome = form.outcome
    record.new_window_start = _utc(form.new_window_start)
    record.new_window_end = _utc(form.new_window_end)
    record.new_address = form.new_address
    record.hand_over = str(form.hand_over)
    record.needs_person = form.needs_person
    record.call_again_at = _utc(form.call_again_at)
    notes = {name: text for name, text in record.notes.items() if name != "agent"}
    record.notes = notes | ({"agent": form.notes} if form.notes else {})
    record.final = form.call_again_at is None
    if record.consent_choice and record.consent_choice != form.hand_over:
        # Consent to another way than the one agreed in the end is consent to nothing.
        record.consent_choice = record.consent_words = ""
        record.consent_at_seconds = None


def _spoke_later(session: Session, about: Transfer) -> bool:
    later = sa.select(Transfer.id).where(
        Transfer.attempt_id == about.attempt_id,
        Transfer.id > about.id,
        Transfer.form_at.is_not(None),
    )
    return session.scalar(later.limit(1)) is not None


def _is_newest(session: Session, record: OutcomeRecord) -> bool:
    newest = sa.select(sa.func.max(OutcomeRecord.id)).where(
        OutcomeRecord.contact_id == record.contact_id
    )
    return session.scalar(newest) == record.id


def _set_contact(session: Session, contact: Contact, form: Form, now: datetime) -> None:
    if form.call_again_at is None:
        contact.status, contact.next_call_at = ContactStatus.DONE, None
        return
    contact.status = ContactStatus.WAITING
    contact.next_call_at = max(form.call_again_at.astimezone(UTC), now)
    if campaign(session, contact.campaign_id).status is CampaignStatus.FINISHED:
        set_campaign_status(session, contact.campaign_id, CampaignStatus.RUNNING, now)
    if contact.useful_until is not None and contact.useful_until <= contact.next_call_at:
        # The agent knows better than the manifest until when a call is of use.
        contact.useful_until = None


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
