"""What a conversation gathers on its way: confirmations, tickets to open, wishes to count."""

from __future__ import annotations

from dataclasses import replace

from ivr.dialog_state import Dialog
from ivr.exchange import TicketWish
from ivr.flow_model import Flow, Rule, TicketOrder
from ivr.meaning import Meaning
from ivr.nlu.wishes import wishes_in
from ivr.wording import reply_by


def gathered(flow: Flow, dialog: Dialog, rule: Rule, meaning: Meaning) -> Dialog:
    """Return the dialog with what a rule adds; a slot that was taken anew is unconfirmed."""
    before = dialog.gathered
    heard = wishes_in(meaning.text, flow.language)
    tags = tuple(tag for tag in (_resolved(dialog, wish) for wish in rule.wishes) if tag)
    confirmed = before.confirmed - {*rule.take, *rule.other, *rule.sets} | set(rule.confirms)
    after = replace(
        before,
        confirmed=confirmed,
        wishes=tuple(dict.fromkeys((*before.wishes, *tags, *heard))),
        last_words=meaning.text or before.last_words,
    )
    dialog = replace(dialog, gathered=after)
    return dialog if rule.ticket is None else ordered(flow, dialog, rule.ticket, meaning.text)


def ordered(flow: Flow, dialog: Dialog, order: TicketOrder, words: str) -> Dialog:
    """Return the dialog with a ticket to open; of one kind there is only one in a call."""
    kind = _kind(dialog, order)
    held = next((each for each in dialog.gathered.tickets if each.kind == kind), None)
    wish = TicketWish(
        kind=kind,
        words="; ".join(dict.fromkeys(filter(None, (held.words if held else "", words)))),
        urgent=order.urgent or (held is not None and held.urgent),
        callback_by=reply_by(flow, dialog.facts),
    )
    others = tuple(each for each in dialog.gathered.tickets if each.kind != kind)
    return replace(dialog, gathered=replace(dialog.gathered, tickets=(*others, wish)))


def _kind(dialog: Dialog, order: TicketOrder) -> str:
    """Return the type of a ticket."""
    return _resolved(dialog, order.kind) or "other"


def _resolved(dialog: Dialog, word: str) -> str:
    """Return a word of the flow; `{problem}` is what that slot or fact holds."""
    if not word.startswith("{"):
        return word
    name = word.strip("{}")
    return str(dialog.slots.get(name, dialog.facts.more.get(name, "")))
