"""Rows of the desk to frozen values, inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from store.desk_models import Agent, CallFlag, CallVisit, DeskOrder, EngineSign, LiveTurn, Transfer
from store.desk_types import DeskLine
from store.desk_values import (
    AgentFacts,
    EngineFacts,
    FlagRecord,
    LiveTurnRecord,
    OrderAnswer,
    OrderFacts,
    PersonInCall,
    TransferFacts,
    VisitRecord,
)


def agent_facts(row: Agent) -> AgentFacts:
    """Copy an agent out of its row."""
    return AgentFacts(
        user_id=row.user_id,
        name=row.name,
        device_kind=row.device_kind,
        device_address=row.device_address,
        languages=tuple(row.languages),
        lines=tuple(DeskLine(each) for each in row.lines),
        state=row.state,
        state_since=row.state_since,
        seen_at=row.seen_at,
        transfer_id=row.transfer_id,
        passes=row.passes,
        news=row.news,
        auto_answer=row.auto_answer,
    )


def transfer_facts(row: Transfer) -> TransferFacts:
    """Copy a transfer out of its row."""
    return TransferFacts(
        id=row.id,
        attempt_id=row.attempt_id,
        engine=row.engine,
        rule=row.rule,
        label=MappingProxyType(dict(row.label)),
        priority=row.priority,
        line=row.line,
        language=row.language,
        brief=MappingProxyType(dict(row.brief)),
        status=row.status,
        requested_at=row.requested_at,
        agent_id=row.agent_id,
        passed_by=frozenset(row.passed_by),
        offered_at=row.offered_at,
        accepted_at=row.accepted_at,
        joined_at=row.joined_at,
        ended_at=row.ended_at,
        ended_how=row.ended_how,
        form=MappingProxyType(dict(row.form)),
        form_at=row.form_at,
        form_applied=row.form_applied,
        visit=row.visit,
    )


def order_facts(row: DeskOrder) -> OrderFacts:
    """Copy an order out of its row."""
    return OrderFacts(
        id=row.id,
        at=row.at,
        user_id=row.user_id,
        user_name=row.user_name,
        kind=row.kind,
        attempt_id=row.attempt_id,
        transfer_id=row.transfer_id,
        payload=MappingProxyType(dict(row.payload)),
    )


def order_answer(row: DeskOrder) -> OrderAnswer:
    """Copy what came of an order out of its row."""
    return OrderAnswer(
        id=row.id,
        taken=row.taken_at is not None,
        answered=row.answered_at is not None,
        answer=MappingProxyType(dict(row.answer)),
        refused=MappingProxyType(dict(row.refused)),
    )


def engine_facts(row: EngineSign) -> EngineFacts:
    """Copy an engine's sign of life out of its row."""
    return EngineFacts(
        name=row.name,
        started_at=row.started_at,
        seen_at=row.seen_at,
        slots=row.slots,
        in_use=row.in_use,
        workers=row.workers,
        trunk=MappingProxyType(dict(row.trunk)),
    )


def live_turn_record(row: LiveTurn) -> LiveTurnRecord:
    """Copy a turn of a call in progress out of its row."""
    return LiveTurnRecord(
        position=row.position,
        speaker=row.speaker,
        text=row.text,
        began_seconds=row.began_seconds,
        ended_seconds=row.ended_seconds,
        intent=row.intent,
        state=row.state,
    )


def flag_record(row: CallFlag) -> FlagRecord:
    """Copy a flag out of its row."""
    return FlagRecord(
        rule=row.rule,
        priority=row.priority,
        line=row.line,
        label=MappingProxyType(dict(row.label)),
        words=row.words,
    )


def visit_record(row: CallVisit) -> VisitRecord:
    """Copy a person's part in a call out of its row."""
    return VisitRecord(
        role=row.role,
        began_seconds=row.began_seconds,
        ended_seconds=row.ended_seconds,
        spoke=row.spoke,
        user_id=row.user_id,
        name=row.name,
    )


def written_flag(flag: FlagRecord) -> dict[str, Any]:
    """Return a flag as a live call holds it."""
    return {
        "rule": flag.rule,
        "priority": flag.priority,
        "line": flag.line.value,
        "label": dict(flag.label),
        "words": flag.words,
    }


def read_flag(written: Mapping[str, Any]) -> FlagRecord:
    """Return a flag of a live call."""
    return FlagRecord(
        rule=written["rule"],
        priority=written["priority"],
        line=DeskLine(written["line"]),
        label=MappingProxyType(dict(written["label"])),
        words=written["words"],
    )


def written_person(person: PersonInCall) -> dict[str, Any]:
    """Return one of us as a live call holds them."""
    return {
        "join": person.join,
        "user_id": person.user_id,
        "name": person.name,
        "role": person.role,
        "mode": person.mode,
        "unheard": person.unheard,
    }


def read_person(written: Mapping[str, Any]) -> PersonInCall:
    """Return one of us in a live call."""
    return PersonInCall(
        join=written["join"],
        user_id=written["user_id"],
        name=written["name"],
        role=written["role"],
        mode=written["mode"],
        unheard=bool(written.get("unheard")),
    )
