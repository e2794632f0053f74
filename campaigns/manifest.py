"""Manifest: rows of a table -> deliveries to call about, and problems to put right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from campaigns.fact_cells import fact_in
from campaigns.manifest_cells import (
    CellError,
    email_in,
    fen_in,
    language_in,
    phone_in,
    priority_in,
    region_of,
    text_in,
    time_zone_in,
    waybill_in,
    window_in,
    word_in,
)
from campaigns.manifest_columns import HEADERS as HEADERS
from campaigns.manifest_columns import REQUIRED, Column, Places
from campaigns.manifest_columns import ManifestError as ManifestError
from campaigns.manifest_columns import header_language as header_language
from campaigns.manifest_columns import places_of as places_of
from campaigns.manifest_columns import required_of as required_of
from campaigns.manifest_problems import Problem, masked
from campaigns.tables import Row, Table
from campaigns.when.places import country_of_number, country_of_zone, zone_of_number
from ivr.facts import facts_known
from ivr.flow_needs import ONLY_A_WINDOW, FlowNeeds

_SHOWN = 40
"""So much of a wrong value is repeated in a report."""

_REMEMBERED: Final = 20_000
"""So many different cells of one column are remembered with what they mean."""

_Read = tuple[Any, str]

_OTHERS: Final[Mapping[Column, tuple[Callable[[str], Any], bool]]] = MappingProxyType(
    {
        Column.WAYBILL: (waybill_in, False),
        Column.NAME: (text_in, False),
        Column.ADDRESS: (text_in, False),
        Column.ITEM: (text_in, True),
        Column.MERCHANT: (text_in, True),
        Column.COD: (fen_in, True),
        Column.REMARKS: (text_in, True),
        Column.REGION: (word_in, True),
        Column.PRODUCT_LINE: (word_in, True),
        Column.PRIORITY: (priority_in, True),
        Column.EMAIL: (email_in, False),
    }
)
"""How columns are read that stand for themselves, and whether many rows say the same there."""

_NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ManifestDelivery:
    """One good row."""

    row: int
    waybill: str
    name: str
    phone: str
    """E.164."""
    extension: str
    address: str
    window_start: datetime | None
    """UTC, as is the end; None: the flow speaks of no window."""
    window_end: datetime | None
    item: str
    merchant: str
    cod_fen: int
    language: str
    time_zone: str
    remarks: str
    facts: Mapping[str, str] = field(default_factory=dict)
    """Facts of `ivr/facts.yaml` by name, as texts that count from no day."""
    region: str = ""
    product_line: str = ""
    priority: int = 0
    """Higher is called earlier."""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ManifestDefaults:
    """What holds for a row that doesn't say otherwise."""

    language: str = "zh-CN"
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class ManifestContents:
    """What a manifest says, and what is wrong with it."""

    deliveries: tuple[ManifestDelivery, ...]
    problems: tuple[Problem, ...]


def read_manifest(
    table: Table, now: datetime, defaults: ManifestDefaults, needs: FlowNeeds = ONLY_A_WINDOW
) -> ManifestContents:
    """Read every row; a bad one becomes problems and keeps no good one out.

    `now` decides which day 明天 is, in the zone of each row, and which windows are past. `needs` is
    what the flow must know. Raises ManifestError when a required column is missing or named twice,
    or no row follows.
    """
    reader = ManifestReader(table.header, now, defaults, needs)
    if not table.rows:
        raise no_rows()
    deliveries: list[ManifestDelivery] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        read = reader.read(row)
        if not isinstance(read, ManifestDelivery):
            problems.extend(read)
        elif read.waybill in seen:
            problems.append(reader.twice(read, seen[read.waybill]))
        else:
            seen[read.waybill] = row.number
            deliveries.append(read)
    return ManifestContents(tuple(deliveries), tuple(problems))


def no_rows() -> ManifestError:
    """Return what is wrong with a file that has nothing but a header."""
    return ManifestError("表格只有表头，没有数据。请检查导出步骤，重新导出后再导入。")


class ManifestReader:
    """Reads rows under one header; what a cell means is remembered, for many say the same."""

    def __init__(
        self,
        header: Row,
        now: datetime,
        defaults: ManifestDefaults,
        needs: FlowNeeds = ONLY_A_WINDOW,
    ) -> None:
        """See `read_manifest`. Raises ManifestError when a column is missing or named twice."""
        self._header = header
        self._places: Places = places_of(header, needs)
        self._now = now
        self._needs = needs
        self._language = _Cells(partial(language_in, otherwise=defaults.language))
        self._zone = _Cells(partial(time_zone_in, otherwise=defaults.time_zone))
        self._in_zone: dict[ZoneInfo, tuple[_Cells, _Cells]] = {}
        """What telephone numbers and windows mean there."""
        columns = self._places.columns
        self._absent = {
            column.value: parse("") for column, (parse, _) in _OTHERS.items()
            if column not in columns
        }  # fmt: skip
        self._present = tuple(
            (column.value, columns[column], column in REQUIRED, _Cells(parse, remembers))
            for column, (parse, remembers) in _OTHERS.items()
            if column in columns
        )

    def twice(self, delivery: ManifestDelivery, first: int) -> Problem:
        """Return what is wrong with a row whose waybill an earlier one has."""
        shown = f"{delivery.waybill}（第 {first} 行）"
        return self._problem(delivery.row, Column.WAYBILL, "waybill_twice", shown)

    def read(self, row: Row) -> ManifestDelivery | tuple[Problem, ...]:
        """Return what a row says, or what is wrong with it."""
        width = len(self._header.cells)
        if len(row.cells) > width:
            surplus = row.cells[width]
            return (Problem(row.number, f"第 {width + 1} 列", "too_many_cells", surplus),)
        wrong: list[Problem] = []
        language = self._read(row, Column.LANGUAGE, self._language, wrong)
        zone = self._read(row, Column.TIME_ZONE, self._zone, wrong) or self._zone.meaning("")[0]
        phones, _ = self._cells_in(zone)
        phone, extension = self._read(row, Column.PHONE, phones, wrong) or ("", "")
        if phone and not self._says(row, Column.TIME_ZONE):
            zone = self._zone_of(phone, zone, row, wrong)
        _, windows = self._cells_in(zone)
        start, end = None, None
        if self._needs.window:
            start, end = self._read(row, Column.WINDOW, windows, wrong) or (None, None)
        cells, count = row.cells, len(row.cells)
        others = self._absent.copy()
        for name, place, needed, means in self._present:
            text = cells[place] if place < count else ""
            others[name], kind = means.known.get(text) or means.read(text)
            if needed and not text:
                kind = "empty"
            if kind:
                wrong.append(self._problem(row.number, Column(name), kind, text))
        others["cod_fen"] = others.pop("cod")
        facts = self._facts_of(row, zone, wrong) if self._places.facts else _NO_FACTS
        if wrong:
            return tuple(wrong)
        return ManifestDelivery(
            row=row.number,
            phone=phone,
            extension=extension,
            window_start=start,
            window_end=end,
            language=language,
            time_zone=zone.key,
            facts=facts,
            **others,
        )

    def _says(self, row: Row, column: Column) -> bool:
        place = self._places.columns.get(column)
        return place is not None and bool(row.cell(place))

    def _zone_of(self, phone: str, usual: ZoneInfo, row: Row, wrong: list[Problem]) -> ZoneInfo:
        """Return where a number is at home: nobody abroad is called by our clock."""
        country = country_of_number(phone)
        if country in ("", country_of_zone(usual.key)):
            return usual
        if not (found := zone_of_number(phone)):
            wrong.append(self._problem(row.number, Column.TIME_ZONE, "zone_needed", masked(phone)))
            return usual
        return ZoneInfo(found)

    def _read(self, row: Row, column: Column, cells: _Cells, wrong: list[Problem]) -> Any:
        place = self._places.columns.get(column)
        text = "" if place is None else row.cell(place)
        means, kind = cells.meaning(text) if text or column not in REQUIRED else (None, "empty")
        if kind:
            shown = masked(text) if column is Column.PHONE else text
            wrong.append(self._problem(row.number, column, kind, shown))
        return means

    def _cells_in(self, zone: ZoneInfo) -> tuple[_Cells, _Cells]:
        known = self._in_zone.get(zone)
        if known is None:
            phones = _Cells(partial(phone_in, region=region_of(zone)), remembers=False)
            windows = _Cells(partial(window_in, now=self._now, zone=zone))
            known = self._in_zone[zone] = (phones, windows)
        return known

    def _facts_of(self, row: Row, zone: ZoneInfo, wrong: list[Problem]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for name, place in self._places.facts.items():
            text = row.cell(place)
            kind = "" if text or name not in self._needs.facts else "fact_needed"
            try:
                if text:
                    found[name] = fact_in(facts_known()[name], text, self._now, zone)
            except CellError as error:
                kind = error.kind
            if kind:
                title = self._header.cells[place]
                wrong.append(Problem(row.number, title, kind, text[:_SHOWN]))
        return MappingProxyType(found)

    def _problem(self, row: int, column: Column, kind: str, shown: str) -> Problem:
        """Return a problem of a column, under the header that it has in this file."""
        place = self._places.columns.get(column)
        title = HEADERS[column][0] if place is None else self._header.cells[place]
        return Problem(row, title, kind, shown[:_SHOWN])


class _Cells:
    """What the cells of one column mean."""

    def __init__(self, parse: Callable[[str], Any], remembers: bool = True) -> None:
        self._parse = parse
        self.known: dict[str, _Read] = {}
        """By their text; what is not remembered, `read` tells."""
        self._most = _REMEMBERED if remembers else 0

    def meaning(self, text: str) -> _Read:
        """Return what a cell means, and empty; or None, and what is wrong with it."""
        return self.known.get(text) or self.read(text)

    def read(self, text: str) -> _Read:
        """Return the same, of a cell that is not known."""
        try:
            found = self._parse(text), ""
        except CellError as error:
            found = None, error.kind
        if len(self.known) < self._most:
            self.known[text] = found
        return found
