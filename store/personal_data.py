"""Where personal data lies: one table over all columns that could hold some.

`store.forgetting` erases by it. A test walks the schema and fails for a column of text, JSON or
bytes that stands nowhere here, so that nothing new is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is held of a recipient."""

    PERSON = "person"
    """Who they are, what they are sent, what was settled and written about them."""
    WORDS = "words"
    """What was said in calls."""
    EVIDENCE = "evidence"
    """Their consent to a hand-over without them, which has to be provable."""


class Tie(StrEnum):
    """What a row names by which it belongs to somebody."""

    CONTACT = "contact"
    DELIVERY = "delivery"
    ATTEMPT = "attempt"
    TICKET = "ticket"
    TRANSFER = "transfer"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Place:
    """A table that holds something of recipients."""

    tied_by: Mapping[str, Tie]
    """Columns; a row that any of them ties to a person is theirs."""
    holds: Mapping[str, Kind]
    """Columns that are emptied."""
    whole_rows: bool = False
    """A row without them says nothing: it goes."""


_PERSON: Final = Kind.PERSON
_WORDS: Final = Kind.WORDS
_OF_A_CALL: Final = {"attempt_id": Tie.ATTEMPT}

PLACES: Final[Mapping[str, Place]] = {
    "contacts": Place(
        {"id": Tie.CONTACT},
        {"phone": _PERSON, "extension": _PERSON, "merchant": _PERSON, "region": _PERSON},
    ),
    "deliveries": Place(
        {"contact_id": Tie.CONTACT},
        {
            "address": _PERSON,
            "item": _PERSON,
            "merchant": _PERSON,
            "cod_fen": _PERSON,
            "remarks": _PERSON,
            "facts": _PERSON,
        },
    ),
    "manifest_rows": Place({"delivery_id": Tie.DELIVERY}, {"problems": _PERSON}),
    "attempts": Place({"contact_id": Tie.CONTACT}, {"phone": _PERSON, "error": _PERSON}),
    "reconciliations": Place(_OF_A_CALL, {"why": _PERSON, "evidence": _PERSON}),
    "turns": Place(_OF_A_CALL, {"text": _WORDS, "key": _WORDS}),
    "outcomes": Place(
        {"contact_id": Tie.CONTACT},
        {
            "new_address": _PERSON,
            "needs_person": _PERSON,
            "notes": _PERSON,
            "consent_words": Kind.EVIDENCE,
            "consent_at_seconds": Kind.EVIDENCE,
        },
    ),
    "tickets": Place(
        {"id": Tie.TICKET}, {"record": _PERSON, "words": _PERSON, "resolution": _PERSON}
    ),
    "ticket_events": Place({"ticket_id": Tie.TICKET}, {"note": _PERSON}),
    "wishes": Place({"delivery_id": Tie.DELIVERY, "attempt_id": Tie.ATTEMPT}, {"words": _WORDS}),
    "live_calls": Place(_OF_A_CALL, {"words": _WORDS, "flags": _WORDS}, whole_rows=True),
    "live_turns": Place(_OF_A_CALL, {"text": _WORDS}, whole_rows=True),
    "transfers": Place(_OF_A_CALL, {"brief": _WORDS, "form": _PERSON}),
    "desk_orders": Place(
        {"attempt_id": Tie.ATTEMPT, "transfer_id": Tie.TRANSFER},
        {"payload": _PERSON, "answer": _PERSON},
    ),
    "call_flags": Place(_OF_A_CALL, {"words": _WORDS}),
    "reviews": Place(_OF_A_CALL, {"detail": _PERSON, "remark": _PERSON}),
    "call_comments": Place(_OF_A_CALL, {"text": _PERSON}, whole_rows=True),
    "messages": Place(
        {"contact_id": Tie.CONTACT, "attempt_id": Tie.ATTEMPT, "ticket_id": Tie.TICKET},
        {
            "waybill": _PERSON,
            "merchant": _PERSON,
            "phone": _PERSON,
            "address": _PERSON,
            "subject": _PERSON,
            "body": _PERSON,
            "last_error": _PERSON,
            "conflict": _PERSON,
        },
    ),
    "live_events": Place({"contact_id": Tie.CONTACT}, {"payload": _PERSON, "error": _PERSON}),
    "case_tags": Place({"case_id": Tie.CASE}, {"tag": _PERSON}, whole_rows=True),
    "call_cases": Place(_OF_A_CALL, {"title": _PERSON, "lesson": _PERSON}, whole_rows=True),
}
"""Tables in which columns are emptied, or rows deleted, one like the other."""

BY_HAND: Final[Mapping[str, Mapping[str, Kind]]] = {
    "recipients": {"name": _PERSON, "phone": _PERSON, "extension": _PERSON, "email": _PERSON},
    "manifests": {"content": _PERSON},
    "outcomes": {"answers": _PERSON},
    "channel_results": {"phone": _PERSON},
}
"""What needs care of its own: who must stay unique, files of many people, grades that count."""

KEPT: Final[Mapping[str, Mapping[str, str]]] = {
    "suppressions": {
        "phone": "an opt-out counts for ever, and a number alone can say for whom",
        "merchant": "for whom it counts",
        "evidence": "what proves the wish",
    },
    "deliveries": {"waybill": "else the same parcel would be called about again"},
    "tickets": {"waybill": "one open ticket of a kind about a parcel"},
    "parcel_events": {
        "waybill": "else a parcel that moved on would be called about",
        "event_id": "the same event counts once",
    },
    "live_events": {
        "waybill": "else what a parcel went through could not be told",
        "event_id": "the same event counts once",
    },
    "node_times": {"waybill": "where a parcel went, whosever it is"},
    "node_alerts": {"waybill": "where a parcel went, whosever it is"},
    "write_backs": {"idempotency_key": "dispatch drops what it has seen; it names the waybill"},
    "messages": {"idempotency_key": "a receiver drops what it has seen"},
    "outcomes": {
        "hand_over": "a word of a vocabulary: where a parcel went",
        "consent_choice": "a word of a vocabulary: where a parcel may be left",
    },
    "attempts": {"recording": "a path with the number of the call; goes with the file"},
    "erasures": {"path": "a path with the number of the call, until the file is gone"},
}
"""What stays of a person who was forgotten, and why."""

OF_OUR_PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "agents": ("name", "device_address"),
    "live_calls": ("people",),
    "desk_orders": ("user_name",),
    "call_visits": ("name",),
    "users": ("login", "name", "language", "password_hash"),
    "user_links": ("secret_digest",),
    "web_sessions": ("secret_digest",),
    "api_tokens": ("name", "secret_digest"),
    "login_failures": ("login_digest", "address_digest"),
    "tickets": ("opened_by",),
    "ticket_events": ("who",),
    "reviews": ("done_by",),
    "reconciliations": ("resolved_by",),
    "node_alerts": ("acknowledged_by",),
    "call_comments": ("written_by",),
    "call_cases": ("saved_by",),
    "flow_publications": ("who",),
}
"""Who works here, not who is called."""

OF_NOBODY: Final[Mapping[str, tuple[str, ...]]] = {
    "campaigns": (
        "name",
        "flow",
        "language",
        "time_zone",
        "company",
        "callback_number",
        "policy",
    ),
    "manifests": ("file_name", "content_hash"),
    "contacts": ("language", "time_zone", "product_line", "script", "next_script", "held"),
    "attempts": (
        "claimed_by",
        "cause",
        "announcement",
        "machine",
        "flow_version",
        "media",
        "call_id",
        "trunk",
        "caller_id",
    ),
    "turns": ("prompt", "intent"),
    "write_backs": ("last_error",),
    "messages": ("event", "target", "language", "time_zone", "claimed_by", "provider_id"),
    "suppressions": ("source",),
    "tickets": ("number", "kind", "cause", "department", "language", "proposal"),
    "wishes": ("tag",),
    "agents": ("languages", "lines", "news"),
    "live_calls": ("engine", "stage", "state", "speaker"),
    "live_turns": ("speaker", "intent", "state"),
    "transfers": ("engine", "rule", "label", "language", "passed_by", "ended_how"),
    "desk_orders": ("engine", "refused"),
    "engines": ("name", "trunk"),
    "leaders": ("office", "holder"),
    "call_flags": ("rule", "label"),
    "call_visits": ("role",),
    "reviews": ("sheet", "marks"),
    "parcel_events": ("status",),
    "live_events": ("source", "event"),
    "node_times": ("node",),
    "node_alerts": ("node", "owner"),
    "idempotency_keys": ("key", "digest"),
    "flow_versions": ("flow", "language", "version", "digest", "main", "files"),
    "flow_publications": ("flow", "language", "note"),
    "audit_entries": ("action", "kind", "subject", "details"),
}
"""Words of ours, ids, digests and settings."""
