"""One line for every call that is over, as JSON: how it went, nothing of whom it was with."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from math import ceil
from pathlib import Path
from statistics import fmean
from threading import Lock
from typing import Final

from campaigns.attempt import SettledCall
from campaigns.order import CallReport
from ivr.people import JoinRole
from ivr.transcript import Speaker
from store.values import ClaimedCall

LOG_BYTES: Final = 20 * 2**20
LOG_FILES: Final = 10
FILE_NAME: Final = "calls.jsonl"

log = logging.getLogger(__name__)


class CallLog:
    """The file that the lines go to; older ones are numbered, and the oldest are thrown away."""

    def __init__(self, folder: Path, most_bytes: int = LOG_BYTES, files: int = LOG_FILES) -> None:
        """Write to `calls.jsonl` in that folder, made with the first line."""
        self._path = folder / FILE_NAME
        self._most_bytes = most_bytes
        self._files = files
        self._lock = Lock()

    def note(
        self, call: ClaimedCall, end: CallReport | str, settled: SettledCall, now: datetime
    ) -> None:
        """Write the line of a call. A disk that can't take it costs the line, not the call."""
        line = json.dumps(call_line(call, end, settled, now), ensure_ascii=False)
        try:
            with self._lock:
                self._make_room()
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(f"{line}\n")
        except OSError as error:
            log.warning("the line of attempt %d can't be written: %s", call.attempt_id, error)

    def _make_room(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.exists() or self._path.stat().st_size < self._most_bytes:
            return
        for number in range(self._files - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._path.replace(self._numbered(1))
        self._numbered(self._files).unlink(missing_ok=True)

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{FILE_NAME}.{number}")


@cache
def call_log_in(folder: Path) -> CallLog:
    """Return the log of a folder: one for all campaigns of this process."""
    return CallLog(folder)


def call_line(
    call: ClaimedCall, end: CallReport | str, settled: SettledCall, now: datetime
) -> Mapping[str, object]:
    """Return what is noted of a call: ids, words of our own and figures; seconds of call audio.

    Never a name, a number, an address, a waybill or what was said; nor an error's own words, which
    may quote an address of SIP.
    """
    line: dict[str, object] = {
        "at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        "attempt": call.attempt_id,
        "number": call.number,
        "contact": call.contact_id,
        "campaign": call.campaign.id,
        "flow": call.campaign.flow,
        "language": call.language,
        "disposition": settled.disposition.value,
        "outcome": settled.outcome.value,
        "next": settled.decision.reason.value,
        "again_at": _told(settled.decision.retry_at),
    }
    return line | dict(_reported(end) if isinstance(end, CallReport) else {"reported": False})


def _reported(report: CallReport) -> Mapping[str, object]:
    latencies = [turn.latency_seconds for turn in report.turns if turn.latency_seconds is not None]
    heard = [turn for turn in report.turns if turn.speaker is Speaker.CALLEE and not turn.key]
    sure = [turn.confidence for turn in heard if turn.confidence > 0]
    return {
        "reported": True,
        "flow_version": report.flow_version,
        "cause": report.cause.value,
        "sip_status": report.sip_status,
        "answered": report.answered,
        "announcement": report.announcement,
        "machine": "" if report.machine is None else report.machine.value,
        "ring_seconds": round(report.ring_seconds, 2),
        "talk_seconds": round(report.talk_seconds, 2),
        "turns": len(report.turns),
        "heard": len(heard),
        "latency_p50": percentile(latencies, 50),
        "latency_p95": percentile(latencies, 95),
        "confidence": round(fmean(sure), 3) if sure else None,
        "flags": [flag.rule for flag in report.flags],
        "agent_seconds": round(
            sum(
                visit.ended - visit.began for visit in report.people if visit.role == JoinRole.AGENT
            ),
            2,
        ),
        "recorded": report.recording is not None,
        "failed": bool(report.error),
        "media": None if report.statistics is None else asdict(report.statistics),
    }


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that so many percent don't exceed; None: there are no values."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[max(ceil(len(ordered) * percent / 100), 1) - 1], 3)


def _told(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
