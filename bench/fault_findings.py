"""What faults came to: INVITEs as SIPp counted them, held against what the store says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from bench.fault_callee import Invite, ends_as
from bench.fault_kinds import REPORTED, Meddling
from bench.fault_world import Running
from store.database import Database
from store.models import Attempt, Contact, OutcomeRecord
from store.reconciliation_models import Reconciliation
from store.types import AttemptStatus, ContactStatus, Disposition


@dataclass(frozen=True, slots=True)
class Line:
    """An attempt as the store knows it in the end."""

    attempt: int
    contact: int
    phone: str
    call_id: str
    engine: str
    is_settled: bool
    disposition: Disposition | None
    is_asked: bool
    """What became of it is asked, or was and is known by now."""
    contact_status: ContactStatus


@dataclass(slots=True)
class Finding:
    """What the faults of one kind at one point came to."""

    faults: int = 0
    attempts: int = 0
    invites: int = 0
    reconciled: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    """Duplicates, and calls that the store knows nothing of."""
    lost: list[str] = field(default_factory=list)
    """Outcomes."""
    open: list[str] = field(default_factory=list)


def attempts_of(database: Database) -> list[Line]:
    """Return all attempts of a store."""
    with database.reading() as session:
        rows = session.execute(
            sa.select(
                Attempt.id, Attempt.contact_id, Attempt.phone, Attempt.call_id, Attempt.claimed_by,
                Attempt.status, OutcomeRecord.disposition, Reconciliation.id, Contact.status,
            )
            .join(Contact, Contact.id == Attempt.contact_id)
            .outerjoin(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
            .outerjoin(Reconciliation, Reconciliation.attempt_id == Attempt.id)
            .order_by(Attempt.id)
        )  # fmt: skip
        return [
            Line(
                row[0], row[1], row[2], row[3], row[4], row[5] is AttemptStatus.SETTLED, row[6],
                row[7] is not None, row[8],
            )
            for row in rows
        ]  # fmt: skip


def judge(
    lines: Iterable[Line], invites: Iterable[Invite], engines: Iterable[Running]
) -> Mapping[Running, Finding]:
    """Say of each engine what its calls came to."""
    by_engine: dict[int, Running] = {}
    found: dict[Running, Finding] = {}
    for each in engines:
        by_engine[each.pid] = each
        ended = each.ended or each.began
        found[each] = Finding(faults=each.faults, seconds=ended - each.began)
    rung: dict[str, list[Invite]] = defaultdict(list)
    for invite in invites:
        rung[invite.call_id].append(invite)
    last: dict[int, Line] = {}
    for line in lines:
        engine = by_engine[int(line.engine.split("-")[-2])]
        finding = found[engine]
        finding.attempts += 1
        calls = rung.pop(line.call_id, []) if line.call_id else []
        finding.invites += len(calls)
        finding.reconciled += line.is_asked
        finding.wrong += _duplicates(line, calls, last.get(line.contact))
        finding.open += _open(line)
        finding.lost += _lost(line, bool(calls), engine)
        last[line.contact] = line
    if rung:
        some = next(iter(found))
        found[some].wrong += [f"the store knows nothing of the call {each}" for each in rung]
    _see_that_reports_are_there(lines, found)
    return found


def _duplicates(line: Line, calls: list[Invite], before: Line | None) -> list[str]:
    told = f"attempt {line.attempt} of {line.phone}"
    wrong = []
    if len(calls) > 1:
        wrong.append(f"{told}: {len(calls)} INVITEs")
    if any(each.phone != line.phone for each in calls):
        wrong.append(f"{told}: another number was called")
    if calls and before is not None and not _may_be_called_again(before):
        wrong.append(f"{told}: called again after {before.disposition}")
    return wrong


def _may_be_called_again(before: Line) -> bool:
    return before.is_settled and before.disposition not in (None, Disposition.INTERRUPTED)


def _open(line: Line) -> list[str]:
    wrong = []
    if not line.is_settled:
        wrong.append(f"attempt {line.attempt} is open")
    if line.is_settled and line.contact_status is ContactStatus.IN_CALL:
        wrong.append(f"contact {line.contact} is in a call for ever")
    return wrong


def _lost(line: Line, was_rung: bool, engine: Running) -> list[str]:
    """Say whether the store lacks what was known of a call, or says what did not happen."""
    told = f"attempt {line.attempt} of {line.phone}"
    if not line.is_settled or line.disposition is None:
        return []
    if line.disposition is Disposition.INTERRUPTED:
        if not line.is_asked or line.contact_status is not ContactStatus.NEEDS_RECONCILIATION:
            return [f"{told}: its fate is unknown and nobody is asked"]
        reporters = {number: pid for number, pid in engine.book.lines(REPORTED)}
        reporter = reporters.get(str(line.attempt))
        is_its_own = Disposition.INTERRUPTED in ends_as(line.phone)
        is_excused = (
            engine.was_killed
            or reporter in engine.killed_workers
            or engine.episode.meddling is Meddling.LOST
        )
        if was_rung and reporter is not None and not is_its_own and not is_excused:
            return [f"{told}: its report came, and is not there"]
        return []
    if was_rung and line.disposition not in ends_as(line.phone):
        return [f"{told}: {line.disposition} is written, and that did not happen"]
    return []


def _see_that_reports_are_there(lines: Iterable[Line], found: Mapping[Running, Finding]) -> None:
    known = {line.attempt for line in lines}
    for engine, finding in found.items():
        finding.lost += [
            f"attempt {number} was reported, and the store knows nothing of it"
            for number, _ in engine.book.lines(REPORTED)
            if int(number) not in known
        ]
