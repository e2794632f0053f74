"""What an ending fixes, and what dispatch learns of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ivr.answers import OTHER
from ivr.dialog_state import Dialog, DialogError, Settled
from ivr.exchange import DialogOutcome, DialogResult
from ivr.flow_model import Ending, Flow, SlotKind, State
from ivr.gathering import ordered
from ivr.guards import Situation, holds
from ivr.meaning import Address, HandOver, Meaning, SlotValue, Window
from ivr.wording import reply_by
from tts.prompts import slots_of

PROMISED = "reply_by"
"""What a wording speaks of that promises a callback."""
NOBODY_CALLS = frozenset({DialogOutcome.OPTED_OUT, DialogOutcome.WRONG_NUMBER})
"""After these no promise holds."""
ALWAYS_CONFIRMED = frozenset({"window", "address"})
"""Slots of every flow that count only once they were read back and agreed to."""


def settle(flow: Flow, dialog: Dialog, state: State, meaning: Meaning | None) -> Dialog:
    """Return the dialog with the ending of `state` fixed.

    What an earlier ending of the same call settled stays: a person asked for during the goodbye
    is noted beside it. Raises DialogError for an unattended hand-over without consent, and for a
    slot that nobody confirmed.
    """
    ending = state.ending
    if ending is None:
        raise DialogError(f"{state.place}: {state.id!r} ends nothing.")
    for name in ending.reports:
        if must_be_confirmed(flow, name) and name not in dialog.gathered.confirmed:
            raise DialogError(f"{state.place}: {name!r} can't be settled before it was confirmed.")
    choice, consent = dialog.slots.get("hand_over"), dialog.gathered.consent
    unattended = "hand_over" in ending.reports and choice is not HandOver.DOOR
    if unattended and (consent is None or consent.choice is not choice):
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
    settled = Settled(
        outcome,
        ending.finished,
        reports,
        ending.needs_person,
        _call_again(dialog, ending),
        _callback_by(flow, dialog, state),
        notes,
    )
    dialog = replace(dialog, settled=settled)
    if ending.ticket is None:
        return dialog
    said = [str(dialog.slots[n]) for n in _words_slots(flow) if n in dialog.slots]
    words = "; ".join(said) or (meaning.text if meaning else "") or dialog.gathered.last_words
    return ordered(flow, dialog, ending.ticket, words)


def must_be_confirmed(flow: Flow, name: str) -> bool:
    """Answer whether a slot counts only after it was read back and agreed to."""
    spec = flow.script.slots.get(name)
    return name in ALWAYS_CONFIRMED or (spec is not None and spec.confirm)


def result_of(flow: Flow, dialog: Dialog) -> DialogResult:
    """Return what was settled; a conversation without an ending was cut short."""
    settled = dialog.settled
    flagged = _flags(flow, dialog)
    if settled is None:
        notes = _unconfirmed(dialog, frozenset()) | {"open_question": dialog.state}
        return DialogResult(
            DialogOutcome.UNFINISHED,
            finished=False,
            notes=notes,
            collected=_collected(flow, dialog, frozenset()),
            tickets=dialog.gathered.tickets,
            wishes=dialog.gathered.wishes,
        )
    agreed = {name: dialog.slots.get(name) for name in settled.reports}
    window, address, choice = agreed.get("window"), agreed.get("address"), agreed.get("hand_over")
    return DialogResult(
        outcome=settled.outcome,
        finished=settled.finished,
        new_window=window if isinstance(window, Window) else None,
        new_address=address if isinstance(address, Address) else None,
        hand_over=choice if isinstance(choice, HandOver) else None,
        consent=dialog.gathered.consent if choice is not None else None,
        needs_person=settled.needs_person or "; ".join(flagged),
        call_again_at=settled.call_again_at,
        callback_by=settled.callback_by,
        notes=dict(settled.notes) | _unconfirmed(dialog, settled.reports),
        collected=_collected(flow, dialog, settled.reports),
        tickets=dialog.gathered.tickets,
        wishes=dialog.gathered.wishes,
    )


def _words_slots(flow: Flow) -> list[str]:
    return [name for name, spec in flow.script.slots.items() if spec.kind is SlotKind.WORDS]


def _flags(flow: Flow, dialog: Dialog) -> list[str]:
    """Return why a person should look at this call, whatever came of it."""
    visits, confirmed = dialog.tally.visits, dialog.gathered.confirmed
    at = Situation(dialog.facts, flow.limits, dialog.slots, visits, None, confirmed)
    return [flag.why for flag in flow.script.flags if all(holds(g, at) for g in flag.guards)]


def _collected(flow: Flow, dialog: Dialog, reports: frozenset[str]) -> dict[str, str]:
    """Return the declared slots that count, whether or not the call came to its end."""
    return {
        name: _words(dialog.slots[name])
        for name, spec in flow.script.slots.items()
        if name in dialog.slots and (name in reports or spec.at_once)
    }


def _call_again(dialog: Dialog, ending: Ending) -> datetime | None:
    if not ending.call_again_minutes:
        return None
    now, wished = dialog.facts.now, dialog.slots.get("call_at")
    if isinstance(wished, Window) and wished.start > now:
        return wished.start
    return now + timedelta(minutes=ending.call_again_minutes)


def _callback_by(flow: Flow, dialog: Dialog, state: State) -> datetime | None:
    """Return until when the words of an ending say that a person calls back."""
    if state.ending is not None and state.ending.outcome in NOBODY_CALLS:
        return None
    wordings = (text for name in state.say for text in flow.script.prompts[name].wordings.values())
    if any(PROMISED in slots_of(text) for text in wordings):
        return reply_by(flow, dialog.facts)
    return None if dialog.settled is None else dialog.settled.callback_by


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
