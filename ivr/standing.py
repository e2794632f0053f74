"""Standing: where a call with people in it stands, and what is made of its result; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ivr.exchange import DialogOutcome, DialogResult, TicketWish
from ivr.meaning import Intent, Meaning
from ivr.people import Visit
from ivr.takeover import Holder, Move, next_holder
from ivr.transcript import Speaker, Turn

WAIT_SECONDS = 45.0
"""Without any news of somebody who comes, nobody waits for longer."""
UNSTAFFED_SECONDS = 20.0
"""Who is being offered a call is not free; only then is it certain that nobody comes."""
SPEAK_UP_SECONDS = 3.0
"""After his brief a person is waited for so long before the hold sound stops."""
GOODBYE_SECONDS = 20.0
"""A goodbye this long ago still ends a call that is hung up."""
AGENT_HANDLES = "坐席处理中"
"""Why a person must look at a call in which an agent talked, until his form is there."""
ENDED_BY_PERSON = "通话由主管结束"

_OUTWEIGHS = frozenset({DialogOutcome.OPTED_OUT, DialogOutcome.WRONG_NUMBER})
_GOODBYE = re.compile(r"再见|拜拜|再会|先这样|就这样|\b(good ?bye|bye)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a call with people in it stands; times are seconds of call audio."""

    holder: Holder = Holder.ROBOT
    talker: int = 0
    """Join of whoever has the call; 0: nobody."""
    third: int = 0
    """Join of the third who is being rung, consulted or talked to."""
    passed_by: int = 0
    """Join of the agent who passed the customer on to the third."""
    attended: bool = True
    """The third is consulted before the customer is passed on."""
    news_at: float = 0.0
    """When a customer who waits last had reason to hope."""
    staffed_at: float = 0.0
    """When somebody could last have come."""
    hold_until: float | None = None
    """When the hold sound stops although the agent has said nothing; None: not known yet."""
    losses: int = 0
    withdrawn: bool = False
    """The customer no longer waits, and who is being rung for him must be told."""

    def moved(self, move: Move) -> Standing:
        """Return the standing after a move; raises IllegalMove."""
        return replace(self, holder=next_holder(self.holder, move))


def is_hopeless(at: Standing, now: float) -> bool:
    """Answer whether a customer has waited long enough without any news."""
    return now - at.news_at >= WAIT_SECONDS or now - at.staffed_at >= UNSTAFFED_SECONDS


def said_goodbye(turns: Iterable[Turn], now: float) -> bool:
    """Answer whether a person or the customer said goodbye just now."""
    return any(
        turn.speaker is not Speaker.MENLING
        and now - turn.ended_seconds <= GOODBYE_SECONDS
        and _GOODBYE.search(turn.text) is not None
        for turn in turns
    )


def merged(first: DialogResult, second: DialogResult) -> DialogResult:
    """Return what dispatch should know of two conversations in one call, the second after a person.

    The call is about what the first was about, unless the second says never to call again.
    """
    stronger = second if second.outcome in _OUTWEIGHS else first
    notes = dict(first.notes or {}) | dict(second.notes or {})
    return replace(
        stronger,
        notes=notes | {"then": second.outcome.value},
        collected={**first.collected, **second.collected},
        tickets=(*first.tickets, *second.tickets),
        wishes=(*first.wishes, *second.wishes),
        needs_person=stronger.needs_person or first.needs_person or second.needs_person,
        callback_by=None
        if stronger.outcome in _OUTWEIGHS
        else first.callback_by or second.callback_by,
    )


def wants_no_calls(meaning: Meaning, sure: float) -> bool:
    """Answer whether a customer has surely said that he is never to be called again."""
    meant = Intent.OPT_OUT in (meaning.intent, *meaning.also)
    return meant and meaning.confidence >= sure


def never_again(result: DialogResult | None) -> DialogResult | None:
    """Return what dispatch should know of a customer who told a person that he wants no calls."""
    if result is None:
        return None
    return replace(
        result,
        outcome=DialogOutcome.OPTED_OUT,
        finished=True,
        call_again_at=None,
        callback_by=None,
    )


def with_tickets(
    result: DialogResult | None, put_off: tuple[TicketWish, ...], *, promised: bool
) -> DialogResult | None:
    """Return what dispatch should know of a call in which a person talked instead of a promise.

    What the person settled needs no ticket and no callback; what the robot then promises does.
    `put_off`: tickets of endings that were put off for the person.
    """
    if result is None:
        return None
    others = tuple(each for each in result.tickets if each not in put_off)
    if not promised:
        return replace(result, tickets=others, callback_by=None)
    kinds = {each.kind for each in others}
    return replace(result, tickets=(*others, *(each for each in put_off if each.kind not in kinds)))


def with_people(
    result: DialogResult | None, visits: tuple[Visit, ...], ended_by_person: bool
) -> DialogResult | None:
    """Return what dispatch should know of a conversation that people took part in.

    Nobody is called again by a robot after a person has talked to him.
    """
    talked = any(visit.spoke for visit in visits)
    if result is None or not (talked or ended_by_person):
        return result
    reason = AGENT_HANDLES if talked else ENDED_BY_PERSON
    if not result.finished and result.outcome is DialogOutcome.UNFINISHED:
        result = replace(result, outcome=DialogOutcome.CALLBACK_PROMISED, finished=True)
    return replace(result, needs_person=reason, call_again_at=None)
