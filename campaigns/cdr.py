"""The provider's list of calls (CDR): which calls it carried, and how each of them ended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from campaigns.tables import TableError, read_table
from store.types import Disposition

WORDS_FILE: Final = Path(__file__).parent / "cdr_words.yaml"


class CdrError(ValueError):
    """The list can't be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class CdrLine:
    """One call in the list."""

    number: int
    """Of the row, as a spreadsheet shows it."""
    call_id: str
    started: datetime | None
    answered: bool
    talk_seconds: float
    cause: str
    """As it stands there."""


@dataclass(frozen=True, slots=True)
class CdrFile:
    """A list of calls."""

    lines: tuple[CdrLine, ...]
    problems: tuple[str, ...]
    """Rows that can't be used, each with why."""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call of the list ended."""

    disposition: Disposition
    never_rang: bool
    """It is certain that no telephone rang."""


_MOMENTS: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y%m%d%H%M%S",
    "%d/%m/%Y %H:%M:%S",
)
_LATEST_SECONDS: Final = 4e9


@dataclass(frozen=True, slots=True)
class _Words:
    columns: Mapping[str, tuple[str, ...]]
    ends: Mapping[str, Disposition]
    never_rang: frozenset[str]
    answered: frozenset[str]
    not_answered: frozenset[str]


@cache
def _words() -> _Words:
    written = yaml.safe_load(WORDS_FILE.read_text("utf-8"))
    return _Words(
        {column: tuple(names) for column, names in written["columns"].items()},
        {word: Disposition(end) for end, words in written["ends"].items() for word in words},
        frozenset(written["never_rang"]),
        frozenset(written["answered"]),
        frozenset(written["not_answered"]),
    )


def read_cdr(name: str, content: bytes, zone: tzinfo) -> CdrFile:
    """Read a list of calls, CSV or XLSX; times without a zone are in `zone`.

    Raises CdrError when it is no table, or has no column for the Call-ID or the start.
    """
    try:
        table = read_table(name, content)
    except TableError as error:
        raise CdrError(str(error)) from error
    places = _places(table.header.cells)
    for column, what in (("call_id", "Call-ID"), ("start", "start of the call")):
        if column not in places:
            known = ", ".join(_words().columns[column][:6])
            raise CdrError(f"No column has the {what}; name one of them: {known}")
    lines: list[CdrLine] = []
    problems: list[str] = []
    for row in table.rows:
        cells = {column: row.cell(place).strip() for column, place in places.items()}
        line = _line(row.number, cells, zone)
        if isinstance(line, str):
            problems.append(f"row {row.number}: {line}")
        else:
            lines.append(line)
    return CdrFile(tuple(lines), tuple(problems))


def refuse_incomplete(listed: CdrFile) -> None:
    """Raise CdrError where a list that is said to have every call has answered ones alone."""
    if all(line.answered for line in listed.lines):
        raise CdrError(
            "Every call in the list was answered, so that it can't be complete; leave --complete "
            "out, or ask the provider for all calls"
        )


def key_of(call_id: str) -> str:
    """Return what two spellings of a Call-ID have in common: some lists cut it at its @."""
    return call_id.strip().strip("<>").partition("@")[0].lower()


def end_of(lines: Sequence[CdrLine]) -> CallEnd:
    """Return how a call ended that has one line in the list, or several: one for each way tried.

    It never rang only where all of them say so.
    """
    if any(line.answered for line in lines):
        return CallEnd(Disposition.INTERRUPTED, never_rang=False)
    ends = [_end(line.cause) for line in lines]
    rang = [end for end in ends if not end.never_rang]
    return (rang or ends)[-1]


def _end(cause: str) -> CallEnd:
    word = _word(cause)
    if not word:
        return CallEnd(Disposition.NO_ANSWER, never_rang=False)
    known = _words()
    end = known.ends.get(word, Disposition.TRUNK_FAILURE)
    return CallEnd(end, word in known.never_rang)


def _word(cause: str) -> str:
    word = _plain(cause)
    number = re.match(r"(?:q850|q|sip|cause)?(\d{1,3})", word)
    if number is None:
        return word
    return f"q{int(number[1])}" if int(number[1]) < 128 else number[1]


def _places(header: Iterable[str]) -> Mapping[str, int]:
    named = {_plain(cell): place for place, cell in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for column, names in _words().columns.items():
        for name in names:
            if name in named:
                found[column] = named[name]
                break
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-.,:;()（）\[\]/]+", "", text).lower()


def _line(number: int, cells: Mapping[str, str], zone: tzinfo) -> CdrLine | str:
    call_id = cells["call_id"]
    if not call_id:
        return "it has no Call-ID"
    started = _moment(cells["start"], zone)
    if started is None:
        return f"the start {cells['start']!r} is no time; write 2026-11-23 12:00:00"
    try:
        seconds = _seconds(cells.get("duration", ""))
    except ValueError:
        return f"the duration {cells['duration']!r} is no number of seconds"
    cause, told = cells.get("cause", ""), _plain(cells.get("answered", ""))
    if told:
        answered = told not in _words().not_answered
    else:
        answered = _plain(cause) in _words().answered or (
            seconds > 0 and _word(cause) in ("q16", "normalclearing", "")
        )
    return CdrLine(number, call_id, started, answered, seconds, cause)


def _seconds(text: str) -> float:
    if not text:
        return 0.0
    seconds = 0.0
    for part in text.removesuffix("s").removesuffix("秒").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        if re.fullmatch(r"\d{9,10}(\.\d+)?", text) and float(text) < _LATEST_SECONDS:
            return datetime.fromtimestamp(float(text), tz=UTC)
        found = _spelt(text) or datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)


def _spelt(text: str) -> datetime | None:
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  its zone is given by who asks
        except ValueError:
            continue
    return None
