"""The JSON Schema of flow files (draft 2020-12), for editors; the checker knows much more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ivr.exchange import BargeIn, DialogOutcome
from ivr.facts import facts_known
from ivr.flow_bounds import STAGES
from ivr.flow_model import EVENTS, SlotKind
from ivr.guards import GUARDS
from ivr.meaning import HandOver, Intent
from ivr.wording import VARIANTS

Schema = dict[str, Any]


def flow_schema() -> Schema:
    """Return the schema of a flow file or of a fragment that one includes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Menling flow",
        "description": "A conversation, or a fragment that conversations include.",
        **_table(
            {
                "flow": _text("Id of the flow; a fragment has none."),
                **{name: _text(told) for name, told in _HEAD.items()},
                "version": _text("Raised with every publication; attempts record it."),
                "language": {"enum": ["zh-CN", "en-US"]},
                "stage": {"enum": list(STAGES), "description": "One of the five of a delivery."},
                **{name: _words(told) for name, told in _LISTS.items()},
                **{name: _number(told) for name, told in _NUMBERS.items()},
                "service_hours": _table({"from": _CLOCK, "to": _CLOCK}, ["from", "to"]),
                "needs_facts": _several(facts_known()),
                "may_use_facts": _several(facts_known()),
                "flags": _list(_table({"if": _GUARDS, "why": {"type": "string"}}, ["if", "why"])),
                "events": _table({name: {"type": "string"} for name in EVENTS}),
                "names": _table({each.value: {"type": "string"} for each in HandOver}),
                "hopes": _named(_words("Phrases that a question hopes to hear.")),
                "slots": _named(_slot()),
                "knowledge": _named(_topic()),
                "prompts": _named(_prompt()),
                "everywhere": _everywhere(),
                "asides": _by_intent(_aside()),
                "states": _named({"$ref": "#/$defs/state"}),
            }
        ),
        "$defs": {
            "rule": _rule(),
            "rules": {"oneOf": [{"$ref": "#/$defs/rule"}, _list({"$ref": "#/$defs/rule"})]},
            "key": _key(),
            "ladder": _list(_rung()),
            "state": _state(),
            "ticket": _ticket(),
        },
    }


_HEAD = {
    "title": "What people call the conversation.",
    "title_en": "The same in English, for the map.",
    "trigger": "What makes us call.",
    "trigger_en": "The same in English.",
    "responsible": "Who answers for it.",
    "responsible_en": "The same in English.",
    "starts": "The first state.",
}
_LISTS = {
    "collects": "What the conversation finds out.",
    "writes": "The systems that learn of it.",
    "exceptions": "Ids of flows that take over when this one can't settle the matter.",
    "include": "Fragments; entries of this file win over theirs.",
}
_NUMBERS = {
    "time_limit_seconds": "Seconds of talk, after which it is brought to an end.",
    "order": "When a parcel meets it within the stage; the map shows them so.",
    "turn_limit": "So many answers end any call.",
    "sure_confidence": "Below it the condition `sure` fails, 0 to 1.",
    "latest_days": "A delivery can't be put off by more days.",
    "reply_minutes": "So much service time later a person has called back.",
}
_CLOCK: Schema = {"type": "string", "pattern": r"^\d\d:\d\d$"}
_GUARD: Schema = {
    "type": "string",
    "anyOf": [
        {"enum": [*sorted(GUARDS), *(f"not {name}" for name in sorted(GUARDS))]},
        {"pattern": r"^(not )?seen\.\w+(\.\d+)?$"},
        {"pattern": r"^(not )?(heard|known|confirmed)\.\w+$"},
        {"pattern": r"^(not )?\w+\.(same|is\.\w+|at_(least|most)\.\d+)$"},
        {"pattern": r"^(not )?window\.(covers|after)\.\w+$"},
    ],
}  # fmt: skip
_GUARDS: Schema = {"oneOf": [_GUARD, {"type": "array", "items": _GUARD}]}


def _text(told: str) -> Schema:
    return {"type": ["string", "number"], "description": told}


def _number(told: str) -> Schema:
    return {"type": "number", "minimum": 0, "description": told}


def _words(told: str = "") -> Schema:
    item = {"type": ["string", "number"]}
    return {"oneOf": [item, {"type": "array", "items": item}], "description": told}


def _several(names: Iterable[str]) -> Schema:
    one = {"enum": sorted(names)}
    return {"oneOf": [one, {"type": "array", "items": one}]}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _named(item: Schema) -> Schema:
    return {"type": "object", "additionalProperties": item}


def _table(fields: Mapping[str, Schema], needed: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(needed),
        "additionalProperties": False,
    }


def _by_intent(item: Schema) -> Schema:
    return _table({each.value: item for each in Intent})


def _intents() -> Schema:
    return _several(each.value for each in Intent)


def _slot() -> Schema:
    choice = _table({"said": {"type": "string"}, "phrases": _words()}, ["said", "phrases"])
    return _table(
        {
            "kind": {"enum": [each.value for each in SlotKind]},
            "choices": _named(choice),
            "from": {"type": "integer"},
            "to": {"type": "integer"},
            "confirm": {"type": "boolean"},
            "at_once": {"type": "boolean"},
            "anywhere": {"type": "boolean"},
        },
        ["kind"],
    )


def _topic() -> Schema:
    fields = {"phrases": _words(), "say": _words(), "source": {"type": "string"}}
    return _table(fields, fields)


def _prompt() -> Schema:
    fields: dict[str, Schema] = {name: {"type": "string"} for name in VARIANTS}
    fields["barge_in"] = {"enum": [each.value for each in BargeIn]}
    fields["needs"] = _words("Values without which `otherwise` is said.")
    fields["otherwise"] = {"type": "string"}
    return {"oneOf": [{"type": "string"}, _table(fields, ["first"])]}


def _rule() -> Schema:
    fields: dict[str, Schema] = {
        "if": _GUARDS,
        "take": _words("Slots of the answer that are remembered."),
        "other": _words("Slots whose other reading was meant."),
        "say": _words("Prompts."),
        "keep": {"type": "string"},
        "consent": {"type": "boolean"},
        "confirms": _words("Slots that were read back and agreed to."),
        "ticket": {"$ref": "#/$defs/ticket"},
        "wish": _words("Tags that are counted."),
        "set": _named({"type": ["string", "integer"]}),
        "then": {"type": "string", "description": "A state, `stay` or `back`."},
    }
    return {"oneOf": [{"type": "string"}, _table(fields, ["then"])]}


def _ticket() -> Schema:
    order = _table({"type": {"type": "string"}, "urgent": {"type": "boolean"}}, ["type"])
    return {"oneOf": [{"type": "string"}, order]}


def _key() -> Schema:
    intent = {"enum": [each.value for each in Intent]}
    meaning: Schema = {
        "type": "object",
        "properties": {
            "intent": intent,
            "hand_over": {"enum": [each.value for each in HandOver]},
            "window": {"type": "string", "pattern": r"^(\+\d+ )?\d\d:\d\d-\d\d:\d\d$"},
        },
        "additionalProperties": {"type": ["string", "integer"]},
    }
    return {"oneOf": [intent, meaning]}


def _keys() -> Schema:
    return {
        "type": "object",
        "patternProperties": {"^[0-9*#]$": {"$ref": "#/$defs/key"}},
        "additionalProperties": False,
    }


def _rung() -> Schema:
    return _table(
        {
            "say": _words("Prompts."),
            "ask": _several(VARIANTS),
            "then": {"type": "string"},
            "no_input_seconds": {"type": "number"},
        }
    )


def _aside() -> Schema:
    fields: dict[str, Schema] = {
        "say": _words("Prompts."),
        "ask": {"enum": list(VARIANTS)},
        "manner": _several(("slow", "loud")),
        "ticket": {"$ref": "#/$defs/ticket"},
    }
    return {"oneOf": [{"type": "string"}, _table(fields)]}


def _everywhere() -> Schema:
    return _table(
        {
            "keys": _keys(),
            "chatter": _intents(),
            "order": _intents(),
            "no_input": {"$ref": "#/$defs/ladder"},
            "no_match": {"$ref": "#/$defs/ladder"},
            "on": _by_intent({"$ref": "#/$defs/rules"}),
        }
    )


def _state() -> Schema:
    silences = ("end", "complete", "unfinished")
    question = _table(
        {
            "prompt": {"type": "string"},
            "expects": _intents(),
            "fills": {"type": "string", "description": "A declared slot."},
            "keys": _keys(),
            "phrases": _words("A closed list for the recogniser."),
            "hopes": _words("Lists under the top-level `hopes`."),
            **{f"{name}_silence_seconds": {"type": "number"} for name in silences},
            "no_input_seconds": {"type": "number"},
            "no_input": {"$ref": "#/$defs/ladder"},
            "no_match": {"$ref": "#/$defs/ladder"},
        },
        ["prompt"],
    )
    ending = _table(
        {
            "outcome": {"enum": [each.value for each in DialogOutcome]},
            "finished": {"type": "boolean"},
            "reports": _words("Slots that count as agreed."),
            "needs_person": {"type": "string"},
            "call_again_minutes": {"type": "number"},
            "notes": _named({"type": "string"}),
            "ticket": {"$ref": "#/$defs/ticket"},
        },
        ["outcome"],
    )
    fields = {
        "say": _words("Prompts said on the way in."),
        "repeat": _words("Prompts said before the question when it is asked for once more."),
        "ask": question,
        "on": _by_intent({"$ref": "#/$defs/rules"}),
        "branch": _list({"$ref": "#/$defs/rule"}),
        "end": ending,
        "aside": {"type": "boolean"},
    }
    return {**_table(fields), "oneOf": [{"required": [kind]} for kind in ("ask", "branch", "end")]}
