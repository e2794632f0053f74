"""A rehearsed conversation for programs."""

from __future__ import annotations

from typing import Any

from ivr.explanation import Explanation, words_of
from ivr.rehearsing import TextCall, Typed


def as_json(call: TextCall) -> dict[str, Any]:
    """Return a rehearsed call for programs."""
    turns: list[dict[str, Any]] = []
    for moment in call.moments:
        if moment.typed is not None and moment.explanation is not None:
            turns.append(_turn_json(moment.typed, moment.explanation))
        turns += [
            {"who": "menling", "text": each.text, "prompt": each.prompt} for each in moment.says
        ]
    result = call.result
    return {
        "flow": call.flow.id,
        "language": call.flow.language,
        "version": call.flow.version,
        "digest": call.flow.digest,
        "over": call.is_over,
        "seconds": round(call.now.seconds, 1),
        "turns": turns,
        "state": call.now.dialog.state,
        "slots": {name: words_of(value) for name, value in call.now.dialog.slots.items()},
        "outcome": str(result.outcome),
        "finished": result.finished,
        "needs_person": result.needs_person,
        "collected": dict(result.collected),
        "tickets": [each.kind for each in result.tickets],
        "wishes": list(result.wishes),
    }


def _turn_json(typed: Typed, why: Explanation) -> dict[str, Any]:
    meaning = why.meaning
    return {
        "who": "callee",
        "text": typed.words,
        "key": typed.key,
        "intent": str(meaning.intent) if meaning else "",
        "also": [str(each) for each in meaning.also] if meaning else [],
        "confidence": meaning.confidence if meaning else 0.0,
        "slots": {name: words_of(value) for name, value in meaning.slots.items()}
        if meaning
        else {},
        "rules": [str(each.place) for each in why.followed],
        "from": why.came_from,
        "to": why.leads_to,
    }
