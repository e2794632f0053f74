"""Manifest: rows of a table -> deliveries to call about, and problems to put right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from campaigns.fact_cells import fact_in
from campaigns.manifest_cells import (
    CellError,
    fen_in,
    language_in,
    phone_in,
    region_of,
    required,
    text_in,
    time_zone_in,
    waybill_in,
    window_in,
)
from campaigns.manifest_problems import Problem, masked
from campaigns.tables import Row, Table
from ivr.facts import facts_known
from ivr.flow_needs import ONLY_A_WINDOW, FlowNeeds


class Column(StrEnum):
    """What Menling reads of a manifest."""

    WAYBILL = "waybill"
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    WINDOW = "window"
    ITEM = "item"
    MERCHANT = "merchant"
    COD = "cod"
    LANGUAGE = "language"
    TIME_ZONE = "time_zone"
    REMARKS = "remarks"


REQUIRED = (Column.WAYBILL, Column.NAME, Column.PHONE, Column.ADDRESS, Column.WINDOW)
"""Of a flow that speaks of the promised window; other flows do without that one."""

HEADERS: Mapping[Column, tuple[str, ...]] = MappingProxyType(
    {
        Column.WAYBILL: (
            "运单号", "单号", "快递单号", "运单编号", "面单号",
            "waybill", "waybill no", "waybill number", "tracking number", "tracking no", "awb",
        ),
        Column.NAME: (
            "收件人", "姓名", "收件人姓名", "收货人", "客户姓名",
            "name", "recipient", "recipient name", "consignee",
        ),
        Column.PHONE: (
            "电话", "手机号", "手机", "联系电话", "收件人电话", "收件电话", "手机号码", "电话号码",
            "phone", "phone number", "mobile", "telephone", "tel",
        ),
        Column.ADDRESS: (
            "地址", "收件地址", "收货地址", "详细地址", "派送地址",
            "address", "delivery address",
        ),
        Column.WINDOW: (
            "预约时段", "派送时段", "承诺时段", "时段", "预约时间", "派送时间",
            "promised window", "window", "delivery window", "time window", "time slot",
        ),
        Column.ITEM: ("物品", "品名", "物品名称", "商品", "item", "goods", "contents"),
        Column.MERCHANT: (
            "商家", "寄件方", "寄件人", "店铺", "merchant", "sender", "shipper", "shop",
        ),
        Column.COD: (
            "代收货款", "到付金额", "代收金额", "货到付款", "cod", "cod amount", "cash on delivery",
        ),
        Column.LANGUAGE: ("语言", "语种", "language"),
        Column.TIME_ZONE: ("时区", "time zone", "timezone"),
        Column.REMARKS: ("备注", "说明", "remarks", "remark", "notes", "comment"),
    }
)  # fmt: skip
"""How each column may be headed; the first name of a language is the one documents use."""

_SHOWN = 40
"""So much of a wrong value is repeated in a report."""

_Value = TypeVar("_Value")


class ManifestError(Exception):
    """The file as a whole can't be imported; the message says what to do."""


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


@dataclass(frozen=True, slots=True)
class Places:
    """Where the columns of a manifest stand."""

    columns: Mapping[Column, int]
    facts: Mapping[str, int]
    """By the name of the fact."""


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
    places = places_of(table.header, needs)
    if not table.rows:
        raise ManifestError("表格只有表头，没有数据。请检查导出步骤，重新导出后再导入。")
    deliveries: list[ManifestDelivery] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        reading = _RowReading(row, table.header, places, needs)
        delivery = reading.delivery(now, defaults)
        if delivery is not None and delivery.waybill in seen:
            shown = f"{delivery.waybill}（第 {seen[delivery.waybill]} 行）"
            reading.report(Column.WAYBILL, "waybill_twice", shown)
        elif delivery is not None:
            seen[delivery.waybill] = row.number
            deliveries.append(delivery)
        problems.extend(reading.problems)
    return ManifestContents(tuple(deliveries), tuple(problems))


def places_of(header: Row, needs: FlowNeeds = ONLY_A_WINDOW) -> Places:
    """Find where each column stands; its order is free, unknown ones are left alone.

    Raises ManifestError when a required column is missing or one is there twice.
    """
    known: dict[str, Column | str] = {
        _plain(title): name
        for name, spec in facts_known().items()
        for title in (name, *spec.titles.values())
    }
    known |= {_plain(name): column for column, names in HEADERS.items() for name in names}
    places: dict[Column | str, int] = {}
    for index, title in enumerate(header.cells):
        column = known.get(_plain(title))
        if column is None:
            continue
        if column in places:
            raise ManifestError(
                f"“{header.cells[places[column]]}”和“{title}”是同一种内容，不知道该用哪一列。"
                "请删掉一列或改掉它的表头。"
            )
        places[column] = index
    missing = [HEADERS[column][0] for column in required_of(needs) if column not in places]
    missing += [_title_of(name) for name in needs.facts if name not in places]
    if missing:
        raise ManifestError(
            f"缺少这些列：{'、'.join(missing)}。现有的表头是：{'、'.join(header.cells)[:200]}。"
            "请补上缺少的列；如果表头是乱码，请另存为 UTF-8 编码的 CSV 或 .xlsx 后再导入。"
        )
    return Places(
        {column: place for column, place in places.items() if isinstance(column, Column)},
        {name: place for name, place in places.items() if not isinstance(name, Column)},
    )


def required_of(needs: FlowNeeds) -> tuple[Column, ...]:
    """Return the columns that a manifest for such a flow must have."""
    return tuple(each for each in REQUIRED if needs.window or each is not Column.WINDOW)


def _title_of(fact: str) -> str:
    return facts_known()[fact].titles["zh-CN"]


def header_language(header: Row) -> Literal["zh", "en"]:
    """Return `zh` or `en`: the language in which most of the columns are headed."""
    chinese = sum(any("\u4e00" <= char <= "\u9fff" for char in title) for title in header.cells)
    return "zh" if chinese * 2 >= len(header.cells) else "en"


def _plain(title: str) -> str:
    text = unicodedata.normalize("NFKC", title).casefold()
    text = re.sub(r"[(\[【].*?[)\]】]", "", text)
    return re.sub(r"[\s_.:*-]+", "", text)


class _RowReading:
    """Reads the cells of one row and gathers what is wrong with them."""

    def __init__(self, row: Row, header: Row, places: Places, needs: FlowNeeds) -> None:
        self._row = row
        self._header = header
        self._places = places.columns
        self._facts = places.facts
        self._needs = needs
        self.problems: list[Problem] = []

    def read(self, column: Column, parse: Callable[[str], _Value], otherwise: _Value) -> _Value:
        """Return what a cell means; when that can't be told, note why and go on."""
        place = self._places.get(column)
        text = "" if place is None else self._row.cell(place)
        try:
            return parse(required(text) if column in REQUIRED else text)
        except CellError as error:
            self.report(column, error.kind, masked(text) if column is Column.PHONE else text)
            return otherwise

    def report(self, column: Column, kind: str, shown: str) -> None:
        """Note a problem of a column, under the header that it has in this file."""
        place = self._places.get(column)
        title = HEADERS[column][0] if place is None else self._header.cells[place]
        self.problems.append(Problem(self._row.number, title, kind, shown[:_SHOWN]))

    def delivery(self, now: datetime, defaults: ManifestDefaults) -> ManifestDelivery | None:
        """Return the delivery, or None when there are problems."""
        cells, width = self._row.cells, len(self._header.cells)
        if len(cells) > width:
            surplus = Problem(
                self._row.number, f"第 {width + 1} 列", "too_many_cells", cells[width]
            )
            self.problems.append(surplus)
            return None
        language = self.read(
            Column.LANGUAGE, lambda text: language_in(text, defaults.language), defaults.language
        )
        zone = self.read(
            Column.TIME_ZONE,
            lambda text: time_zone_in(text, defaults.time_zone),
            ZoneInfo(defaults.time_zone),
        )
        phone, extension = self.read(
            Column.PHONE, lambda text: phone_in(text, region_of(zone)), ("", "")
        )
        start, end = self._window(now, zone)
        delivery = ManifestDelivery(
            row=self._row.number,
            waybill=self.read(Column.WAYBILL, waybill_in, ""),
            name=self.read(Column.NAME, text_in, ""),
            phone=phone,
            extension=extension,
            address=self.read(Column.ADDRESS, text_in, ""),
            window_start=start,
            window_end=end,
            item=self.read(Column.ITEM, text_in, ""),
            merchant=self.read(Column.MERCHANT, text_in, ""),
            cod_fen=self.read(Column.COD, fen_in, 0),
            language=language,
            time_zone=zone.key,
            remarks=self.read(Column.REMARKS, text_in, ""),
            facts=self._facts_of(now, zone),
        )
        return None if self.problems else delivery

    def _window(self, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """Return the promised window; a flow that speaks of none has none, over or not."""
        if not self._needs.window:
            return None, None
        return self.read(Column.WINDOW, lambda text: window_in(text, now, zone), (now, now))

    def _facts_of(self, now: datetime, zone: ZoneInfo) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for name, place in self._facts.items():
            text = self._row.cell(place)
            kind = "" if text or name not in self._needs.facts else "fact_needed"
            try:
                if text:
                    found[name] = fact_in(facts_known()[name], text, now, zone)
            except CellError as error:
                kind = error.kind
            if kind:
                title = self._header.cells[place]
                self.problems.append(Problem(self._row.number, title, kind, text[:_SHOWN]))
        return MappingProxyType(found)
