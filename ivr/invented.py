"""An invented parcel, to try a conversation with, and facts of one's own choice in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ivr.exchange import CallFacts
from ivr.facts import FactError, FactKind, FactSpec, facts_known, samples_of, value_of
from ivr.flow_model import Flow
from ivr.flow_needs import unknown_to
from ivr.flow_reader import one_of

_TEXTS: Mapping[str, Callable[[CallFacts, str], CallFacts]] = {
    "company": lambda facts, text: replace(facts, company=text),
    "recipient": lambda facts, text: replace(facts, recipient=text),
    "waybill": lambda facts, text: replace(facts, waybill=text),
    "address": lambda facts, text: replace(facts, address=text),
    "item": lambda facts, text: replace(facts, item=text),
    "merchant": lambda facts, text: replace(facts, merchant=text),
    "callback_number": lambda facts, text: replace(facts, callback_number=text),
}
_OTHERS = {
    "promised": FactSpec("promised", FactKind.WINDOW, {}, {}),
    "cod": FactSpec("cod", FactKind.MONEY, {}, {}),
    "now": FactSpec("now", FactKind.MOMENT, {}, {}),
}
_FIRST = ("now",)
"""Read before the others, which may count from it."""


def invented_facts(
    now: datetime, company: str = "顺达快递", callback_number: str = ""
) -> CallFacts:
    """Return a parcel for Wang Xiaoming, promised for tomorrow from two to four; `now` is aware."""
    start = (now + timedelta(days=1)).replace(hour=14, minute=0, second=0, microsecond=0)
    return CallFacts(
        now=now,
        company=company,
        recipient="王小明",
        waybill="SF1234567890",
        window_start=start,
        window_end=start + timedelta(hours=2),
        address="幸福路18号阳光花园3号楼2单元501室",
        item="图书",
        merchant="晨光书店",
        callback_number=callback_number,
    )


def facts_for(flow: Flow, facts: CallFacts, changed: Mapping[str, str]) -> CallFacts:
    """Return facts with an example of each that a flow needs, and with those that were changed.

    An empty text takes a fact away. Raises FactError for a fact that there is none of, with those
    there are, and for one taken away that the flow can't do without.
    """
    for name in sorted(changed, key=lambda each: each not in _FIRST):
        facts = _changed(facts, name, changed[name].strip())
    samples = samples_of(flow.language, facts.now)
    taken = {_name_of(name) for name, text in changed.items() if not text.strip()}
    more = {name: samples[name] for name in flow.script.needs_facts if name not in taken}
    known = replace(facts, more={**more, **facts.more})
    if unknown := [name for name in unknown_to(known, flow) if name in taken]:
        raise FactError(f"{flow.id} can't do without {', '.join(unknown)}; leave it as it is.")
    return known


def _changed(facts: CallFacts, name: str, text: str) -> CallFacts:
    if name in _TEXTS:
        return _TEXTS[name](facts, text)
    if name == "cod" and not text:
        return replace(facts, cod_amount_fen=0)
    if name == "promised" and not text:
        return replace(facts, window_start=None, window_end=None)
    spec = _OTHERS.get(name) or _declared(name)
    if not text:
        return facts
    value = value_of(spec, text, facts.now)
    if name == "cod" and isinstance(value, int):
        return replace(facts, cod_amount_fen=value)
    if name == "now" and isinstance(value, datetime):
        days = value.date() - facts.now.date()
        ends = facts.window_start, facts.window_end
        start, end = (None if each is None else each + days for each in ends)
        return replace(facts, now=value, window_start=start, window_end=end)
    if name == "promised" and isinstance(value, tuple):
        return replace(facts, window_start=value[0], window_end=value[1])
    return replace(facts, more={**facts.more, spec.name: value})


def _name_of(name: str) -> str:
    """Return the name of a fact that may be called by its title."""
    return name if name in _TEXTS or name in _OTHERS else _declared(name).name


def _declared(name: str) -> FactSpec:
    for spec in facts_known().values():
        if name == spec.name or name in spec.titles.values():
            return spec
    known = [*_TEXTS, *_OTHERS, *facts_known()]
    raise FactError(f"There is no fact {name!r}. {one_of(name, known)}")
