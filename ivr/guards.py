"""The conditions a rule may set, each a question about what was said and what is known.

`not X` turns a guard around; `seen.STATE` and `seen.STATE.N` ask whether a state was visited (N
times) before this answer. Of a declared slot (the answer's first, else the remembered one) or a
fact NAME:

    heard.NAME          the answer holds it
    NAME.same           the answer holds what is remembered already
    window.covers.NAME  the whole span of that fact lies in the window
    confirmed.NAME      it was read back and agreed to (window and address, too)
    known.NAME          it has a value that isn't 否
    NAME.is.VALUE       a choice or word
    NAME.at_least.N     a score, count or money
    NAME.at_most.N
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from ivr import windows
from ivr.exchange import CallFacts
from ivr.flow_model import Limits
from ivr.meaning import Address, HandOver, Meaning, SlotValue, Window, WindowProblem


@dataclass(frozen=True, slots=True)
class Situation:
    """What a guard may look at."""

    facts: CallFacts
    limits: Limits
    slots: Mapping[str, SlotValue]
    """Remembered in earlier turns."""
    visits: Mapping[str, int]
    meaning: Meaning | None = None
    """The answer; None in a branch."""
    confirmed: frozenset[str] = frozenset()
    """Slots that were read back and agreed to."""

    def heard(self, slot: str) -> SlotValue | None:
        """Return a slot of the answer."""
        return self.meaning.slots.get(slot) if self.meaning else None

    def window(self) -> Window | None:
        """Return the window of the answer, else the remembered one."""
        value = self.heard("window") or self.slots.get("window")
        return value if isinstance(value, Window) else None


def _window_is_past(at: Situation) -> bool:
    window = at.window()
    if window is None:
        return False
    named_past = window.problem is WindowProblem.PAST
    return named_past or windows.is_past(window, at.facts.now, at.limits.service_ends)


def _window_is_closed(at: Situation) -> bool:
    window = at.window()
    begins, ends = at.limits.service_begins, at.limits.service_ends
    return window is not None and windows.is_outside_service(window, begins, ends)


def _window_is_too_far(at: Situation) -> bool:
    window = at.window()
    return window is not None and windows.is_too_far(window, at.facts.now, at.limits.latest_days)


def _window_as_promised(at: Situation) -> bool:
    window, facts = at.window(), at.facts
    if window is None or facts.window_start is None or facts.window_end is None:
        return False
    return windows.covers(window, facts.window_start, facts.window_end)


def _names_only_a_day(at: Situation) -> bool:
    window = at.window()
    return window is not None and windows.names_only_a_day(window)


def _names_several_days(at: Situation) -> bool:
    window = at.window()
    return window is not None and windows.names_several_days(window)


def _window_is_same(at: Situation) -> bool:
    heard, held = at.heard("window"), at.slots.get("window")
    if not isinstance(heard, Window) or not isinstance(held, Window):
        return False
    return (heard.start, heard.end) == (held.start, held.end)


def _address_is_complete(at: Situation) -> bool:
    held = at.slots.get("address")
    return isinstance(held, Address) and held.complete


def _window_is_doubtful(at: Situation) -> bool:
    window, other = at.slots.get("window"), at.slots.get("other_window")
    return window is not None and other is not None and window != other


def _window_is_other(at: Situation) -> bool:
    heard, window, other = at.heard("window"), at.slots.get("window"), at.slots.get("other_window")
    if not (isinstance(heard, Window) and isinstance(window, Window) and isinstance(other, Window)):
        return False
    return windows.is_meant(heard, other, window)


def _window_is_first(at: Situation) -> bool:
    heard, window, other = at.heard("window"), at.slots.get("window"), at.slots.get("other_window")
    if not (isinstance(heard, Window) and isinstance(window, Window) and isinstance(other, Window)):
        return False
    return windows.is_meant(heard, window, other)


def _address_is_doubtful(at: Situation) -> bool:
    held, other = at.slots.get("address"), at.slots.get("other_address")
    return isinstance(held, Address) and isinstance(other, Address) and held.text != other.text


def _address_is_other(at: Situation) -> bool:
    heard, held, other = at.heard("address"), at.slots.get("address"), at.slots.get("other_address")
    if not (isinstance(heard, Address) and isinstance(held, Address)):
        return False
    return isinstance(other, Address) and heard.text in other.text and heard.text not in held.text


def _address_is_first(at: Situation) -> bool:
    heard, held, other = at.heard("address"), at.slots.get("address"), at.slots.get("other_address")
    if not (isinstance(heard, Address) and isinstance(held, Address)):
        return False
    return isinstance(other, Address) and heard.text in held.text and heard.text not in other.text


def _hand_over(at: Situation) -> HandOver | None:
    value = at.heard("hand_over") or at.slots.get("hand_over")
    return value if isinstance(value, HandOver) else None


GUARDS: Mapping[str, Callable[[Situation], bool]] = {
    "heard.window": lambda at: isinstance(at.heard("window"), Window),
    "heard.address": lambda at: isinstance(at.heard("address"), Address),
    "heard.hand_over": lambda at: isinstance(at.heard("hand_over"), HandOver),
    "sure": lambda at: at.meaning is None or at.meaning.confidence >= at.limits.sure_confidence,
    "window.day_only": _names_only_a_day,
    "window.several_days": _names_several_days,
    "window.past": _window_is_past,
    "window.closed": _window_is_closed,
    "window.too_far": _window_is_too_far,
    "window.as_promised": _window_as_promised,
    "window.same": _window_is_same,
    "window.doubtful": _window_is_doubtful,
    "window.first": _window_is_first,
    "window.other": _window_is_other,
    "address.complete": _address_is_complete,
    "address.doubtful": _address_is_doubtful,
    "address.first": _address_is_first,
    "address.other": _address_is_other,
    "hand_over.door": lambda at: _hand_over(at) is HandOver.DOOR,
    "hand_over.doubtful": lambda at: (
        "hand_over" in at.slots
        and at.slots.get("other_hand_over") not in {None, at.slots["hand_over"]}
    ),
    "hand_over.other": lambda at: (
        at.heard("hand_over") is not None
        and at.heard("hand_over") == at.slots.get("other_hand_over")
    ),
    "hand_over.same": lambda at: (
        at.heard("hand_over") is not None and at.heard("hand_over") == at.slots.get("hand_over")
    ),
}


BUILT_IN: Mapping[str, Callable[[CallFacts], object]] = {
    "item": lambda facts: facts.item,
    "merchant": lambda facts: facts.merchant,
    "cod": lambda facts: facts.cod_amount_fen,
    "callback_number": lambda facts: facts.callback_number,
}
"""What every flow may ask of a delivery without declaring it."""


AFTER = "window.after."
"""Before the name of a fact: the window begins after that day, moment or span."""


def _window_is_after(at: Situation, fact: str) -> bool:
    window, known = at.window(), at.facts.more.get(fact)
    limit = known[1] if isinstance(known, tuple) else known
    if window is None or not isinstance(limit, datetime):
        return False
    begins = window.start
    return begins.date() > limit.date() or (limit.time() > time() and begins > limit)


COVERS = "window.covers."
"""Before the name of a fact: the whole span that it holds lies in the window."""


def _covers(at: Situation, fact: str) -> bool:
    window, span = at.window(), at.facts.more.get(fact)
    return window is not None and isinstance(span, tuple) and windows.covers(window, *span)


def holds(guard: str, at: Situation) -> bool:
    """Return whether a guard is true; raises KeyError for one that doesn't exist."""
    if guard.startswith("not "):
        return not holds(guard.removeprefix("not "), at)
    if guard.startswith("seen."):
        state, times = seen(guard)
        return at.visits.get(state, 0) >= times
    if guard.startswith(COVERS):
        return _covers(at, guard.removeprefix(COVERS))
    if guard in GUARDS:
        return GUARDS[guard](at)
    if guard.startswith(AFTER):
        return _window_is_after(at, guard.removeprefix(AFTER))
    return _compares(guard, at)


def subject_of(guard: str) -> tuple[str, str, str]:
    """Return name, relation and value of a guard about a slot or fact; empty if it is none."""
    first, _, rest = guard.removeprefix("not ").partition(".")
    if first in {"heard", "known", "confirmed"} and rest:
        return rest, first, ""
    if rest == "same":
        return first, rest, ""
    relation, _, value = rest.partition(".")
    if relation not in {"is", "at_least", "at_most"} or not value:
        return "", "", ""
    if relation != "is" and not value.isdigit():
        return "", "", ""
    return first, relation, value


def _compares(guard: str, at: Situation) -> bool:
    name, relation, wanted = subject_of(guard)
    if relation == "heard":
        return at.heard(name) is not None
    if relation == "confirmed":
        return name in at.confirmed
    if relation == "same":
        return at.heard(name) is not None and at.heard(name) == at.slots.get(name)
    value = at.heard(name)
    if value is None:
        value = at.slots.get(name)
    known: object = value
    if known is None:
        known = BUILT_IN[name](at.facts) if name in BUILT_IN else at.facts.more.get(name)
    match relation:
        case "known":
            return value is not None or known not in (None, "", False)
        case "is":
            return known is not None and str(known) == wanted
        case "at_least":
            return isinstance(known, int) and known >= int(wanted)
        case "at_most":
            return isinstance(known, int) and known <= int(wanted)
    raise KeyError(guard)


def seen(guard: str) -> tuple[str, int]:
    """Return the state and the number of visits that a `seen.` guard speaks of."""
    _, state, *times = guard.removeprefix("not ").split(".")
    return state, int(times[0]) if times and times[0].isdigit() else 1
