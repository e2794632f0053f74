"""Reads the exception taxonomy and the responsibility matrix; every fault has its file and line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from campaigns.tickets_matrix import (
    LANGUAGES,
    OTHER,
    Department,
    Kind,
    Labels,
    Matrix,
    Money,
    Proposal,
    Responsibility,
    Taxonomy,
)
from ivr.flow_model import Fault, FlowError, Place
from ivr.flow_reader import Faults, Table, one_of
from ivr.flow_source import Item, read_source
from store.ticket_models import NAME_LENGTH

TAXONOMY = "taxonomy.yaml"
RESPONSIBILITY = "responsibility.yaml"

LONGEST = {"zh-CN": 36, "en-US": 130}
"""Characters of a sentence that takes eight seconds to say."""

WRITTEN = ("贵司", "贵公司", "贵方", "之处", "之日", "予以", "敬请", "谅解", "致歉", "烦请")
"""Nobody says these on the telephone."""

T = TypeVar("T")


class MatrixError(Exception):
    """A taxonomy or matrix that can't be used; the message names every fault and how to mend it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


@cache
def shipped_matrix() -> Matrix:
    """Return the matrix that ships with Menling."""
    return load_matrix()


def load_matrix(taxonomy: Path | None = None, responsibility: Path | None = None) -> Matrix:
    """Return the matrix of two files; None: the one that ships with Menling.

    Raises MatrixError with all that is wrong, and OSError when a file can't be read.
    """
    faults = Faults()
    words = _taxonomy(_document(taxonomy, TAXONOMY, faults), faults)
    matrix = Matrix(words, _rows(_document(responsibility, RESPONSIBILITY, faults), words, faults))
    if faults.found:
        raise MatrixError(tuple(faults.found))
    return matrix


def _document(path: Path | None, shipped: str, faults: Faults) -> Table:
    if path is None:
        name, text = shipped, (resources.files("campaigns.data") / shipped).read_text("utf-8")
    else:
        name, text = str(path), path.read_text("utf-8")
    try:
        item = read_source(text, name)
    except FlowError as error:
        raise MatrixError(
            tuple(
                # The reader of flows says what a flow begins with.
                each
                if "flow" not in each.what
                else Fault(each.place, "The file is empty.", f"Begin with {shipped} as it ships.")
                for each in error.faults
            )
        ) from error
    return Table.of(item, faults)


def _taxonomy(table: Table, faults: Faults) -> Taxonomy:
    table.only("kinds", "departments", "proposals", "reasons", "wishes")
    words = Taxonomy(
        kinds=_each(table, "kinds", _kind),
        departments=_each(table, "departments", _department),
        proposals=_each(table, "proposals", _proposal),
        reasons=_each(table, "reasons", lambda _name, entry: _labels(entry)),
        wishes=_each(table, "wishes", lambda _name, entry: _labels(entry)),
    )
    if OTHER not in words.kinds:
        faults.add(table.place, f"There is no kind {OTHER!r}.", "Whatever has no name needs it.")
    _causes_are_told_apart(table.table("kinds"), words.kinds)
    return words


def _causes_are_told_apart(table: Table, kinds: Mapping[str, Kind]) -> None:
    """A call may name a cause alone, so that no two kinds may have one of the same name."""
    seen: dict[str, str] = {}
    for name, kind in kinds.items():
        causes = table.table(name).table("causes")
        for cause in kind.causes:
            other = cause if cause in kinds and cause != name else seen.get(cause)
            if other is not None:
                causes.faults.add(
                    causes.items[cause].place,
                    f"{cause!r} stands for something in {other!r}, too.",
                    "Give one of them another id.",
                )
            seen[cause] = name


def _kind(name: str, table: Table) -> Kind:
    table.only("label", "causes")
    causes = _each(table, "causes", lambda _name, entry: _labels(entry))
    return Kind(name, _labels(table.table("label")), causes)


def _department(name: str, table: Table) -> Department:
    table.only("label", "second_line", "supervisor")
    return Department(
        name,
        _labels(table.table("label")),
        _labels(table.table("second_line")),
        _labels(table.table("supervisor")),
    )


def _proposal(name: str, table: Table) -> Proposal:
    table.only("label", "done", "money")
    return Proposal(
        name,
        _labels(table.table("label")),
        _labels(table.table("done")),
        table.choice("money", Money, Money.NONE),
    )


def _each(table: Table, name: str, read: Callable[[str, Table], T]) -> Mapping[str, T]:
    entries = table.table(name)
    for each, item in entries.items.items():
        if len(each) > NAME_LENGTH:
            table.faults.add(
                item.place,
                f"The id {each!r} is too long.",
                f"Write {NAME_LENGTH} characters at most; labels may be longer.",
            )
    return MappingProxyType({each: read(each, entries.table(each)) for each in entries.items})


def _labels(table: Table) -> Labels:
    table.only(*LANGUAGES)
    return MappingProxyType({language: table.text(language) for language in LANGUAGES})


def _rows(
    table: Table, words: Taxonomy, faults: Faults
) -> Mapping[tuple[str, str], Responsibility]:
    table.only("defaults", "rows")
    defaults = table.table("defaults")
    defaults.only(*_NUMBERS)
    usual = {name: defaults.number(name, number) for name, number in _NUMBERS.items()}
    rows: dict[tuple[str, str], Responsibility] = {}
    places: dict[tuple[str, str], Place] = {}

    def read(item: Item) -> None:
        row = _row(Table.of(item, faults), words, usual)
        key = row.kind, row.cause
        if key in rows:
            faults.add(
                item.place,
                f"{row.kind} {row.cause} has a row in line {places[key].line} already.",
                "Take one of them out.",
            )
        rows[key], places[key] = row, item.place

    table.each("rows", read)
    for kind in words.kinds.values():
        missing = [cause for cause in kind.causes if (kind.id, cause) not in rows]
        # What the taxonomy has no name for is `other` without a cause.
        every_cause = kind.causes and kind.id != OTHER
        if (kind.id, "") not in rows and (missing or not every_cause):
            what = ", ".join(missing) or kind.id
            faults.add(
                table.place,
                f"Nobody is responsible for {what} (kind {kind.id}).",
                f"Add a row with `kind: {kind.id}` and no cause, or one for each cause.",
            )
    return MappingProxyType(rows)


_NUMBERS: Mapping[str, float] = MappingProxyType(
    {
        "response_minutes": 30,
        "proposal_minutes": 60,
        "resolution_hours": 48,
        "compensation_limit": 0,
        "value_limit": 0,
    }
)


def _row(table: Table, words: Taxonomy, usual: Mapping[str, float]) -> Responsibility:
    table.only("kind", "cause", "department", "says", "proposals", "follow_up", *_NUMBERS)
    kind = _known(table, "kind", words.kinds)
    causes = words.kinds[kind].causes if kind in words.kinds else {}
    numbers = {name: table.number(name, number) for name, number in usual.items()}
    row = Responsibility(
        kind=kind,
        cause=_known(table, "cause", causes) if "cause" in table.items else "",
        department=_known(table, "department", words.departments),
        says=_says(table.table("says")),
        proposals=table.words("proposals"),
        compensation_limit_fen=round(numbers["compensation_limit"] * 100),
        value_limit_fen=round(numbers["value_limit"] * 100),
        response_minutes=round(numbers["response_minutes"]),
        proposal_minutes=round(numbers["proposal_minutes"]),
        resolution_hours=round(numbers["resolution_hours"]),
        follow_up=table.truth("follow_up", True),
    )
    _proposals_make_sense(table, row, words)
    _times_make_sense(table, row)
    return row


def _known(table: Table, name: str, known: Mapping[str, object]) -> str:
    value = table.text(name)
    if value and value not in known:
        place = table.items[name].place
        table.faults.add(place, f"There is no {name} {value!r}.", one_of(value, known))
    return value


def _says(table: Table) -> Labels:
    labels = _labels(table)
    for language, sentence in labels.items():
        if not sentence:
            continue
        place = table.items[language].place
        if len(sentence) > LONGEST[language]:
            table.faults.add(
                place,
                f"This takes longer than eight seconds to say ({len(sentence)} characters).",
                f"Say it in {LONGEST[language]} characters.",
            )
        if sentence[-1] not in "。.":
            table.faults.add(place, "This isn't a sentence.", "End it with a full stop.")
        stiff = [word for word in WRITTEN if word in sentence]
        if stiff:
            table.faults.add(
                place,
                f"{'、'.join(stiff)} is written, not spoken.",
                "Write it as you would say it on the telephone.",
            )
    return labels


def _proposals_make_sense(table: Table, row: Responsibility, words: Taxonomy) -> None:
    place = table.items["proposals"].place if "proposals" in table.items else table.place
    if not row.proposals:
        table.faults.add(place, "Nothing can be proposed.", "List at least one proposal.")
    for name in row.proposals:
        if name not in words.proposals:
            table.faults.add(
                place, f"There is no proposal {name!r}.", one_of(name, words.proposals)
            )
    costs = {words.proposals[name].money for name in row.proposals if name in words.proposals}
    for monies, limit, field in (
        ({Money.COMPENSATION}, row.compensation_limit_fen, "compensation_limit"),
        ({Money.VALUE, Money.GOODS}, row.value_limit_fen, "value_limit"),
    ):
        if monies & costs and not limit:
            table.faults.add(
                place,
                f"A proposal here costs money, and {field} is 0.",
                f"Write `{field}:` with how many yuan at most, or take the proposal out.",
            )
        if not monies & costs and limit and field in table.items:
            table.faults.add(
                table.items[field].place,
                f"{field} limits nothing here.",
                "Take it out, or list a proposal that costs money.",
            )


def _times_make_sense(table: Table, row: Responsibility) -> None:
    times = (
        (row.response_minutes, "response_minutes"),
        (row.proposal_minutes, "proposal_minutes"),
        (row.resolution_hours, "resolution_hours"),
    )
    for number, field in times:
        if number < 1:
            place = table.items[field].place if field in table.items else table.place
            table.faults.add(place, f"{field} is 0.", "Write how long it may take.")
    if row.proposal_minutes < row.response_minutes:
        table.faults.add(
            table.place,
            "The proposal is due before the first response.",
            "Make proposal_minutes at least as long as response_minutes.",
        )
