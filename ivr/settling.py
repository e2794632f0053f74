"""What an ending fixes, and what dispatch learns of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ivr.answers import OTHER
from ivr.dialog_state import Dialog, DialogError, Settled
from ivr.exchange import DialogOutcome, DialogResult
from ivr.flow_model import Ending, State
from ivr.meaning import Address, HandOver, Meaning, SlotValue, Window


def settle(dialog: Dialog, state: State, ending: Ending, meaning: Meaning | None) -> Dialog:
    """Return the dialog with its ending fixed.

    What an earlier ending of the same call settled stays: a person asked for during the goodbye
    is noted beside it. Raises DialogError for an unattended hand-over without consent.
    """
    choice = dialog.slots.get("hand_over")
    unattended = "hand_over" in ending.reports and choice is not HandOver.DOOR
    if unattended and (dialog.consent is None or dialog.consent.choice is not choice):
        raise DialogError(
            f"{state.place}: {choice} can't be settled without the recipient's consent."
        )
    outcome, reports = ending.outcome, frozenset(ending.reports)
    notes = dict(ending.notes)
    if meaning is not None and meaning.text:
        notes["last_words"] = meaning.text
    earlier = dialog.settled
    if earlier is not None and outcome is not DialogOutcome.WRONG_NUMBER:
        notes = dict(earlier.notes) | notes | {"settled_before": earlier.outcome.value}
        reports |= earlier.reports
        if outcome is DialogOutcome.CALLBACK_PROMISED:
            outcome = earlier.outcome
    again = _call_again(dialog, ending)
    settled = Settled(outcome, ending.finished, reports, ending.needs_person, again, notes)
    return replace(dialog, settled=settled)


def result_of(dialog: Dialog) -> DialogResult:
    """Return what was settled; a conversation without an ending was cut short."""
    settled = dialog.settled
    if settled is None:
        notes = _unconfirmed(dialog, frozenset()) | {"open_question": dialog.state}
        return DialogResult(DialogOutcome.UNFINISHED, finished=False, notes=notes)
    agreed = {name: dialog.slots.get(name) for name in settled.reports}
    window, address, choice = agreed.get("window"), agreed.get("address"), agreed.get("hand_over")
    return DialogResult(
        outcome=settled.outcome,
        finished=settled.finished,
        new_window=window if isinstance(window, Window) else None,
        new_address=address if isinstance(address, Address) else None,
        hand_over=choice if isinstance(choice, HandOver) else None,
        consent=dialog.consent if choice is not None else None,
        needs_person=settled.needs_person,
        call_again_at=settled.call_again_at,
        notes=dict(settled.notes) | _unconfirmed(dialog, settled.reports),
    )


def _call_again(dialog: Dialog, ending: Ending) -> datetime | None:
    if not ending.call_again_minutes:
        return None
    now, wished = dialog.facts.now, dialog.slots.get("call_at")
    if isinstance(wished, Window) and wished.start > now:
        return wished.start
    return now + timedelta(minutes=ending.call_again_minutes)


def _unconfirmed(dialog: Dialog, reports: frozenset[str]) -> dict[str, str]:
    """Return what was heard but never agreed, for the person who looks at the call."""
    return {
        f"heard_{name}": _words(value)
        for name, value in dialog.slots.items()
        if name not in reports and name != "call_at" and not name.startswith(OTHER)
    }


def _words(value: SlotValue) -> str:
    if isinstance(value, Window):
        end = value.end.isoformat() if value.end else ""
        return f"{value.start.isoformat()}/{end}"
    return value.text if isinstance(value, Address) else str(value)
