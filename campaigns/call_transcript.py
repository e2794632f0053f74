"""The transcript of one call as a text file that a person reads."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from campaigns.labels import LabelLanguage, Shelf, label
from store.types import TurnSpeaker
from store.values import Call, TurnRecord


def transcript_name(attempt_id: int) -> str:
    """Return the file name of a call's transcript; it tells nothing of the recipient."""
    return f"call-{attempt_id:06}.txt"


def transcript_text(call: Call, language: LabelLanguage) -> str:
    """Return what was said, with the second at which each turn began."""
    zone = ZoneInfo(call.time_zone)
    at = None if call.dialed_at is None else call.dialed_at.astimezone(zone)
    facts = (
        ("call", str(call.attempt_id)),
        ("waybills", " ".join(call.waybills)),
        ("attempt", str(call.number)),
        ("dialed_at", "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"),
        ("talk_seconds", f"{call.talk_seconds:.1f}"),
        ("disposition", label(Shelf.DISPOSITION, call.disposition, language)),
        ("outcome", label(Shelf.OUTCOME, call.outcome, language)),
    )
    lines = [f"{label(Shelf.TRANSCRIPT, name, language)}: {value}" for name, value in facts]
    lines.append("")
    lines.extend(_line(turn, language) for turn in call.turns)
    if not call.turns:
        lines.append(label(Shelf.TRANSCRIPT, "nothing", language))
    return "\n".join(lines) + "\n"


def _line(turn: TurnRecord, language: LabelLanguage) -> str:
    who = label(Shelf.TRANSCRIPT, turn.speaker, language)
    said = turn.text
    if turn.key:
        said = f"[{label(Shelf.TRANSCRIPT, 'key', language)} {turn.key}]"
    elif not said and turn.speaker is TurnSpeaker.CALLEE:
        said = label(Shelf.TRANSCRIPT, "unclear", language)
    if turn.interrupted and turn.speaker is TurnSpeaker.MENLING:
        said += label(Shelf.TRANSCRIPT, "interrupted", language)
    return f"[{turn.began_seconds:6.1f}] {who}: {said}"
