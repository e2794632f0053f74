"""A call as its page and the list of calls show it: every word through the viewer's sight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from campaigns.labels import LabelLanguage, Shelf, answer_label, label
from console.flow_map_text import Words as MapWords
from console.flow_map_text import name_of
from console.web.masking import Sight
from console.web.words import Language
from store.call_queries import CallLine
from store.call_records import CallRecord
from store.desk_values import LiveTurnRecord
from store.types import Outcome, TurnSpeaker
from store.values import DeliveryFacts, LatestOutcome, TurnRecord

SLOW_SECONDS: Final = 1.5
"""An answer of ours that takes longer is marked: people begin to ask whether somebody is there."""
GOOD: Final = frozenset(
    {
        Outcome.CONFIRMED,
        Outcome.RESCHEDULED,
        Outcome.ADDRESS_CHANGED,
        Outcome.HAND_OVER_CHANGED,
        Outcome.INFORMED,
        Outcome.RECEIVED,
        Outcome.RATED,
        Outcome.SOLUTION_CHOSEN,
        Outcome.PICKUP_AGREED,
    }
)
BAD: Final = frozenset({Outcome.REFUSED, Outcome.WRONG_NUMBER, Outcome.PROBLEM_REPORTED})
WARN: Final = frozenset({Outcome.CALLBACK_PROMISED, Outcome.OPTED_OUT, Outcome.UNKNOWN})


@dataclass(frozen=True, slots=True)
class LineView:
    """One call in a list."""

    attempt_id: int
    dialed_at: datetime
    recipient: str
    phone: str
    waybills: tuple[str, ...]
    campaign: str
    disposition: str
    outcome: str
    tone: str
    """good, bad, warn or nothing: how the badge of the outcome looks."""
    talk_seconds: float | None
    """None: nobody answered."""
    has_recording: bool
    needs_person: str


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of a transcript."""

    position: int
    speaker: str
    text: str
    key: str
    began_seconds: float
    ended_seconds: float
    meaning: str
    """What was understood, in words; empty for what we said."""
    confidence: float | None
    latency_seconds: float | None
    slow: bool
    interrupted: bool


@dataclass(frozen=True, slots=True)
class CallView:
    """A call in full, as far as the viewer may see it."""

    line: LineView
    turns: tuple[TurnView, ...]
    deliveries: tuple[DeliveryView, ...]
    settled: tuple[tuple[str, str], ...]
    """What the conversation settled: what it is, and what was said."""
    median_latency: float | None
    longest_latency: float | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A parcel of a call."""

    waybill: str
    address: str
    item: str
    cod_fen: int
    window_start: datetime | None
    window_end: datetime | None


def label_language(language: Language) -> LabelLanguage:
    """Return which labels of `campaigns/labels.yaml` go with a language of the console."""
    return "zh" if language is Language.CHINESE else "en"


def tone_of(outcome: Outcome | None) -> str:
    """Return how an outcome looks: good, bad, warn, or nothing."""
    if outcome in GOOD:
        return "good"
    if outcome in BAD:
        return "bad"
    return "warn" if outcome in WARN else ""


def line_view(line: CallLine, sight: Sight, language: Language) -> LineView:
    """Return one call of a list as it may be shown."""
    labels = label_language(language)
    return LineView(
        attempt_id=line.attempt_id,
        dialed_at=line.dialed_at,
        recipient=sight.name(line.recipient),
        phone=sight.phone(line.phone),
        waybills=line.waybills,
        campaign=line.campaign,
        disposition=_label(Shelf.DISPOSITION, line.disposition, labels),
        outcome=_label(Shelf.OUTCOME, line.outcome, labels),
        tone=tone_of(line.outcome),
        talk_seconds=line.talk_seconds if line.answered else None,
        has_recording=line.has_recording,
        needs_person=sight.words(line.needs_person, (line.recipient, line.phone)),
    )


def call_view(call: CallRecord, sight: Sight, language: Language) -> CallView:
    """Return a call as it may be shown."""
    known = known_of(call)
    turns = tuple(
        _turn(position, turn, sight, known, language) for position, turn in enumerate(call.turns)
    )
    latencies = [turn.latency_seconds for turn in turns if turn.latency_seconds is not None]
    return CallView(
        line=line_view(call.line, sight, language),
        turns=turns,
        deliveries=tuple(_delivery(each, sight) for each in call.deliveries),
        settled=_settled(call.latest, sight, known, label_language(language)),
        median_latency=median(latencies) if latencies else None,
        longest_latency=max(latencies, default=None),
    )


def live_turn_views(
    turns: Iterable[LiveTurnRecord], call: CallRecord, sight: Sight, language: Language
) -> tuple[TurnView, ...]:
    """Return what was said in a call that goes on, as it may be shown."""
    known = known_of(call)
    return tuple(
        TurnView(
            position=turn.position,
            speaker=turn.speaker,
            text=sight.turn(
                turn.text, known, ours=turn.speaker == TurnSpeaker.MENLING, asked=turn.state
            ),
            key="",
            began_seconds=turn.began_seconds,
            ended_seconds=turn.ended_seconds,
            meaning=name_of(MapWords.INTENT, turn.intent, language) if turn.intent else "",
            confidence=None,
            latency_seconds=None,
            slow=False,
            interrupted=False,
        )
        for turn in turns
    )


def known_of(call: CallRecord) -> tuple[str, ...]:
    """Return what must not be read in the words of a call by whoever may not see whose it is."""
    latest = call.latest
    new_address = latest.settled.new_address if latest is not None else ""
    addresses = (each.address for each in call.deliveries)
    said = (call.line.recipient, call.line.phone, *addresses, new_address)
    return tuple(each for each in said if each)


def _turn(
    position: int, turn: TurnRecord, sight: Sight, known: tuple[str, ...], language: Language
) -> TurnView:
    ours = turn.speaker is TurnSpeaker.MENLING
    return TurnView(
        position=position,
        speaker=turn.speaker.value,
        text=sight.turn(turn.text, known, ours=ours, asked=turn.prompt),
        key=sight.key(turn.key),
        began_seconds=turn.began_seconds,
        ended_seconds=turn.ended_seconds,
        meaning=name_of(MapWords.INTENT, turn.intent, language) if turn.intent else "",
        confidence=None if ours or not turn.intent else turn.confidence,
        latency_seconds=turn.latency_seconds,
        slow=turn.latency_seconds is not None and turn.latency_seconds > SLOW_SECONDS,
        interrupted=turn.interrupted,
    )


def _delivery(row: DeliveryFacts, sight: Sight) -> DeliveryView:
    return DeliveryView(
        waybill=row.waybill,
        address=sight.address(row.address),
        item=row.item,
        cod_fen=row.cod_fen,
        window_start=row.window_start,
        window_end=row.window_end,
    )


def _settled(
    latest: LatestOutcome | None, sight: Sight, known: tuple[str, ...], language: LabelLanguage
) -> tuple[tuple[str, str], ...]:
    if latest is None:
        return ()
    settled = latest.settled
    told: Mapping[str, str] = {
        label(Shelf.COLUMNS, "new_address", language): sight.address(settled.new_address),
        label(Shelf.COLUMNS, "hand_over", language): label(
            Shelf.HAND_OVER, settled.hand_over, language
        ),
        label(Shelf.COLUMNS, "consent", language): sight.words(settled.consent_words, known),
        label(Shelf.COLUMNS, "needs_person", language): sight.words(settled.needs_person, known),
    }
    answers = (
        (
            label(Shelf.SLOT, name, language),
            sight.words(answer_label(name, value, language), known),
        )
        for name, value in settled.answers.items()
    )
    return (*((name, value) for name, value in told.items() if value), *answers)


def _label(shelf: Shelf, word: str | None, language: LabelLanguage) -> str:
    return "" if word is None else label(shelf, word, language)
