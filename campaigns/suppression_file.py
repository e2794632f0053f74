"""Do-not-call lists as files: CSV, XLSX, or one number in each line."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from openpyxl import Workbook

from campaigns.manifest_cells import CellError, phone_in, region_of
from campaigns.manifest_problems import masked
from campaigns.tables import OpenTable, Row, open_table
from store.suppression_lists import ListedNumber
from store.suppression_queries import SuppressedNumber
from store.types import SuppressionReason


class ListColumn(StrEnum):
    """What a list may say of each number."""

    NUMBER = "number"
    MERCHANT = "merchant"
    REASON = "reason"
    EVIDENCE = "evidence"
    DATE = "date"


HEADERS: Final[Mapping[ListColumn, tuple[str, ...]]] = MappingProxyType(
    {
        ListColumn.NUMBER: ("号码", "电话", "电话号码", "手机号", "手机", "number", "phone", "tel"),
        ListColumn.MERCHANT: ("商家", "寄件方", "店铺", "merchant", "sender", "shop"),
        ListColumn.REASON: ("原因", "reason"),
        ListColumn.EVIDENCE: ("凭据", "证据", "依据", "evidence", "proof"),
        ListColumn.DATE: ("日期", "时间", "登记时间", "date", "at", "since"),
    }
)
_REASONS: Final[Mapping[str, SuppressionReason]] = MappingProxyType(
    {
        **{each.value: each for each in SuppressionReason},
        "本人要求": SuppressionReason.OPTED_OUT,
        "拒绝来电": SuppressionReason.OPTED_OUT,
        "退订": SuppressionReason.OPTED_OUT,
        "opted out": SuppressionReason.OPTED_OUT,
        "打错": SuppressionReason.WRONG_NUMBER,
        "号码有误": SuppressionReason.WRONG_NUMBER,
        "wrong number": SuppressionReason.WRONG_NUMBER,
        "投诉": SuppressionReason.COMPLAINT,
        "人工登记": SuppressionReason.OPERATOR,
        "名单": SuppressionReason.LISTED,
    }
)
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class ListProblem:
    """Why one line of a list was not taken."""

    row: int
    shown: str
    what: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"第 {self.row} 行，“{self.shown}”：{self.what}"


@dataclass(frozen=True, slots=True)
class ListDefaults:
    """What holds for a line that doesn't say otherwise."""

    zone: ZoneInfo
    reason: SuppressionReason = SuppressionReason.LISTED
    merchant: str = ""
    evidence: str = ""


def read_list(
    name: str, content: bytes, defaults: ListDefaults, now: datetime
) -> Iterator[ListedNumber | ListProblem]:
    """Yield every line of a list, or what is wrong with it. Raises TableError."""
    table = open_table(name, content)
    places = _places(table.header)
    rows: Iterable[Row] = table.rows
    if ListColumn.NUMBER not in places:
        # No header: every line is a number.
        places, rows = {ListColumn.NUMBER: 0}, _with_header(table)
    region = region_of(defaults.zone)
    for row in rows:
        cell = {column: row.cell(place) for column, place in places.items()}
        number = cell.get(ListColumn.NUMBER, "")
        try:
            yield ListedNumber(
                phone=_phone(number, region),
                reason=_reason(cell.get(ListColumn.REASON, ""), defaults.reason),
                at=_date(cell.get(ListColumn.DATE, ""), defaults.zone, now),
                merchant=" ".join(cell.get(ListColumn.MERCHANT, "").split()) or defaults.merchant,
                evidence=cell.get(ListColumn.EVIDENCE, "")[:_LONGEST] or defaults.evidence,
            )
        except ValueError as error:
            yield ListProblem(row.number, masked(number), str(error))


def written_list(name: str, lines: Iterable[SuppressedNumber], zone: ZoneInfo) -> bytes:
    """Return a list as a file of the kind that its name says: .xlsx, .txt or CSV."""
    if name.endswith(".txt"):
        return "".join(f"{each.phone}\n" for each in lines).encode()
    header = [names[0] for names in HEADERS.values()]
    rows = (_cells(each, zone) for each in lines)
    if name.endswith(".xlsx"):
        book = Workbook()
        sheet: Any = book.active
        sheet.title = "免打扰名单"
        for cells in (header, *rows):
            sheet.append(list(cells))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(header)
    table.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _cells(each: SuppressedNumber, zone: ZoneInfo) -> Sequence[str]:
    evidence = each.evidence
    # A spreadsheet would take such a cell for a formula.
    safe = f"'{evidence}" if evidence[:1] in ("=", "+", "-", "@") else evidence
    at = each.at.astimezone(zone)
    return f"'{each.phone}", each.merchant, each.reason.value, safe, f"{at:%Y-%m-%d %H:%M}"


def _places(header: Row) -> dict[ListColumn, int]:
    known = {name: column for column, names in HEADERS.items() for name in names}
    places: dict[ListColumn, int] = {}
    for place, title in enumerate(header.cells):
        plain = unicodedata.normalize("NFKC", title).casefold().strip()
        if (column := known.get(plain)) is not None:
            places.setdefault(column, place)
    return places


def _with_header(table: OpenTable) -> Iterator[Row]:
    yield table.header
    yield from table.rows


def _phone(text: str, region: str) -> str:
    try:
        return phone_in(text, region)[0]
    except CellError as error:
        raise ValueError("不是电话号码。请填 11 位手机号，或带区号的固定电话") from error


def _reason(text: str, otherwise: SuppressionReason) -> SuppressionReason:
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    if not plain:
        return otherwise
    if plain not in _REASONS:
        raise ValueError(f"没有“{text[:20]}”这种原因。请填 {'、'.join(SuppressionReason)}，或留空")
    return _REASONS[plain]


def _date(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    plain = text.strip().replace("/", "-")
    if not plain:
        return now
    try:
        read = datetime.fromisoformat(plain)
    except ValueError as error:
        raise ValueError(f"看不懂日期“{text[:20]}”。请写成 2026-11-22，或留空") from error
    at = read if read.tzinfo else read.replace(tzinfo=zone)
    return min(at.astimezone(UTC), now)
